"""PyTorch's exported programs (.pt2) into ONNX, by PyTorch's own exporter."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import onnx

from .errors import ConversionError, Untrusted
from .networks import ROWS, Network, by_graph_names, rows_of

SEED = 20


def convert(
    path: Path, *, trust: bool, opset: int | None = None, rows: int | None = None, data: np.ndarray | None = None
) -> Network:
    """Raises Untrusted before the file is opened, and ConversionError when PyTorch is not there or does not take it."""
    if not trust:
        raise Untrusted(path)
    torch = import_torch()
    try:
        program = torch.export.load(path)
    except Exception as error:
        raise ConversionError(
            f"PyTorch {torch.__version__} does not read {path}: {' '.join(str(error).split())[:400]} "
            "It has to be written with torch.export.save."
        ) from error
    if program.example_inputs is None:
        raise ConversionError(
            f"{path} was saved without its example inputs, which give the inputs' shapes: save it with them."
        )
    arguments, named = program.example_inputs
    if named:
        raise ConversionError(f"{path} takes arguments by name ({', '.join(named)}): export it with positional ones.")
    exported = export(torch, program, opset)
    if data is not None:
        if len(arguments) > 1:
            raise ConversionError(f"{path} has {len(arguments)} inputs; rows from --data are for models with one.")
        example = arguments[0].numpy()
        tensors = [rows_of(data, (None, *example.shape[1:]), example.dtype, "--data")]
    else:
        tensors = synthetic(exported, [argument.numpy() for argument in arguments], rows or ROWS)
    answers = ask(torch, program, tensors)
    feeds, outputs = by_graph_names(exported, tensors, answers)
    return Network(exported, feeds, outputs, "synthetic" if data is None else "--data")


def import_torch() -> Any:
    try:
        import onnxscript  # noqa: F401
        import torch
    except ImportError as error:
        raise ConversionError(
            f"PyTorch and onnxscript are needed for .pt2 files, and {error.name or 'one of them'} is not installed: "
            "pip install torch onnxscript, in an environment of its own."
        ) from error
    return torch


def export(torch: Any, program: Any, opset: int | None) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            options = {} if opset is None else {"opset_version": opset}
            return torch.onnx.export(program, (), dynamo=True, verbose=False, **options).model_proto
    except Exception as error:
        raise ConversionError(f"PyTorch's exporter does not take it: {' '.join(str(error).split())[:500]}") from error


def ask(torch: Any, program: Any, tensors: list[np.ndarray]) -> list[np.ndarray]:
    """What the program itself answers, its outputs in order."""
    with torch.no_grad():
        answered = program.module()(*[torch.from_numpy(tensor.copy()) for tensor in tensors])
    flat, _ = torch.utils._pytree.tree_flatten(answered)
    return [value.numpy() for value in flat]


def synthetic(model: onnx.ModelProto, examples: list[np.ndarray], rows: int) -> list[np.ndarray]:
    """Inputs like the examples, with `rows` rows where the batch is free: floats as spread, whole numbers in their range."""
    random = np.random.default_rng(SEED)
    tensors = []
    for value, example in zip(model.graph.input, examples, strict=False):
        dims = value.type.tensor_type.shape.dim
        free = len(dims) > 0 and not dims[0].HasField("dim_value")
        shape = (rows, *example.shape[1:]) if free else example.shape
        if example.dtype.kind == "f":
            centre, spread = float(example.mean()), float(example.std()) or 1.0
            drawn = centre + spread * random.standard_normal(shape)
        elif example.dtype.kind == "b":
            drawn = random.random(shape) < 0.5
        else:
            drawn = random.integers(example.min(), example.max() + 1, size=shape)
        tensors.append(np.asarray(drawn).astype(example.dtype))
    return tensors
