"""samples.json: inputs with the trainer's own outputs, as tools/replay.mjs and predikt's tests read them.

    {"source", "features", "prediction", "probabilities"?, "classes"?}    for `predict`
    {"source", "inputs": {name: tensor}, "outputs": {name: tensor}}       for `run`

`features` are rows, or records by column name where each column is an input of its own. What is missing is null, and so is
an answer that is not finite. `source` is "synthetic" or the name of the file that the rows came from.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from .samples import UNSEEN, Rows
from .schema import Schema
from .trainer import Answers, records

sys.path.append(str(Path(__file__).resolve().parents[2] / "models"))
from json_rows import plain, write_json  # noqa: E402

DIGITS = 12
TENSOR_TYPES = {
    "float32": "float32",
    "float64": "float64",
    "float16": "float16",
    "int64": "int64",
    "int32": "int32",
    "int16": "int16",
    "int8": "int8",
    "uint8": "uint8",
    "bool": "bool",
    "object": "string",
}


def of_rows(schema: Schema, rows: Rows, answers: Answers, source: str) -> dict[str, Any]:
    """Samples for `predict`."""
    document: dict[str, Any] = {"source": source, "features": features(schema, rows)}
    document["prediction"] = json_values(answers.prediction)
    if answers.probabilities is not None:
        document["probabilities"] = json_values(answers.probabilities)
    if answers.classes is not None:
        document["classes"] = json_values(np.array(answers.classes))
    return document


def features(schema: Schema, rows: Rows) -> list[Any]:
    values = [[number(value, kind) for value, kind in zip(row, schema.types(), strict=True)] for row in rows]
    if schema.records:
        return records(schema, values)
    if schema.by_column and all(column.width == 1 for column in schema.inputs):
        return [dict(zip(schema.names, row, strict=True)) for row in values]
    return values


def of_tensors(feeds: dict[str, np.ndarray], outputs: dict[str, np.ndarray], source: str) -> dict[str, Any]:
    """Samples for `run`."""
    return {
        "source": source,
        "inputs": {name: tensor(values) for name, values in feeds.items()},
        "outputs": {name: tensor(values) for name, values in outputs.items()},
    }


def tensor(values: np.ndarray) -> dict[str, Any]:
    return {
        "type": TENSOR_TYPES[str(values.dtype)],
        "dims": list(values.shape),
        "data": json_values(values.ravel()),
    }


def json_values(values: np.ndarray) -> Any:
    """Nested lists of plain values, null for what is not finite."""
    return [json_values(value) for value in values] if isinstance(values, np.ndarray) else scalar(values)


def scalar(value: Any) -> Any:
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return None
    return plain(value, DIGITS)


def number(value: Any, kind: str) -> Any:
    """A feature as briefly as it can be told from its neighbours in its type."""
    return plain(np.float32(value)) if kind == "float32" and value is not None else plain(value)


__all__ = ["UNSEEN", "number", "of_rows", "of_tensors", "plain", "write_json"]
