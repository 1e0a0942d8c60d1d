"""Metrics on held-out rows, under the names of scikit-learn's scorers."""

from __future__ import annotations

import numpy as np
from sklearn import metrics


def classification(truth: np.ndarray, prediction: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    return {
        "accuracy": metrics.accuracy_score(truth, prediction),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, prediction),
        "f1_macro": metrics.f1_score(truth, prediction, average="macro"),
        "neg_log_loss": -metrics.log_loss(truth, probabilities),
        "roc_auc_ovr": metrics.roc_auc_score(truth, probabilities, multi_class="ovr"),
    }


def regression(truth: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    return {
        "r2": metrics.r2_score(truth, prediction),
        "neg_mean_absolute_error": -metrics.mean_absolute_error(truth, prediction),
        "neg_root_mean_squared_error": -metrics.root_mean_squared_error(truth, prediction),
        "neg_median_absolute_error": -metrics.median_absolute_error(truth, prediction),
        "neg_max_error": -metrics.max_error(truth, prediction),
    }
