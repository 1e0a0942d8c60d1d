"""Writes the table out of which `tests/fuzz_operators` makes random nodes.

    python tools/fuzz_table.py > tests/fuzz_operators/operators.txt

One line an operator and version, from the specifications in the installed `onnx` package; those of com.microsoft are
listed here, from onnxruntime's ContribOperators.md:

    domain|name|version|fewest inputs|most inputs|fewest outputs|most outputs|type of each input|name:kind of each attribute

Operators are those whose names stand in quotes in src/ops. The type of an input is the name of its type variable, or
its only type. A kind is that of an AttributeProto, lower case, with a `!` where the attribute is required.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import onnx
from onnx import defs

MOST = 6
MICROSOFT = [
    "com.microsoft|CDist|1|2|2|1|1|T T|metric:string!",
    "com.microsoft|FusedMatMul|1|2|2|1|1|T T|alpha:float transA:int transB:int transBatchA:int transBatchB:int",
    "com.microsoft|MurmurHash3|1|1|1|1|1|T1|positive:int seed:int",
    "com.microsoft|Tokenizer|1|1|1|1|1|T|mark:int! mincharnum:int! pad_value:string! separators:strings tokenexp:string",
]


def line(schema: defs.OpSchema) -> str:
    """The table's line of one version of an operator."""
    types = [held.type_str.replace("tensor(", "").replace(")", "") for held in schema.inputs]
    attributes = [
        f"{name}:{held.type.name.lower()}{'!' if held.required else ''}"
        for name, held in sorted(schema.attributes.items())
    ]
    numbers = [schema.min_input, min(schema.max_input, MOST), schema.min_output, min(schema.max_output, MOST)]
    fields = [schema.domain, schema.name, schema.since_version, *numbers, " ".join(types), " ".join(attributes)]
    return "|".join(map(str, fields))


def main() -> None:
    """Prints the table."""
    warnings.simplefilter("ignore")
    sources = Path(__file__).parent.parent.joinpath("src/ops").rglob("*.rs")
    quoted = {name for path in sources for name in re.findall(r'"([A-Z]\w+)"', path.read_text())}
    schemas = [
        held
        for held in defs.get_all_schemas_with_history()
        if held.domain in ("", "ai.onnx.ml") and held.name in quoted
    ]
    schemas.sort(key=lambda held: (held.domain, held.name, held.since_version))
    print(f"# onnx {onnx.__version__}, by tools/fuzz_table.py")
    for text in [line(schema) for schema in schemas] + MICROSOFT:
        print(text)


if __name__ == "__main__":
    main()
