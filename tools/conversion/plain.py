"""numpy scalars in node attributes as Python's own numbers.

onnx.helper takes an attribute's type from the Python type of its value. Converters hand over numpy's bools and
integers here and there (HistGradientBoosting in skl2onnx 1.20), which onnx refuses or stores with the wrong type.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np

from onnx import helper


def plain(value: Any) -> Any:
    """A number or list of numbers as `make_attribute` wants it; anything else as it is."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.str_):
        return str(value)
    if isinstance(value, np.ndarray):
        return plain_list(value.ravel().tolist())
    if isinstance(value, (list, tuple)):
        return plain_list(value)
    return value


def plain_list(values: Any) -> list[Any]:
    """A list of one type: a float among integers makes all of them floats."""
    items = [plain(value) for value in values]
    if {int, float} == {type(item) for item in items}:
        return [float(item) for item in items]
    return items


@contextmanager
def plain_attributes() -> Iterator[None]:
    """While this is open, whatever is put into a node's attributes is plain."""
    make_attribute = helper.make_attribute

    def make_plain(key: str, value: Any, *rest: Any, **named: Any) -> Any:
        return make_attribute(key, plain(value), *rest, **named)

    with mock.patch.object(helper, "make_attribute", make_plain):
        yield
