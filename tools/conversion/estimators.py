"""A fitted estimator, its samples and the ways to export it, from the simplest to the most exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import onnx

from . import document, onnxruntime_check, samples
from .classical import to_onnx
from .compare import Tolerance
from .load import needs
from .onnxruntime_check import Verdict
from .schema import Schema, derive, from_json
from .sklearn_mends import parts
from .trainer import Answers, ask, feeds

ROWS = 100


@dataclass
class Estimator:
    """What is converted: the estimator, its inputs, rows to try it on, and its own answers on them."""

    estimator: Any
    schema: Schema
    rows: samples.Rows
    answers: Answers
    source: str

    def document(self) -> dict[str, Any]:
        return document.of_rows(self.schema, self.rows, self.answers, self.source)

    def feeds(self) -> dict[str, np.ndarray]:
        return feeds(self.schema, self.rows)

    def check(self, model: onnx.ModelProto, tolerance: Tolerance) -> Verdict:
        return onnxruntime_check.check(model, self.feeds(), self.answers, tolerance)

    def exports(self, options: dict[Any, Any], opset: int | None, name: str) -> Iterator[tuple[str, onnx.ModelProto]]:
        """How it was exported, and the model: first as anyone would, then with scalers that divide in float64."""
        kinds = {type(part) for part in parts(self.estimator)}
        attempts = [("", options)]
        scalers = [kind for kind in kinds if kind.__name__ == "StandardScaler"]
        if scalers:
            attempts.append(("with scalers that divide in float64", options | {scalers[0]: {"div": "div_cast"}}))
        for how, chosen in attempts:
            yield (
                how,
                to_onnx(
                    self.estimator,
                    options=chosen,
                    target_opset=opset,
                    initial_types=self.schema.initial_types(),
                    name=name,
                ),
            )


def prepare(
    estimator: Any,
    *,
    schema_file: Path | None = None,
    data: Path | None = None,
    rows: int | None = None,
    float_type: str = "float32",
) -> Estimator:
    """Inputs from the schema's file or the estimator itself, rows from the data's file or drawn, and the answers on them."""
    needs("skl2onnx")
    schema = from_json(schema_file) if schema_file else derive(estimator, float_type)
    if data:
        drawn = samples.read(data, schema, rows)
    else:
        drawn = samples.synthetic(estimator, schema, rows or ROWS)
    return Estimator(estimator, schema, drawn, ask(estimator, schema, drawn), data.name if data else "synthetic")
