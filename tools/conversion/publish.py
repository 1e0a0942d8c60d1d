"""The manifest of a converted model, as models/publishing.py writes it for the sample models."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
from typing import Any

import numpy as np

import onnx

from . import document
from .document import json_values, plain
from .errors import ConversionError
from .estimators import Estimator

GOLDEN_ROWS = 8
RTOL = 1e-4
ATOL = 1e-6
MOST_VALUES = 50
TRAINERS = ("scikit-learn", "lightgbm", "xgboost", "keras", "tensorflow-cpu", "tensorflow", "torch")
EXPORTERS = ("skl2onnx", "onnxmltools", "tf2onnx", "onnxscript")
MODULES = {"sklearn": "scikit-learn", "tensorflow": "tensorflow-cpu"}


def manifest(
    content: bytes,
    model: onnx.ModelProto,
    subject: Estimator | None,
    *,
    name: str,
    version: str,
    title: str,
    description: str,
) -> dict[str, Any]:
    """Hash, signature, and for classical models features and golden samples. The metrics are the trainer's to add."""
    try:
        import publishing
    except ImportError as error:
        raise ConversionError(f"--manifest needs models/publishing.py and ONNX Runtime: {error}") from error
    card: dict[str, Any] = {
        "name": name,
        "version": version,
        "title": title,
        "description": description,
        "created": datetime.date.today().isoformat(),
        "trainer": trainer(),
        "model": {"path": "model.onnx", "bytes": len(content), "integrity": publishing.integrity(content)},
        "signature": publishing.signature(model),
    }
    if subject is None:
        return card
    card["features"] = [feature(subject, position) for position in range(subject.schema.width)]
    if subject.answers.classes is not None:
        card["classes"] = json_values(np.array(subject.answers.classes))
    card["golden"] = golden(subject)
    return card


def trainer() -> dict[str, str]:
    """The versions of the trainers and exporters that this process has loaded."""
    import sys

    loaded = {MODULES.get(module, module) for module in sys.modules if "." not in module}
    versions = {}
    for name in (*TRAINERS, *EXPORTERS):
        if name in loaded:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue
    return versions | {"python": ".".join(platform.python_version_tuple()[:2])}


def feature(subject: Estimator, position: int) -> dict[str, Any]:
    """A column as a form asks for it; the ranges are those of real rows only."""
    kind = subject.schema.types()[position]
    values = [row[position] for row in subject.rows]
    present = [value for value in values if value is not None]
    card: dict[str, Any] = {"name": subject.schema.names[position]}
    if kind == "string":
        distinct = sorted(set(present))
        card["type"] = "string"
        if len(distinct) <= MOST_VALUES and not subject.schema.texts:
            card["values"] = [value for value in distinct if value != document.UNSEEN]
    elif subject.source != "synthetic" and present:
        card |= {"min": document.number(min(present), kind), "max": document.number(max(present), kind)}
        card["mean"] = plain(float(np.mean(present)), 6)
    if len(present) < len(values):
        card["nullable"] = True
    return card


def golden(subject: Estimator) -> dict[str, Any]:
    """A few samples that cover all classes in turn, or the whole range of the answers."""
    rows = chosen(subject.answers.prediction, subject.answers.classes)
    answers = subject.answers
    features = [
        [document.number(value, kind) for value, kind in zip(subject.rows[row], subject.schema.types(), strict=True)] for row in rows
    ]
    samples: dict[str, Any] = {
        "rtol": RTOL,
        "atol": ATOL,
        "features": features,
        "prediction": json_values(answers.prediction[rows]),
    }
    if answers.probabilities is not None:
        samples["probabilities"] = json_values(answers.probabilities[rows])
    return samples


def chosen(prediction: np.ndarray, classes: list[Any] | None) -> list[int]:
    if classes is None:
        first = prediction.reshape(len(prediction), -1)[:, 0]
        order = np.argsort(first, kind="stable")
        return [int(order[i]) for i in np.linspace(0, len(order) - 1, min(GOLDEN_ROWS, len(order))).round().astype(int)]
    by_class = [np.flatnonzero(prediction == label) for label in classes]
    turns = max((len(rows) for rows in by_class), default=0)
    return [int(rows[turn]) for turn in range(turns) for rows in by_class if turn < len(rows)][:GOLDEN_ROWS]
