"""The command line from end to end: a trained model's file into an ONNX file that predikt answers equally with."""

from __future__ import annotations

import json
import pickle
import subprocess
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelPropagation

import onnx
from conversion import estimators, onnxruntime_check, replay
from conversion.compare import Difference
from conversion.trainer import Answers
from support import TOOLS, ConversionTest, by_column, diabetes, has, iris, needs, passengers


class Bomb:
    """A pickle that leaves a file behind when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.path,))


class TestClassical(ConversionTest):
    def test_pickle_of_a_classifier(self) -> None:
        features, labels = iris()
        path = self.folder / "iris.pkl"
        path.write_bytes(pickle.dumps(LogisticRegression(max_iter=1000).fit(features, labels)))
        samples = self.converted(path)
        self.assertEqual(samples["source"], "synthetic")
        self.assertEqual(samples["classes"], [0, 1, 2])
        self.assertEqual(set(samples["prediction"]), {0, 1, 2})
        self.assertEqual(len(samples["features"]), 100)
        self.assertEqual(len(samples["probabilities"][0]), 3)
        model = onnx.load(self.out / "model.onnx")
        self.assertIn("ZipMap", [node.op_type for node in model.graph.node])

    def test_compressed_joblib_of_a_regressor(self) -> None:
        path = self.dump(Ridge().fit(*diabetes()), "ridge.joblib.gz", compress=("gzip", 3))
        samples = self.converted(path)
        self.assertNotIn("classes", samples)
        self.assertIsInstance(samples["prediction"][0], float)

    def test_text_labels_and_a_scaled_forest(self) -> None:
        features, labels = iris()
        names = np.array(["setosa", "versicolor", "virginica"])[labels]
        forest = make_pipeline(StandardScaler(), RandomForestClassifier(10, random_state=0)).fit(features, names)
        samples = self.converted(self.dump(forest))
        self.assertEqual(samples["classes"], ["setosa", "versicolor", "virginica"])

    def test_numpy_scalars_in_attributes(self) -> None:
        features, labels = iris()
        for kind in (HistGradientBoostingClassifier(max_iter=5), GradientBoostingClassifier(n_estimators=5)):
            with self.subTest(type(kind).__name__):
                self.converted(self.dump(kind.fit(features, labels > 0)), "--force")

    def test_columns_with_texts_and_missing_values(self) -> None:
        table, target = passengers()
        pipeline = make_pipeline(by_column([0, 1, 2, 3]), LogisticRegression(max_iter=1000)).fit(table, target)
        samples = self.converted(self.dump(pipeline))
        model = onnx.load(self.out / "model.onnx")
        self.assertEqual([value.name for value in model.graph.input], ["x0", "x1", "x2", "x3"])
        types = [value.type.tensor_type.elem_type for value in model.graph.input]
        wanted = onnx.TensorProto
        self.assertEqual(types, [wanted.FLOAT, wanted.STRING, wanted.INT64, wanted.FLOAT])
        self.assertEqual(set(samples["features"][0]), {"x0", "x1", "x2", "x3"})
        self.assertIn(None, [row["x0"] for row in samples["features"]])
        self.assertIn(None, [row["x1"] for row in samples["features"]])
        self.assertIn("never seen before", [row["x1"] for row in samples["features"]])

    @needs("pandas")
    def test_columns_by_name_with_rows_from_a_table(self) -> None:
        import pandas

        table, target = passengers()
        names = ["age", "town", "grade", "fare"]
        frame = pandas.DataFrame({name: table[:, i].tolist() for i, name in enumerate(names)})
        pipeline = make_pipeline(by_column(names, np.nan), LogisticRegression(max_iter=1000)).fit(frame, target)
        frame.assign(target=target)[["target", *names[::-1]]].to_csv(self.folder / "rows.csv", index=False)
        samples = self.converted(self.dump(pipeline), "--data", self.folder / "rows.csv")
        self.assertEqual(samples["source"], "rows.csv")
        self.assertEqual(len(samples["features"]), len(frame))
        self.assertEqual(list(samples["features"][0]), names)

    def test_texts(self) -> None:
        texts = ["a good film", "a bad film", "very good indeed", "awful, and bad"] * 5
        pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()).fit(texts, [1, 0, 1, 0] * 5)
        samples = self.converted(self.dump(pipeline))
        self.assertEqual(list(samples["features"][0]), ["text"])

    def test_what_has_no_classes(self) -> None:
        features, _ = iris()
        for kind in (
            KMeans(3, n_init=1, random_state=0),
            IsolationForest(n_estimators=5, random_state=0),
            StandardScaler(),
        ):
            with self.subTest(type(kind).__name__):
                self.converted(self.dump(kind.fit(features)), "--force", "--rows", 30)

    def test_options(self) -> None:
        features, labels = iris()
        path = self.dump(LogisticRegression(max_iter=1000).fit(features, labels))
        self.converted(path, "--zipmap", "false", "--opset", 13)
        model = onnx.load(self.out / "model.onnx")
        self.assertNotIn("ZipMap", [node.op_type for node in model.graph.node])
        self.converted(path, "--zipmap", "columns", "--force")
        self.assertEqual(len(onnx.load(self.out / "model.onnx").graph.output), 4)
        self.converted(path, "--float64", "--force", "--rtol", 1e-9)
        kind = onnx.load(self.out / "model.onnx").graph.input[0].type.tensor_type.elem_type
        self.assertEqual(kind, onnx.TensorProto.DOUBLE)

    def test_manifest(self) -> None:
        features, labels = iris()
        path = self.dump(LogisticRegression(max_iter=1000).fit(features, labels))
        np.save(self.folder / "rows.npy", features)
        self.out = self.folder / "flowers" / "3"
        self.converted(path, "--data", self.folder / "rows.npy", "--manifest")
        card = json.loads((self.out / "manifest.json").read_text(encoding="utf-8"))
        self.assertEqual((card["name"], card["version"]), ("flowers", "3"))
        self.assertEqual(card["model"]["bytes"], (self.out / "model.onnx").stat().st_size)
        self.assertEqual(card["signature"]["inputs"][0]["shape"], [None, 4])
        self.assertEqual(card["features"][0]["min"], 4.3)
        self.assertEqual(set(card["golden"]["prediction"]), {0, 1, 2})

    def test_schema_for_what_does_not_know_its_inputs(self) -> None:
        features, labels = iris()
        model = LogisticRegression(max_iter=1000).fit(features, labels)
        del model.n_features_in_
        path = self.dump(model)
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("--schema", said)
        schema = {"inputs": [{"name": "sizes", "type": "float32", "shape": [None, 4]}]}
        (self.folder / "schema.json").write_text(json.dumps(schema))
        np.save(self.folder / "rows.npy", features)
        model.n_features_in_ = 4
        self.converted(self.dump(model), "--schema", self.folder / "schema.json", "--data", self.folder / "rows.npy")
        self.assertEqual(onnx.load(self.out / "model.onnx").graph.input[0].name, "sizes")


class TestRefusals(ConversionTest):
    def test_a_pickle_is_not_opened_without_trust(self) -> None:
        mark = self.folder / "opened.json"
        for name in ("bomb.pkl", "bomb.joblib", "bomb.unknown.joblib"):
            path = self.folder / name
            path.write_bytes(pickle.dumps(Bomb(mark)))
            status, said = self.convert(path, "--out", self.out)
            self.assertEqual(status, 2, said)
            self.assertIn("--trust", said)
        self.assertFalse(mark.exists())
        self.assertNothingWritten()

    def test_pytorch_archives_are_pickles_too(self) -> None:
        path = self.folder / "model.pt2"
        path.write_bytes(b"PK\x03\x04")
        status, said = self.convert(path)
        self.assertEqual(status, 2, said)

    def test_files_of_other_kinds(self) -> None:
        for name, content, wanted in (
            ("model.onnx", b"\x08\x0a", "ONNX model already"),
            ("weights.pth", b"PK\x03\x04", "torch.export.save"),
            ("empty.pkl", b"", "is empty"),
            ("missing.pkl", None, "there is no file"),
            ("words.pkl", b"these are words", "cannot be unpickled"),
        ):
            with self.subTest(name):
                if content is not None:
                    (self.folder / name).write_bytes(content)
                status, said = self.convert(self.folder / name, "--trust", "--out", self.out)
                self.assertEqual(status, 1)
                self.assertIn(wanted, said)
                self.assertNotIn("Traceback", said)
        self.assertFalse(self.out.exists())

    def test_no_estimator(self) -> None:
        path = self.dump({"model": 1, "columns": ["a"]})
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("holds a dict with 'model', 'columns'", said)

    def test_an_estimator_that_is_not_fitted(self) -> None:
        status, said = self.convert(self.dump(Ridge()), "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("Is it fitted?", said)

    @unittest.skipIf(has("keras") and has("tensorflow"), "Keras is installed")
    def test_keras_is_not_there(self) -> None:
        path = self.folder / "model.h5"
        path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        status, said = self.convert(path, "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("pip install -r models/requirements.txt", said)
        self.assertNothingWritten()

    @unittest.skipIf(has("torch"), "PyTorch is installed")
    def test_pytorch_is_not_there(self) -> None:
        path = self.folder / "model.pt2"
        path.write_bytes(b"PK\x03\x04")
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("pip install torch", said)
        self.assertNothingWritten()

    def test_an_estimator_without_a_converter_is_named(self) -> None:
        features, labels = iris()
        path = self.dump(make_pipeline(StandardScaler(), LabelPropagation()).fit(features, labels))
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("LabelPropagation has no converter", said)
        self.assertNothingWritten()

    def test_rows_that_do_not_fit(self) -> None:
        features, labels = iris()
        path = self.dump(LogisticRegression(max_iter=1000).fit(features, labels))
        rows = self.folder / "rows.csv"
        for content, wanted in (
            ("1,2,3\n", "3 columns"),
            ("1,2,3,red\n", "'red' is no number"),
            ("a,b,c,d\n", "no rows"),
        ):
            rows.write_text(content)
            status, said = self.convert(path, "--trust", "--out", self.out, "--data", rows)
            self.assertEqual(status, 1)
            self.assertIn(wanted, said)

    def test_what_is_there_stays(self) -> None:
        features, labels = iris()
        path = self.dump(LogisticRegression(max_iter=1000).fit(features, labels))
        self.out.mkdir()
        (self.out / "model.onnx").write_bytes(b"mine")
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("--force", said)
        self.assertEqual((self.out / "model.onnx").read_bytes(), b"mine")


class TestDifferences(ConversionTest):
    def setUp(self) -> None:
        super().setUp()
        features, labels = iris()
        self.path = self.dump(LogisticRegression(max_iter=1000).fit(features, labels))

    def test_a_model_that_differs_is_not_written(self) -> None:
        def liar(estimator: object, schema: object, rows: object) -> Answers:
            answers = estimators_ask(estimator, schema, rows)
            answers.probabilities[7, 1] += 0.001
            answers.prediction[9] = (answers.prediction[9] + 1) % 3
            return answers

        estimators_ask = estimators.ask
        with mock.patch.object(estimators, "ask", liar):
            status, said = self.convert(self.path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("2 of 100 rows differ", said)
        self.assertIn("row 9, prediction: got", said)
        self.assertIn("row 7, probabilities[1]: got", said)
        self.assertIn("the converter's doing", said)
        self.assertNothingWritten()

    def test_an_engine_that_differs_is_blamed(self) -> None:
        with mock.patch.object(replay, "replay", lambda *_: replay.Replay(100, [Difference(3, "prediction", 1, 2)])):
            status, said = self.convert(self.path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("row 3, prediction: got 1, expected 2", said)
        self.assertIn("error of predikt", said)
        self.assertNothingWritten()

    def test_without_onnx_runtime(self) -> None:
        def absent(*_: object) -> None:
            raise ImportError

        with mock.patch.object(onnxruntime_check, "run", absent):
            self.converted(self.path)

    def test_replay_by_itself(self) -> None:
        samples = self.converted(self.path)
        samples["probabilities"][4][2] += 1e-3
        samples["prediction"][5] = 7
        changed = self.folder / "changed.json"
        changed.write_text(json.dumps(samples))
        command = ["node", str(TOOLS / "replay.mjs"), str(self.out / "model.onnx")]
        package = ["--package", str(replay.package())]
        same = subprocess.run(
            [*command, str(self.out / "samples.json"), *package], capture_output=True, text=True, check=False
        )
        self.assertEqual(same.returncode, 0, same.stderr)
        self.assertIn("100 rows, all as expected", same.stdout)
        other = subprocess.run([*command, str(changed), *package], capture_output=True, text=True, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("2 of 100 rows differ", other.stderr)
        self.assertIn("row 5, prediction: got", other.stderr)
        loose = subprocess.run(
            [*command, str(changed), *package, "--atol", "x"], capture_output=True, text=True, check=False
        )
        self.assertEqual(loose.returncode, 2)


class TestEncoders(ConversionTest):
    def test_records(self) -> None:
        records = [{"age": 3.0, "town": "Rome"}, {"age": 4.0, "town": "Oslo"}, {"town": "Rome"}, {"size": 2.0}] * 5
        pipeline = make_pipeline(DictVectorizer(), LogisticRegression()).fit(records, [0, 1, 1, 0] * 5)
        samples = self.converted(self.dump(pipeline))
        self.assertLessEqual(set(samples["features"][0]), {"age", "size", "town=Rome", "town=Oslo"})

    def test_what_skl2onnx_refuses_at_its_defaults(self) -> None:
        features, labels = iris()
        voters = [("a", LogisticRegression(max_iter=1000)), ("b", RandomForestClassifier(5, random_state=0))]
        for estimator in (VotingClassifier(voters, voting="soft"), KBinsDiscretizer()):
            with self.subTest(type(estimator).__name__):
                self.converted(self.dump(estimator.fit(features, labels)), "--force")
        self.assertTrue(VotingClassifier(voters).flatten_transform)

    def test_a_missing_text_is_a_category(self) -> None:
        table = np.array([["x"], ["y"], [None], ["x"]] * 5, dtype=object)
        pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(
            table, [0, 1, 1, 0] * 5
        )
        samples = self.converted(self.dump(pipeline))
        self.assertIn([None], [list(row.values()) for row in samples["features"]])


if __name__ == "__main__":
    unittest.main()
