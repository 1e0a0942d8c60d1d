"""Keras models into ONNX: .keras, HDF5, and SavedModels.

Keras's own `model.export(format="onnx")` is tried first, then tf2onnx on the model's function.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx.numpy_helper

import onnx

from .errors import ConversionError
from .networks import FREE_LENGTH, ROWS, Network, by_graph_names, graph_inputs, rows_of

OPSET = 17
SEED = 20
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def convert(
    path: Path, *, trust: bool, opset: int | None = None, rows: int | None = None, data: np.ndarray | None = None
) -> Network:
    """Raises ConversionError when Keras is not there, does not read the file, or neither exporter takes the model."""
    keras = import_keras()
    model = load(keras, path, trust=trust)
    if not model.inputs:
        raise ConversionError(f"{path} holds a Keras model without inputs: call it once on data, and save it again.")
    count = rows or ROWS
    if data is not None:
        if len(model.inputs) > 1:
            raise ConversionError(f"{path} has {len(model.inputs)} inputs; rows from --data are for models with one.")
        tensors = [rows_of(data, model.inputs[0].shape, model.inputs[0].dtype, "--data")]
    else:
        tensors = synthetic(keras, model, count)
    answers = ask(keras, model, tensors)
    exported = export(keras, model, opset)
    feeds, outputs = by_graph_names(exported, tensors, answers)
    return Network(exported, feeds, outputs, "synthetic" if data is None else "--data")


def import_keras() -> Any:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", category=FutureWarning, module="keras")
    try:
        import keras
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
    except ImportError as error:
        raise ConversionError(
            "Keras with TensorFlow is needed for .keras and .h5 files and is not installed: "
            "pip install -r models/requirements.txt, in an environment of its own (it takes two gigabytes)."
        ) from error
    return keras


def load(keras: Any, path: Path, *, trust: bool) -> Any:
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=not trust)
    except ConversionError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        if "safe_mode" in text or "unsafe" in text.lower():
            raise ConversionError(
                f"{path} holds Python code (a Lambda layer), which would run with your rights. It was not run. "
                "Say --trust when you know who made the file."
            ) from error
        hint = (
            " A class of your own must be registered: put it into a module with keras.saving.register_keras_serializable."
            if "custom" in text.lower() or "Could not locate" in text
            else ""
        )
        raise ConversionError(f"Keras {keras.__version__} does not read {path}: {text[:400]}{hint}") from error


def ask(keras: Any, model: Any, tensors: list[np.ndarray]) -> list[np.ndarray]:
    """What the model itself answers, its outputs in order."""
    answered = model(inputs_of(keras, model, tensors), training=False)
    return [keras.ops.convert_to_numpy(value) for value in keras.tree.flatten(answered)]


def inputs_of(keras: Any, model: Any, tensors: list[np.ndarray]) -> Any:
    """The tensors in the structure that the model was built with: one, a list, or names."""
    structure = getattr(model, "_inputs_struct", None)
    if structure is None or len(tensors) == 1 and not isinstance(structure, (dict, list, tuple)):
        return tensors[0] if len(tensors) == 1 else tensors
    return keras.tree.pack_sequence_as(structure, tensors)


def synthetic(keras: Any, model: Any, count: int) -> list[np.ndarray]:
    """Inputs of the right shapes, in the range that the model's own first layers expect."""
    random = np.random.default_rng(SEED)
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    tensors = []
    for tensor in model.inputs:
        shape = (count, *(FREE_LENGTH if size is None else size for size in tensor.shape[1:]))
        if tensor.shape[0] is not None:
            shape = (tensor.shape[0], *shape[1:])
        tensors.append(draw(keras, layers, shape, str(tensor.dtype), random, single=len(model.inputs) == 1))
    return tensors


def draw(
    keras: Any, layers: list[Any], shape: tuple[int, ...], dtype: str, random: np.random.Generator, *, single: bool
) -> np.ndarray:
    vocabularies = [layer.input_dim for layer in layers if isinstance(layer, keras.layers.Embedding)]
    first = next((layer for layer in layers if not isinstance(layer, keras.layers.InputLayer)), None)
    if "int" in dtype or (vocabularies and single and isinstance(first, keras.layers.Embedding)):
        return random.integers(0, min(vocabularies, default=10), size=shape).astype(dtype)
    if dtype == "string":
        raise ConversionError("the model takes texts, for which Keras has no export to ONNX: give it numbers.")
    if single and isinstance(first, keras.layers.Rescaling) and np.ndim(first.scale) == 0:
        return random.uniform(0, 1 / float(first.scale), size=shape).astype(dtype)
    if single and isinstance(first, keras.layers.Normalization):
        mean = np.asarray(keras.ops.convert_to_numpy(first.mean))
        spread = np.sqrt(np.asarray(keras.ops.convert_to_numpy(first.variance)))
        return (mean + spread * random.standard_normal(shape)).astype(dtype)
    return random.standard_normal(shape).astype(dtype)


def export(keras: Any, model: Any, opset: int | None) -> onnx.ModelProto:
    """Keras's own export, or tf2onnx's; when neither works, both reasons."""
    reasons = []
    for name, exporter in (("Keras's export", export_by_keras), ("tf2onnx", export_by_tf2onnx)):
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                exported = exporter(keras, model, opset)
            inputs = [value.name for value in graph_inputs(exported)]
            if len(inputs) == len(model.inputs):
                return exported
            reasons.append(f"{name}: it made inputs of the model's constants: {', '.join(inputs)}")
        except Exception as error:
            reasons.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
    raise ConversionError(f"neither exporter takes this model. {' '.join(reasons)}")


def export_by_keras(_: Any, model: Any, opset: int | None) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(path, format="onnx", verbose=False, opset_version=opset or OPSET)
        return onnx.load(path)


def export_by_tf2onnx(keras: Any, model: Any, opset: int | None) -> onnx.ModelProto:
    import tensorflow as tf
    import tf2onnx

    specs = [tf.TensorSpec(tensor.shape, tensor.dtype, name=f"input_{i}") for i, tensor in enumerate(model.inputs)]

    @tf.function(input_signature=specs)
    def call(*tensors: Any) -> Any:
        return model(inputs_of(keras, model, list(tensors)), training=False)

    exported, _ = tf2onnx.convert.from_function(call, input_signature=specs, opset=opset or OPSET)
    fill_in_constants(exported, call.get_concrete_function(*specs))
    return exported


def fill_in_constants(exported: onnx.ModelProto, function: Any) -> None:
    """tf2onnx makes an input of each constant that the function holds on to, as Normalization does: they get their values."""
    held = {inside.name: outside for outside, inside in function.graph.captures if hasattr(outside, "numpy")}
    for value in list(exported.graph.input):
        if value.name in held and held[value.name].dtype.is_floating:
            exported.graph.initializer.append(onnx.numpy_helper.from_array(held[value.name].numpy(), value.name))
            exported.graph.input.remove(value)


def convert_savedmodel(path: Path, *, opset: int | None = None, rows: int | None = None) -> Network:
    """A SavedModel's default signature, through tf2onnx. Its graph may hold any operator, so only trusted ones are run."""
    import_keras()
    import tensorflow as tf
    import tf2onnx

    loaded = tf.saved_model.load(str(path))
    signatures = list(loaded.signatures)
    if not signatures:
        raise ConversionError(f"{path} has no signatures: save it with model.export(folder).")
    serve = loaded.signatures["serving_default" if "serving_default" in signatures else signatures[0]]
    specs = dict(sorted(serve.structured_input_signature[1].items()))
    names = list(specs)

    @tf.function(input_signature=list(specs.values()))
    def call(*tensors: Any) -> Any:
        return serve(**dict(zip(names, tensors, strict=True)))

    random = np.random.default_rng(SEED)
    tensors = []
    for spec in specs.values():
        if spec.shape.rank is None or spec.dtype == tf.string:
            raise ConversionError(
                f"the input {spec.name} of {path} has no shape or takes texts: export the model itself."
            )
        shape = [
            (rows or ROWS) if i == 0 and size is None else size or FREE_LENGTH for i, size in enumerate(spec.shape)
        ]
        values = random.integers(0, 10, shape) if spec.dtype.is_integer else random.standard_normal(shape)
        tensors.append(np.asarray(values).astype(spec.dtype.as_numpy_dtype))
    answered = call(*[tf.constant(tensor) for tensor in tensors])
    try:
        exported, _ = tf2onnx.convert.from_function(call, input_signature=list(specs.values()), opset=opset or OPSET)
    except Exception as error:
        raise ConversionError(f"tf2onnx does not take {path}: {' '.join(str(error).split())[:400]}") from error
    flat = [value.numpy() for value in tf.nest.flatten(answered)]
    feeds, outputs = by_graph_names(exported, tensors, flat)
    return Network(exported, feeds, outputs, "synthetic")
