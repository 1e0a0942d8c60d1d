"""What the sample models share: the version folder that training leaves behind.

A training script hands over a `Version`: the exported bytes and what the trainer itself answers on rows that it did
not learn from. `publish` runs the exported file in ONNX Runtime, stops when an answer deviates from the trainer's,
and writes

    <model>/<version>/model.onnx
    <model>/<version>/manifest.json   hash, signature, features, metrics, golden samples
    <model>/<version>/samples.json    the trainer's answers on the held-out rows
    <model>/model.json                aliases and the list of versions
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
from dataclasses import dataclass, field
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from json_rows import plain, write_json

RTOL = 1e-4
ATOL = 1e-6
GOLDEN_ROWS = 8
LICENSE = "MIT OR Apache-2.0"


@dataclass(frozen=True)
class Column:
    """One feature, as a form asks for it. `step` is the resolution at which the data was recorded; a column of texts
    has none. `nullable` where values were missing when the model was trained: NaN, or the empty text."""

    name: str
    title: str
    unit: str = ""
    step: float = 1
    text: bool = False
    nullable: bool = False


@dataclass
class Version:
    """A trained model and the trainer's own answers on held-out rows. Features are numbers, or objects where some
    columns are texts. `engine` is the one that the browser needs for it."""

    folder: Path
    title: str
    description: str
    created: str
    onnx_bytes: bytes
    trainer: list[str]
    columns: list[Column]
    training_features: np.ndarray
    features: np.ndarray
    prediction: np.ndarray
    metrics: dict[str, float]
    test_rows: int
    probabilities: np.ndarray | None = None
    classes: list[int] | list[str] | None = None
    class_names: list[str] | None = None
    image: dict[str, int] | None = None
    engine: str = "tract"
    version: str = "1"
    golden: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.folder.name


def integrity(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def serialise(model: onnx.ModelProto) -> bytes:
    """The same bytes on every run: exporters list the opsets in the order of a Python set."""
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    return model.SerializeToString(deterministic=True)


TYPES = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.FLOAT16: "float16",
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "uint8",
    onnx.TensorProto.INT16: "int16",
    onnx.TensorProto.UINT16: "uint16",
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.UINT32: "uint32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.UINT64: "uint64",
    onnx.TensorProto.BOOL: "bool",
    onnx.TensorProto.STRING: "string",
}


def describe(value: onnx.ValueInfoProto) -> dict[str, Any]:
    tensor = value.type.tensor_type
    shape: list[int | str | None] = []
    for dim in tensor.shape.dim:
        kind = dim.WhichOneof("value")
        shape.append(None if kind is None else getattr(dim, kind))
    return {"name": value.name, "type": TYPES[tensor.elem_type], "shape": shape}


def signature(model: onnx.ModelProto) -> dict[str, Any]:
    """Inputs and outputs as predikt shows them: a ZipMap's output is the float tensor that goes into it."""
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    zip_maps = {name: node for node in graph.node if node.op_type == "ZipMap" for name in node.output}
    outputs = []
    for value in graph.output:
        if value.name in zip_maps:
            labels = next(a for a in zip_maps[value.name].attribute if a.name.startswith("classlabels"))
            width = len(labels.ints) or len(labels.strings)
            outputs.append({"name": value.name, "type": "float32", "shape": [None, width]})
        else:
            outputs.append(describe(value))
    return {"inputs": [describe(v) for v in graph.input if v.name not in constants], "outputs": outputs}


def feeds(session: onnxruntime.InferenceSession, features: Any) -> dict[str, np.ndarray]:
    """Rows of numbers, texts and missing values as the session's inputs: one for all columns, or one a column."""
    inputs = session.get_inputs()
    if len(inputs) == 1:
        return {inputs[0].name: np.asarray(features, dtype=np.float32)}
    columns = {}
    for slot, values in zip(inputs, zip(*features, strict=True), strict=True):
        if slot.type == "tensor(string)":
            column = np.array([value or "" for value in values], dtype=object)
        else:
            column = np.array([np.nan if value is None else value for value in values], dtype=np.float32)
        columns[slot.name] = column.reshape(-1, 1)
    return columns


def run_onnx(content: bytes, features: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """ONNX Runtime's prediction (one entry a row) and probabilities."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, feeds(session, features))
    if len(outputs) == 1:
        return np.asarray(outputs[0]).reshape(len(features), -1)[:, 0], None
    label, probabilities = outputs
    if isinstance(probabilities, list):
        probabilities = np.array([list(row.values()) for row in probabilities])
    return np.asarray(label), np.asarray(probabilities)


def check_answers(what: str, content: bytes, features: Any, prediction: Any, probabilities: Any) -> None:
    """Stops when ONNX Runtime's answers are not the trainer's."""
    got, got_probabilities = run_onnx(content, features)
    wanted = np.asarray(prediction)
    if probabilities is None:
        np.testing.assert_allclose(got, wanted, rtol=RTOL, atol=ATOL, err_msg=f"{what}: prediction")
    else:
        np.testing.assert_array_equal(got, wanted, err_msg=f"{what}: labels")
        np.testing.assert_allclose(
            got_probabilities, np.asarray(probabilities), rtol=RTOL, atol=ATOL, err_msg=f"{what}: probabilities"
        )


def choose_golden(prediction: np.ndarray, classes: list[int] | list[str] | None) -> list[int]:
    """Rows that cover every class in turn, or the whole range of a regressor's answers."""
    if classes is None:
        order = np.argsort(prediction, kind="stable")
        return [int(order[i]) for i in np.linspace(0, len(order) - 1, GOLDEN_ROWS).round().astype(int)]
    by_class = [np.flatnonzero(prediction == label) for label in classes]
    turns = max(len(rows) for rows in by_class)
    rounds = [int(rows[turn]) for turn in range(turns) for rows in by_class if turn < len(rows)]
    return rounds[:GOLDEN_ROWS]


def feature_card(column: Column, values: np.ndarray) -> dict[str, Any]:
    card: dict[str, Any] = {"name": column.name, "title": column.title}
    if column.text:
        card["type"] = "string"
    if column.nullable:
        card["nullable"] = True
    if column.unit:
        card["unit"] = column.unit
    if column.text:
        return card | {"values": sorted(set(values) - {""})}
    numbers = values.astype(np.float64)
    low, high, mean = np.nanmin(numbers), np.nanmax(numbers), np.nanmean(numbers)
    return card | {"min": plain(low, 9), "max": plain(high, 9), "mean": plain(mean, 6), "step": plain(column.step)}


def feature_cards(columns: list[Column], training: np.ndarray) -> list[dict[str, Any]]:
    return [feature_card(column, values) for column, values in zip(columns, np.asarray(training).T, strict=True)]


def table(columns: list[Column], features: np.ndarray) -> list[list[Any]]:
    """Rows for JSON: null where a value is missing, be it a number or a text."""
    return [
        [None if column.text and value == "" else value for column, value in zip(columns, row, strict=True)]
        for row in plain(features)
    ]


def manifest(version: Version) -> dict[str, Any]:
    model = onnx.load_from_string(version.onnx_bytes)
    golden = version.golden or choose_golden(version.prediction, version.classes)
    samples: dict[str, Any] = {
        "rtol": RTOL,
        "atol": ATOL,
        "features": table(version.columns, version.features[golden]),
        "prediction": plain(version.prediction[golden], 9),
    }
    card: dict[str, Any] = {
        "name": version.name,
        "version": version.version,
        "title": version.title,
        "description": version.description,
        "created": version.created,
        "license": LICENSE,
        "trainer": {name: installed_version(name) for name in version.trainer}
        | {"python": ".".join(platform.python_version_tuple()[:2])},
        "model": {
            "path": "model.onnx",
            "bytes": len(version.onnx_bytes),
            "integrity": integrity(version.onnx_bytes),
        },
        "engine": version.engine,
        "signature": signature(model),
        "features": feature_cards(version.columns, version.training_features),
    }
    if version.classes is not None:
        card["classes"] = version.classes
        if version.class_names is not None:
            card["classNames"] = version.class_names
        samples["probabilities"] = plain(version.probabilities[golden], 9)
    if version.image is not None:
        card["image"] = version.image
    card["metrics"] = {name: plain(value, 6) for name, value in version.metrics.items()}
    card["rows"] = {"train": len(version.training_features), "test": version.test_rows}
    card["golden"] = samples
    return card


def add_to_model(version: Version) -> dict[str, Any]:
    """model.json with this version in it; aliases that are there already stay where they point."""
    path = version.folder / "model.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    versions = sorted({*known.get("versions", []), version.version}, key=int)
    return {
        "name": version.name,
        "title": version.title,
        "description": version.description,
        "aliases": known.get("aliases") or {"champion": version.version},
        "versions": versions,
    }


def publish(version: Version) -> None:
    """Checks the exported file against the trainer and writes the version's folder."""
    onnx.checker.check_model(onnx.load_from_string(version.onnx_bytes))
    features = table(version.columns, version.features)
    check_answers(version.name, version.onnx_bytes, features, version.prediction, version.probabilities)

    target = version.folder / version.version
    target.mkdir(exist_ok=True)
    (target / "model.onnx").write_bytes(version.onnx_bytes)
    write_json(target / "manifest.json", manifest(version))
    samples = {"features": features, "prediction": plain(version.prediction, 9)}
    if version.probabilities is not None:
        samples["probabilities"] = plain(version.probabilities, 9)
    write_json(target / "samples.json", samples)
    write_json(version.folder / "model.json", add_to_model(version))
    scores = ", ".join(f"{name} {value:.4g}" for name, value in version.metrics.items())
    print(f"{version.name} {version.version}: {len(version.onnx_bytes)} bytes; {scores}")
