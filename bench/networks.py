"""Collects networks that come inside public packages, for the bench.

    python networks.py OUT PACKAGES

`PACKAGES` is a folder into which rapidocr-onnxruntime was installed without what it depends on. Of each network:
`NAME.onnx`, and `NAME.json` with its title, its input and the shape that is timed. The light models of onnx's backend tests have the
graphs of well-known networks and constants for weights, so that only their speed says anything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import onnx

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
DIGITS = Path(__file__).resolve().parents[1] / "models" / "digits" / "1" / "model.onnx"
OCR = "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx"


def write(out: Path, name: str, title: str, source: Path, dims: list[int] | None = None) -> None:
    model = onnx.load(source)
    weights = {tensor.name for tensor in model.graph.initializer}
    (given,) = (value for value in model.graph.input if value.name not in weights)
    declared = [size.dim_value for size in given.type.tensor_type.shape.dim]
    (out / f"{name}.onnx").write_bytes(source.read_bytes())
    described = {"title": title, "input": given.name, "dims": dims or declared}
    (out / f"{name}.json").write_text(json.dumps(described), encoding="utf-8")
    print(f"{name}: {source.stat().st_size:,} bytes, {described}")


def main() -> None:
    out, packages = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    write(out, "digits", "digits, 1 row", DIGITS, [1, 64])
    write(out, "digits-32", "digits, 32 rows", DIGITS, [32, 64])
    write(out, "squeezenet", "SqueezeNet", LIGHT / "light_squeezenet.onnx")
    write(out, "resnet50", "ResNet-50", LIGHT / "light_resnet50.onnx")
    write(out, "pp-ocr-detection", "PP-OCR detection, 320 × 320", packages / OCR, [1, 3, 320, 320])


if __name__ == "__main__":
    main()
