"""XGBoost's trees for onnxmltools' converter, where onnxmltools 1.16 answers otherwise than XGBoost does.

- A bare Booster's objective is read from its configuration; onnxmltools guesses it.
- Trees belong to the class or target that XGBoost says: random forests and several targets come out mixed up otherwise.
- `multi:softmax` has probabilities, `reg:logistic` has a logistic function.
- Column names are as the training data had them; onnxmltools takes only f0, f1, …

What ONNX's trees cannot express is refused by name: see `refuse`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .attribute_mend import MendedContainer
from .errors import ConversionError

LOGISTIC_REGRESSIONS = ("reg:logistic", "binary:logistic")
REGRESSIONS = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "reg:quantileerror",
    "binary:logitraw",
    "rank:",
    *LOGISTIC_REGRESSIONS,
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
)
CLASSIFICATIONS = ("binary:logistic", "binary:hinge", "multi:softprob", "multi:softmax")


class Facts:
    """What a trained booster says about itself."""

    def __init__(self, booster: Any) -> None:
        learner = json.loads(booster.save_config())["learner"]
        self.objective: str = learner["objective"]["name"]
        self.kind: str = learner["gradient_booster"]["name"]
        parameters = learner["learner_model_param"]
        self.classes = int(parameters["num_class"])
        self.targets = int(parameters.get("num_target", 1))
        base = json.loads(parameters["base_score"])
        self.base_score: list[float] = [float(value) for value in (base if isinstance(base, list) else [base])]
        self.tree_info: list[int] = []
        self.vector_leaves = False
        if self.kind == "gbtree":
            model = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]["model"]
            self.tree_info = model["tree_info"]
            self.vector_leaves = any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in model["trees"])


def convert(scope: Any, operator: Any, container: Any) -> None:
    """onnxmltools' converter, its tree ensemble mended. Raises ConversionError for what it would get wrong."""
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost

    estimator = operator.raw_operator
    booster = estimator.get_booster()
    facts = Facts(booster)
    refuse(estimator, facts)

    def mend(op_type: str, attributes: dict[str, Any]) -> str | None:
        if op_type == "TreeEnsembleClassifier":
            mend_classifier(attributes, facts)
            return None
        mend_regressor(attributes, facts)
        # onnxruntime ignores LOGISTIC as the post transform of a regressor, so it is an operator of its own.
        return "Sigmoid" if facts.objective in LOGISTIC_REGRESSIONS else None

    with numbered_columns(booster):
        convert_xgboost(scope, operator, MendedContainer(scope, container, mend))


def refuse(estimator: Any, facts: Facts) -> None:
    if facts.kind == "gblinear":
        raise ConversionError(
            "XGBoost's gblinear booster has no trees and no converter: use scikit-learn's linear models."
        )
    if facts.kind == "dart":
        raise ConversionError("XGBoost's dart booster has no converter: its trees' weights are not in what it exports.")
    if facts.vector_leaves:
        raise ConversionError("XGBoost's multi_strategy='multi_output_tree' has no converter: use one_output_per_tree.")
    known = CLASSIFICATIONS if is_classifier(estimator) else REGRESSIONS
    if not facts.objective.startswith(known):
        raise ConversionError(
            f"{type(estimator).__name__} with the objective {facts.objective!r} has no converter; "
            f"these have: {', '.join(name.rstrip(':') for name in known)}."
        )


def is_classifier(estimator: Any) -> bool:
    return hasattr(estimator, "classes_")


def mend_classifier(attributes: dict[str, Any], facts: Facts) -> None:
    if facts.classes > 1:
        attributes["class_ids"] = of_trees(attributes["class_treeids"], facts, "classes")
        attributes["post_transform"] = "SOFTMAX"


def mend_regressor(attributes: dict[str, Any], facts: Facts) -> None:
    targets = max(facts.targets, 1)
    attributes["n_targets"] = targets
    attributes["target_ids"] = of_trees(attributes["target_treeids"], facts, "targets")
    if "base_values" not in attributes:
        return
    base = np.array(facts.base_score, dtype=np.float64)
    if facts.objective in LOGISTIC_REGRESSIONS:
        base = np.log(base / (1 - base))
    attributes["base_values"] = [float(value) for value in np.broadcast_to(base, targets)]


def of_trees(tree_ids: list[int], facts: Facts, what: str) -> list[int]:
    """For each leaf the class or target that its tree adds to."""
    if not facts.tree_info:
        raise ConversionError(f"this XGBoost model does not say which of its {what} each tree is for.")
    return [facts.tree_info[tree] for tree in tree_ids]


@contextmanager
def numbered_columns(booster: Any) -> Iterator[None]:
    """While this is open, the booster's columns are called f0, f1, …"""
    names, types = booster.feature_names, booster.feature_types
    booster.feature_names = None
    try:
        yield
    finally:
        booster.feature_names = names
        booster.feature_types = types


def wrapped(booster: Any) -> Any:
    """A bare Booster with the interface of an estimator."""
    from onnxmltools.convert.xgboost._parse import WrappedBooster

    facts = Facts(booster)

    class Booster(WrappedBooster):
        def __init__(self) -> None:
            self.booster_ = booster
            self.kwargs = {"objective": facts.objective, "n_estimators": booster.num_boosted_rounds()}
            if facts.objective in CLASSIFICATIONS:
                self.classes_ = np.arange(max(facts.classes, 2))
                self.operator_name = "XGBClassifier"
            else:
                self.operator_name = "XGBRegressor"

    return Booster()
