"""JSON that a person can read and compare: every row of numbers on one line, and whatever else fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

LINE = 140


def one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def dumps(value: Any, indent: str = "") -> str:
    """JSON with whatever fits on one line, and every row of numbers, on one line."""
    if isinstance(value, dict):
        parts = [f"{one_line(key)}: {dumps(item, indent + '  ')}" for key, item in value.items()]
        opening, closing = "{}"
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        parts = [dumps(item, indent + "  ") for item in value]
        opening, closing = "[]"
    else:
        return one_line(value)
    flat = opening + " " * (opening == "{") + ", ".join(parts) + " " * (opening == "{") + closing
    if parts and len(indent + flat) <= LINE and "\n" not in flat:
        return flat
    return f"{opening}\n{indent}  " + f",\n{indent}  ".join(parts) + f"\n{indent}{closing}"


def write_json(path: Path, value: Any) -> None:
    path.write_text(dumps(value) + "\n", encoding="utf-8")


def plain(values: Any, digits: int = 17) -> Any:
    """Numbers for JSON: whole ones as integers, a float32 as briefly as it can be told from its neighbours,
    a float64 with `digits` significant digits (17 tell any two apart), NaN as null. Texts stay texts."""
    if isinstance(values, (list, tuple, np.ndarray)):
        return [plain(value, digits) for value in values]
    if isinstance(values, (int, np.integer)):
        return int(values)
    if isinstance(values, (float, np.floating)):
        if np.isnan(values):
            return None
        if isinstance(values, np.float32):
            number = float(str(values))
        else:
            number = float(values) if digits >= 17 else float(f"{float(values):.{digits}g}")
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return values
