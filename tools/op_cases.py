"""Writes random cases of single operators, with the answers of onnx's reference evaluator.

    python tools/op_cases.py FOLDER [--seed N] [--only OPERATOR] …

Shapes (empty ones and ones that broadcast among them), element types, attributes, operator sets and values (NaN,
infinities and extremes among them) are drawn with a fixed seed. Each case becomes a folder as `onnx_cases.py` writes
them:

    FOLDER/<operator>_<number>/model.onnx, input_N.pb, output_N.pb
    FOLDER/<operator>_<number>/tolerance.json  {"kind", "rtol", "atol", "share", "by"}

`by` says whose answer it is. onnx's reference evaluator gives it, but where it is wrong, or lacks the version, type or
domain: there it is onnxruntime, or numpy. The reason stands beside each such operator in `op_cases_math.py` and
`op_cases_layout.py`.
FOLDER/index.json counts the cases by operator.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

# The generators enter themselves in the table.
import op_cases_layout  # noqa: F401
import op_cases_math  # noqa: F401
from op_random import GENERATORS, Random, Spec

SEED = 20
IR_VERSION = 10
TOLERANCE = {np.dtype(np.float16): 2e-3, np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}


def element_type(array: np.ndarray) -> int:
    if array.dtype.kind in "OUS":
        return TensorProto.STRING
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def build(spec: Spec, random: Random, outputs: list[np.ndarray] | None) -> ModelProto:
    """The model of one node. Without `outputs` its results have no types."""
    names = [f"x{i}" if value is not None else "" for i, value in enumerate(spec.inputs)]
    inputs, constants = [], []
    for i, (name, value) in enumerate(zip(names, spec.inputs)):
        if value is None:
            continue
        if i in spec.constants:
            constants.append(tensor(value, name))
            continue
        # Some dimensions are declared free: what is loaded must not depend on them.
        shape = [dim if random.chance(0.7) else f"{name}_{axis}" for axis, dim in enumerate(value.shape)]
        inputs.append(helper.make_tensor_value_info(name, element_type(value), shape))
    made = [f"y{i}" for i in range(spec.outputs)]
    node = helper.make_node(spec.operator, names, made, domain=spec.domain, **spec.attributes)
    if outputs is None:
        results = [onnx.ValueInfoProto(name=name) for name in made]
    else:
        results = [
            helper.make_tensor_value_info(name, element_type(value), None) for name, value in zip(made, outputs)
        ]
    graph = helper.make_graph([node], spec.operator, inputs, results, initializer=constants)
    sets = [helper.make_opsetid("", spec.opset)]
    if spec.domain:
        sets.append(helper.make_opsetid(spec.domain, spec.domain_opset))
    return helper.make_model(graph, opset_imports=sets, ir_version=IR_VERSION)


def evaluate(spec: Spec, random: Random) -> list[np.ndarray]:
    model = build(spec, random, None)
    feeds = {
        f"x{i}": value for i, value in enumerate(spec.inputs) if value is not None and i not in spec.constants
    }
    if spec.by == "onnxruntime":
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        results = session.run(None, feeds)
    else:
        results = ReferenceEvaluator(model).run(None, feeds)
    return [np.asarray(result) for result in results]


def tensor(value: np.ndarray, name: str) -> TensorProto:
    proto = numpy_helper.from_array(np.asarray(value), name)
    proto.name = name
    return proto


def write(spec: Spec, random: Random, folder: Path) -> None:
    outputs = evaluate(spec, random) if spec.wanted is None else spec.wanted
    folder.mkdir()
    model = build(spec, random, outputs)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    fed = [
        (f"x{i}", value) for i, value in enumerate(spec.inputs) if value is not None and i not in spec.constants
    ]
    results = [(f"y{i}", value) for i, value in enumerate(outputs)]
    for role, values in (("input", fed), ("output", results)):
        for i, (name, value) in enumerate(values):
            (folder / f"{role}_{i}.pb").write_bytes(tensor(value, name).SerializeToString(deterministic=True))
    relative = spec.rtol or max((TOLERANCE.get(value.dtype, 0.0) for value in outputs), default=0.0)
    tolerance = {
        "kind": "generated",
        "rtol": relative,
        "atol": spec.atol,
        "share": spec.share * relative,
        "by": spec.by if spec.wanted is None else "numpy",
    }
    (folder / "tolerance.json").write_text(json.dumps(tolerance) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", action="append", help="only these operators (all when left out)")
    arguments = parser.parse_args()

    root: Path = arguments.folder
    if root.exists():
        shutil.rmtree(root)
    root.mkdir(parents=True)
    counts: Counter[str] = Counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for operator, generate in GENERATORS.items():
            if arguments.only and operator not in arguments.only:
                continue
            # A stream for each operator: what one draws does not change another's cases.
            random = Random([arguments.seed, *operator.encode()])
            for spec in generate(random, operator):
                name = f"{operator}_{counts[operator]}"
                try:
                    write(spec, random, root / name)
                except Exception as error:
                    types = [None if value is None else (value.dtype, value.shape) for value in spec.inputs]
                    print(f"{name} {types} {spec.attributes} opset {spec.opset}: {error}", file=sys.stderr)
                    return 1
                counts[operator] += 1
    (root / "index.json").write_text(json.dumps(counts, indent=1) + "\n")
    print(f"{sum(counts.values())} cases of {len(counts)} operators in {root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
