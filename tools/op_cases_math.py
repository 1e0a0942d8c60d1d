"""Generators for arithmetic, functions, comparisons, Cast, reductions and products."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import reduce

import numpy as np
from onnx import helper

from op_random import (
    BOOL,
    F16,
    F32,
    F64,
    FLOATS,
    INTEGERS,
    NUMBERS,
    RUNTIME,
    SIGNED,
    TEXT,
    UNSIGNED,
    Random,
    Spec,
    cases,
)


def pair(random: Random, kind: object, **options: object) -> list[np.ndarray]:
    """Two tensors that broadcast, either of them to the other's shape or both to a common one."""
    shape = random.shape()
    shapes = [random.broadcast(shape), shape if random.chance(0.7) else random.broadcast(shape)]
    if random.chance(0.5):
        shapes.reverse()
    return [random.values(kind, one, **options) for one in shapes]  # type: ignore[arg-type]


@cases("Add", "Sub", "Mul")
def arithmetic(random: Random, operator: str) -> Iterator[Spec]:
    for kind in NUMBERS * 2:
        first = 14 if kind in (np.int8, np.int16, np.uint8, np.uint16) else 9
        yield Spec(operator, pair(random, kind), random.opset(first), constants=random.constants(0, 1))


@cases("Div")
def division(random: Random, operator: str) -> Iterator[Spec]:
    for kind in FLOATS * 2:
        yield Spec(operator, pair(random, kind), random.opset(9), constants=random.constants(1))
    # The reference floors the quotient of integers, and it truncates.
    for kind in [np.int32, np.int64, np.uint8, np.int8, np.uint32, np.uint64] * 2:
        a, b = pair(random, kind, low=-100, high=100, odd=False)
        b[b == 0] = 3
        yield Spec(operator, [a, b], random.opset(14, RUNTIME), by="onnxruntime")


@cases("Mod")
def modulo(random: Random, operator: str) -> Iterator[Spec]:
    for kind in INTEGERS * 2:
        a, b = pair(random, kind, low=-50, high=50, odd=False)
        b[b == 0] = 7
        fmod = random.integer(0, 1)
        yield Spec(operator, [a, b], random.opset(10), {"fmod": fmod})
    for kind in FLOATS * 2:
        fmod = random.integer(0, 1)
        # Before version 28 floating-point numbers need fmod.
        opset = random.opset(10) if fmod else 28
        yield Spec(operator, pair(random, kind), opset, {"fmod": fmod}, rtol=4e-3 if kind == F16 else 1e-5)


@cases("Pow")
def power(random: Random, operator: str) -> Iterator[Spec]:
    for kind in FLOATS * 3:
        a, b = pair(random, kind, low=0 if random.chance(0.5) else -3, high=3)
        yield Spec(operator, [a, b], random.opset(9))
    for kind in [np.int32, np.int64] * 2:
        a, b = pair(random, kind, low=-9, high=9, odd=False)
        yield Spec(operator, [a, np.abs(b)], random.opset(12))
    for kind in [F32, F64] * 2:
        a, b = pair(random, kind, low=0.5, high=3, odd=False)
        exponent = b.astype(random.one([np.int32, np.int64, F32, F64]))
        yield Spec(operator, [a, exponent], random.opset(12))
    for kind in [np.int32, np.int64]:
        a, b = pair(random, kind, low=1, high=9, odd=False)
        exponent = np.asarray(b.astype(F32) / F32(4))
        yield Spec(operator, [a, exponent], random.opset(12, RUNTIME), by="onnxruntime")


@cases("Max", "Min", "Sum", "Mean")
def variadic(random: Random, operator: str) -> Iterator[Spec]:
    kinds = NUMBERS * 2 if operator in ("Max", "Min") else FLOATS * 4
    for kind in kinds:
        shape = random.shape()
        shapes = [random.broadcast(shape) for _ in range(random.integer(1, 4))]
        inputs: list[np.ndarray | None] = [random.values(kind, one) for one in shapes]
        first = 12 if kind in INTEGERS else 9
        # The reference's Mean adds in place, and fails where that broadcasts.
        combine = {"Max": np.maximum, "Min": np.minimum}.get(operator, np.add)
        wanted = reduce(combine, inputs)
        if operator == "Mean":
            wanted = (wanted / kind(len(inputs))).astype(kind)
        # A few of binary16 are rounded at each step, in whatever order.
        yield Spec(operator, inputs, random.opset(first), share=4, wanted=[wanted])


@cases("PRelu")
def prelu(random: Random, operator: str) -> Iterator[Spec]:
    # onnxruntime's order of a product with NaN and infinities is the specification's; the reference
    # reads a slope of one dimension as channels.
    for kind in [F32, F64, F32, F64, F32, F64]:
        shape = random.shape(1)
        x, slope = random.values(kind, shape), random.values(kind, random.broadcast(shape))
        wanted = np.where(x < 0, x * slope, x).astype(kind)
        yield Spec(operator, [x, slope], random.opset(9), wanted=[wanted])


@cases("BitShift")
def shifts(random: Random, operator: str) -> Iterator[Spec]:
    for kind in UNSIGNED * 2:
        bits = np.iinfo(kind).bits
        a, b = pair(random, kind, low=0, high=200)
        yield Spec(operator, [a, b % kind(bits)], random.opset(11), {"direction": random.one(["LEFT", "RIGHT"])})
    for kind in INTEGERS * 2:
        a, b = pair(random, kind, low=-70, high=70)
        yield Spec(operator, [a, b], 28, {"direction": random.one(["LEFT", "RIGHT"])})


@cases("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def bits(random: Random, operator: str) -> Iterator[Spec]:
    for kind in INTEGERS:
        yield Spec(operator, pair(random, kind, low=-100, high=100), random.opset(18))


@cases("BitwiseNot")
def complement(random: Random, operator: str) -> Iterator[Spec]:
    for kind in INTEGERS:
        yield Spec(operator, [random.values(kind, random.shape(), -100, 100)], random.opset(18))


# First operator set, types, range, attributes with their ranges.
FUNCTIONS: dict[str, tuple] = {
    "Neg": (9, FLOATS + SIGNED, (-9, 9), {}),
    "Abs": (9, NUMBERS, (-9, 9), {}),
    "Sign": (9, NUMBERS, (-9, 9), {}),
    "Exp": (9, FLOATS, (-9, 9), {}),
    "Log": (9, FLOATS, (-1, 9), {}),
    "Sqrt": (9, FLOATS, (-1, 9), {}),
    "Reciprocal": (9, FLOATS, (-9, 9), {}),
    "Floor": (9, FLOATS, (-9, 9), {}),
    "Ceil": (9, FLOATS, (-9, 9), {}),
    "Round": (11, FLOATS, (-9, 9), {}),
    "Sigmoid": (9, FLOATS, (-20, 20), {}),
    "Tanh": (9, FLOATS, (-9, 9), {}),
    "Relu": (14, FLOATS + SIGNED, (-9, 9), {}),
    "LeakyRelu": (9, FLOATS, (-9, 9), {"alpha": (0, 2)}),
    "Elu": (9, FLOATS, (-9, 9), {"alpha": (0, 2)}),
    "Celu": (12, [F32], (-9, 9), {"alpha": (0.5, 2)}),
    "Selu": (9, FLOATS, (-9, 9), {"alpha": (0, 2), "gamma": (0, 2)}),
    "ThresholdedRelu": (10, FLOATS, (-3, 3), {"alpha": (-1, 1)}),
    "HardSigmoid": (9, FLOATS, (-9, 9), {"alpha": (0, 1), "beta": (0, 1)}),
    "HardSwish": (14, FLOATS, (-9, 9), {}),
    "Swish": (24, FLOATS, (-9, 9), {"alpha": (0.5, 2)}),
    "Mish": (18, FLOATS, (-9, 9), {}),
    "Erf": (9, FLOATS, (-4, 4), {}),
    "Softplus": (9, FLOATS, (-9, 9), {}),
    "Softsign": (9, FLOATS, (-9, 9), {}),
    "Sin": (9, FLOATS, (-9, 9), {}),
    "Cos": (9, FLOATS, (-9, 9), {}),
    "Tan": (9, FLOATS, (-1, 1), {}),
    "Asin": (9, FLOATS, (-1, 1), {}),
    "Acos": (9, FLOATS, (-1, 1), {}),
    "Atan": (9, FLOATS, (-9, 9), {}),
    "Sinh": (9, FLOATS, (-5, 5), {}),
    "Cosh": (9, FLOATS, (-5, 5), {}),
    "Asinh": (9, FLOATS, (-9, 9), {}),
    "Acosh": (9, FLOATS, (1, 9), {}),
    "Atanh": (9, FLOATS, (-1, 1), {}),
    "Gelu": (20, FLOATS, (-5, 5), {}),
}


@cases(*FUNCTIONS)
def functions(random: Random, operator: str) -> Iterator[Spec]:
    first, kinds, (low, high), ranges = FUNCTIONS[operator]
    for kind in kinds * (3 if len(kinds) <= 3 else 1):
        attributes = {
            name: float(F32(random.source.uniform(*bounds))) for name, bounds in ranges.items() if random.chance(0.7)
        }
        if operator == "Gelu" and random.chance(0.5):
            attributes["approximate"] = random.one(["tanh", "none"])
        # The reference fails on some scalars.
        x = random.values(kind, random.shape(1), low, high)
        wanted = precise(operator, x.astype(F64), attributes, kind)
        yield Spec(operator, [x], random.opset(first), attributes, wanted=wanted)


def precise(operator: str, x: np.ndarray, attributes: dict[str, object], kind: type) -> list[np.ndarray] | None:
    """What the reference computes of doubles in single precision only, and of others with cancellation."""
    error = np.vectorize(math.erf, otypes=[F64])
    if operator == "HardSwish":
        made = x * np.clip(x / 6 + 0.5, 0, 1)
    elif operator == "Gelu" and attributes.get("approximate") == "tanh":
        made = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    elif operator == "Gelu":
        made = 0.5 * x * (1 + error(x / np.sqrt(2)))
    elif operator == "Erf":
        made = error(x)
    else:
        return None
    return [made.astype(kind)]


@cases("Clip")
def clip(random: Random, operator: str) -> Iterator[Spec]:
    for kind in NUMBERS * 2:
        first = 12 if kind in INTEGERS else 11
        x = random.values(kind, random.shape(), -9, 9)
        low, high = np.sort(random.values(kind, (2,), -5, 5, odd=False))
        bounds = [np.asarray(bound) if random.chance(0.7) else None for bound in (low, high)]
        wanted = x.copy()
        # Left-out bounds are the type's largest finite numbers: the reference does not clip there.
        limits = np.finfo(kind) if kind in FLOATS else np.iinfo(kind)
        floor = limits.min if bounds[0] is None else bounds[0]
        ceiling = limits.max if bounds[1] is None else bounds[1]
        wanted = np.minimum(np.maximum(wanted, kind(floor)), kind(ceiling))
        inputs = [x, *bounds]
        while inputs[-1] is None:
            inputs.pop()
        yield Spec(operator, inputs, random.opset(first), constants=random.constants(1, 2), wanted=[wanted])


@cases("IsNaN", "IsInf")
def predicates(random: Random, operator: str) -> Iterator[Spec]:
    for kind in FLOATS * 3:
        first = 20 if operator == "IsInf" and kind == F16 else 10
        names = ["detect_positive", "detect_negative"] if operator == "IsInf" else []
        attributes = {name: random.integer(0, 1) for name in names if random.chance(0.7)}
        yield Spec(operator, [random.values(kind, random.shape())], random.opset(first), attributes)


@cases("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")
def comparisons(random: Random, operator: str) -> Iterator[Spec]:
    kinds = NUMBERS + ([BOOL, TEXT] * 2 if operator == "Equal" else [])
    for kind in kinds:
        first = 12
        if kind is TEXT:
            first = 19
        # Few different values, so that some are equal.
        a, b = pair(random, kind, low=-2, high=2)
        if kind in FLOATS:
            a, b = np.round(a), np.round(b)
        yield Spec(operator, [a, b], random.opset(first))


@cases("And", "Or", "Xor")
def logic(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(4):
        yield Spec(operator, pair(random, BOOL), random.opset(9))


@cases("Not")
def negation(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(4):
        yield Spec(operator, [random.values(BOOL, random.shape())], random.opset(9))


@cases("Where")
def where(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [*NUMBERS, BOOL, TEXT] * 2:
        shape = random.shape()
        condition = random.values(BOOL, random.broadcast(shape))
        x, y = (random.values(kind, random.broadcast(shape)) for _ in range(2))
        yield Spec(operator, [condition, x, y], random.opset(9))


@cases("Cast", "CastLike")
def cast(random: Random, operator: str) -> Iterator[Spec]:
    kinds = [*NUMBERS, BOOL]
    like = operator == "CastLike"
    pairs = [(a, b) for a in kinds for b in kinds if not like or random.chance(0.2)]
    for source, target in pairs:
        # What does not fit into an integer is undefined; numbers of any size become floating-point ones.
        fits = target in INTEGERS and source in FLOATS
        low, high = (0 if target in UNSIGNED else -100, 100) if fits else (-1e5, 1e5)
        x = random.values(source, random.shape(), low, high, odd=not fits)
        yield conversion(random, operator, x, np.zeros(1, target))
    for source in kinds:
        # onnx's reference writes texts as Python does.
        if not like:
            x = random.values(source, random.shape(1), -1e4, 1e4)
            yield conversion(random, operator, x, np.array(["x"], dtype=object), by="onnxruntime")
    for target in kinds if not like else []:
        whole = target in INTEGERS or target is BOOL
        texts = ["1", "20", "7"] if whole else ["1.5", "-2", "1e3", "NaN", "INF", "-INF", " 3", "+4.25", "0.1"]
        x = np.array([random.one(texts) for _ in range(6)], dtype=object)
        yield conversion(random, operator, x, np.zeros(1, target), by="onnxruntime")


def conversion(random: Random, operator: str, x: np.ndarray, like: np.ndarray, by: str = "reference") -> Spec:
    newest = RUNTIME if by == "onnxruntime" else 28
    if operator == "CastLike":
        # The reference's CastLike from version 19 on wants `saturate`.
        return Spec(operator, [x, like], random.opset(15, RUNTIME), by="onnxruntime", constants=random.constants(1))
    number = 8 if like.dtype == object else helper.np_dtype_to_tensor_dtype(like.dtype)
    return Spec(operator, [x], random.opset(9, newest), {"to": number}, by=by)


REDUCTIONS = [
    "ReduceSum",
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
]


def reduced(operator: str, x: np.ndarray, axes: tuple[int, ...] | None, keep: bool) -> np.ndarray:
    """A reduction by numpy, in doubles. The reference sums in the elements' own type, and its exponentials overflow."""
    wide = x.astype(F64) if x.dtype.kind == "f" else x
    options = {"axis": axes, "keepdims": keep}
    if operator in ("ReduceMax", "ReduceMin"):
        largest = operator == "ReduceMax"
        if x.dtype.kind == "f":
            first = -np.inf if largest else np.inf
        elif x.dtype.kind == "b":
            first = not largest
        else:
            first = np.iinfo(x.dtype).min if largest else np.iinfo(x.dtype).max
        return (np.max if largest else np.min)(wide, initial=first, **options).astype(x.dtype)
    if operator == "ReduceProd":
        return np.prod(wide, dtype=wide.dtype, **options).astype(x.dtype)
    if operator == "ReduceMean":
        return np.mean(wide.astype(F64), **options).astype(x.dtype)
    if operator == "ReduceLogSumExp":
        if not x.size:
            return np.log(np.sum(wide, **options)).astype(x.dtype)
        most = np.max(wide, axis=axes, keepdims=True)
        most = np.where(np.isfinite(most), most, 0)
        logs = np.log(np.sum(np.exp(wide - most), axis=axes, keepdims=True)) + most
        return (logs if keep else np.squeeze(logs, axis=axes)).astype(x.dtype)
    if operator in ("ReduceSumSquare", "ReduceL2"):
        wide = wide * wide
    if operator == "ReduceL1":
        wide = np.abs(wide)
    total = np.sum(wide, dtype=wide.dtype, **options)
    if operator == "ReduceL2":
        total = np.sqrt(total)
    if operator == "ReduceLogSum":
        total = np.log(total)
    return np.asarray(total).astype(x.dtype)


@cases(*REDUCTIONS)
def reductions(random: Random, operator: str) -> Iterator[Spec]:
    kinds = [F32, F64, F32, F64, F16, F32, F64, F16, F32, F64]
    if operator not in ("ReduceLogSum", "ReduceLogSumExp"):
        kinds += [np.int32, np.int64, np.uint32, np.uint64]
    if operator in ("ReduceMax", "ReduceMin"):
        kinds += [np.int8, np.uint8, BOOL]
    moved = 13 if operator == "ReduceSum" else 18
    for kind in kinds:
        x = random.values(kind, random.shape(0), low=0 if operator == "ReduceLogSum" else -3, high=3)
        if kind in INTEGERS:
            # Integers have no mean of nothing.
            shape = random.shape(0, empty=0) if operator == "ReduceMean" else x.shape
            x = random.values(kind, shape, -9, 9, odd=False)
        opset = random.opset(20 if kind is BOOL else 12)
        axes, keep = random.axes(x.ndim), random.chance(0.5)
        attributes: dict[str, object] = {"keepdims": int(keep)}
        inputs: list[np.ndarray | None] = [x]
        over: tuple[int, ...] | None = tuple(axes) or None
        if opset < moved:
            attributes |= {"axes": axes} if axes else {}
        else:
            if axes or random.chance(0.5):
                inputs.append(np.array(axes, dtype=np.int64))
            if random.chance(0.5):
                attributes["noop_with_empty_axes"] = 1
                over = tuple(axes)
        wanted = np.asarray(reduced(operator, x, over, keep))
        yield Spec(operator, inputs, opset, attributes, constants=random.constants(1), wanted=[wanted])


@cases("ArgMax", "ArgMin")
def extremes(random: Random, operator: str) -> Iterator[Spec]:
    for kind in NUMBERS * 2:
        shape = random.shape(1, empty=0)
        last = random.integer(0, 1)
        # What comes of NaN is left open where the last index is asked for.
        x = random.values(kind, shape, -3, 3, odd=not last)
        attributes = {"axis": random.axis(len(shape)), "keepdims": random.integer(0, 1)}
        opset = random.opset(9)
        if opset >= 12:
            attributes["select_last_index"] = last
        yield Spec(operator, [x], opset, attributes)


@cases("CumSum", "CumProd")
def cumulative(random: Random, operator: str) -> Iterator[Spec]:
    kinds = [F32, F64, np.int32, np.int64, np.uint32, np.uint64] * 2
    for kind in kinds:
        shape = random.shape(1, empty=0)
        x = random.values(kind, shape, -3, 3, odd=kind in FLOATS)
        axis = np.array(random.axis(len(shape)), dtype=random.one([np.int32, np.int64]))
        attributes = {"exclusive": random.integer(0, 1), "reverse": random.integer(0, 1)}
        along = np.flip(x, axis) if attributes["reverse"] else x
        first = 0 if operator == "CumSum" else 1
        # The reference multiplies by what it excludes where that is NaN.
        with np.errstate(all="ignore"):
            wide = along.astype(F64) if kind in FLOATS else along
            total = (np.cumsum if first == 0 else np.cumprod)(wide, axis=int(axis), dtype=wide.dtype)
        if attributes["exclusive"]:
            total = np.roll(total, 1, int(axis))
            index = [slice(None)] * x.ndim
            index[int(axis)] = slice(0, 1)
            total[tuple(index)] = first
        wanted = (np.flip(total, axis) if attributes["reverse"] else total).astype(kind)
        opset = random.opset(11 if operator == "CumSum" else 26)
        yield Spec(operator, [x, axis], opset, attributes, constants=random.constants(1), wanted=[wanted])


@cases("Softmax", "LogSoftmax", "Hardmax")
def softmax(random: Random, operator: str) -> Iterator[Spec]:
    for kind in FLOATS * 2:
        x = random.values(kind, random.shape(1, empty=0), -9, 9, odd=operator != "Hardmax")
        axis = random.axis(x.ndim)
        wanted = None
        if kind == F16 and operator != "Hardmax":
            # The reference rounds each step to binary16.
            power = np.exp(x.astype(F64) - x.max(axis, keepdims=True))
            total = power.sum(axis, keepdims=True)
            wide = power / total if operator == "Softmax" else x - x.max(axis, keepdims=True) - np.log(total)
            wanted = [wide.astype(F16)]
        yield Spec(operator, [x], random.opset(13), {"axis": axis}, rtol=rough(kind), wanted=wanted)
    # The reference has the meaning of version 13 for all.
    for kind in [F32] * 4 if operator == "Hardmax" else [F32, F64] * 2:
        x = random.values(kind, random.shape(2, empty=0), -9, 9, odd=False)
        attributes = {"axis": random.axis(x.ndim)} if random.chance(0.7) else {}
        if attributes.get("axis", 0) < 0:
            attributes = {"axis": attributes["axis"] + x.ndim}
        yield Spec(operator, [x], random.opset(9, 12), attributes, by="onnxruntime", rtol=rough(kind))


def rough(kind: object) -> float:
    """For what the reference computes in several roundings of the elements' own type."""
    return 1e-2 if kind == F16 else 1e-5 if kind == F32 else 1e-11


@cases("MatMul")
def products(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, F16, np.int32, np.int64, np.uint32, np.uint64] * 3:
        batch = random.shape(0, 2)
        rows, inner, columns = (random.integer(1, 6) for _ in range(3))
        shapes = [(*random.broadcast(batch), rows, inner), (*batch, inner, columns)]
        if random.chance(0.2):
            shapes[0] = (inner,)
        elif random.chance(0.2):
            shapes = [(*batch, rows, inner), (inner,)]
        if random.chance(0.1):
            shapes = [(0, inner), (inner, columns)]
        inputs: list[np.ndarray | None] = [random.values(kind, one, -5, 5) for one in shapes]
        yield Spec(operator, inputs, random.opset(9), constants=random.constants(1), rtol=rough(kind) / 2)


@cases("Gemm")
def gemm(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 6:
        rows, inner, columns = random.integer(0, 6), random.integer(1, 6), random.integer(1, 6)
        a, b = random.integer(0, 1), random.integer(0, 1)
        attributes = {"transA": a, "transB": b}
        if random.chance(0.5):
            attributes |= {"alpha": random.integer(-4, 4) / 2, "beta": random.integer(-4, 4) / 2}
        inputs: list[np.ndarray | None] = [
            random.values(kind, (inner, rows) if a else (rows, inner), odd=False),
            random.values(kind, (columns, inner) if b else (inner, columns), odd=False),
        ]
        opset = random.opset(9)
        if opset < 11 or random.chance(0.7):
            inputs.append(random.values(kind, random.broadcast((rows, columns)), odd=False))
        yield Spec(operator, inputs, opset, attributes, constants=random.constants(1, 2), rtol=rough(kind) / 2)


@cases("CDist")
def distances(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 4:
        width = random.integer(1, 5)
        inputs: list[np.ndarray | None] = [
            random.values(kind, (random.integer(1, 6), width), odd=False) for _ in range(2)
        ]
        attributes = {"metric": random.one(["euclidean", "sqeuclidean"])}
        # onnxruntime multiplies out the square, which costs digits.
        spec = Spec(operator, inputs, 18, attributes, by="onnxruntime", rtol=1e-4, domain="com.microsoft")
        yield spec


@cases("FusedMatMul")
def fused_products(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 4:
        rows, inner, columns = (random.integer(1, 5) for _ in range(3))
        a, b = random.integer(0, 1), random.integer(0, 1)
        batch = (random.integer(1, 3),) if random.chance(0.5) else ()
        inputs: list[np.ndarray | None] = [
            random.values(kind, batch + ((inner, rows) if a else (rows, inner)), odd=False),
            random.values(kind, batch + ((columns, inner) if b else (inner, columns)), odd=False),
        ]
        attributes = {"transA": a, "transB": b, "alpha": random.integer(-4, 4) / 2}
        yield Spec(
            operator, inputs, 18, attributes, by="onnxruntime", rtol=rough(kind) / 2, domain="com.microsoft"
        )


@cases("LayerNormalization", "RMSNormalization")
def layers(random: Random, operator: str) -> Iterator[Spec]:
    centred = operator == "LayerNormalization"
    for kind in [F32, F64, F16] * 4:
        x = random.values(kind, random.shape(1, empty=0), odd=False)
        axis = random.axis(x.ndim)
        shape = x.shape[axis % x.ndim :]
        scale = random.values(kind, random.broadcast(shape), odd=False)
        bias = random.values(kind, random.broadcast(shape), odd=False) if centred and random.chance(0.6) else None
        epsilon = float(F32(random.source.uniform(1e-3, 1e-1)))
        over = tuple(range(axis % x.ndim, x.ndim))
        # In doubles: the reference computes in single precision.
        wide = x.astype(F64)
        mean = wide.mean(over, keepdims=True) if centred else 0.0
        factor = 1 / np.sqrt(((wide - mean) ** 2).mean(over, keepdims=True) + epsilon)
        y = (wide - mean) * factor * scale.astype(F64) + (0 if bias is None else bias.astype(F64))
        count = random.integer(1, 3) if centred else 1
        wanted = [y.astype(kind), np.asarray(mean, dtype=F32), factor.astype(F32)][:count]
        inputs: list[np.ndarray | None] = [x, scale] + ([bias] if bias is not None else [])
        attributes = {"axis": axis, "epsilon": epsilon}
        opset = random.opset(17 if centred else 23)
        yield Spec(operator, inputs, opset, attributes, len(wanted), random.constants(1, 2), wanted=wanted, atol=1e-7)


@cases("InstanceNormalization", "GroupNormalization")
def groups(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 4:
        number = random.integer(1, 3)
        channels = number * random.integer(1, 3)
        grouped = operator == "GroupNormalization"
        x = random.values(kind, (random.integer(0, 3), channels, *random.shape(1, 2, empty=0)), odd=False)
        scale, bias = (random.values(kind, (channels,), odd=False) for _ in range(2))
        attributes = {"epsilon": 0.0625} | ({"num_groups": number} if grouped else {})
        wide = x.astype(F64).reshape(len(x), number if grouped else channels, -1) if x.size else x
        if x.size:
            wide = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + 0.0625)
        by_channel = (channels, *[1] * (x.ndim - 2))
        wanted = wide.reshape(x.shape) * scale.astype(F64).reshape(by_channel) + bias.astype(F64).reshape(by_channel)
        opset = random.opset(21 if grouped else 9)
        yield Spec(operator, [x, scale, bias], opset, attributes, wanted=[wanted.astype(kind)], atol=1e-7)


@cases("LpNormalization")
def norms(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 4:
        x = random.values(kind, random.shape(1, empty=0), odd=False)
        attributes = {"axis": random.axis(x.ndim), "p": random.integer(1, 2)}
        # The reference's norm of order 1 is a sum of signed numbers.
        size = np.linalg.norm(x.astype(F64), attributes["p"], attributes["axis"], keepdims=True)
        yield Spec(operator, [x], random.opset(9), attributes, wanted=[(x / size).astype(kind)])


@cases("BatchNormalization")
def batches(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 6:
        x = random.values(kind, random.shape(2), odd=False)
        parameters = [random.values(kind, (x.shape[1],), 0.1, 3, odd=False) for _ in range(4)]
        opset = random.opset(9)
        attributes: dict[str, object] = {"epsilon": 0.0625}
        outputs = 1
        if opset >= 14 and x.size and random.chance(0.4):
            attributes |= {"training_mode": 1, "momentum": 0.75}
            outputs = 3
        # The reference's version 9 trains whatever it is told.
        by = "onnxruntime" if opset < 14 else "reference"
        inputs: list[np.ndarray | None] = [x, *parameters]
        yield Spec(operator, inputs, opset, attributes, outputs, random.constants(1, 2), by, rtol=rough(kind))


@cases("MeanVarianceNormalization")
def moments(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 4:
        x = random.values(kind, random.shape(4, 4, empty=0), odd=False)
        axes = random.axes(4) if random.chance(0.5) else None
        over = tuple(axes or [0, 2, 3])
        wide = x.astype(F64)
        wanted = (wide - wide.mean(over, keepdims=True)) / (wide.std(over, keepdims=True) + 1e-9)
        # Where the variance is nothing but rounding, so is the quotient.
        if wide.std(over).min() < 0.01:
            continue
        attributes = {"axes": axes} if axes else {}
        yield Spec(operator, [x], random.opset(9), attributes, wanted=[wanted.astype(kind)], atol=1e-7)
