"""scikit-learn, LightGBM and XGBoost estimators into ONNX."""

from __future__ import annotations

import re
import warnings
from typing import Any

import onnx

from . import boosters, lightgbm_trees, xgboost_trees
from .errors import ConversionError
from .plain import plain_attributes
from .schema import initial_types_of, side_by_side
from .sklearn_mends import mended, parts

ML_DOMAIN = "ai.onnx.ml"
# onnxmltools writes TreeEnsembleClassifier and TreeEnsembleRegressor as of this version, whatever it is asked for.
BOOSTER_ML_VERSION = 3


def to_onnx(
    estimator: Any,
    sample: Any = None,
    *,
    options: dict[Any, Any] | None = None,
    target_opset: int | dict[str, int] | None = None,
    initial_types: list[tuple[str, Any]] | None = None,
    name: str = "model",
) -> onnx.ModelProto:
    """The estimator as its own exporter writes it: skl2onnx, or onnxmltools for a bare LightGBM or XGBoost model.

    `sample` gives the inputs: a numpy array is one input of its width and type (float32, float64, integers, bool,
    strings), a DataFrame one input a column. `initial_types` (skl2onnx's) says the same by hand.

    `options` are skl2onnx's: by name for the last estimator ({"zipmap": False}), by type or id for others.

    Raises ConversionError, naming the estimator, when it has no converter or the converter fails.
    """
    if initial_types is None:
        if sample is None:
            raise ConversionError("to_onnx needs a sample or the initial types")
        initial_types = initial_types_of(sample)
    try:
        with warnings.catch_warnings(), plain_attributes(), mended(estimator):
            warnings.simplefilter("ignore")
            try:
                return export(estimator, initial_types, options or {}, target_opset, name)
            except RuntimeError as error:
                if type(error).__name__ == "InvalidInputLengthException":
                    # The estimator takes one tensor: a frame's columns side by side.
                    initial_types = [side_by_side(estimator, initial_types)]
                elif older := re.search(r"specify target_opset=\{'ai.onnx.ml': (\d+)\}", str(error)):
                    opset = target_opset if isinstance(target_opset, dict) else {"": target_opset or latest_opset()}
                    target_opset = opset | {ML_DOMAIN: int(older[1])}
                else:
                    raise
                return export(estimator, initial_types, options or {}, target_opset, name)
    except ConversionError:
        raise
    except Exception as error:
        raise ConversionError(explain(estimator, error)) from error


def export(
    estimator: Any,
    initial_types: list[tuple[str, Any]],
    options: dict[Any, Any],
    target_opset: int | dict[str, int] | None,
    name: str,
) -> onnx.ModelProto:
    library = boosters.library(estimator)
    estimator = boosters.as_booster(estimator)
    if library and (boosters.is_booster(estimator) or onnxmltools_suffices(library, estimator, options)):
        return export_booster(library, estimator, initial_types, options, target_opset, name)
    return export_sklearn(estimator, initial_types, options, target_opset, name)


def onnxmltools_suffices(library: str, estimator: Any, options: dict[Any, Any]) -> bool:
    """Whether onnxmltools itself does what is asked for; skl2onnx, with onnxmltools' converters registered, does more."""
    if getattr(getattr(getattr(estimator, "classes_", None), "dtype", None), "kind", "") == "b":
        return False
    if library == "lightgbm":
        return set(options) <= {"zipmap", "split"} and options.get("zipmap", True) in (True, False)
    return not options


def export_booster(
    library: str,
    estimator: Any,
    initial_types: list[tuple[str, Any]],
    options: dict[Any, Any],
    target_opset: int | dict[str, int] | None,
    name: str,
) -> onnx.ModelProto:
    require_onnxmltools(library)
    import onnxmltools
    from onnxmltools.convert.common import data_types

    boosters.register()
    if boosters.is_booster(estimator):
        estimator = lightgbm_trees.booster(estimator) if library == "lightgbm" else xgboost_trees.wrapped(estimator)

    types = [(column, getattr(data_types, type(kind).__name__)(kind.shape)) for column, kind in initial_types]
    opset = target_opset.get("") if isinstance(target_opset, dict) else target_opset
    convert = getattr(onnxmltools, f"convert_{library}")
    return convert(estimator, name=name, initial_types=types, target_opset=opset, **options)


def export_sklearn(
    estimator: Any,
    initial_types: list[tuple[str, Any]],
    options: dict[Any, Any],
    target_opset: int | dict[str, int] | None,
    name: str,
) -> onnx.ModelProto:
    from skl2onnx import convert_sklearn
    from sklearn.base import is_classifier

    boosters.register()
    if isinstance(target_opset, int):
        target_opset = {"": target_opset, ML_DOMAIN: ml_version(target_opset)}
    if contains_booster(estimator):
        opsets = dict(target_opset or {})
        opsets[ML_DOMAIN] = min(opsets.get(ML_DOMAIN, BOOSTER_ML_VERSION), BOOSTER_ML_VERSION)
        target_opset = {"": latest_opset(), **opsets}
    if (
        "zipmap" not in options
        and is_classifier(estimator)
        and any(type(kind).__name__ == "DoubleTensorType" for _, kind in initial_types)
    ):
        options = options | {"zipmap": False}  # a ZipMap of doubles is not valid ONNX
    of_last = {key: value for key, value in options.items() if isinstance(key, str)}
    options = {key: value for key, value in options.items() if not isinstance(key, str)}
    if of_last:
        options[id(last_step(estimator))] = of_last
    return convert_sklearn(
        estimator, name=name, initial_types=initial_types, options=options or None, target_opset=target_opset
    )


def latest_opset() -> int:
    from skl2onnx import get_latest_tested_opset_version

    return get_latest_tested_opset_version()


def ml_version(opset: int) -> int:
    """The version of ai.onnx.ml that was current with this version of ai.onnx."""
    for since, version in ((22, 5), (19, 4), (15, 3), (9, 2)):
        if opset >= since:
            return version
    return 1


def last_step(estimator: Any) -> Any:
    """The estimator whose answers a pipeline gives."""
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    return estimator


def contains_booster(estimator: Any) -> bool:
    """Whether a LightGBM or XGBoost estimator is somewhere in the fitted parts of this one."""
    return any(boosters.library(part) for part in parts(estimator))


def require_onnxmltools(library: str) -> None:
    try:
        import onnxmltools  # noqa: F401
    except ImportError as error:
        raise ConversionError(
            f"onnxmltools, which converts {library} models, is not installed: pip install -r tools/convert-requirements.txt"
        ) from error


def explain(estimator: Any, error: Exception) -> str:
    """A sentence that names the part that has no converter, where the exporter says which it is."""
    text = " ".join(str(error).split())
    missing = re.search(r"Unable to find a shape calculator for type '<class '([\w.]+)'>'", text)
    if missing:
        where = missing[1].rpartition(".")[2]
        return (
            f"{where} has no converter to ONNX in skl2onnx or onnxmltools, so {type(estimator).__name__} cannot be "
            "converted as it is: train with an estimator that has one, or register a converter with skl2onnx."
        )
    return f"{type(estimator).__name__} was not converted: {type(error).__name__}: {text[:600]}"
