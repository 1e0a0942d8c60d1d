"""LightGBM and XGBoost as skl2onnx and onnxmltools see them.

Neither library is needed: what is not installed is not registered.
"""

from __future__ import annotations

from functools import cache
from typing import Any

CLASSIFIER_OPTIONS = {"nocl": [True, False], "zipmap": [True, False, "columns"]}


def library(estimator: Any) -> str | None:
    """"lightgbm" or "xgboost" when the estimator is one of theirs, not a pipeline with one inside."""
    names = {kind.__module__.partition(".")[0] for kind in type(estimator).__mro__}
    return next((name for name in ("lightgbm", "xgboost") if name in names), None)


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
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    update_registered_converter(
        lightgbm.LGBMClassifier,
        "LightGbmLGBMClassifier",
        calculate_linear_classifier_output_shapes,
        convert_lightgbm,
        options=CLASSIFIER_OPTIONS,
    )

    def with_split(scope: Any, operator: Any, container: Any) -> None:
        operator.split = container.get_options(operator.raw_operator, {"split": None})["split"]
        convert_lightgbm(scope, operator, container)

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
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    for kind in (xgboost.XGBClassifier, xgboost.XGBRFClassifier):
        update_registered_converter(
            kind,
            f"XGBoost{kind.__name__}",
            calculate_linear_classifier_output_shapes,
            convert_xgboost,
            options=CLASSIFIER_OPTIONS,
        )
    for kind in (xgboost.XGBRegressor, xgboost.XGBRFRegressor):
        update_registered_converter(
            kind, f"XGBoost{kind.__name__}", calculate_linear_regressor_output_shapes, convert_xgboost
        )
