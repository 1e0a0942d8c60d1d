"""Writes random tree ensembles with onnxruntime's answers, in the folders of tools/onnx_cases.py.

    python tools/tree_cases.py FOLDER [--count 400] [--seed 1]

Every form is there: TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 and 3), TreeEnsemble (5), all
modes of nodes, ways that meet, votes for one class and for many, base values, aggregates, transforms, missing values,
features and thresholds in single and double precision, whole numbers as features.

Left out is what onnxruntime 1.31 leaves undefined (PROBIT of a single score for two classes, one base value where
leaves of two classes vote for one or both) or answers with labels that the model does not have or that contradict its
own probabilities (see `labels_agree`). TreeEnsemble's transforms 1 and 2 are swapped for onnxruntime, which takes
LOGISTIC for SOFTMAX there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
MEMBER = "BRANCH_MEMBER"
AGGREGATES = ["AVERAGE", "SUM", "MIN", "MAX"]
TRANSFORMS = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"]
DTYPES = [np.float32, np.float64, np.int64, np.int32]
FEATURES = 5
TOLERANCE = {"kind": "tree", "rtol": 1e-5, "atol": 1e-6}


class Tree:
    """A random tree: branches and leaves by number, the root first."""

    def __init__(self, rng: np.random.Generator, modes: list[str], depth: int, meet: bool) -> None:
        self.rng, self.modes, self.meet = rng, modes, meet
        self.nodes: list[dict[str, Any]] = []
        self.grow(depth)

    def threshold(self) -> float:
        return float(np.float32(self.rng.integers(-3, 4) / self.rng.choice([1, 2, 10])))

    def grow(self, depth: int) -> int:
        number = len(self.nodes)
        if depth == 0 or (number > 0 and self.rng.random() < 0.15):
            self.nodes.append({"mode": "LEAF"})
            return number
        if self.meet and self.rng.random() < 0.5:
            return self.chain(depth)
        node = {
            "mode": str(self.rng.choice(self.modes)),
            "feature": int(self.rng.integers(FEATURES)),
            "value": self.threshold(),
            "missing": int(self.rng.random() < 0.4),
        }
        if node["mode"] == MEMBER:
            count = int(self.rng.integers(1, 40))
            node["set"] = sorted({float(v) for v in self.rng.integers(0, int(self.rng.choice([5, 60])), count)})
        self.nodes.append(node)
        node["no"] = self.grow(depth - 1)
        node["yes"] = self.grow(depth - 1)
        return number

    def chain(self, depth: int) -> int:
        """Membership as converters write it: comparisons for equality whose true branches meet."""
        first, feature = len(self.nodes), int(self.rng.integers(FEATURES))
        members = self.rng.choice(9, int(self.rng.integers(2, 5)), replace=False)
        for i, member in enumerate(members):
            node = {"mode": "BRANCH_EQ", "feature": feature, "value": float(member), "missing": 0, "no": first + i + 1}
            self.nodes.append(node)
        last = len(self.nodes)
        self.nodes[-1]["no"] = self.grow(depth - 1)
        yes = self.grow(depth - 1)
        for node in self.nodes[first:last]:
            node["yes"] = yes
        return first

    def leaves(self) -> list[int]:
        return [i for i, node in enumerate(self.nodes) if node["mode"] == "LEAF"]


def forest(rng: np.random.Generator, member: bool = False) -> tuple[list[Tree], bool]:
    modes = MODES + [MEMBER] if member else MODES
    if rng.random() < 0.5:
        modes = [str(rng.choice(modes))]
    meet = not member and bool(rng.random() < 0.15)
    return [Tree(rng, modes, int(rng.integers(1, 5)), meet) for _ in range(int(rng.choice([1, 2, 3, 12])))], meet


def inputs(rng: np.random.Generator, dtype: Any, missing: bool) -> np.ndarray:
    rows = int(rng.choice([0, 1, 2, 20, 20, 20]))
    if np.issubdtype(dtype, np.integer):
        return rng.integers(-4, 10, (rows, FEATURES)).astype(dtype)
    values = rng.choice([1, 2, 10], (rows, FEATURES))
    x = (rng.integers(-30, 60, (rows, FEATURES)) / values / 6).astype(np.float32)
    x = np.where(rng.random(x.shape) < 0.5, np.round(x), x).astype(dtype)
    if missing:
        x[rng.random(x.shape) < 0.15] = np.nan
        x[rng.random(x.shape) < 0.03] = rng.choice([np.inf, -np.inf])
    return x


def weight(rng: np.random.Generator, positive: bool, probit: bool) -> float:
    if probit:
        return float(np.float32(rng.random() / 50))
    return float(np.float32(rng.random() if positive else rng.normal()))


def node_attributes(trees: list[Tree], votes: list[tuple[int, int, int, float]], prefix: str) -> dict[str, Any]:
    flat = [(t, i, node) for t, tree in enumerate(trees) for i, node in enumerate(tree.nodes)]
    attributes: dict[str, Any] = {
        "nodes_treeids": [t for t, _, _ in flat],
        "nodes_nodeids": [i for _, i, _ in flat],
        "nodes_modes": [node["mode"] for _, _, node in flat],
        "nodes_featureids": [node.get("feature", 0) for _, _, node in flat],
        "nodes_values": [node.get("value", 0.0) for _, _, node in flat],
        "nodes_truenodeids": [node.get("yes", 0) for _, _, node in flat],
        "nodes_falsenodeids": [node.get("no", 0) for _, _, node in flat],
        "nodes_hitrates": [1.0] * len(flat),
        f"{prefix}_treeids": [v[0] for v in votes],
        f"{prefix}_nodeids": [v[1] for v in votes],
        f"{prefix}_ids": [v[2] for v in votes],
        f"{prefix}_weights": [v[3] for v in votes],
    }
    if any(node.get("missing") for _, _, node in flat):
        attributes["nodes_missing_value_tracks_true"] = [node.get("missing", 0) for _, _, node in flat]
    return attributes


def as_tensors(attributes: dict[str, Any]) -> dict[str, Any]:
    floats = ["nodes_values", "nodes_hitrates", "target_weights", "class_weights", "base_values"]
    for name in floats:
        if name in attributes:
            values = np.array(attributes.pop(name), np.float64) * (1 + 1e-9)
            attributes[f"{name}_as_tensor"] = numpy_helper.from_array(values, name)
    return attributes


def regressor(rng: np.random.Generator, dtype: Any, version: int) -> tuple[dict[str, Any], bool]:
    trees, meet = forest(rng)
    targets = int(rng.choice([1, 1, 2, 3]))
    transform = str(rng.choice(TRANSFORMS))
    votes = [
        (t, leaf, target, weight(rng, False, transform == "PROBIT"))
        for t, tree in enumerate(trees)
        for leaf in tree.leaves()
        for target in range(targets)
    ]
    attributes = node_attributes(trees, votes, "target")
    attributes |= {"n_targets": targets, "post_transform": transform, "aggregate_function": str(rng.choice(AGGREGATES))}
    if rng.random() < 0.5:
        attributes["base_values"] = [float(v) for v in rng.random(targets).astype(np.float32) / 4]
    return attributes, meet


def classifier(rng: np.random.Generator, dtype: Any, version: int) -> tuple[dict[str, Any], bool]:
    trees, meet = forest(rng)
    classes = int(rng.choice([2, 2, 3, 4]))
    transform = str(rng.choice(TRANSFORMS))
    positive = bool(rng.random() < 0.5)
    sided = classes == 2 and rng.random() < 0.7
    if sided and transform == "PROBIT":
        transform = "NONE"
    voted = [int(rng.integers(2))] if sided else list(range(classes))
    # In the first tree each leaf votes for all: some class of every row has a vote.
    votes = [
        (t, leaf, c, weight(rng, positive, transform == "PROBIT"))
        for t, tree in enumerate(trees)
        for leaf in tree.leaves()
        for c in voted
        if t == 0 or sided or rng.random() < 0.6
    ]
    attributes = node_attributes(trees, votes, "class") | {"post_transform": transform}
    base = int(rng.choice([0, 1, classes] if sided else [0, classes]))
    if base:
        attributes["base_values"] = [float(v) for v in rng.random(base).astype(np.float32) / 4]
    labels = [0, 1] if classes == 2 else [int(v) for v in rng.choice(50, classes, replace=False)]
    if rng.random() < 0.5:
        attributes["classlabels_strings"] = [f"class {v}" for v in labels]
    else:
        attributes["classlabels_int64s"] = labels
    return attributes, meet


def ensemble(rng: np.random.Generator, dtype: Any, version: int) -> tuple[dict[str, Any], bool]:
    """TreeEnsemble of ai.onnx.ml 5."""
    trees, _ = forest(rng, member=True)
    targets = int(rng.choice([1, 2, 3]))
    transform = int(rng.integers(5))
    branches = [(t, i) for t, tree in enumerate(trees) for i, node in enumerate(tree.nodes) if node["mode"] != "LEAF"]
    leaves = [(t, i) for t, tree in enumerate(trees) for i in tree.leaves()]
    branch_number, leaf_number = ({at: n for n, at in enumerate(places)} for places in (branches, leaves))
    nodes = [trees[t].nodes[i] for t, i in branches]
    sets = [value for node in nodes if node["mode"] == MEMBER for value in [*node["set"], np.nan]]

    def children(key: str) -> tuple[list[int], list[int]]:
        ends = [(t, trees[t].nodes[i][key]) for t, i in branches]
        return [int(at in leaf_number) for at in ends], [leaf_number.get(at, branch_number.get(at, 0)) for at in ends]

    (false_leaf, false_ids), (true_leaf, true_ids) = children("no"), children("yes")
    weights = np.array([weight(rng, False, transform == 4) for _ in leaves], dtype)
    attributes = {
        "n_targets": targets,
        "aggregate_function": int(rng.integers(4)),
        "post_transform": transform,
        "tree_roots": [branch_number[t, 0] for t in range(len(trees))],
        "nodes_modes": numpy_helper.from_array(np.array([(MODES + [MEMBER]).index(n["mode"]) for n in nodes], np.uint8)),
        "nodes_featureids": [node["feature"] for node in nodes],
        "nodes_splits": numpy_helper.from_array(np.array([node["value"] for node in nodes], dtype)),
        "nodes_truenodeids": true_ids,
        "nodes_trueleafs": true_leaf,
        "nodes_falsenodeids": false_ids,
        "nodes_falseleafs": false_leaf,
        "leaf_targetids": [int(v) for v in rng.integers(0, targets, len(leaves))],
        "leaf_weights": numpy_helper.from_array(weights),
    }
    if sets:
        attributes["membership_values"] = numpy_helper.from_array(np.array(sets, dtype))
    else:
        attributes["nodes_missing_value_tracks_true"] = [node["missing"] for node in nodes]
    return attributes, bool(sets)


def model(operator: str, attributes: dict[str, Any], dtype: Any, version: int) -> ModelProto:
    is_classifier = operator == "TreeEnsembleClassifier"
    names = ["label", "scores"] if is_classifier else ["scores"]
    node: NodeProto = helper.make_node(operator, ["x"], names, domain="ai.onnx.ml", **attributes)
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    scores = element if operator == "TreeEnsemble" else TensorProto.FLOAT
    outputs = [helper.make_tensor_value_info("scores", scores, [None, None])]
    if is_classifier:
        kind = TensorProto.STRING if "classlabels_strings" in attributes else TensorProto.INT64
        outputs.insert(0, helper.make_tensor_value_info("label", kind, [None]))
    graph = helper.make_graph([node], "trees", [helper.make_tensor_value_info("x", element, [None, FEATURES])], outputs)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", version)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def answers(proto: ModelProto, x: np.ndarray) -> list[np.ndarray]:
    copy = ModelProto()
    copy.CopyFrom(proto)
    if copy.graph.node[0].op_type == "TreeEnsemble":
        for attribute in copy.graph.node[0].attribute:
            if attribute.name == "post_transform":
                attribute.i = {1: 2, 2: 1}.get(attribute.i, attribute.i)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [np.asarray(value) for value in session.run(None, {"x": x})]


def labels_agree(attributes: dict[str, Any]) -> bool:
    """Where all votes are for one of two classes, are above zero and go through LOGISTIC, onnxruntime's label is the
    second class above a score of 0.5, and the probability of 0.5 is at a score of 0."""
    weights = np.array(attributes.get("class_weights", [-1.0]))
    one_sided = len(set(attributes.get("class_ids", []))) == 1
    return not (one_sided and attributes["post_transform"] == "LOGISTIC" and bool((weights >= 0).all()))


def case(rng: np.random.Generator) -> tuple[str, ModelProto, np.ndarray]:
    kinds = {"TreeEnsembleClassifier": classifier, "TreeEnsembleRegressor": regressor, "TreeEnsemble": ensemble}
    operator = str(rng.choice(list(kinds)))
    version = 5 if operator == "TreeEnsemble" else int(rng.choice([1, 3, 4]))
    # onnxruntime's regressors take no whole numbers.
    dtype = DTYPES[int(rng.integers(len(DTYPES) if operator == "TreeEnsembleClassifier" else 2))]
    while True:
        attributes, meet = kinds[operator](rng, dtype, version)
        if operator != "TreeEnsembleClassifier" or labels_agree(attributes):
            break
    if operator != "TreeEnsemble" and version > 1 and dtype == np.float64 and rng.random() < 0.6:
        attributes = as_tensors(attributes)
    # Chains of equal comparisons are merged to sets, in which onnxruntime sees a missing value in the first comparison
    # alone; and it takes large sets for sets of whole numbers, and what is between them for the one before.
    x = inputs(rng, dtype, missing=not meet)
    if "membership_values" in attributes:
        x = np.round(x)
    return operator, model(operator, attributes, dtype, version), x


def write(
    folder: Path, proto: ModelProto, x: np.ndarray, outputs: list[np.ndarray], tolerance: dict[str, Any] = TOLERANCE
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
    (folder / "input_0.pb").write_bytes(numpy_helper.from_array(x, "x").SerializeToString())
    for i, (value, info) in enumerate(zip(outputs, proto.graph.output)):
        (folder / f"output_{i}.pb").write_bytes(numpy_helper.from_array(value, info.name).SerializeToString())
    (folder / "tolerance.json").write_text(json.dumps(tolerance) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for number in range(arguments.count):
        operator, proto, x = case(np.random.default_rng([arguments.seed, number]))
        write(arguments.folder / f"{operator}_{number:04}", proto, x, answers(proto, x))
    print(f"{arguments.count} cases in {arguments.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
