"""The inputs of a model, and the ONNX types they get."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import ConversionError


def is_frame(sample: Any) -> bool:
    """Whether the sample is a DataFrame: named columns with types of their own."""
    return hasattr(sample, "columns") and hasattr(sample, "dtypes")


def initial_types_of(sample: Any) -> list[tuple[str, Any]]:
    """skl2onnx's initial types: one input of the array's width, or one a column of a DataFrame. Rows stay free."""
    if is_frame(sample):
        return [(str(column), onnx_type(sample[column].dtype, sample[column], [None, 1])) for column in sample.columns]
    array = np.asarray(sample)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    return [("input", onnx_type(array.dtype, array, [None, *array.shape[1:]]))]


def side_by_side(estimator: Any, initial_types: list[tuple[str, Any]]) -> tuple[str, Any]:
    """One input as wide as all of them, of their common type."""
    kinds = {type(kind) for _, kind in initial_types}
    if len(kinds) > 1:
        raise ConversionError(
            f"{type(estimator).__name__} takes one tensor, and the columns are of several types: "
            "encode them in a ColumnTransformer before it, and save the whole pipeline."
        )
    return "input", kinds.pop()([None, sum(kind.shape[1] for _, kind in initial_types)])


def onnx_type(dtype: Any, values: Any, shape: list[int | None]) -> Any:
    """The tensor type for a numpy or pandas type; `values` decides for those that hold anything."""
    from skl2onnx.common import data_types

    kind = getattr(dtype, "kind", "O")
    if kind == "f":
        return data_types.DoubleTensorType(shape) if dtype.itemsize == 8 else data_types.FloatTensorType(shape)
    if kind in "iu":
        return data_types.Int64TensorType(shape)
    if kind == "b":
        return data_types.BooleanTensorType(shape)
    if kind in "US" or holds_text(values):
        return data_types.StringTensorType(shape)
    raise ConversionError(f"a column of type {dtype} has no ONNX type: make it numbers or texts")


def holds_text(values: Any) -> bool:
    """Whether every value that is not missing is a text."""
    present = [value for value in np.asarray(values, dtype=object).ravel() if value is not None and value == value]
    return all(isinstance(value, str) for value in present)
