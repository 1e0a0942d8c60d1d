"""Progression of diabetes by ridge regression on measurements as they were taken, not standardised."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import metrics
from publishing import Column, Version, publish, serialise

SEED = 20
COLUMNS = [
    Column("age", "Age", "years"),
    Column("sex", "Sex (coded 1 or 2; the source does not say which is which)"),
    Column("bmi", "Body mass index", "kg/m²", 0.1),
    Column("bp", "Average blood pressure", "mmHg", 0.01),
    Column("s1", "Total serum cholesterol", "mg/dL"),
    Column("s2", "Low-density lipoproteins", "mg/dL", 0.1),
    Column("s3", "High-density lipoproteins", "mg/dL", 0.5),
    Column("s4", "Total cholesterol / HDL", "ratio", 0.01),
    Column("s5", "Log of serum triglycerides (as the source supposes)", "", 0.0001),
    Column("s6", "Blood sugar", "mg/dL"),
]


def main() -> None:
    data = load_diabetes(scaled=False)
    if list(data.feature_names) != [column.name for column in COLUMNS]:
        raise SystemExit(f"the data has the columns {data.feature_names}")
    train, test, train_target, test_target = train_test_split(
        data.data, data.target, test_size=110, random_state=SEED
    )
    regressor = Ridge(alpha=1.0).fit(train, train_target)
    prediction = regressor.predict(test)

    exported = convert_sklearn(
        regressor, name="diabetes", initial_types=[("float_input", FloatTensorType([None, len(COLUMNS)]))]
    )
    publish(
        Version(
            folder=Path(__file__).resolve().parent,
            title="Diabetes progression",
            description="Estimates how far diabetes has progressed a year after ten measurements, on the scale of "
            "the study (25 to 346): ridge regression on the data of Efron, Hastie, Johnstone and Tibshirani, 2004. "
            "A demonstration, not a medical device.",
            created="2026-11-22",
            onnx_bytes=serialise(exported),
            trainer=["scikit-learn", "skl2onnx"],
            columns=COLUMNS,
            training_features=train,
            features=test,
            prediction=np.asarray(prediction),
            metrics=metrics.regression(test_target, prediction),
            test_rows=len(test),
            engine="compact",
        )
    )


if __name__ == "__main__":
    main()
