"""Writes random linear models and support vector machines with onnxruntime's answers, in the folders of
tools/onnx_cases.py.

    python tools/linear_cases.py FOLDER [--count 300] [--seed 1]

LinearClassifier, LinearRegressor, SVMClassifier and SVMRegressor (ai.onnx.ml 1): every transform, kernel, number of
classes, with probabilities and without. Left out is PROBIT of a single score for two classes, which onnxruntime 1.31
leaves undefined.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper
from tree_cases import DTYPES, TRANSFORMS, answers, write

FEATURES = 11
KERNELS = ["LINEAR", "POLY", "RBF", "SIGMOID"]


# PROBIT has no bound on its slope: near 0 and 1 it makes much of the order in which products are added up.
TOLERANCES = {
    False: {"kind": "linear", "rtol": 1e-5, "atol": 1e-5},
    True: {"kind": "linear", "rtol": 1e-3, "atol": 1e-4},
}


def floats(rng: np.random.Generator, count: int) -> list[float]:
    return [float(v) for v in rng.normal(size=count).astype(np.float32) / 2]


def labels(rng: np.random.Generator, classes: int) -> dict[str, Any]:
    if rng.random() < 0.5:
        return {"classlabels_strings": [f"class {i}" for i in range(classes)]}
    return {"classlabels_ints": [int(v) for v in rng.choice(99, classes, replace=False)]}


def transform(rng: np.random.Generator, one_for_two: bool = False) -> dict[str, Any]:
    return {"post_transform": str(rng.choice(TRANSFORMS[:-1] if one_for_two else TRANSFORMS))}


def linear_classifier(rng: np.random.Generator) -> dict[str, Any]:
    classes = int(rng.choice([2, 2, 3, 5]))
    rows = int(rng.choice([1, 2])) if classes == 2 else classes
    attributes = {"coefficients": floats(rng, rows * FEATURES), "intercepts": floats(rng, rows)}
    return attributes | labels(rng, classes) | transform(rng, rows < classes) | {"multi_class": int(rng.integers(2))}


def linear_regressor(rng: np.random.Generator) -> dict[str, Any]:
    targets = int(rng.choice([1, 2, 3]))
    attributes = {"coefficients": floats(rng, targets * FEATURES), "targets": targets} | transform(rng)
    return attributes | ({"intercepts": floats(rng, targets)} if rng.random() < 0.8 else {})


def kernel(rng: np.random.Generator) -> dict[str, Any]:
    params = [float(np.float32(rng.random() / 4)), float(np.float32(rng.random())), float(rng.choice([1, 2, 3, 4]))]
    return {"kernel_type": str(rng.choice(KERNELS)), "kernel_params": params}


def svm_classifier(rng: np.random.Generator) -> dict[str, Any]:
    classes = int(rng.choice([2, 2, 3, 4, 7]))
    attributes = labels(rng, classes) | kernel(rng)
    if rng.random() < 0.25:
        coefficients = floats(rng, classes * FEATURES)
        if rng.random() < 0.5:
            coefficients = [abs(v) for v in coefficients]
        return attributes | {"coefficients": coefficients, "rho": floats(rng, 1)} | transform(rng)
    pairs = classes * (classes - 1) // 2
    counts = [int(v) for v in rng.integers(0 if classes > 2 else 1, 5, classes)]
    counts[0] += 1
    attributes |= {
        "vectors_per_class": counts,
        "support_vectors": floats(rng, sum(counts) * FEATURES),
        "coefficients": floats(rng, sum(counts) * (classes - 1)),
        "rho": floats(rng, pairs),
    }
    if rng.random() < 0.5:
        attributes |= {"prob_a": [-abs(v) for v in floats(rng, pairs)], "prob_b": floats(rng, pairs)}
        return attributes | transform(rng)
    return attributes | transform(rng, classes == 2)


def svm_regressor(rng: np.random.Generator) -> dict[str, Any]:
    supports = int(rng.choice([0, 1, 6, 20]))
    attributes = kernel(rng) | transform(rng) | {"rho": floats(rng, 1), "one_class": int(rng.random() < 0.3)}
    if supports:
        attributes["support_vectors"] = floats(rng, supports * FEATURES)
    return attributes | {"n_supports": supports, "coefficients": floats(rng, supports or FEATURES)}


KINDS = {
    "LinearClassifier": linear_classifier,
    "LinearRegressor": linear_regressor,
    "SVMClassifier": svm_classifier,
    "SVMRegressor": svm_regressor,
}


def case(rng: np.random.Generator) -> tuple[str, ModelProto, np.ndarray]:
    operator = str(rng.choice(list(KINDS)))
    attributes = KINDS[operator](rng)
    is_classifier = operator.endswith("Classifier")
    # onnxruntime's regressors take float32 alone.
    dtype = DTYPES[int(rng.integers(len(DTYPES)))] if is_classifier else np.float32
    rows = int(rng.choice([0, 1, 7, 7]))
    x = (rng.normal(size=(rows, FEATURES)) * (3 if np.issubdtype(dtype, np.integer) else 1)).astype(dtype)
    if dtype == np.float32 and rng.random() < 0.2:
        x[rng.random(x.shape) < 0.02] = np.nan
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    names = ["label", "scores"] if is_classifier else ["scores"]
    outputs = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, None])]
    if is_classifier:
        kind = TensorProto.STRING if "classlabels_strings" in attributes else TensorProto.INT64
        outputs.insert(0, helper.make_tensor_value_info("label", kind, [None]))
    node = helper.make_node(operator, ["x"], names, domain="ai.onnx.ml", **attributes)
    graph = helper.make_graph([node], "linear", [helper.make_tensor_value_info("x", element, [None, FEATURES])], outputs)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 1)]
    return operator, helper.make_model(graph, opset_imports=opsets, ir_version=9), x


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for number in range(arguments.count):
        operator, proto, x = case(np.random.default_rng([arguments.seed, number]))
        tolerance = TOLERANCES["PROBIT" in str(proto.graph.node[0])]
        write(arguments.folder / f"{operator}_{number:04}", proto, x, answers(proto, x), tolerance)
    print(f"{arguments.count} cases in {arguments.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
