"""The trainer's own answers: what the converted model has to equal."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import boosters
from .errors import ConversionError
from .load import needs
from .samples import Rows, kinds_of
from .schema import Schema

NUMPY = {"float32": np.float32, "float64": np.float64, "int64": np.int64, "bool": np.bool_, "string": object}


@dataclass
class Answers:
    """What the trainer says: an entry or row of `prediction` a row, and for classifiers their probabilities."""

    prediction: np.ndarray
    probabilities: np.ndarray | None = None
    classes: list[Any] | None = None


def ask(estimator: Any, schema: Schema, rows: Rows) -> Answers:
    """The fitted estimator's answers on the rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        features = trainer_input(estimator, schema, rows)
        answer = ask_booster if boosters.is_booster(estimator) else ask_estimator
        try:
            try:
                return answer(estimator, features)
            except ValueError:
                # KMeans, trained on float64, takes nothing else. The values are those of float32 all the same.
                if getattr(features, "dtype", None) != np.float32:
                    raise
                return answer(estimator, features.astype(np.float64))
        except ConversionError:
            raise
        except Exception as error:
            raise ConversionError(
                f"{type(estimator).__name__} itself fails on the samples: {type(error).__name__}: {error}. "
                "Give it rows that it takes, with --data."
            ) from error


def ask_estimator(estimator: Any, features: Any) -> Answers:
    if hasattr(estimator, "get_support") and hasattr(estimator, "transform"):
        return Answers(one_column(np.asarray(estimator.transform(features))))
    classes = getattr(estimator, "classes_", None)
    if hasattr(estimator, "predict") and classes is not None and hasattr(classes, "dtype"):
        probabilities = None
        if hasattr(estimator, "predict_proba"):
            probabilities = np.asarray(estimator.predict_proba(features), dtype=np.float64)
        return Answers(labels(estimator.predict(features)), probabilities, labels(classes).tolist())
    if hasattr(estimator, "predict"):
        return Answers(one_column(np.asarray(estimator.predict(features))))
    if hasattr(estimator, "transform"):
        transformed = estimator.transform(features)
        return Answers(one_column(np.asarray(getattr(transformed, "toarray", lambda: transformed)())))
    raise ConversionError(
        f"{type(estimator).__name__} has neither predict nor transform on new rows, so there is nothing to convert."
    )


def ask_booster(booster: Any, features: Any) -> Answers:
    if boosters.library(booster) == "lightgbm":
        objective = booster.dump_model(num_iteration=1).get("objective", "")
        said = np.asarray(booster.predict(features))
    else:
        from .xgboost_trees import Facts

        objective = Facts(booster).objective
        said = np.asarray(booster.inplace_predict(features, validate_features=False))
        if objective == "multi:softmax":
            return Answers(said.astype(np.int64))
        if objective == "binary:hinge":
            return Answers(said.astype(np.int64), np.stack([1 - said, said], axis=1), [0, 1])
    if objective.startswith(("multiclass", "multi:")):
        return Answers(said.argmax(axis=1), said, list(range(said.shape[1])))
    if objective.split()[0] in ("binary", "binary:logistic"):
        return Answers((said > 0.5).astype(np.int64), np.stack([1 - said, said], axis=1), [0, 1])
    return Answers(one_column(said))


def trainer_input(estimator: Any, schema: Schema, rows: Rows) -> Any:
    """The rows in the form that the trainer was fitted on: texts, an array, or a DataFrame."""
    if schema.texts:
        return ["" if row[0] is None else row[0] for row in rows]
    if schema.records:
        return records(schema, rows)
    kinds = kinds_of(schema)
    if schema.by_column:
        missing = [column.missing for column in schema.inputs for _ in range(column.width)]
        columns = [column_array([row[index] for row in rows], kind, missing[index]) for index, kind in enumerate(kinds)]
        if takes_names(estimator, schema):
            pandas = needs("pandas")
            return pandas.DataFrame(
                {
                    name: pandas.Series(column, dtype=column.dtype)
                    for name, column in zip(schema.names, columns, strict=True)
                }
            )
        return np.stack([column.astype(object) for column in columns], axis=1)
    array = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=NUMPY[kinds[0]])
    if takes_names(estimator, schema) and schema.features and installed("pandas"):
        return needs("pandas").DataFrame(array, columns=schema.features)
    return array


def takes_names(estimator: Any, schema: Schema) -> bool:
    names = getattr(estimator, "feature_names_in_", None)
    if names is None and hasattr(estimator, "steps"):
        names = getattr(estimator.steps[0][1], "feature_names_in_", None)
    return names is not None and set(schema.names) <= {str(name) for name in names}


def column_array(values: list[Any], kind: str, missing: Any) -> np.ndarray:
    if kind == "string":
        return np.array([missing if value is None else value for value in values], dtype=object)
    return np.array([np.nan if value is None else value for value in values], dtype=NUMPY[kind])


def feeds(schema: Schema, rows: Rows) -> dict[str, Any]:
    """The rows as the ONNX model's inputs: rows × width each, a missing text the empty one; records as they are."""
    if schema.records:
        return {schema.inputs[0].name: records(schema, rows)}
    found, start = {}, 0
    for column in schema.inputs:
        block = [[filled(value, column.type) for value in row[start : start + column.width]] for row in rows]
        found[column.name] = np.array(block, dtype=NUMPY[column.type]).reshape(len(rows), column.width)
        start += column.width
    return found


def records(schema: Schema, rows: Rows) -> list[dict[str, float]]:
    """Rows as records without what is missing."""
    return [{name: value for name, value in zip(schema.names, row, strict=True) if value is not None} for row in rows]


def filled(value: Any, kind: str) -> Any:
    if value is not None:
        return value
    return "" if kind == "string" else np.nan


def labels(values: Any) -> np.ndarray:
    """Class labels as ONNX has them: texts or 64-bit integers."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        whole = array.astype(np.int64)
        if not np.array_equal(whole, array.astype(np.float64)):
            raise ConversionError("class labels have to be whole numbers or texts for ONNX; these are fractions.")
        return whole
    return array.astype(str).astype(object)


def one_column(values: np.ndarray) -> np.ndarray:
    """Rows of one value as a list of values."""
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def installed(module: str) -> bool:
    try:
        needs(module)
    except ConversionError:
        return False
    return True
