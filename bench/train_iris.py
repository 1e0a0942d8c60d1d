"""Trains the iris classifier of models/iris/train.py again, and pickles it with joblib as a Flask user would.

    python train_iris.py OUT.joblib

models/iris/train.py exports and publishes in one go, for which it needs converters and ONNX Runtime; here only
scikit-learn is installed. That both trained the same model is checked on the published held-out samples.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

SEED = 20
SAMPLES = Path(__file__).resolve().parents[1] / "models" / "iris" / "1" / "samples.json"


def main() -> None:
    data = load_iris()
    train, test, labels, _ = train_test_split(
        data.data, data.target, test_size=50, stratify=data.target, random_state=SEED
    )
    classifier = LogisticRegression(max_iter=5000).fit(train, labels)

    published = json.loads(SAMPLES.read_text(encoding="utf-8"))
    np.testing.assert_allclose(test, np.asarray(published["features"]), err_msg="held-out rows")
    np.testing.assert_array_equal(classifier.predict(test), published["prediction"], err_msg="labels")
    np.testing.assert_allclose(
        classifier.predict_proba(test), published["probabilities"], atol=1e-5, err_msg="probabilities"
    )
    joblib.dump(classifier, sys.argv[1])


if __name__ == "__main__":
    main()
