"""Runs samples through predikt, in Node: tools/replay.mjs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .compare import Difference, Tolerance
from .errors import ConversionError

SCRIPT = Path(__file__).resolve().parents[1] / "replay.mjs"
BUILT = SCRIPT.parents[1] / "dist" / "entry" / "node.js"
PACKAGE_VARIABLE = "PREDIKT_PACKAGE"
TIMEOUT = 600


@dataclass
class Replay:
    """What predikt said to the samples: the differences, or the error that it stopped with."""

    rows: int = 0
    found: list[Difference] = field(default_factory=list)
    error: str | None = None

    @property
    def equal(self) -> bool:
        return not self.found and self.error is None


def package() -> Path:
    """predikt's entry for Node: $PREDIKT_PACKAGE, or what `make build` leaves in dist/."""
    return Path(os.environ.get(PACKAGE_VARIABLE) or BUILT).resolve()


def replay(model: Path, samples: Path, tolerance: Tolerance) -> Replay:
    """Raises ConversionError when there is no Node or no built package."""
    node = shutil.which("node")
    if node is None:
        raise ConversionError(
            "Node is not on PATH, and the converted model is checked in it: install Node 20 or newer."
        )
    if not package().exists():
        raise ConversionError(
            f"there is no predikt at {package()}: run `make build` first, or set {PACKAGE_VARIABLE} to the path of "
            "an installed package's dist/entry/node.js."
        )
    command = [node, str(SCRIPT), str(model), str(samples), "--package", str(package()), "--rtol", repr(tolerance.rtol)]
    if tolerance.atol is not None:
        command += ["--atol", repr(tolerance.atol)]
    try:
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return Replay(error=f"no answer within {TIMEOUT} seconds: try fewer samples with --rows")
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        raise ConversionError(f"tools/replay.mjs failed: {done.stderr.strip() or done.stdout.strip()}") from error
    if said.get("error"):
        return Replay(error=f"{said['error']['code']}: {said['error']['message']}")
    return Replay(said["rows"], [Difference(**difference) for difference in said["differences"]])
