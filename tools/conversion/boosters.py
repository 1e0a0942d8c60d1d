"""LightGBM and XGBoost as skl2onnx and onnxmltools see them.

Neither library is needed: what is not installed is not registered.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from . import lightgbm_trees, xgboost_trees

CLASSIFIER_OPTIONS = {"nocl": [True, False], "zipmap": [True, False, "columns"]}


def library(estimator: Any) -> str | None:
    """ "lightgbm" or "xgboost" when the estimator is one of theirs, not a pipeline with one inside."""
    names = {kind.__module__.partition(".")[0] for kind in type(estimator).__mro__}
    return next((name for name in ("lightgbm", "xgboost") if name in names), None)


def as_booster(estimator: Any) -> Any:
    """XGBRanker, which onnxmltools does not know, as its booster, which answers the same; others as they are."""
    return estimator.get_booster() if type(estimator).__name__ == "XGBRanker" else estimator


def is_booster(estimator: Any) -> bool:
    """Whether the estimator is a bare Booster, without scikit-learn's interface."""
    return library(estimator) is not None and type(estimator).__name__ == "Booster"


@cache
def register() -> tuple[str, ...]:
    """Makes skl2onnx convert both libraries' estimators inside pipelines. Answers which are installed."""
    registered = []
    for name, add in (("lightgbm", register_lightgbm), ("xgboost", register_xgboost)):
        try:
            add()
        except ImportError:
            continue
        registered.append(name)
    return tuple(registered)


def register_lightgbm() -> None:
    import lightgbm
    from onnxmltools.convert.common._registration import register_converter
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    import_module("onnxmltools.convert.lightgbm.operator_converters")  # registers its own, which these replace
    for name in ("LgbmClassifier", "LgbmRegressor", "LgbmRanker"):
        register_converter(name, lightgbm_trees.convert, overwrite=True)
    update_registered_converter(
        lightgbm.LGBMClassifier,
        "LightGbmLGBMClassifier",
        calculate_linear_classifier_output_shapes,
        lightgbm_trees.convert,
        options=CLASSIFIER_OPTIONS,
    )

    def with_split(scope: Any, operator: Any, container: Any) -> None:
        operator.split = container.get_options(operator.raw_operator, {"split": None})["split"]
        lightgbm_trees.convert(scope, operator, container)

    for kind in (lightgbm.LGBMRegressor, lightgbm.LGBMRanker):
        update_registered_converter(
            kind,
            f"LightGbm{kind.__name__}",
            calculate_linear_regressor_output_shapes,
            with_split,
            options={"split": None},
        )


def register_xgboost() -> None:
    import xgboost
    from onnxmltools.convert.common._registration import register_converter
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    import_module("onnxmltools.convert.xgboost.operator_converters")  # registers its own, which these replace
    for name in ("XGBClassifier", "XGBRFClassifier", "XGBRegressor", "XGBRFRegressor"):
        register_converter(name, xgboost_trees.convert, overwrite=True)
    for kind in (xgboost.XGBClassifier, xgboost.XGBRFClassifier):
        update_registered_converter(
            kind,
            f"XGBoost{kind.__name__}",
            calculate_linear_classifier_output_shapes,
            xgboost_trees.convert,
            options=CLASSIFIER_OPTIONS,
        )
    for kind in (xgboost.XGBRegressor, xgboost.XGBRFRegressor, xgboost.XGBRanker):
        update_registered_converter(
            kind, f"XGBoost{kind.__name__}", calculate_linear_regressor_output_shapes, xgboost_trees.convert
        )
