"""The inputs of a model, and the ONNX types they get."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import boosters
from .errors import ConversionError

TYPES = ("float32", "float64", "int64", "bool", "string")
TEXT_VECTORIZERS = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")
# What holds the fitted estimator that does the work, in the meta-estimators of scikit-learn.
INNER = ("best_estimator_", "estimator_", "regressor_", "estimators_", "calibrated_classifiers_")


@dataclass
class Input:
    """One input of the ONNX model: `width` values a row.

    `missing` is what stands for a missing text to the trainer. `exact` inputs hold fractions that the trainer knows one by
    one, as categories: it is asked with 4.3 where the model gets the float32 that is nearest to it.
    """

    name: str
    type: str = "float32"
    width: int = 1
    missing: Any = ""
    exact: bool = False


@dataclass
class Schema:
    """The inputs in order, and the names of the columns of a row when the trainer knew them."""

    inputs: list[Input]
    features: list[str] = field(default_factory=list)
    # Column numbers of the trainer's that become no input, because a ColumnTransformer drops them.
    dropped: list[int] = field(default_factory=list)
    texts: bool = False  # the trainer takes a list of texts, not rows
    records: bool = False  # the trainer takes records with some of the features, as a DictVectorizer does

    @property
    def width(self) -> int:
        return sum(column.width for column in self.inputs)

    @property
    def exact(self) -> bool:
        return any(column.exact for column in self.inputs)

    @property
    def by_column(self) -> bool:
        """Whether a row is a record: one input a column."""
        return len(self.inputs) > 1 or self.inputs[0].type == "string"

    @property
    def names(self) -> list[str]:
        """One name a value of a row."""
        if self.features:
            return self.features
        return [
            column.name if column.width == 1 else f"{column.name}[{position}]"
            for column in self.inputs
            for position in range(column.width)
        ]

    def types(self) -> list[str]:
        """One type a value of a row."""
        return [column.type for column in self.inputs for _ in range(column.width)]

    def initial_types(self) -> list[tuple[str, Any]]:
        """skl2onnx's form. Rows stay free."""
        if self.records:
            from skl2onnx.common.data_types import DictionaryType, FloatTensorType, StringTensorType

            return [(self.inputs[0].name, DictionaryType(StringTensorType([1]), FloatTensorType([1])))]
        return [(column.name, tensor_type(column.type, [None, column.width])) for column in self.inputs]


def derive(estimator: Any, float_type: str = "float32") -> Schema:
    """The inputs as the fitted estimator knows them. Raises ConversionError when it does not."""
    entrance = first_step(estimator)
    if type(entrance).__name__ == "ColumnTransformer":
        return of_column_transformer(entrance, float_type)
    if type(entrance).__name__ in TEXT_VECTORIZERS:
        return Schema([Input("text", "string")], texts=True)
    if type(entrance).__name__ == "DictVectorizer":
        features = [str(name) for name in entrance.feature_names_]
        return Schema([Input("input", "float32", len(features))], features=features, records=True)
    names = [str(name) for name in getattr(estimator, "feature_names_in_", [])]
    categories = getattr(entrance, "categories_", None)
    if isinstance(categories, list):
        return of_encoder(entrance, names, float_type)
    width = width_of(estimator)
    if width is None:
        raise ConversionError(
            f"{type(estimator).__name__} does not say how many features it was trained on. Is it fitted? "
            "Where it cannot say so, describe its inputs with --schema."
        )
    return Schema([Input("input", float_type, width)], features=names or booster_names(estimator, width))


def first_step(estimator: Any) -> Any:
    """What sees the rows first: the entrance of pipelines and of what wraps them."""
    if hasattr(estimator, "steps"):
        steps = [step for _, step in estimator.steps if step is not None and not isinstance(step, str)]
        return first_step(steps[0])
    for attribute in INNER:
        inner = getattr(estimator, attribute, None)
        if attribute == "calibrated_classifiers_" and inner:
            inner = inner[0].estimator
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if hasattr(inner, "steps"):
            return first_step(inner)
    return estimator


def width_of(estimator: Any) -> int | None:
    if boosters.is_booster(estimator):
        return estimator.num_feature() if boosters.library(estimator) == "lightgbm" else estimator.num_features()
    width = getattr(estimator, "n_features_in_", None)
    return None if width is None else int(width)


def booster_names(estimator: Any, width: int) -> list[str]:
    """A bare Booster's column names, where they are not made up."""
    if not boosters.is_booster(estimator):
        return []
    names = estimator.feature_name() if boosters.library(estimator) == "lightgbm" else estimator.feature_names
    made_up = [f"Column_{index}" for index in range(width)]
    return [] if not names or list(names) == made_up else [str(name) for name in names]


def of_encoder(encoder: Any, names: list[str], float_type: str) -> Schema:
    """An encoder of whole rows: one matrix when all columns are of one type, else a column an input."""
    columns = [encoded(values, float_type) for values in encoder.categories_]
    if len({column.type for column in columns}) == 1:
        first = columns[0]
        exact = any(column.exact for column in columns)
        return Schema([Input("input", first.type, len(columns), first.missing, exact)], features=names)
    for index, column in enumerate(columns):
        column.name = names[index] if names else f"x{index}"
    return Schema(columns)


def of_column_transformer(transformer: Any, float_type: str) -> Schema:
    names = [str(name) for name in getattr(transformer, "feature_names_in_", [])]
    width = int(transformer.n_features_in_)
    columns = [Input(names[index] if names else f"x{index}", float_type) for index in range(width)]
    used: set[int] = set()
    texts: set[int] = set()
    for name, part, _ in transformer.transformers_:
        indices = transformer._transformer_to_input_indices.get(name, [])
        if isinstance(part, str) and part == "drop":
            continue
        used.update(indices)
        for position, index in enumerate(indices):
            found = column_of(part, position, float_type)
            if columns[index].type != "string":
                columns[index].type, columns[index].missing = found.type, found.missing
                columns[index].exact = columns[index].exact or found.exact
            if found.type == "string":
                texts.add(index)
    if not names and not texts and {column.type for column in columns} == {float_type}:
        return Schema([Input("input", float_type, width)])
    dropped = [index for index in range(width) if index not in used] if names else []
    return Schema([column for index, column in enumerate(columns) if index not in dropped], dropped=dropped)


def column_of(part: Any, position: int, float_type: str) -> Input:
    """What one column that goes into this transformer holds."""
    steps = [step for _, step in part.steps] if hasattr(part, "steps") else [part]
    missing: Any = ""
    for step in steps:
        kind = type(step).__name__
        if kind in TEXT_VECTORIZERS:
            return Input("", "string", missing=missing)
        if kind == "FeatureUnion":
            return column_of(step.transformer_list[0][1], position, float_type)
        categories = getattr(step, "categories_", None)
        if isinstance(categories, list):
            found = encoded(categories[position], float_type)
            return Input("", found.type, missing=missing if missing != "" else found.missing, exact=found.exact)
        if kind == "SimpleImputer":
            statistic = step.statistics_[position] if step.statistics_.ndim else step.statistics_
            if isinstance(statistic, str):
                return Input("", "string", missing=step.missing_values)
            if statistic is None or step.statistics_.dtype == object:
                missing = step.missing_values
            continue
        break
    return Input("", float_type)


def encoded(values: Any, float_type: str) -> Input:
    """What a column with these categories holds."""
    array = np.asarray(values)
    present = [value for value in array.tolist() if value is not None and value == value]
    absent = [value for value in array.tolist() if value is None or value != value]
    if array.dtype.kind == "U" or all(isinstance(value, str) for value in present):
        return Input("", "string", missing=absent[0] if absent else "")
    if all(isinstance(value, bool) for value in present):
        return Input("", "bool")
    if absent or any(isinstance(value, float) for value in present):
        return Input("", float_type, exact=any(float(np.float32(value)) != value for value in present))
    return Input("", "int64")


def from_json(path: Path) -> Schema:
    """{"inputs": [{"name", "type", "shape": [null, width]}], "features"?: […]}, as in a manifest's signature."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        described = content.get("signature", content)
        inputs = [of_description(item) for item in described["inputs"]]
        features = [item["name"] if isinstance(item, dict) else str(item) for item in content.get("features", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConversionError(
            f'{path} is no schema; wanted is {{"inputs": [{{"name": "age", "type": "float32", "shape": [null, 1]}}]}}: {error}'
        ) from error
    schema = Schema(inputs, features=features)
    if features and len(features) != schema.width:
        raise ConversionError(f"{path} names {len(features)} features for {schema.width} values a row.")
    return schema


def of_description(item: dict[str, Any]) -> Input:
    if item["type"] not in TYPES:
        raise ConversionError(
            f"the input {item['name']!r} has the type {item['type']!r}; known are {', '.join(TYPES)}."
        )
    shape = item.get("shape", [None, 1])
    return Input(str(item["name"]), item["type"], int(shape[1]) if len(shape) > 1 else 1)


def is_frame(sample: Any) -> bool:
    """Whether the sample is a DataFrame: named columns with types of their own."""
    return hasattr(sample, "columns") and hasattr(sample, "dtypes")


def initial_types_of(sample: Any) -> list[tuple[str, Any]]:
    """skl2onnx's initial types: one input of the array's width, or one a column of a DataFrame. Rows stay free."""
    if is_frame(sample):
        return [(str(column), tensor_type(type_name(sample[column]), [None, 1])) for column in sample.columns]
    array = np.asarray(sample)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    return [("input", tensor_type(type_name(array), [None, *array.shape[1:]]))]


def side_by_side(estimator: Any, initial_types: list[tuple[str, Any]]) -> tuple[str, Any]:
    """One input as wide as all of them, of their common type."""
    kinds = {type(kind) for _, kind in initial_types}
    if len(kinds) > 1:
        raise ConversionError(
            f"{type(estimator).__name__} takes one tensor, and the columns are of several types: "
            "encode them in a ColumnTransformer before it, and save the whole pipeline."
        )
    return "input", kinds.pop()([None, sum(kind.shape[1] for _, kind in initial_types)])


def tensor_type(name: str, shape: list[int | None]) -> Any:
    """skl2onnx's tensor type."""
    from skl2onnx.common import data_types

    kinds = {
        "float32": data_types.FloatTensorType,
        "float64": data_types.DoubleTensorType,
        "int64": data_types.Int64TensorType,
        "bool": data_types.BooleanTensorType,
        "string": data_types.StringTensorType,
    }
    return kinds[name](shape)


def type_name(values: Any) -> str:
    """The ONNX type of an array or a DataFrame's column; of one that holds anything, its values decide."""
    kind = getattr(values.dtype, "kind", "O")
    if kind == "f":
        return "float64" if values.dtype.itemsize == 8 else "float32"
    if kind in "iu":
        return "int64"
    if kind == "b":
        return "bool"
    if kind in "US" or holds_text(values):
        return "string"
    raise ConversionError(f"a column of type {values.dtype} has no ONNX type: make it numbers or texts")


def holds_text(values: Any) -> bool:
    """Whether every value that is not missing is a text."""
    present = [value for value in np.asarray(values, dtype=object).ravel() if value is not None and value == value]
    return all(isinstance(value, str) for value in present)
