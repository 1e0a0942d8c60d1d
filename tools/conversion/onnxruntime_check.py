"""The converted model in ONNX Runtime, where that is installed: it tells an error of a converter from one of an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import onnx

from .compare import Difference, Tolerance, differences
from .trainer import Answers


@dataclass
class Verdict:
    """What ONNX Runtime says of the model: equal, different, or why it could not be asked."""

    found: list[Difference] = field(default_factory=list)
    unavailable: str | None = None

    @property
    def equal(self) -> bool:
        return not self.found and self.unavailable is None


def check(model: onnx.ModelProto, feeds: dict[str, np.ndarray], answers: Answers, tolerance: Tolerance) -> Verdict:
    try:
        outputs = run(model, feeds)
    except ImportError:
        return Verdict(unavailable="ONNX Runtime is not installed")
    except Exception as error:
        return Verdict(unavailable=f"ONNX Runtime does not run it: {' '.join(str(error).split())[:300]}")
    return Verdict(compare(outputs, answers, tolerance))


def run(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> dict[str, Any]:
    """The outputs by name."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    feeds = {name: value for name, value in feeds.items() if name in wanted}
    (first, *_) = feeds.values()
    if isinstance(first, list):
        outputs = one_by_one(session, next(iter(feeds)), first)
    else:
        outputs = session.run(None, feeds)
    return {value.name: output for value, output in zip(session.get_outputs(), outputs, strict=True)}


def one_by_one(session: Any, name: str, records: list[dict[str, float]]) -> list[Any]:
    """A model that takes one record at a time on many."""
    answered = [session.run(None, {name: record}) for record in records]
    return [
        [row for part in column for row in part] if isinstance(column[0], list) else np.concatenate(column)
        for column in zip(*answered, strict=True)
    ]


def compare(outputs: dict[str, Any], answers: Answers, tolerance: Tolerance) -> list[Difference]:
    first, *rest = outputs.values()
    found = differences("prediction", first, answers.prediction, tolerance)
    if answers.probabilities is None or not rest:
        return found
    if isinstance(rest[0], list):
        got = np.array([[row[label] for label in answers.classes or row] for row in rest[0]])
    elif len(rest) > 1 and len(rest) == answers.probabilities.shape[1]:
        got = np.stack([np.ravel(column) for column in rest], axis=1)
    else:
        got = rest[0]
    return found + differences("probabilities", got, answers.probabilities, tolerance)
