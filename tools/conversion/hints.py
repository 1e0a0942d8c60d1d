"""What a fitted model knows of its features: where its trees split, what its scalers centred, which texts it has seen.

Synthetic samples are drawn from that, so that they go down all branches of a model instead of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import boosters
from .sklearn_mends import is_missing

MOST_THRESHOLDS = 2000


@dataclass
class Hint:
    """One feature. What is empty or None is not known."""

    categories: list[Any] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)
    centre: float | None = None
    spread: float = 1.0
    low: float | None = None
    high: float | None = None
    vocabulary: list[str] = field(default_factory=list)
    missing: bool = False
    unknown: bool = False  # categories that were never seen are allowed
    counts: bool = False  # whole numbers from 0

    @property
    def known(self) -> bool:
        return bool(self.categories or self.thresholds or self.vocabulary or self.counts) or (
            self.centre is not None or self.low is not None
        )


Hints = list[Hint]


def collect(estimator: Any, width: int) -> Hints:
    """A hint for each of the `width` features that go into the estimator."""
    hints = [Hint() for _ in range(width)]
    learn(estimator, hints)
    return hints


def learn(estimator: Any, hints: Hints) -> None:
    """Adds what this estimator knows to the hints of the features that it sees."""
    if estimator is None or isinstance(estimator, str):
        return
    if hasattr(estimator, "steps"):
        learn_pipeline(estimator, hints)
        return
    if hasattr(estimator, "transformers_"):
        learn_columns(estimator, hints)
        return
    for source in SOURCES:
        source(estimator, hints)
    for child, features in children(estimator, len(hints)):
        learn(child, [hints[index] for index in features])


def learn_pipeline(pipeline: Any, hints: Hints) -> None:
    for _, step in pipeline.steps:
        if step is None or step == "passthrough":
            continue
        learn(step, hints)
        keeps_values = type(step).__name__ in ("SimpleImputer", "KNNImputer", "IterativeImputer", "FunctionTransformer")
        if not keeps_values or getattr(step, "add_indicator", False):
            return


def learn_columns(transformer: Any, hints: Hints) -> None:
    for name, part, _ in transformer.transformers_:
        indices = transformer._transformer_to_input_indices.get(name, [])
        learn(part, [hints[index] for index in indices])


def children(estimator: Any, width: int) -> list[tuple[Any, Any]]:
    """The fitted estimators inside, with the features that each of them sees."""
    found: list[tuple[Any, Any]] = []
    every = range(width)
    for attribute in ("best_estimator_", "estimator_", "regressor_"):
        if hasattr(getattr(estimator, attribute, None), "get_params"):
            found.append((getattr(estimator, attribute), every))
    inner = getattr(estimator, "estimators_", None)
    if inner is not None:
        subsets = getattr(estimator, "estimators_features_", None)
        for index, child in enumerate(np.ravel(np.array(inner, dtype=object)).tolist()):
            if hasattr(child, "get_params") and not hasattr(child, "transformers_"):
                found.append((child, subsets[index] if subsets is not None else every))
    for _, child in getattr(estimator, "transformer_list", []):
        found.append((child, every))
    for calibrated in getattr(estimator, "calibrated_classifiers_", []):
        found.append((calibrated.estimator, every))
    return found


def from_tree(estimator: Any, hints: Hints) -> None:
    tree = getattr(estimator, "tree_", None)
    if hasattr(tree, "threshold"):
        inner = tree.children_left >= 0
        split(hints, tree.feature[inner], tree.threshold[inner])


def from_histograms(estimator: Any, hints: Hints) -> None:
    for predictors in getattr(estimator, "_predictors", []):
        for predictor in predictors:
            nodes = predictor.nodes[(predictor.nodes["is_leaf"] == 0) & (predictor.nodes["is_categorical"] == 0)]
            split(hints, nodes["feature_idx"], nodes["num_threshold"])
    if hasattr(estimator, "_predictors"):
        allow_missing(hints)


def from_lightgbm(estimator: Any, hints: Hints) -> None:
    if boosters.library(estimator) != "lightgbm":
        return
    from .lightgbm_trees import nodes

    booster = estimator if boosters.is_booster(estimator) else estimator.booster_
    for tree in booster.dump_model()["tree_info"]:
        for node in nodes(tree["tree_structure"]):
            if node.get("decision_type") == "==":
                codes = [int(code) for code in str(node["threshold"]).split("||")]
                hint = hints[node["split_feature"]]
                hint.categories = sorted({*hint.categories, *codes, max(codes) + 1})
            elif "threshold" in node:
                split(hints, [node["split_feature"]], [node["threshold"]])
    allow_missing(hints)


def from_xgboost(estimator: Any, hints: Hints) -> None:
    if boosters.library(estimator) != "xgboost":
        return
    from .xgboost_trees import numbered_columns

    booster = estimator if boosters.is_booster(estimator) else estimator.get_booster()
    with numbered_columns(booster):
        dumped = booster.get_dump(dump_format="json")
    waiting = [json.loads(tree) for tree in dumped]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or "children" not in node:
            continue
        hint = hints[int(str(node["split"]).lstrip("f"))]
        condition = node["split_condition"]
        if isinstance(condition, list):
            hint.categories = sorted({*hint.categories, *(int(code) for code in condition)})
        else:
            hint.thresholds.append(float(condition))
        waiting.extend(node["children"])
    allow_missing(hints)


def split(hints: Hints, features: Any, thresholds: Any) -> None:
    for feature, threshold in zip(features, thresholds, strict=True):
        if len(hints[int(feature)].thresholds) < MOST_THRESHOLDS and np.isfinite(threshold):
            hints[int(feature)].thresholds.append(float(threshold))


def allow_missing(hints: Hints) -> None:
    for hint in hints:
        hint.missing = True


# Attributes that hold a centre for each feature, and those that hold a spread.
CENTRES = ("mean_", "center_", "theta_", "means_", "cluster_centers_", "centroids_", "_x_mean")
SPREADS = {"mean_": ("scale_",), "center_": ("scale_",), "theta_": ("var_",), "means_": ()}
# Attributes that hold rows of training data, or rows like them.
POINTS = ("_fit_X", "support_vectors_", "X_train_", "X_fit_", "components_indices_")


def from_centres(estimator: Any, hints: Hints) -> None:
    for attribute in CENTRES:
        values = as_rows(getattr(estimator, attribute, None), len(hints))
        if values is None:
            continue
        spread = between(values)
        for name in SPREADS.get(attribute, ()):
            known = as_rows(getattr(estimator, name, None), len(hints))
            if known is not None:
                within = np.sqrt(known.mean(axis=0)) if name == "var_" else known.mean(axis=0)
                spread = np.hypot(spread, within) if len(values) > 1 else within
        place(hints, values.mean(axis=0), spread)


def from_points(estimator: Any, hints: Hints) -> None:
    for attribute in POINTS:
        values = as_rows(getattr(estimator, attribute, None), len(hints))
        if values is not None:
            place(hints, np.nanmean(values, axis=0), np.nanstd(values, axis=0))


def from_ranges(estimator: Any, hints: Hints) -> None:
    for low, high in (("data_min_", "data_max_"), (None, "max_abs_")):
        highest = as_rows(getattr(estimator, high, None), len(hints))
        if highest is None:
            continue
        lowest = as_rows(getattr(estimator, low, None), len(hints)) if low else -highest
        for hint, least, most in zip(hints, lowest[0], highest[0], strict=True):
            hint.low, hint.high = float(least), float(most)
    for attribute in ("bin_edges_", "quantiles_"):
        edges = getattr(estimator, attribute, None)
        if edges is not None:
            columns = list(edges) if attribute == "bin_edges_" else list(np.asarray(edges).T)
            for hint, values in zip(hints, columns, strict=True):
                inside = values[1:-1] if attribute == "bin_edges_" else []
                hint.thresholds.extend(float(value) for value in inside)
                hint.low, hint.high = float(values[0]), float(values[-1])
    if type(estimator).__name__ in ("PowerTransformer",) and hasattr(estimator, "lambdas_"):
        drawn = np.random.default_rng(0).standard_normal((200, len(hints)))
        values = np.asarray(estimator.inverse_transform(drawn))
        for hint, column in zip(hints, values.T, strict=True):
            usable = column[np.isfinite(column)]
            if len(usable):
                hint.low, hint.high = (float(bound) for bound in np.quantile(usable, [0.02, 0.98]))


def from_imputer(estimator: Any, hints: Hints) -> None:
    statistics = getattr(estimator, "statistics_", None)
    if "Imputer" not in type(estimator).__name__ and statistics is None:
        return
    allow_missing(hints)
    for hint, value in zip(hints, np.ravel([] if statistics is None else statistics).tolist(), strict=False):
        if isinstance(value, str):
            hint.categories = hint.categories or [value]
        elif value is not None and np.isfinite(value) and hint.centre is None:
            hint.centre, hint.spread = float(value), max(abs(float(value)) / 2, 1.0)


def from_categories(estimator: Any, hints: Hints) -> None:
    categories = getattr(estimator, "categories_", None)
    if not isinstance(categories, list) or len(categories) != len(hints):
        return
    lenient = getattr(estimator, "handle_unknown", "error") not in ("error", None)
    for hint, values in zip(hints, categories, strict=True):
        hint.categories = [value for value in values.tolist() if not is_missing(value)]
        hint.missing = hint.missing or len(hint.categories) < len(values)
        hint.unknown = hint.unknown or lenient


def from_vocabulary(estimator: Any, hints: Hints) -> None:
    vocabulary = getattr(estimator, "vocabulary_", None)
    if isinstance(vocabulary, dict) and hints and "Vectorizer" in type(estimator).__name__:
        hints[0].vocabulary = sorted(str(word) for word in vocabulary)


def from_names(estimator: Any, hints: Hints) -> None:
    """A DictVectorizer's features that stand for a text are 1 where it is there."""
    if type(estimator).__name__ == "DictVectorizer":
        for hint, name in zip(hints, estimator.feature_names_, strict=True):
            hint.categories = [1.0] if estimator.separator in str(name) else []


def from_counts(estimator: Any, hints: Hints) -> None:
    name = type(estimator).__name__
    if name in ("MultinomialNB", "ComplementNB", "BernoulliNB", "LatentDirichletAllocation", "NMF", "TfidfTransformer"):
        for hint in hints:
            hint.counts = True
    for hint, count in zip(hints, getattr(estimator, "n_categories_", []), strict=False):
        hint.categories = [float(code) for code in range(int(count))]


def from_linear(estimator: Any, hints: Hints) -> None:
    """Around the border between a linear classifier's classes, so that all of them come up."""
    weights = as_rows(getattr(estimator, "coef_", None), len(hints))
    if weights is None or not hasattr(estimator, "classes_") or any(hint.known for hint in hints):
        return
    border = np.linalg.lstsq(weights, -np.broadcast_to(np.ravel(estimator.intercept_), len(weights)), rcond=None)[0]
    size = np.sqrt(np.mean(weights**2, axis=0)) + 1e-9
    place(hints, border, np.minimum(2 / size, 100 * (1 + np.abs(border))))


SOURCES: list[Callable[[Any, Hints], None]] = [
    from_tree,
    from_histograms,
    from_lightgbm,
    from_xgboost,
    from_centres,
    from_points,
    from_ranges,
    from_imputer,
    from_categories,
    from_vocabulary,
    from_names,
    from_counts,
    from_linear,
]


def as_rows(values: Any, width: int) -> np.ndarray | None:
    """Numbers with one column a feature, or nothing when they are not that."""
    if values is None or hasattr(values, "toarray"):
        return None
    try:
        array = np.atleast_2d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 2 and array.shape[1] == width and array.size else None


def between(values: np.ndarray) -> np.ndarray:
    """How far several centres lie apart, or 1 where there is only one."""
    return values.std(axis=0) * 1.5 if len(values) > 1 else np.ones(values.shape[1])


def place(hints: Hints, centres: np.ndarray, spreads: np.ndarray) -> None:
    for hint, centre, spread in zip(hints, centres, spreads, strict=True):
        if hint.centre is None and np.isfinite(centre):
            hint.centre, hint.spread = float(centre), float(spread) if np.isfinite(spread) and spread > 0 else 1.0
