"""Checks everything that is published (hashes, aliases, golden samples, held-out rows), then writes models/index.json.

Run after each model's train.py:  python models/publish.py
"""

from __future__ import annotations

import json
from pathlib import Path

import onnx
from json_rows import write_json
from publishing import check_answers, integrity, signature

ROOT = Path(__file__).resolve().parent
ORDER = ["iris", "diabetes", "digits", "progression"]  # as a page lists them


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def check(condition: bool, complaint: str) -> None:
    if not condition:
        raise SystemExit(complaint)


def check_version(folder: Path) -> None:
    where = f"{folder.parent.name}/{folder.name}"
    manifest = read(folder / "manifest.json")
    check(manifest["name"] == folder.parent.name, f"{where}: the manifest names {manifest['name']!r}")
    check(manifest["version"] == folder.name, f"{where}: the manifest is of version {manifest['version']!r}")
    content = (folder / manifest["model"]["path"]).read_bytes()
    check(len(content) == manifest["model"]["bytes"], f"{where}: the model has {len(content)} bytes")
    check(integrity(content) == manifest["model"]["integrity"], f"{where}: the model is not the one of the manifest")
    check(
        signature(onnx.load_from_string(content)) == manifest["signature"],
        f"{where}: the signature is not the model's",
    )
    for what, rows in (("golden", manifest["golden"]), ("samples", read(folder / "samples.json"))):
        check_answers(f"{where} {what}", content, rows["features"], rows["prediction"], rows.get("probabilities"))
    print(f"{where}: {len(content)} bytes, {len(manifest['golden']['features'])} golden samples, all as trained")


def check_model(folder: Path) -> None:
    card = read(folder / "model.json")
    check(card["name"] == folder.name, f"{folder.name}: model.json names {card['name']!r}")
    for alias, version in card["aliases"].items():
        check(version in card["versions"], f"{folder.name}: {alias} points to version {version}, which is not listed")
    for version in card["versions"]:
        check_version(folder / version)


def main() -> None:
    found = {path.parent.name for path in ROOT.glob("*/model.json")}
    check(found == set(ORDER), f"published: {', '.join(sorted(found))}; expected: {', '.join(ORDER)}")
    for name in ORDER:
        check_model(ROOT / name)
    write_json(ROOT / "index.json", {"models": ORDER})


if __name__ == "__main__":
    main()
