"""Writes the ONNX backend tests as files that any language can read.

    python tools/onnx_cases.py FOLDER [--kind node] [--kind simple] …

The tests come from the installed `onnx` package; nothing is downloaded. Each case becomes a folder:

    FOLDER/<case>/model.onnx
    FOLDER/<case>/input_0.pb …    TensorProto, in the order of the graph's inputs, named after them
    FOLDER/<case>/output_0.pb …   TensorProto, what the model must answer
    FOLDER/<case>/tolerance.json  {"kind", "rtol", "atol"}: |got - wanted| <= atol + rtol * |wanted|

A case with several data sets has a folder for each: `<case>`, `<case>.1`, `<case>.2`. What has inputs or outputs
that are not tensors (sequences, maps, optionals, sparse tensors) is left out and named, with the reason, in
FOLDER/skipped.json. FOLDER/index.json lists the cases that were written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, numpy_helper
from onnx.backend.test.case.test_case import TestCase
from onnx.backend.test.loader import DATA_DIR, load_model_tests
from onnx.backend.test.runner import Runner
from onnx.reference import ReferenceEvaluator

KINDS = ["node", "simple", "pytorch-converted", "pytorch-operator", "light"]
SEED = 20
DataSet = tuple[list[TensorProto], list[TensorProto]]


class Skip(Exception):
    """Why a case cannot be written as tensors."""


@dataclass
class Case:
    name: str
    kind: str
    rtol: float
    atol: float
    model: ModelProto
    data_sets: list[DataSet]


def fed_inputs(model: ModelProto) -> list[onnx.ValueInfoProto]:
    """The graph inputs that no initializer fills."""
    filled = {tensor.name for tensor in model.graph.initializer}
    filled |= {tensor.values.name for tensor in model.graph.sparse_initializer}
    return [value for value in model.graph.input if value.name not in filled]


def check_tensors(model: ModelProto) -> None:
    for role, values in (("input", model.graph.input), ("output", model.graph.output)):
        for value in values:
            kind = value.type.WhichOneof("value")
            if kind != "tensor_type":
                what = (kind or "value without a type").removesuffix("_type").replace("_", " ")
                raise Skip(f"{role} {value.name!r} is of the type {what}")


def as_proto(value: object, name: str) -> TensorProto:
    if isinstance(value, TensorProto):
        tensor = TensorProto()
        tensor.CopyFrom(value)
    elif isinstance(value, (np.ndarray, np.generic)):
        tensor = numpy_helper.from_array(np.asarray(value))
    else:
        raise Skip(f"{name!r} is given as a {type(value).__name__}")
    tensor.name = name
    return tensor


def named(values: list[object], declared: list[onnx.ValueInfoProto], role: str) -> list[TensorProto]:
    if len(values) > len(declared):
        raise Skip(f"{len(values)} {role}s given, {len(declared)} declared")
    return [as_proto(value, info.name) for value, info in zip(values, declared)]


def read_folder(folder: Path, model: ModelProto) -> DataSet:
    def read(role: str) -> list[object]:
        count = len(list(folder.glob(f"{role}_*.pb")))
        return [onnx.load_tensor(folder / f"{role}_{i}.pb") for i in range(count)]

    inputs, outputs = read("input"), read("output")
    declared = fed_inputs(model)
    if len(inputs) > len(declared):
        declared = list(model.graph.input)
    return named(inputs, declared, "input"), named(outputs, list(model.graph.output), "output")


def light_data_set(path: Path, model: ModelProto) -> DataSet:
    """The networks of the `light` kind get the runner's own dummy inputs; the outputs are stored beside them."""
    declared = fed_inputs(model)
    feeds = {
        value.name: Runner.generate_dummy_data(value, seed=0, name=path.stem, random=False) for value in declared
    }
    stored = [path.with_name(f"{path.stem}_output_{i}.pb") for i in range(len(model.graph.output))]
    if all(file.exists() for file in stored):
        outputs: list[object] = [onnx.load_tensor(file) for file in stored]
    else:
        outputs = list(ReferenceEvaluator(model).run(None, feeds))
    return named(list(feeds.values()), declared, "input"), named(outputs, list(model.graph.output), "output")


def light_path(test: TestCase) -> Path:
    path = Path(DATA_DIR) / "light" / Path(test.url or "").name
    if not path.is_file():
        raise Skip(f"{test.url} is not in the onnx package")
    return path


def read_case(test: TestCase, kind: str) -> Case:
    if test.model is not None:
        model = test.model
        check_tensors(model)
        declared = list(model.graph.input), list(model.graph.output)
        data_sets = [
            (named(list(inputs), declared[0], "input"), named(list(outputs), declared[1], "output"))
            for inputs, outputs in test.data_sets or []
        ]
    elif test.model_dir is not None:
        folder = Path(test.model_dir)
        model = onnx.load(folder / "model.onnx")
        check_tensors(model)
        data_sets = [read_folder(found, model) for found in sorted(folder.glob("test_data_set*"))]
    else:
        path = light_path(test)
        model = onnx.load(path)
        check_tensors(model)
        data_sets = [light_data_set(path, model)]
    if not data_sets:
        raise Skip("has no data")
    return Case(test.name, kind, test.rtol, test.atol, model, data_sets)


def write_case(case: Case, root: Path) -> Iterator[str]:
    for number, (inputs, outputs) in enumerate(case.data_sets):
        name = case.name if number == 0 else f"{case.name}.{number}"
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        (folder / "model.onnx").write_bytes(case.model.SerializeToString(deterministic=True))
        for role, tensors in (("input", inputs), ("output", outputs)):
            for i, tensor in enumerate(tensors):
                (folder / f"{role}_{i}.pb").write_bytes(tensor.SerializeToString(deterministic=True))
        tolerance = {"kind": case.kind, "rtol": case.rtol, "atol": case.atol}
        (folder / "tolerance.json").write_text(json.dumps(tolerance) + "\n")
        yield name


def natural(name: str) -> list[object]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these groups (all when left out)")
    arguments = parser.parse_args()

    root: Path = arguments.folder
    root.mkdir(parents=True, exist_ok=True)
    written: dict[str, list[str]] = {}
    skipped: dict[str, str] = {}
    for kind in arguments.kind or KINDS:
        np.random.seed(SEED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tests = load_model_tests(kind="real" if kind == "light" else kind)
        written[kind] = []
        for test in tests:
            try:
                written[kind].extend(write_case(read_case(test, kind), root))
            except Skip as reason:
                skipped[test.name] = str(reason)
        written[kind].sort(key=natural)
        print(f"{kind}: {len(tests)} cases, {len(written[kind])} written")

    for file, content in (("index.json", written), ("skipped.json", dict(sorted(skipped.items())))):
        (root / file).write_text(json.dumps(content, indent=1) + "\n")
    print(f"{sum(map(len, written.values()))} folders in {root}, {len(skipped)} cases skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
