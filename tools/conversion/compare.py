"""Whether two sets of answers are equal: labels exactly, floats within a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SHOWN = 5


@dataclass(frozen=True)
class Tolerance:
    """|got - expected| <= rtol * |expected| + atol, where atol defaults to a tenth of rtol of the output's largest value:
    what float32 leaves of a sum whose terms cancel out is relative to the terms."""

    rtol: float = 1e-5
    atol: float | None = None

    def absolute(self, expected: np.ndarray) -> float:
        if self.atol is not None:
            return self.atol
        finite = np.abs(expected[np.isfinite(expected)])
        return 0.1 * self.rtol * float(finite.max()) if finite.size else 0.0


@dataclass(frozen=True)
class Difference:
    """One value that is not as expected. `output` is prediction, probabilities, or the name of an output."""

    row: int
    output: str
    got: Any
    expected: Any

    def __str__(self) -> str:
        return f"row {self.row}, {self.output}: got {shown(self.got)}, expected {shown(self.expected)}"


def differences(output: str, got: Any, expected: Any, tolerance: Tolerance) -> list[Difference]:
    """All rows that differ, one entry a row: its first value that does."""
    want, have = np.asarray(expected), np.asarray(got)
    if have.shape != want.shape:
        if have.size != want.size:
            return [Difference(0, f"shape of {output}", list(have.shape), list(want.shape))]
        have = have.reshape(want.shape)
    if want.dtype.kind in "fc" or have.dtype.kind in "fc":
        want, have = want.astype(np.float64), have.astype(np.float64)
        wrong = ~np.isclose(have, want, rtol=tolerance.rtol, atol=tolerance.absolute(want), equal_nan=True)
    elif want.dtype.kind in "biu" and have.dtype.kind in "biu":
        wrong = have != want
    else:
        wrong = have.astype(str) != want.astype(str)
    rows = wrong.reshape(len(wrong), -1) if wrong.ndim else wrong.reshape(1, 1)
    found = []
    for row in np.flatnonzero(rows.any(axis=1)):
        column = int(np.argmax(rows[row]))
        name = f"{output}[{column}]" if rows.shape[1] > 1 else output
        found.append(
            Difference(
                int(row),
                name,
                have.reshape(rows.shape)[row, column].item(),
                want.reshape(rows.shape)[row, column].item(),
            )
        )
    return found


def report(found: list[Difference], rows: int) -> str:
    """The first few differences, a line each."""
    count = len({difference.row for difference in found})
    lines = [f"  {difference}" for difference in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  … and {len(found) - SHOWN} more")
    return "\n".join([f"{count} of {rows} rows differ:", *lines])


def shown(value: Any) -> str:
    return repr(value) if isinstance(value, (str, int, float)) or value is None else str(value)
