"""A file into a trained model.

.pkl .pickle .joblib (compressed or not)   pickle, which runs code: only when it is trusted
.txt                                       LightGBM's own text
.json .ubj                                 XGBoost's own files
.keras .h5 .hdf5, a SavedModel's folder    Keras
.pt2                                       PyTorch's exported program, whose weights are pickled
"""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path
from typing import Any

from .errors import ConversionError, Untrusted

KERAS_SUFFIXES = (".keras", ".h5", ".hdf5")
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def kind_of(path: Path) -> str:
    """pickle, lightgbm, xgboost, keras, savedmodel or torch: by the file's first bytes, then by its name."""
    if path.is_dir():
        if (path / "saved_model.pb").exists():
            return "savedmodel"
        raise ConversionError(f"{path} is a folder and holds no saved_model.pb, so it is no SavedModel.")
    if not path.exists():
        raise ConversionError(f"there is no file {path}.")
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise ConversionError(f"{path} is empty.")
    if suffix == ".pt2":
        return "torch"
    if suffix in KERAS_SUFFIXES or head.startswith(HDF5_MAGIC):
        return "keras"
    if suffix == ".onnx":
        raise ConversionError(f"{path} is an ONNX model already: predikt loads it as it is.")
    if suffix in (".pt", ".pth"):
        raise ConversionError(
            f"{path} holds weights or a whole pickled module, and not what it computes: save it with "
            "torch.export.save(torch.export.export(model, (sample,)), 'model.pt2') and convert that."
        )
    if head.startswith(b"tree\n"):
        return "lightgbm"
    if suffix == ".ubj" or (suffix == ".json" and head.lstrip().startswith(b"{")):
        return "xgboost"
    if zipfile.is_zipfile(path):
        raise ConversionError(f"{path} is a zip archive; of these, .keras and .pt2 files are read, under these names.")
    return "pickle"


def load_classical(path: Path, kind: str, *, trust: bool) -> Any:
    """The estimator or booster in the file. Raises Untrusted before a pickle is opened that nobody vouches for."""
    if kind == "lightgbm":
        return needs("lightgbm").Booster(model_file=str(path))
    if kind == "xgboost":
        return load_xgboost(path)
    if not trust:
        raise Untrusted(path)
    return load_pickle(path)


def load_xgboost(path: Path) -> Any:
    xgboost = needs("xgboost")
    booster = xgboost.Booster()
    try:
        booster.load_model(str(path))
    except xgboost.core.XGBoostError as error:
        raise ConversionError(f"XGBoost does not read {path}: {str(error).strip().splitlines()[0]}") from error
    return booster


def load_pickle(path: Path) -> Any:
    """A pickle or joblib file, compressed or not. This runs whatever code the file names."""
    joblib = needs("joblib")
    try:
        loaded = joblib.load(path)
    except ModuleNotFoundError as error:
        raise ConversionError(
            f"{path} needs the Python package {error.name!r}, which is not installed here: install the version "
            "that it was trained with."
        ) from error
    except AttributeError as error:
        raise ConversionError(
            f"{path} refers to code that is not there: {error}. A class or function of the training script has to be "
            "importable: put it into a module, and that module's folder on PYTHONPATH."
        ) from error
    except Exception as error:
        raise ConversionError(
            f"{path} cannot be unpickled: {type(error).__name__}: {error}. Is it a pickle or joblib file, and were its "
            "libraries of about the same versions?"
        ) from error
    if not any(hasattr(loaded, method) for method in ("predict", "transform")):
        held = f" with {', '.join(map(repr, list(loaded)[:8]))}" if isinstance(loaded, dict) else ""
        raise ConversionError(
            f"{path} holds a {type(loaded).__name__}{held} and no fitted estimator: pickle the estimator itself, "
            "with what comes before it in a Pipeline."
        )
    return loaded


def needs(module: str) -> Any:
    """The module, or a sentence that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConversionError(
            f"this needs the Python package {module}, which is not installed: see tools/README.md for what to install."
        ) from error
