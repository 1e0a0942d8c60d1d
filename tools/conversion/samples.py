"""Rows to try a model on: those that the user gives, or synthetic ones drawn from what the model knows.

A row is a list of plain values, one a feature; what is missing is None. Floats are rounded to the model's input type first,
so that trainer and converted model are asked the same.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ConversionError
from .hints import Hint, collect
from .load import needs
from .schema import Schema

SEED = 20
MISSING_SHARE = 0.08
RECORD_SHARE = 0.6  # of the features that a record has
UNSEEN = "never seen before"
ABSENT = ("", "na", "nan", "null", "none")
Rows = list[list[Any]]


def synthetic(estimator: Any, schema: Schema, count: int) -> Rows:
    """`count` rows from what the fitted estimator knows of its features; the same ones every time."""
    random = np.random.default_rng(SEED)
    hints = collect(estimator, schema.width + len(schema.dropped))
    hints = [hint for index, hint in enumerate(hints) if index not in schema.dropped]
    columns = [draw(hint, kind, count, random) for hint, kind in zip(hints, kinds_of(schema), strict=True)]
    if schema.records:
        columns = [[value if random.random() < RECORD_SHARE else None for value in column] for column in columns]
    return [[column[row] for column in columns] for row in range(count)]


def kinds_of(schema: Schema) -> list[str]:
    """The types that values are rounded to before anyone is asked."""
    return ["float64" if schema.exact and kind == "float32" else kind for kind in schema.types()]


def draw(hint: Hint, kind: str, count: int, random: np.random.Generator) -> list[Any]:
    values = [one(hint, kind, random) for _ in range(count)]
    if hint.missing and kind in ("float32", "float64", "string"):
        absent = random.random(count) < MISSING_SHARE
        values = [None if gone else value for value, gone in zip(values, absent, strict=True)]
    return values


def one(hint: Hint, kind: str, random: np.random.Generator) -> Any:
    if kind == "string":
        return text(hint, random)
    if kind == "bool":
        return bool(random.random() < 0.5)
    if hint.categories and not all(isinstance(value, str) for value in hint.categories):
        return fit(hint.categories[int(random.integers(len(hint.categories)))], kind)
    if hint.counts:
        return fit(int(random.integers(0, 5)), kind)
    return fit(number(hint, random), kind)


def text(hint: Hint, random: np.random.Generator) -> str:
    if hint.vocabulary:
        words = [
            hint.vocabulary[int(index)] for index in random.integers(len(hint.vocabulary), size=random.integers(1, 9))
        ]
        return " ".join([*words, "zyxwv"] if random.random() < 0.2 else words)
    if not hint.categories or (hint.unknown and random.random() < MISSING_SHARE):
        return UNSEEN
    return str(hint.categories[int(random.integers(len(hint.categories)))])


def number(hint: Hint, random: np.random.Generator) -> float:
    if hint.thresholds:
        return away_from(hint.thresholds, random)
    if hint.low is not None and hint.high is not None:
        margin = 0.05 * (hint.high - hint.low)
        return float(random.uniform(hint.low - margin, hint.high + margin))
    return float(random.normal(hint.centre or 0.0, hint.spread))


def away_from(thresholds: list[float], random: np.random.Generator) -> float:
    """A number between two thresholds next to each other, or beyond the last: where rounding does not decide."""
    edges = sorted(set(thresholds))
    step = max((edges[-1] - edges[0]) / max(len(edges) - 1, 1), abs(edges[0]) * 0.1, 1e-3)
    edges = [edges[0] - 2 * step, *edges, edges[-1] + 2 * step]
    wide = [index for index in range(len(edges) - 1) if apart(edges[index], edges[index + 1])]
    index = wide[int(random.integers(len(wide)))]
    return edges[index] + (edges[index + 1] - edges[index]) * float(random.uniform(0.3, 0.7))


def apart(low: float, high: float) -> bool:
    """Whether there is room between the two in float32."""
    return high - low > 1e-5 * max(abs(low), abs(high))


def fit(value: Any, kind: str) -> Any:
    """The value as the model's input type has it."""
    if kind == "float32":
        return float(np.float32(value))
    if kind == "int64":
        return int(round(value))
    return float(value)


def read(path: Path, schema: Schema, limit: int | None = None) -> Rows:
    """Rows from .csv, .tsv, .npy, .json or .parquet: by column name where the file has names, else by position."""
    suffix = path.suffix.lower()
    readers = {".csv": read_csv, ".tsv": read_csv, ".npy": read_npy, ".json": read_json, ".parquet": read_parquet}
    if suffix not in readers:
        raise ConversionError(f"rows are read from {', '.join(readers)} files, not from {path.name}.")
    if not path.exists():
        raise ConversionError(f"there is no file {path}.")
    try:
        names, table = readers[suffix](path)
    except ConversionError:
        raise
    except (ValueError, OSError, ImportError, csv.Error, AttributeError) as error:
        raise ConversionError(f"{path} cannot be read as rows: {error}") from error
    if not table:
        raise ConversionError(f"{path} holds no rows.")
    positions = match(path, names, len(table[0]), schema)
    kinds = kinds_of(schema)
    rows = []
    for line, values in enumerate(table[:limit], start=1):
        if len(values) <= max(positions):
            raise ConversionError(f"{path}, row {line}: {len(values)} values, where row 1 has {len(table[0])}.")
        rows.append(
            [
                value_of(
                    values[position], kind, f"{path}, row {line}, column {names[position] if names else position + 1}"
                )
                for position, kind in zip(positions, kinds, strict=True)
            ]
        )
    return rows


def read_csv(path: Path) -> tuple[list[str] | None, list[list[Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = [row for row in csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",") if row]
    if table and not any(is_number(cell) for cell in table[0]):
        return table[0], table[1:]
    return None, table


def read_npy(path: Path) -> tuple[list[str] | None, list[list[Any]]]:
    array = np.load(path, allow_pickle=False)
    return None, (array.reshape(-1, 1) if array.ndim == 1 else array.reshape(len(array), -1)).tolist()


def read_json(path: Path) -> tuple[list[str] | None, list[list[Any]]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = content.get("features", content.get("instances")) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise ConversionError(f"{path} holds neither a list of rows nor an object with `features`.")
    if rows and isinstance(rows[0], dict):
        names = list(dict.fromkeys(name for row in rows for name in row))
        return names, [[row.get(name) for name in names] for row in rows]
    return None, [row if isinstance(row, list) else [row] for row in rows]


def read_parquet(path: Path) -> tuple[list[str] | None, list[list[Any]]]:
    frame = needs("pandas").read_parquet(path)
    return [str(name) for name in frame.columns], frame.astype(object).to_numpy().tolist()


def match(path: Path, names: list[str] | None, width: int, schema: Schema) -> list[int]:
    """Where in the file each feature is."""
    wanted = schema.names
    if names is not None and all(name in names for name in wanted):
        return [names.index(name) for name in wanted]
    known = bool(schema.features) or schema.by_column and not all(name.startswith("x") for name in wanted)
    if names is not None and known and not set(wanted).isdisjoint(names):
        missing = [name for name in wanted if name not in names]
        raise ConversionError(f"{path} has no column {', '.join(map(repr, missing))}; it has {', '.join(names)}.")
    if width != len(wanted):
        raise ConversionError(
            f"{path} has {width} columns, and the model takes {len(wanted)}: {', '.join(wanted[:12])}"
            f"{'…' if len(wanted) > 12 else ''}. Leave out what is no feature, or name the columns."
        )
    return list(range(width))


def value_of(value: Any, kind: str, where: str) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return absent(kind, where)
    if kind == "string":
        return absent(kind, where) if str(value).strip() == "" else str(value)
    if isinstance(value, str) and value.strip().lower() in ABSENT:
        return absent(kind, where)
    if kind == "bool":
        return truth(value, where)
    try:
        return fit(float(value), kind)
    except (TypeError, ValueError) as error:
        raise ConversionError(f"{where}: {value!r} is no number, and the model takes one there.") from error


def absent(kind: str, where: str) -> None:
    if kind in ("int64", "bool"):
        raise ConversionError(f"{where}: nothing there, and the model's input of type {kind} cannot be missing.")


def truth(value: Any, where: str) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
    if str(value).lower() not in known:
        raise ConversionError(f"{where}: {value!r} is neither true nor false.")
    return known[str(value).lower()]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
