"""Keras models, in both formats: .keras and HDF5, and a SavedModel."""

from __future__ import annotations

import json
import os
import unittest

from conversion import replay
from support import ConversionTest, needs

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@needs("keras", "tensorflow", "tf2onnx")
@unittest.skipUnless(replay.package().exists(), f"no built package at {replay.package()}")
class TestKeras(ConversionTest):
    @classmethod
    def setUpClass(cls) -> None:
        from conversion import keras

        cls.keras = keras.import_keras()
        cls.keras.utils.set_random_seed(20)

    def test_rows(self) -> None:
        keras = self.keras
        layers = keras.layers
        network = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 1.0, 4.0, 1.0]),
                layers.Dense(8, activation="relu"),
                layers.Dense(3, activation="softmax"),
            ]
        )
        for name in ("model.keras", "model.h5"):
            with self.subTest(name):
                network.save(self.folder / name)
                samples = self.converted(self.folder / name, "--force")
                self.assertEqual(len(samples["features"]), 16)
                self.assertEqual(len(samples["prediction"][0]), 3)

    def test_pictures(self) -> None:
        keras = self.keras
        layers = keras.layers
        network = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Rescaling(1 / 255),
                layers.Conv2D(4, 3),
                layers.BatchNormalization(),
                layers.Flatten(),
                layers.Dense(2),
            ]
        )
        for name in ("model.keras", "model.h5"):
            with self.subTest(name):
                network.save(self.folder / name)
                samples = self.converted(self.folder / name, "--force")
                (picture,) = samples["inputs"].values()
                self.assertEqual(picture["dims"], [16, 8, 8, 1])
                self.assertGreater(max(picture["data"]), 100)

    def test_several_inputs_and_outputs(self) -> None:
        keras = self.keras
        layers = keras.layers
        numbers = keras.Input((3,), name="numbers")
        code = keras.Input((1,), dtype="int32", name="code")
        embedded = layers.Flatten()(layers.Embedding(10, 4)(code))
        first = layers.Dense(1, name="first")(layers.Concatenate()([numbers, embedded]))
        second = layers.Dense(2, name="second")(numbers)
        path = self.folder / "model.keras"
        keras.Model([numbers, code], [first, second]).save(path)
        samples = self.converted(path, "--rows", 5)
        self.assertEqual([tensor["dims"][0] for tensor in samples["inputs"].values()], [5, 5])
        self.assertEqual(len(samples["outputs"]), 2)

    def test_a_saved_model(self) -> None:
        keras = self.keras
        network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        network.export(self.folder / "saved", verbose=False)
        status, said = self.convert(self.folder / "saved", "--out", self.out)
        self.assertEqual(status, 2, said)
        self.converted(self.folder / "saved")

    def test_python_code_in_a_file_needs_trust(self) -> None:
        keras = self.keras
        network = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda values: values * 2)])
        path = self.folder / "model.keras"
        network.save(path)
        status, said = self.convert(path, "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("--trust", said)
        self.assertFalse(self.out.exists())

    def test_a_damaged_file(self) -> None:
        path = self.folder / "model.keras"
        path.write_bytes(b"not a model")
        status, said = self.convert(path, "--out", self.out)
        self.assertEqual(status, 1)
        self.assertNotIn("Traceback", said)

    def test_a_model_that_differs_is_not_written(self) -> None:
        keras = self.keras
        path = self.folder / "model.keras"
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save(path)
        samples = self.converted(path)
        samples["prediction"][3][1] += 0.01
        changed = self.folder / "changed.json"
        changed.write_text(json.dumps(samples))
        from conversion.compare import Tolerance

        found = replay.replay(self.out / "model.onnx", changed, Tolerance())
        self.assertEqual([(difference.row, difference.output) for difference in found.found], [(3, "prediction[1]")])


if __name__ == "__main__":
    unittest.main()
