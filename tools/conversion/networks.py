"""What Keras and PyTorch models share: samples for their inputs, and the comparison with what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import onnx

from . import document
from .compare import Difference, Tolerance, differences
from .errors import ConversionError
from .onnxruntime_check import Verdict, run

FREE_LENGTH = 6  # of a free dimension that is not the batch
ROWS = 16


@dataclass
class Network:
    """A converted network with the inputs that it was tried on and what its trainer answered, by the graph's names."""

    model: onnx.ModelProto
    feeds: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    source: str

    def document(self) -> dict[str, Any]:
        """For `predict` where rows of numbers go in and come out, else for `run`."""
        (name, values), *others = self.feeds.items()
        (_, answers), *more = self.outputs.items()
        rows = values.ndim == 2 and answers.ndim in (1, 2) and values.dtype == np.float32 and free_rows(self.model)
        if others or more or not rows:
            return document.of_tensors(self.feeds, self.outputs, self.source)
        one = answers[:, 0] if answers.ndim == 2 and answers.shape[1] == 1 else answers
        return {
            "source": self.source,
            "features": [[document.number(value, "float32") for value in row] for row in values.tolist()],
            "prediction": document.json_values(one),
        }

    def check(self, tolerance: Tolerance) -> Verdict:
        try:
            got = run(self.model, self.feeds)
        except ImportError:
            return Verdict(unavailable="ONNX Runtime is not installed")
        except Exception as error:
            return Verdict(unavailable=f"ONNX Runtime does not run it: {' '.join(str(error).split())[:300]}")
        found: list[Difference] = []
        for name, expected in self.outputs.items():
            found += differences(name, got[name], expected, tolerance)
        return Verdict(found)


def free_rows(model: onnx.ModelProto) -> bool:
    """Whether the first dimension of every input is free."""
    shapes = [value.type.tensor_type.shape for value in graph_inputs(model)]
    return all(len(shape.dim) > 0 and not shape.dim[0].HasField("dim_value") for shape in shapes)


def graph_inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    filled = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in filled]


def by_graph_names(
    model: onnx.ModelProto, inputs: list[np.ndarray], outputs: list[np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The trainer's tensors under the graph's names, in the graph's order, which exporters keep."""
    input_names = [value.name for value in graph_inputs(model)]
    output_names = [value.name for value in model.graph.output]
    for what, names, tensors in (("inputs", input_names, inputs), ("outputs", output_names, outputs)):
        if len(names) != len(tensors):
            raise ConversionError(f"the exported graph has the {what} {names}, and the model has {len(tensors)}.")
    return dict(zip(input_names, inputs, strict=True)), dict(zip(output_names, outputs, strict=True))


def rows_of(values: np.ndarray, shape: tuple[int | None, ...], dtype: Any, source: str) -> np.ndarray:
    """Rows that the user gave in the shape of the model's only input."""
    wanted = [FREE_LENGTH if size is None else size for size in shape[1:]]
    if values.shape[1:] == tuple(wanted):
        return values.astype(dtype)
    if values.size // len(values) != int(np.prod(wanted)):
        raise ConversionError(
            f"{source} has rows of {values.size // len(values)} values, and the model takes {wanted}."
        )
    return values.reshape(len(values), *wanted).astype(dtype)
