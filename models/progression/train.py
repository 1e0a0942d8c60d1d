"""Progression of diabetes in three steps, from a record of text, numbers and missing values: a ColumnTransformer, exported
with skl2onnx's defaults (so with one input a column, and a ZipMap)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import metrics
from publishing import Column, Version, choose_golden, publish, serialise

SEED = 20
# The share of values that are taken out, from each column that may miss some.
MISSING = 0.1
COLUMNS = [
    Column("age", "Age", "years"),
    # The source codes it 1 and 2 and does not say which is which.
    Column("sex", "Sex", text=True, nullable=True),
    Column("bmi", "Body mass index", "kg/m²", 0.1, nullable=True),
    Column("bp", "Average blood pressure", "mmHg", 0.01, nullable=True),
    Column("s1", "Total serum cholesterol", "mg/dL", nullable=True),
    Column("s2", "Low-density lipoproteins", "mg/dL", 0.1, nullable=True),
    Column("s3", "High-density lipoproteins", "mg/dL", 0.5, nullable=True),
    Column("s4", "Total cholesterol / HDL", "ratio", 0.01, nullable=True),
    Column("s5", "Log of serum triglycerides (as the source supposes)", "", 0.0001, nullable=True),
    Column("s6", "Blood sugar", "mg/dL", nullable=True),
]
TEXTS = [index for index, column in enumerate(COLUMNS) if column.text]
NUMBERS = [index for index, column in enumerate(COLUMNS) if not column.text]


def records() -> tuple[np.ndarray, np.ndarray]:
    """Rows of text and numbers with holes in them, and how far the disease had progressed a year later."""
    data = load_diabetes(scaled=False)
    if list(data.feature_names) != [column.name for column in COLUMNS]:
        raise SystemExit(f"the data has the columns {data.feature_names}")
    rows = data.data.astype(object)
    sex = data.feature_names.index("sex")
    rows[:, sex] = np.where(data.data[:, sex] == 1, "female", "male")
    holes = np.random.default_rng(SEED).random(rows.shape) < MISSING
    for index, column in enumerate(COLUMNS):
        if column.nullable:
            rows[holes[:, index], index] = "" if column.text else np.nan
    steps = np.array(["low", "middle", "high"])
    return rows, steps[np.searchsorted([100, 180], data.target)]


def main() -> None:
    rows, steps = records()
    train, test, train_steps, test_steps = train_test_split(
        rows, steps, test_size=110, stratify=steps, random_state=SEED
    )
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = ColumnTransformer(
        [("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS), ("numbers", numbers, NUMBERS)]
    )
    classifier = make_pipeline(columns, LogisticRegression(max_iter=5000)).fit(train, train_steps)
    prediction = classifier.predict(test)
    probabilities = classifier.predict_proba(test)

    classes = [str(step) for step in classifier.classes_]
    golden = choose_golden(prediction, classes)
    # One of them misses a text: the others miss numbers.
    golden[-1] = int(np.flatnonzero(test[:, TEXTS[0]] == "")[0])

    types = [
        (column.name, StringTensorType([None, 1]) if column.text else FloatTensorType([None, 1])) for column in COLUMNS
    ]
    exported = convert_sklearn(classifier, name="progression", initial_types=types)
    publish(
        Version(
            folder=Path(__file__).resolve().parent,
            title="Progression in three steps",
            description="Low, middle or high progression of diabetes, from text and measurements of which some may be "
            "missing: logistic regression behind a one-hot encoder, an imputer and a scaler, on the data of Efron, Hastie, "
            "Johnstone and Tibshirani, 2004, of whose unexplained codes for sex 1 is taken for female. A demonstration, not "
            "a medical device.",
            created="2026-11-22",
            onnx_bytes=serialise(exported),
            trainer=["scikit-learn", "skl2onnx"],
            columns=COLUMNS,
            training_features=train,
            features=test,
            prediction=prediction,
            probabilities=probabilities,
            classes=classes,
            golden=golden,
            metrics=metrics.classification(test_steps, prediction, probabilities),
            test_rows=len(test),
            engine="compact",
        )
    )


if __name__ == "__main__":
    main()
