"""Iris species by logistic regression, exported with skl2onnx's defaults (so with its ZipMap)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import metrics
from publishing import Column, Version, publish, serialise

SEED = 20
COLUMNS = [
    Column("sepal_length", "Sepal length", "cm", 0.1),
    Column("sepal_width", "Sepal width", "cm", 0.1),
    Column("petal_length", "Petal length", "cm", 0.1),
    Column("petal_width", "Petal width", "cm", 0.1),
]


def main() -> None:
    data = load_iris()
    train, test, train_labels, test_labels = train_test_split(
        data.data, data.target, test_size=50, stratify=data.target, random_state=SEED
    )
    classifier = LogisticRegression(max_iter=5000).fit(train, train_labels)
    prediction = classifier.predict(test)
    probabilities = classifier.predict_proba(test)
    setosa = classifier.predict(np.array([[5.1, 3.5, 1.4, 0.2]]))
    if setosa[0] != 0:
        raise SystemExit(f"the first iris of the data set is a setosa (0), not a {setosa[0]}")

    exported = convert_sklearn(
        classifier, name="iris", initial_types=[("float_input", FloatTensorType([None, len(COLUMNS)]))]
    )
    publish(
        Version(
            folder=Path(__file__).resolve().parent,
            title="Iris species",
            description="Tells three species of iris apart by the size of sepals and petals: logistic regression "
            "on Fisher's iris data, 1936.",
            created="2026-11-22",
            onnx_bytes=serialise(exported),
            trainer=["scikit-learn", "skl2onnx"],
            columns=COLUMNS,
            training_features=train,
            features=test,
            prediction=prediction,
            probabilities=probabilities,
            classes=[int(label) for label in classifier.classes_],
            class_names=[str(name) for name in data.target_names],
            metrics=metrics.classification(test_labels, prediction, probabilities),
            test_rows=len(test),
            engine="compact",
        )
    )


if __name__ == "__main__":
    main()
