"""What skl2onnx 1.20 would refuse or get wrong in a fitted scikit-learn estimator, put right while it is being converted.

- A missing text is the empty one in ONNX, whose tensors of strings hold neither NaN nor None: what imputers look for and
  what encoders count as a category is "". predikt sends "" for null.
- What comes out sparse comes out dense, with the same values.
- A VotingClassifier's flatten_transform, which has no part in its predictions, is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np

ALWAYS: dict[str, dict[str, Any]] = {
    "VotingClassifier": {"flatten_transform": False},
    "RandomTreesEmbedding": {"sparse_output": False},
    "OneHotEncoder": {"sparse_output": False},
}
MOST_PARTS = 10_000  # an array of more objects holds data, not estimators


@contextmanager
def mended(estimator: Any) -> Iterator[None]:
    """While this is open, the fitted parts of the estimator are as skl2onnx takes them; afterwards as they were."""
    with ExitStack() as stack:
        for part in parts(estimator):
            for name, value in replacements(part).items():
                stack.enter_context(mock.patch.object(part, name, value))
        yield


def replacements(part: Any) -> dict[str, Any]:
    """The attributes of one fitted part that need others in their place."""
    found: dict[str, Any] = dict(ALWAYS.get(type(part).__name__, {}))
    if getattr(part, "encode", None) == "onehot":
        found["encode"] = "onehot-dense"
    if type(part).__name__ == "SimpleImputer" and of_texts(part) and is_missing(part.missing_values):
        found["missing_values"] = ""
    categories = getattr(part, "categories_", None)
    if isinstance(categories, list) and any(holds_missing_text(values) for values in categories):
        found["categories_"] = [with_empty(values) if holds_missing_text(values) else values for values in categories]
    return found


def of_texts(imputer: Any) -> bool:
    return any(isinstance(value, str) for value in np.ravel(getattr(imputer, "statistics_", [])))


def holds_missing_text(values: np.ndarray) -> bool:
    return values.dtype == object and any(map(is_missing, values)) and any(isinstance(value, str) for value in values)


def with_empty(values: np.ndarray) -> np.ndarray:
    return np.array(["" if is_missing(value) else value for value in values], dtype=object)


def is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def parts(estimator: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """The fitted estimators inside this one, itself included, each once."""
    seen = set() if seen is None else seen
    if isinstance(estimator, dict):
        inside = list(estimator.values())
    elif isinstance(estimator, (list, tuple)):
        inside = list(estimator)
    elif isinstance(estimator, np.ndarray):
        inside = list(estimator.ravel()) if estimator.dtype == object and estimator.size < MOST_PARTS else []
    elif hasattr(estimator, "get_params") and not isinstance(estimator, type) and id(estimator) not in seen:
        seen.add(id(estimator))
        yield estimator
        inside = list(vars(estimator).values())
    elif type(estimator).__name__ == "_CalibratedClassifier":
        inside = [estimator.estimator]
    else:
        return
    for part in inside:
        if isinstance(part, (dict, list, tuple, np.ndarray)) or hasattr(part, "__dict__"):
            yield from parts(part, seen)
