"""Converts a trained model to ONNX, and proves that the ONNX file answers in predikt as its trainer did.

    python tools/convert.py model.pkl --trust            scikit-learn, LightGBM or XGBoost, pickle or joblib
    python tools/convert.py model.txt                    LightGBM's own file; XGBoost's are .json and .ubj
    python tools/convert.py model.keras                  Keras 3; .h5 for HDF5; a SavedModel's folder with --trust
    python tools/convert.py model.pt2 --trust            PyTorch's torch.export.save

writes OUT/model.onnx and OUT/samples.json, the samples with the trainer's own answers, after it has replayed them in predikt
through Node. Where they differ it says how and writes nothing. See tools/README.md.

Exit status: 0 converted and equal, 1 not converted or not equal, 2 called wrongly or refused for want of --trust.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from conversion.compare import Tolerance, report
from conversion.errors import ConversionError, Untrusted
from conversion.load import kind_of, load_classical


@dataclass
class Candidate:
    """A converted model that may or may not be equal to its trainer."""

    how: str
    model: Any
    document: dict[str, Any]
    check: Any
    subject: Any = None


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        run(options)
    except Untrusted as refused:
        say(f"refused: {refused}")
        return 2
    except ConversionError as error:
        say(f"error: {error}")
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    summary, _, _ = (__doc__ or "").partition("\n\n")
    found = argparse.ArgumentParser(prog="convert.py", description=summary)
    found.add_argument("model", type=Path, help="the trained model's file, or a SavedModel's folder")
    found.add_argument("--out", type=Path, help="folder to write into; default: the model's name without its ending")
    found.add_argument(
        "--trust", action="store_true", help="the file may run code when it is opened: you know who made it"
    )
    found.add_argument("--data", "--samples", type=Path, help="rows to try it on: .csv, .tsv, .json, .npy or .parquet")
    found.add_argument(
        "--schema", type=Path, help='the inputs as JSON, where the model does not know them: {"inputs": […]}'
    )
    found.add_argument("--rows", type=int, help="how many rows to try; default 100, for networks 16, of --data all")
    found.add_argument("--rtol", type=float, default=1e-5, help="relative tolerance for floats; default 1e-5")
    found.add_argument("--atol", type=float, help="absolute tolerance; default a tenth of rtol of the largest value")
    found.add_argument("--opset", type=int, help="version of ai.onnx to write; default the exporter's")
    found.add_argument("--float64", action="store_true", help="float64 inputs instead of float32 (classical models)")
    found.add_argument("--zipmap", choices=["default", "false", "columns"], default="default", help="of classifiers")
    found.add_argument("--options", type=json.loads, default={}, help="more options for skl2onnx, as JSON")
    found.add_argument("--force", action="store_true", help="write over what is in OUT")
    found.add_argument("--manifest", action="store_true", help="write manifest.json too, for publishing")
    found.add_argument("--name", help="manifest: the model's name; default the name of OUT's parent")
    found.add_argument("--version", help="manifest: the version; default the name of OUT")
    found.add_argument("--title", help="manifest: a title; default the name")
    found.add_argument("--description", default="", help="manifest: a sentence")
    return found


def run(options: argparse.Namespace) -> None:
    path: Path = options.model
    kind = kind_of(path)
    out: Path = options.out or Path(path.stem if path.is_file() else f"{path.name}-onnx")
    if (out / "model.onnx").exists() and not options.force:
        raise ConversionError(f"{out} holds a model.onnx already: choose another --out, or write over it with --force.")
    if out.exists() and not out.is_dir():
        raise ConversionError(f"{out} is a file: choose another folder with --out.")
    if kind == "savedmodel" and not options.trust:
        raise Untrusted(path)
    tolerance = Tolerance(options.rtol, options.atol)
    failure = None
    for candidate in candidates(path, kind, options):
        failure = verify_and_write(candidate, out, options, tolerance)
        if failure is None:
            return
    raise ConversionError(failure or f"{path} was not converted.")


def candidates(path: Path, kind: str, options: argparse.Namespace) -> Iterator[Candidate]:
    if kind in ("keras", "savedmodel", "torch"):
        yield network(path, kind, options)
        return
    estimator = load_classical(path, kind, trust=options.trust)
    from conversion import estimators

    subject = estimators.prepare(
        estimator,
        schema_file=options.schema,
        data=options.data,
        rows=options.rows,
        float_type="float64" if options.float64 else "float32",
    )
    say(f"{type(estimator).__name__}: {len(subject.rows)} samples, {described(subject.source)}")
    chosen = dict(options.options)
    if options.zipmap != "default":
        chosen["zipmap"] = False if options.zipmap == "false" else "columns"
    for how, model in subject.exports(chosen, options.opset, options.name or path.stem):
        yield Candidate(how, model, subject.document(), lambda t, m=model: subject.check(m, t), subject)


def network(path: Path, kind: str, options: argparse.Namespace) -> Candidate:
    data = None
    if options.data:
        import numpy as np

        if options.data.suffix != ".npy":
            raise ConversionError("rows for a network are read from a .npy file.")
        data = np.load(options.data, allow_pickle=False)[: options.rows]
    if kind == "torch":
        from conversion import torch

        found = torch.convert(path, trust=options.trust, opset=options.opset, rows=options.rows, data=data)
    else:
        from conversion import keras

        if kind == "savedmodel":
            found = keras.convert_savedmodel(path, opset=options.opset, rows=options.rows)
        else:
            found = keras.convert(path, trust=options.trust, opset=options.opset, rows=options.rows, data=data)
    if options.data:
        found.source = options.data.name
    say(f"{path.name}: {len(next(iter(found.feeds.values())))} samples, {described(found.source)}")
    return Candidate("", found.model, found.document(), found.check)


def described(source: str) -> str:
    if source == "synthetic":
        return "synthetic (drawn from what the model knows; give real rows with --data)"
    return f"from {source}"


def verify_and_write(candidate: Candidate, out: Path, options: argparse.Namespace, tolerance: Tolerance) -> str | None:
    """Writes OUT and answers nothing, or writes nothing and answers what is not equal."""
    from conversion.document import write_json
    from conversion.replay import replay

    content = serialised(candidate.model)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".convert-") as folder:
        made = Path(folder)
        (made / "model.onnx").write_bytes(content)
        write_json(made / "samples.json", candidate.document)
        verdict = candidate.check(tolerance)
        replayed = replay(made / "model.onnx", made / "samples.json", tolerance)
        if not replayed.equal:
            return blame(replayed, verdict)
        if options.manifest:
            write_json(made / "manifest.json", manifest(content, candidate, out, options))
        out.mkdir(exist_ok=True)
        for file in sorted(made.iterdir()):
            os.replace(file, out / file.name)
    how = f", exported {candidate.how}" if candidate.how else ""
    where = "predikt and in ONNX Runtime" if verdict.equal else "predikt"
    said = f"{replayed.rows} samples equal in {where} within {tolerance.rtol:g}"
    say(f"{out}/model.onnx: {len(content)} bytes{how}; {said}")
    return None


def blame(replayed: Any, verdict: Any) -> str:
    """What differs, and whose doing it is as far as ONNX Runtime can tell. Nothing was written."""
    if replayed.error:
        said = f"predikt does not run the converted model: {replayed.error}"
    else:
        said = f"predikt answers otherwise than the trainer. {report(replayed.found, replayed.rows)}"
    if verdict.unavailable:
        whose = f"Whether the converter or predikt is at fault is not known: {verdict.unavailable}."
    elif verdict.equal:
        whose = (
            "ONNX Runtime answers as the trainer does on the same file: this is an error of predikt, please report it."
        )
    else:
        rows = replayed.rows or len(verdict.found)
        whose = (
            f"ONNX Runtime differs from the trainer as well, so it is the converter's doing: {report(verdict.found, rows)}\n"
            "Rows may lie so near a border that float32 decides: try --float64, or a larger --rtol."
        )
    return f"{said}\n{whose}\nNothing was written."


def manifest(content: bytes, candidate: Candidate, out: Path, options: argparse.Namespace) -> dict[str, Any]:
    from conversion.publish import manifest as card

    name = options.name or out.resolve().parent.name
    return card(
        content,
        candidate.model,
        candidate.subject,
        name=name,
        version=options.version or out.name,
        title=options.title or name,
        description=options.description,
    )


def serialised(model: Any) -> bytes:
    """The same bytes on every run: exporters list the opsets in the order of a Python set, and some list one twice."""
    opsets = {opset.domain: opset.version for opset in sorted(model.opset_import, key=lambda opset: opset.version)}
    del model.opset_import[:]
    for domain, version in sorted(opsets.items()):
        model.opset_import.add(domain=domain, version=version)
    return model.SerializeToString(deterministic=True)


def say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
