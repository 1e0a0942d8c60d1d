"""LightGBM and XGBoost: what onnxmltools answers otherwise than the trainers do, and what has no converter."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conversion import estimators
from conversion.classical import to_onnx
from conversion.compare import Tolerance, report
from conversion.errors import ConversionError
from support import ConversionTest, diabetes, has, iris, needs

if has("lightgbm"):
    import lightgbm
if has("xgboost"):
    import xgboost

FOREST = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}


class BoosterTest(ConversionTest):
    def equal(self, estimator: Any) -> None:
        """The converted estimator answers in ONNX Runtime as it does itself."""
        subject = estimators.prepare(estimator, rows=60)
        for _, model in subject.exports({}, None, "model"):
            verdict = subject.check(model, Tolerance())
            if verdict.equal:
                return
        self.fail(verdict.unavailable or report(verdict.found, 60))

    def refused(self, estimator: Any, wanted: str) -> None:
        with self.assertRaisesRegex(ConversionError, wanted):
            to_onnx(estimator, np.zeros((1, 4), dtype=np.float32))


@needs("lightgbm", "onnxmltools")
class TestLightGBM(BoosterTest):
    def setUp(self) -> None:
        super().setUp()
        self.features, self.labels = iris()
        self.rows, self.target = diabetes()

    def classifier(self, **options: Any) -> Any:
        return lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, **options)

    def regressor(self, **options: Any) -> Any:
        return lightgbm.LGBMRegressor(n_estimators=5, verbose=-1, **options)

    def test_classifiers(self) -> None:
        kinds: list[dict[str, Any]] = [
            {},
            FOREST,
            {"objective": "multiclassova", "sigmoid": 2.0},
            {"boosting_type": "dart"},
        ]
        for options in kinds:
            for labels in (self.labels, self.labels > 0, np.array(["a", "b", "c"])[self.labels]):
                if options.get("objective") and len(set(labels.tolist())) == 2:
                    continue
                with self.subTest(str(options), classes=str(sorted(set(labels.tolist())))):
                    self.equal(self.classifier(**options).fit(self.features, labels))
                    self.equal(make_pipeline(StandardScaler(), self.classifier(**options)).fit(self.features, labels))
        self.equal(self.classifier(sigmoid=2.0).fit(self.features, self.labels > 0))

    def test_objectives_of_regressions(self) -> None:
        for objective in ("l2", "l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"):
            with self.subTest(objective):
                trained = self.regressor(objective=objective).fit(self.rows, self.target)
                self.equal(trained)
                self.equal(trained.booster_)
        self.equal(self.regressor(**FOREST).fit(self.rows, self.target))

    def test_missing_values(self) -> None:
        holed = np.where(np.random.default_rng(0).random(self.features.shape) < 0.2, np.nan, self.features)
        self.equal(self.classifier().fit(holed, self.labels))
        self.equal(self.classifier().fit(self.features, self.labels))

    def test_categories(self) -> None:
        coded = self.features.copy()
        coded[:, 0] = np.arange(len(coded)) % 7
        labels = (self.labels + coded[:, 0]).astype(int) % 3
        trained = self.classifier(min_data_per_group=1, cat_smooth=0).fit(coded, labels, categorical_feature=[0])
        self.equal(trained)

    def test_files(self) -> None:
        trained = self.classifier().fit(self.features, self.labels)
        path = self.folder / "model.txt"
        trained.booster_.save_model(path)
        samples = self.converted(path)
        self.assertEqual(samples["classes"], [0, 1, 2])
        self.converted(self.dump(trained), "--force")

    def test_refused(self) -> None:
        rows, target = self.rows, self.target
        self.refused(self.regressor(zero_as_missing=True).fit(rows, target), "zero_as_missing")
        self.refused(self.regressor(linear_tree=True).fit(rows, target), "linear_tree")
        self.refused(self.regressor(reg_sqrt=True).fit(rows, target), "reg_sqrt")
        self.refused(self.regressor(objective="cross_entropy").fit(rows, target / 400), "cross_entropy")
        own = self.regressor(objective=lambda truth, said: (said - truth, np.ones_like(said))).fit(rows, target)
        self.refused(own, "objective of its own")


@needs("xgboost", "onnxmltools")
class TestXGBoost(BoosterTest):
    def setUp(self) -> None:
        super().setUp()
        self.features, self.labels = iris()
        self.rows, self.target = diabetes()

    def test_classifiers(self) -> None:
        for kind in (xgboost.XGBClassifier(n_estimators=5), xgboost.XGBRFClassifier(n_estimators=5)):
            for labels in (self.labels, (self.labels > 0).astype(int)):
                with self.subTest(type(kind).__name__, classes=len(set(labels.tolist()))):
                    self.equal(clone(kind).fit(self.features, labels))
                    self.equal(make_pipeline(StandardScaler(), clone(kind)).fit(self.features, labels))

    def test_objectives(self) -> None:
        for objective in ("multi:softprob", "multi:softmax", "binary:logistic", "binary:hinge"):
            labels = self.labels if objective.startswith("multi") else (self.labels > 0).astype(int)
            with self.subTest(objective):
                trained = xgboost.XGBClassifier(n_estimators=5, objective=objective).fit(self.features, labels)
                self.equal(trained)
                self.equal(trained.get_booster())
        regressions = (
            "squarederror",
            "squaredlogerror",
            "logistic",
            "pseudohubererror",
            "absoluteerror",
            "gamma",
            "tweedie",
        )
        for objective in (*(f"reg:{name}" for name in regressions), "count:poisson", "binary:logitraw"):
            target = self.target / self.target.max() if objective == "reg:logistic" else self.target
            target = (target > 100).astype(int) if objective == "binary:logitraw" else target
            with self.subTest(objective):
                trained = xgboost.XGBRegressor(n_estimators=5, objective=objective).fit(self.rows, target)
                self.equal(trained)
                self.equal(trained.get_booster())

    def test_several_targets(self) -> None:
        self.equal(xgboost.XGBRegressor(n_estimators=5).fit(self.rows, np.c_[self.target, 2 * self.target]))
        quantiles = xgboost.XGBRegressor(n_estimators=5, objective="reg:quantileerror", quantile_alpha=[0.1, 0.9])
        self.equal(quantiles.fit(self.rows, self.target))

    def test_stopped_early(self) -> None:
        trained = xgboost.XGBClassifier(n_estimators=50, early_stopping_rounds=2)
        self.equal(
            trained.fit(self.features, self.labels, eval_set=[(self.features[::3], self.labels[::3])], verbose=0)
        )

    def test_a_ranker(self) -> None:
        ranker = xgboost.XGBRanker(n_estimators=5)
        self.equal(ranker.fit(self.rows, (self.target > 100).astype(int), group=[len(self.target)]))

    @needs("pandas")
    def test_named_columns(self) -> None:
        import pandas

        frame = pandas.DataFrame(self.rows, columns=list("abcdefghij"))
        trained = xgboost.XGBRegressor(n_estimators=5).fit(frame, self.target)
        self.equal(trained)
        self.assertEqual(trained.get_booster().feature_names, list("abcdefghij"))

    def test_files(self) -> None:
        trained = xgboost.XGBClassifier(n_estimators=5).fit(self.features, self.labels)
        for name in ("model.json", "model.ubj"):
            trained.save_model(self.folder / name)
            samples = self.converted(self.folder / name, "--force")
            self.assertEqual(samples["classes"], [0, 1, 2])

    def test_refused(self) -> None:
        rows, target = self.rows, self.target
        for options, wanted in (
            ({"booster": "dart"}, "dart"),
            ({"booster": "gblinear"}, "gblinear"),
            ({"multi_strategy": "multi_output_tree"}, "multi_output_tree"),
        ):
            two = np.c_[target, target] if "multi_strategy" in options else target
            with self.subTest(wanted):
                self.refused(xgboost.XGBRegressor(n_estimators=3, **options).fit(rows, two), wanted)


if __name__ == "__main__":
    unittest.main()
