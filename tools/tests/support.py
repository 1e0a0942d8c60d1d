"""What the tests of the converters share: a folder to work in, the command line called in this process, the trained models."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import joblib
import numpy as np

TOOLS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOOLS))

import convert  # noqa: E402

from conversion import replay  # noqa: E402


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def needs(*modules: str) -> Any:
    """Skips a test, with the reason, where a module is not installed."""
    missing = [module for module in modules if not has(module)]
    return unittest.skipIf(missing, f"{', '.join(missing)} not installed")


class ConversionTest(unittest.TestCase):
    """A test in a folder of its own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out"

    def dump(self, estimator: Any, name: str = "model.joblib", **options: Any) -> Path:
        path = self.folder / name
        joblib.dump(estimator, path, **options)
        return path

    def convert(self, *arguments: Any) -> tuple[int, str]:
        """The exit status and what was said."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            try:
                status = convert.main([str(argument) for argument in arguments])
            except SystemExit as exit_:
                status = int(exit_.code or 0)
        return status, said.getvalue()

    def converted(self, path: Path, *arguments: Any) -> dict[str, Any]:
        """Converts a trusted file, which must succeed, and answers its samples."""
        if not replay.package().exists():
            self.fail(f"no built package at {replay.package()}: run `make build`, or set {replay.PACKAGE_VARIABLE}")
        status, said = self.convert(path, "--trust", "--out", self.out, *arguments)
        self.assertEqual(status, 0, said)
        self.assertIn("equal in predikt", said)
        self.assertTrue((self.out / "model.onnx").exists())
        return json.loads((self.out / "samples.json").read_text(encoding="utf-8"))

    def assertNothingWritten(self) -> None:
        left = [
            path
            for path in self.folder.iterdir()
            if path.suffix not in (".joblib", ".pkl", ".csv", ".json", ".h5", ".pt2")
        ]
        self.assertEqual(left, [])


def iris() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_diabetes

    return load_diabetes(return_X_y=True)


def passengers(rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """age (may be missing), town (may be missing), class (an integer), fare."""
    random = np.random.default_rng(20)
    age = np.where(random.random(rows) < 0.1, np.nan, random.normal(40, 12, rows).round(1))
    town = np.where(random.random(rows) < 0.1, None, random.choice(["Bonn", "Oslo", "Rome"], rows))
    grade = random.integers(1, 4, rows)
    fare = random.lognormal(3, 1, rows).round(2)
    target = ((np.nan_to_num(age, nan=40) + 8 * grade + random.normal(0, 8, rows)) > 55).astype(int)
    table = np.empty((rows, 4), dtype=object)
    for position, column in enumerate((age, town, grade, fare)):
        table[:, position] = column.tolist()
    return table, target


def by_column(columns: list[Any], missing: Any = None) -> Any:
    """Imputers, scaler and encoders for the passengers' columns."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    age, town, grade, fare = columns
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [age, fare]),
            (
                "towns",
                make_pipeline(
                    SimpleImputer(missing_values=missing, strategy="most_frequent"),
                    OneHotEncoder(handle_unknown="ignore"),
                ),
                [town],
            ),
            ("grades", OneHotEncoder(handle_unknown="ignore"), [grade]),
        ]
    )
