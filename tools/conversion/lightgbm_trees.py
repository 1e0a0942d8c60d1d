"""LightGBM's trees for onnxmltools' converter, where onnxmltools 1.16 answers otherwise than LightGBM does.

- Random forests (`boosting_type="rf"`): LightGBM averages over the trees; onnxmltools divides by 100.
- `sigmoid` other than 1, and `multiclassova`, whose classes have a sigmoid each and no softmax.
- The objectives fair and mape, which are regressions like any other once trained.
- NaN where training saw none: LightGBM takes it for 0.

What ONNX's trees cannot express is refused by name: see `refuse`.
"""

from __future__ import annotations

from typing import Any

from .attribute_mend import MendedContainer
from .errors import ConversionError

AS_REGRESSION = ("fair", "mape")


class Dump:
    """A booster as onnxmltools reads it: `dump_model` gives the mended trees."""

    is_mock = True

    def __init__(self, model: dict[str, Any]) -> None:
        self.model = model

    def dump_model(self, **_: Any) -> dict[str, Any]:
        return self.model


class Trees:
    """An estimator as onnxmltools reads it."""

    boosting_type = "gbdt"

    def __init__(self, model: dict[str, Any], classes: Any) -> None:
        self.booster_ = Dump(model)
        self.classes_ = classes


def convert(scope: Any, operator: Any, container: Any) -> None:
    """onnxmltools' converter on mended trees. Raises ConversionError for what it would get wrong."""
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

    estimator = operator.raw_operator
    dumped = estimator.booster_.dump_model()
    objective = dumped.get("objective", "")
    refuse(dumped, objective)
    mend(dumped, objective)

    def one_sigmoid_a_class(_: str, attributes: dict[str, Any]) -> None:
        if objective.startswith("multiclassova"):
            attributes["post_transform"] = "LOGISTIC"

    operator.raw_operator = Trees(dumped, getattr(estimator, "classes_", None))
    try:
        convert_lightgbm(scope, operator, MendedContainer(scope, container, one_sigmoid_a_class))
    finally:
        operator.raw_operator = estimator


def refuse(dumped: dict[str, Any], objective: str) -> None:
    if not objective:
        raise ConversionError(
            "a LightGBM model with an objective of its own: its answers are known only to its trainer."
        )
    if objective.startswith("cross_entropy"):
        raise ConversionError(f"LightGBM's objective {objective!r} has no converter: train with binary instead.")
    if objective == "regression sqrt":
        raise ConversionError("LightGBM's reg_sqrt=True has no converter: take the root of the targets yourself.")
    for tree in dumped["tree_info"]:
        for node in nodes(tree["tree_structure"]):
            if node.get("missing_type") == "Zero":
                raise ConversionError("LightGBM's zero_as_missing=True has no converter: mark what is missing as NaN.")
            if node.get("leaf_coeff"):
                raise ConversionError("LightGBM's linear_tree=True has no converter: ONNX's leaves are constants.")


def mend(dumped: dict[str, Any], objective: str) -> None:
    scale = sigmoid(objective)
    if dumped.get("average_output"):
        scale /= len(dumped["tree_info"]) // dumped["num_tree_per_iteration"]
    for tree in dumped["tree_info"]:
        for node in nodes(tree["tree_structure"]):
            if "leaf_value" in node:
                node["leaf_value"] *= scale
            elif node["missing_type"] == "None":
                missing_as_zero(node)
    if objective.startswith(AS_REGRESSION):
        dumped["objective"] = "regression"


def missing_as_zero(node: dict[str, Any]) -> None:
    if node["decision_type"] == "==":
        node["default_left"] = "0" in str(node["threshold"]).split("||")
    else:
        node["default_left"] = float(node["threshold"]) >= 0


def sigmoid(objective: str) -> float:
    """The factor in the logistic function: "binary sigmoid:2" has 2."""
    for part in objective.split():
        name, _, value = part.partition(":")
        if name == "sigmoid":
            return float(value)
    return 1.0


def nodes(root: dict[str, Any]) -> list[dict[str, Any]]:
    """A tree's nodes and leaves."""
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(node[side] for side in ("left_child", "right_child") if side in node)
    return found


def booster(model: Any) -> Any:
    """A bare Booster as onnxmltools wraps it: with the interface of an estimator."""
    from onnxmltools.convert.lightgbm._parse import WrappedBooster

    objective = model.dump_model(num_iteration=1).get("objective", "")
    refuse({"tree_info": []}, objective)

    class Booster(WrappedBooster):
        def get_objective(self) -> str:
            return "regression" if objective.startswith(AS_REGRESSION) else objective

    return Booster(model)
