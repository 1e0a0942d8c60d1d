"""Handwritten digits by a small convolutional network in Keras, exported with tf2onnx."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

os.environ |= {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
}

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import metrics
from publishing import Column, Version, publish, serialise

SEED = 20
SIDE = 8
DARKEST = 16
OPSET = 17
TEST_ROWS = 450
SAMPLE_ROWS = 100
WANTED_ACCURACY = 0.97


def build() -> keras.Model:
    """Rows of 64 raw pixels → probabilities of the ten digits."""
    return keras.Sequential(
        [
            keras.Input((SIDE * SIDE,), name="pixels"),
            layers.Rescaling(1 / DARKEST),
            layers.Reshape((SIDE, SIDE, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )


def train(network: keras.Model, rows: np.ndarray, labels: np.ndarray) -> None:
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy")
    network.fit(rows, labels, batch_size=64, epochs=60, verbose=0)


def export(network: keras.Model) -> onnx.ModelProto:
    """The network with two outputs: the most probable digit, and the probabilities."""

    @tf.function(input_signature=[tf.TensorSpec((None, SIDE * SIDE), tf.float32, name="pixels")])
    def digits(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = network(pixels, training=False)
        return {"label": tf.argmax(probabilities, axis=1), "probabilities": probabilities}

    exported, _ = tf2onnx.convert.from_function(digits, input_signature=digits.input_signature, opset=OPSET)
    for value in (*exported.graph.input, *exported.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    number_temporaries(exported.graph)
    return exported


def number_temporaries(graph: onnx.GraphProto) -> None:
    """Numbers tf2onnx's temporaries in the order of use: its own counters differ from run to run."""
    names: dict[str, str] = {}

    def rename(name: str) -> str:
        if not re.search(r"__\d+(:\d+)?$", name):
            return name
        return names.setdefault(name, f"temporary_{len(names)}")

    for node in graph.node:
        node.name = rename(node.name)
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]
    for tensor in graph.initializer:
        tensor.name = rename(tensor.name)
    tensors = sorted(graph.initializer, key=lambda tensor: tensor.name)
    del graph.initializer[:]
    graph.initializer.extend(tensors)
    del graph.value_info[:]  # it may hold the old names


def main() -> None:
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    data = load_digits()
    rows = data.data.astype(np.float32)
    learnt, test, learnt_labels, test_labels = train_test_split(
        rows, data.target, test_size=TEST_ROWS, stratify=data.target, random_state=SEED
    )
    network = build()
    train(network, learnt, learnt_labels)
    probabilities = network.predict(test, verbose=0)
    prediction = probabilities.argmax(axis=1)
    scores = metrics.classification(test_labels, prediction, probabilities)
    if scores["accuracy"] < WANTED_ACCURACY:
        raise SystemExit(f"accuracy {scores['accuracy']:.4f} on held-out digits, wanted {WANTED_ACCURACY}")

    publish(
        Version(
            folder=Path(__file__).resolve().parent,
            title="Handwritten digits",
            description="Reads a handwritten digit from 8 × 8 pixels, 0 (paper) to 16 (ink): a convolutional network "
            "of two layers, trained on the digits of Alpaydin and Kaynak, 1998.",
            created="2026-11-22",
            onnx_bytes=serialise(export(network)),
            trainer=["keras", "tensorflow-cpu", "tf2onnx"],
            columns=[
                Column(f"pixel_{y}_{x}", f"Pixel in row {y + 1}, column {x + 1}") for y in range(SIDE) for x in range(SIDE)
            ],
            training_features=learnt,
            features=test[:SAMPLE_ROWS],
            prediction=prediction[:SAMPLE_ROWS],
            probabilities=probabilities[:SAMPLE_ROWS],
            classes=[int(digit) for digit in data.target_names],
            class_names=[str(digit) for digit in data.target_names],
            image={"width": SIDE, "height": SIDE, "max": DARKEST},
            metrics=scores,
            test_rows=len(test),
        )
    )


if __name__ == "__main__":
    main()
