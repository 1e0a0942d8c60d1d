"""What the generators of `op_cases.py` draw from: shapes, types and values; and the table that they enter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

F16, F32, F64 = np.float16, np.float32, np.float64
FLOATS = [F16, F32, F64]
SIGNED = [np.int8, np.int16, np.int32, np.int64]
UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]
INTEGERS = SIGNED + UNSIGNED
NUMBERS = FLOATS + INTEGERS
BOOL, TEXT = np.bool_, object
NEWEST = 28
# onnxruntime 1.31 has no operator set beyond this one.
RUNTIME = 26

Shape = tuple[int, ...]


@dataclass
class Spec:
    """One node with its inputs. `None` is an input that is left out."""

    operator: str
    inputs: list[np.ndarray | None]
    opset: int
    attributes: dict[str, Any] = field(default_factory=dict)
    outputs: int = 1
    # Positions of inputs that are stored in the model.
    constants: set[int] = field(default_factory=set)
    by: str = "reference"
    # Where neither the reference nor onnxruntime is right: the answer itself.
    wanted: list[np.ndarray] | None = None
    rtol: float | None = None
    atol: float = 0.0
    # The share of the largest element that counts as near, in units of `rtol`.
    share: float = 1.0
    domain: str = ""
    domain_opset: int = 1


class Random:
    """Draws shapes, types and values."""

    def __init__(self, seed: list[int]) -> None:
        self.source = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        return bool(self.source.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self.source.integers(low, high, endpoint=True))

    def one(self, options: list[Any]) -> Any:
        return options[self.integer(0, len(options) - 1)]

    def opset(self, low: int, high: int = NEWEST) -> int:
        return self.integer(max(low, 9), high)

    def shape(self, low: int = 0, high: int = 4, empty: float = 0.05) -> Shape:
        """A shape of `low` to `high` dimensions; one of them is 0 now and then."""
        return tuple(0 if self.chance(empty) else self.integer(1, 5) for _ in range(self.integer(low, high)))

    def broadcast(self, shape: Shape) -> Shape:
        """A shape that broadcasts to `shape`."""
        kept = shape[self.integer(0, len(shape)) :] if self.chance(0.5) else shape
        return tuple(1 if self.chance(0.3) else dim for dim in kept)

    def values(self, kind: Any, shape: Shape, low: float = -4.0, high: float = 4.0, odd: bool = True) -> np.ndarray:
        """Elements mostly from `low` to `high`. With `odd`, some floating-point ones are NaN, infinite or zero."""
        if kind is TEXT:
            words = ["", "a", "b", "ab", "ä", "zebra", "Ω"]
            flat = [self.one(words) for _ in range(int(np.prod(shape)))]
            return np.array(flat, dtype=object).reshape(shape)
        if kind is BOOL:
            return np.asarray(self.source.random(shape) < 0.5)
        if np.issubdtype(kind, np.floating):
            values = np.asarray(self.source.uniform(low, high, shape)).astype(kind)
            if odd and self.chance(0.4):
                strange = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, low, high]).astype(kind)
                values = np.where(self.source.random(shape) < 0.2, self.source.choice(strange, shape), values)
            return np.asarray(values, dtype=kind)
        limits = np.iinfo(kind)
        low, high = max(int(low), limits.min), min(int(high), limits.max)
        values = np.asarray(self.source.integers(low, high, shape, endpoint=True, dtype=kind))
        if odd and self.chance(0.3):
            strange = np.array([limits.min, limits.max], dtype=kind)
            values = np.where(self.source.random(shape) < 0.2, self.source.choice(strange, shape), values)
        return np.asarray(values, dtype=kind)

    def constants(self, *positions: int) -> set[int]:
        """Each of these inputs is stored in the model or fed."""
        return {position for position in positions if self.chance(0.5)}

    def axis(self, rank: int) -> int:
        return self.integer(-rank, rank - 1)

    def axes(self, rank: int) -> list[int]:
        """Different axes, some counted from the back; there may be none."""
        chosen = self.source.permutation(rank)[: self.integer(0, rank)]
        return [int(axis) - (rank if self.chance(0.5) else 0) for axis in chosen]


Generator = Callable[[Random, str], Iterator[Spec]]
GENERATORS: dict[str, Generator] = {}


def cases(*operators: str) -> Callable[[Generator], Generator]:
    """Registers a generator for operators."""

    def register(generator: Generator) -> Generator:
        for operator in operators:
            GENERATORS[operator] = generator
        return generator

    return register
