"""Writes random cases of encoders and text operators with onnxruntime's answers, in the folders of tools/onnx_cases.py.

    python tools/encoder_cases.py FOLDER [--count 8] [--seed 1]

For each operator and each type that it takes there are `--count` cases: Scaler, Normalizer, Imputer, Binarizer,
LabelEncoder (ai.onnx.ml 1, 2, 4), OneHotEncoder, CategoryMapper, ArrayFeatureExtractor, FeatureVectorizer,
StringNormalizer, StringConcat, StringSplit, RegexFullMatch, TfIdfVectorizer, and com.microsoft's Tokenizer and
MurmurHash3.

Where onnxruntime has no kernel for a type that the specification has (Imputer and Binarizer in double precision and in
int32, OneHotEncoder and LabelEncoder of int32), it is asked in another type that holds the same values, and its answer
is converted. Left out is where predikt keeps to the specification and onnxruntime does not: NaN as a key of
LabelEncoder 2, repeated keys in LabelEncoder 4, white space other than spaces in StringSplit; and what onnxruntime
refuses: no texts at all, no rows of tokens.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

ML = "ai.onnx.ml"
MICROSOFT = "com.microsoft"
NUMBERS = [np.float32, np.float64, np.int64, np.int32]
TOLERANCE = {"kind": "encoder", "rtol": 1e-6, "atol": 1e-7}
PIECES = ["a", "b", "ab", "B", "A1", "_", "7", "42", " ", "  ", "\n", ",", ".", "-", "é", "Éa", "ß", "😀", "Σ", "x y"]
Rng = np.random.Generator


@dataclass
class Case:
    operator: str
    inputs: list[np.ndarray]
    outputs: list[Any]
    domain: str = ""
    version: int = 22
    attributes: dict[str, Any] = field(default_factory=dict)
    asked: list[Any] | None = None
    """The types of inputs and outputs for which onnxruntime has a kernel, where it has none for theirs."""


def onnx_type(kind: Any) -> int:
    return TensorProto.STRING if kind is object else helper.np_dtype_to_tensor_dtype(np.dtype(kind))


def kind_of(array: np.ndarray) -> Any:
    return object if array.dtype.kind == "O" else array.dtype.type


def texts(values: list[Any]) -> np.ndarray:
    return np.array(values, dtype=object)


def text(rng: Rng, longest: int = 8) -> str:
    return "".join(str(rng.choice(PIECES)) for _ in range(rng.integers(0, longest + 1)))


def shape(rng: Rng, ranks: list[int]) -> list[int]:
    return [int(rng.integers(1, 5)) for _ in range(rng.choice(ranks))]


def numbers(rng: Rng, dims: list[int], kind: Any, nan: bool = True) -> np.ndarray:
    whole = rng.integers(-4, 5, dims)
    if np.issubdtype(kind, np.integer):
        return np.asarray(whole, kind)
    values = np.asarray(np.where(rng.random(dims) < 0.4, whole, rng.normal(0, 3, dims)), kind)
    if nan:
        values = np.where(rng.random(dims) < 0.1, np.nan, values)
        values = np.where(rng.random(dims) < 0.05, np.inf, values)
    return np.asarray(values, kind)


def singles(rng: Rng, count: int) -> list[float]:
    return [float(np.float32(value)) for value in rng.normal(0, 3, count)]


def scaler(rng: Rng, kind: Any) -> Case:
    x = numbers(rng, shape(rng, [1, 2]), kind)
    count = int(rng.choice([1, x.shape[-1]]))
    attributes = {"scale": singles(rng, count), "offset": singles(rng, count)}
    return Case("Scaler", [x], [np.float32], ML, 4, attributes)


def normalizer(rng: Rng, kind: Any) -> Case:
    x = numbers(rng, shape(rng, [1, 2]), kind)
    if rng.random() < 0.2:
        x = np.zeros_like(x)
    return Case("Normalizer", [x], [np.float32], ML, 4, {"norm": str(rng.choice(["MAX", "L1", "L2"]))})


def imputer(rng: Rng, kind: Any) -> Case:
    # onnxruntime takes double precision for single: the values must survive.
    single = np.float32 if kind is np.float64 else kind
    x = numbers(rng, shape(rng, [1, 2]), single).astype(kind)
    count = int(rng.choice([1, x.shape[-1]]))
    if np.issubdtype(kind, np.integer):
        values = [int(value) for value in rng.integers(-9, 9, count)]
        attributes = {"imputed_value_int64s": values, "replaced_value_int64": int(rng.integers(-1, 2))}
        return Case("Imputer", [x], [kind], ML, 4, attributes, [np.int64, np.int64])
    replaced = float(rng.choice([np.nan, 0, 1]))
    attributes = {"imputed_value_floats": singles(rng, count), "replaced_value_float": replaced}
    return Case("Imputer", [x], [kind], ML, 4, attributes, [np.float32, np.float32])


def binarizer(rng: Rng, kind: Any) -> Case:
    single = np.float32 if kind is np.float64 else kind
    x = numbers(rng, shape(rng, [0, 1, 2, 3]), single, nan=False).astype(kind)
    threshold = float(np.float32(rng.choice([0, 0.5, -1, 2])))
    return Case("Binarizer", [x], [kind], ML, 4, {"threshold": threshold}, [np.float32, np.float32])


def keys(rng: Rng, kind: Any, count: int, nan: bool) -> list[Any]:
    if kind is object:
        return list(dict.fromkeys(text(rng, 3) for _ in range(count)))
    found = list(dict.fromkeys(numbers(rng, [count], kind, nan=False).tolist()))
    if nan and np.issubdtype(kind, np.floating):
        found.append(float("nan"))
    return found


def array(values: list[Any], kind: Any) -> np.ndarray:
    return texts(values) if kind is object else np.array(values, kind)


LABELS = {
    2: [object, np.int64, np.float32],
    4: [object, np.int64, np.float32, np.int32, np.int16, np.float64],
}
SUFFIX = {object: "strings", np.float32: "floats", np.int64: "int64s"}


def label_encoder(rng: Rng, version: int, key: Any, value: Any) -> Case:
    # What onnxruntime has no kernel for is asked as int64.
    wide = {kind: np.int64 if kind is np.int32 else kind for kind in (key, value)}
    held = keys(rng, key, 6, version == 4)
    values = array([text(rng) for _ in held] if value is object else list(numbers(rng, [len(held)], value)), value)
    attributes: dict[str, Any] = {}
    for what, kind, elements in (("keys", key, array(held, key)), ("values", value, values)):
        if kind not in SUFFIX or (version == 4 and rng.random() < 0.5):
            attributes[f"{what}_tensor"] = elements
        else:
            attributes[f"{what}_{SUFFIX[kind]}"] = elements.tolist()
    default = array([text(rng)], object) if value is object else numbers(rng, [1], value, nan=False)
    if rng.random() < 0.7:
        if version == 4 and ("values_tensor" in attributes or rng.random() < 0.3):
            attributes["default_tensor"] = default
        elif value in SUFFIX:
            attributes[f"default_{SUFFIX[value].removesuffix('s')}"] = default.tolist()[0]
    dims = shape(rng, [0, 1, 2])
    choice = held + keys(rng, key, 6, version == 4)
    x = array([choice[rng.integers(len(choice))] for _ in range(int(np.prod(dims)))], key).reshape(dims)
    return Case("LabelEncoder", [x], [value], ML, version, attributes, [wide[key], wide[value]])


def label_index(rng: Rng, key: Any) -> Case:
    classes = keys(rng, object, 5, False)
    attributes = {"classes_strings": classes, "default_string": text(rng), "default_int64": int(rng.integers(-9, 0))}
    if key is object:
        x = texts([str(rng.choice(classes + ["?"])) for _ in range(6)])
        return Case("LabelEncoder", [x], [np.int64], ML, 1, attributes)
    return Case("LabelEncoder", [rng.integers(-2, 8, 6)], [object], ML, 1, attributes)


def one_hot(rng: Rng, kind: Any) -> Case:
    dims = shape(rng, [0, 1, 2])
    if kind is object:
        cats = keys(rng, object, 5, False)
        x = texts([str(rng.choice(cats + ["?"])) for _ in range(int(np.prod(dims)))]).reshape(dims)
        return Case("OneHotEncoder", [x], [np.float32], ML, 4, {"cats_strings": cats})
    cats = [int(cat) for cat in rng.choice(range(-4, 5), rng.integers(1, 6))]
    asked = [np.int64, np.float32] if kind is np.int32 else None
    return Case("OneHotEncoder", [numbers(rng, dims, kind)], [np.float32], ML, 4, {"cats_int64s": cats}, asked)


def category_mapper(rng: Rng, kind: Any) -> Case:
    cats = keys(rng, object, 5, False)
    attributes = {
        "cats_strings": cats,
        "cats_int64s": [int(cat) for cat in rng.integers(0, 9, len(cats))],
        "default_string": text(rng),
        "default_int64": -7,
    }
    if kind is object:
        x = texts([str(rng.choice(cats + ["?"])) for _ in range(6)])
        return Case("CategoryMapper", [x], [np.int64], ML, 4, attributes)
    return Case("CategoryMapper", [rng.integers(0, 9, [2, 3])], [object], ML, 4, attributes)


def any_values(rng: Rng, dims: list[int], kind: Any) -> np.ndarray:
    if kind is object:
        return texts([text(rng, 3) for _ in range(int(np.prod(dims)))]).reshape(dims)
    return numbers(rng, dims, kind)


def extractor(rng: Rng, kind: Any) -> Case:
    x = any_values(rng, shape(rng, [1, 2, 3]), kind)
    y = np.asarray(rng.integers(0, x.shape[-1], shape(rng, [0, 1, 2])), np.int64)
    return Case("ArrayFeatureExtractor", [x, y], [kind], ML, 4)


def vectorizer(rng: Rng, kind: Any) -> Case:
    rows = int(rng.integers(1, 4))
    widths = [int(rng.integers(1, 4)) for _ in range(rng.integers(1, 4))]
    inputs = [numbers(rng, [rows, width], kind) for width in widths]
    if rows == 1 and rng.random() < 0.5:
        inputs = [x.reshape(-1) for x in inputs]
    asked = [max(1, width + int(rng.integers(-1, 2))) for width in widths]
    return Case("FeatureVectorizer", inputs, [np.float32], ML, 4, {"inputdimensions": asked})


def string_normalizer(rng: Rng, _: Any) -> Case:
    words = [text(rng, 2) for _ in range(rng.integers(1, 6))]
    stopwords = [str(word) for word in rng.choice(words + ["a", "B"], rng.integers(0, 3)) if word]
    attributes: dict[str, Any] = {
        "case_change_action": str(rng.choice(["NONE", "LOWER", "UPPER"])),
        "is_case_sensitive": int(rng.integers(2)),
        # The default is a locale that few machines have; this one has the same cases.
        "locale": "C.UTF-8",
    }
    if stopwords:
        attributes["stopwords"] = stopwords
    x = texts(words)
    return Case("StringNormalizer", [x if rng.random() < 0.7 else x.reshape(1, -1)], [object], "", 22, attributes)


def string_concat(rng: Rng, _: Any) -> Case:
    dims = shape(rng, [0, 1, 2])
    other = [int(dim) if rng.random() < 0.6 else 1 for dim in dims][rng.integers(len(dims) + 1) :]
    inputs = [any_values(rng, dims, object), any_values(rng, other, object)]
    return Case("StringConcat", inputs if rng.random() < 0.5 else inputs[::-1], [object])


def string_split(rng: Rng, _: Any) -> Case:
    x = any_values(rng, shape(rng, [0, 1, 2]), object)
    x = texts([value.replace("\n", "") for value in x.flat]).reshape(x.shape)
    attributes: dict[str, Any] = {}
    if rng.random() < 0.7:
        attributes["delimiter"] = str(rng.choice(["", " ", ",", "a", "ab", "é"]))
    if rng.random() < 0.5:
        attributes["maxsplit"] = int(rng.integers(0, 3))
    return Case("StringSplit", [x], [object, np.int64], "", 22, attributes)


ATOMS = [
    "a", "b", "A", "é", "Σ", "7", "_", r"\.", ",", " ", ".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", "[a-z]", "[^a]",
    "[A-Z0-9_]", r"[\w,]", r"[^\W\d]", "[[:alpha:]]", "[^[:punct:]]", "[[:^alnum:]]", r"\x61", r"\x{e9}", r"\n", "[]a-]",
]
PLACES = ["^", "$", r"\b", r"\B", r"\A", r"\z"]
REPEATS = ["", "", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{0,1}", "{2,}", "{0}"]


def pattern(rng: Rng, depth: int = 2) -> str:
    parts = []
    for _ in range(rng.integers(1, 4)):
        roll = rng.random()
        if roll < 0.12:
            parts.append(str(rng.choice(PLACES)) + str(rng.choice(["", "", "*", "?"])))
            continue
        if roll < 0.35 and depth > 0:
            opening = str(rng.choice(["(", "(?:", "(?P<n>", "(?i:", "(?s:", "(?m:", "(?-i:"]))
            opening = opening.replace("n", "n" + str(rng.integers(10**9)))
            part = opening + "|".join(pattern(rng, depth - 1) for _ in range(rng.integers(1, 4))) + ")"
        else:
            part = str(rng.choice(ATOMS))
        parts.append(part + str(rng.choice(REPEATS)))
    flags = str(rng.choice(["", "", "", "(?i)", "(?s)", "(?m)"]))
    return flags + "".join(parts)


def longer(expression: str) -> str:
    """A single dot asks for characters, which have rules of their own."""
    return expression + "?" if expression == "." else expression


def regex(rng: Rng, _: Any) -> Case:
    x = texts([text(rng, 4) for _ in range(20)])
    return Case("RegexFullMatch", [x], [bool], "", 22, {"pattern": pattern(rng)})


def tokenizer(rng: Rng, way: Any) -> Case:
    x = any_values(rng, shape(rng, [1, 2]), object)
    attributes: dict[str, Any] = {"mark": int(rng.integers(2)), "pad_value": str(rng.choice(["#", "", "é"]))}
    attributes["mincharnum"] = 1 if way == "characters" else int(rng.integers(1, 4))
    if way == "expression":
        usual = str(rng.choice(["[a-zA-Z0-9_]+", r"\b\w\w+\b"]))
        attributes["tokenexp"] = longer(pattern(rng)) if rng.random() < 0.7 else usual
    elif way == "separators":
        attributes["separators"] = [pattern(rng, 1) if rng.random() < 0.5 else str(rng.choice([" ", ",", "[.]"]))
                                    for _ in range(rng.integers(1, 4))]
    elif rng.random() < 0.5:
        attributes["tokenexp"] = "."
    else:
        attributes["separators"] = [""]
    return Case("Tokenizer", [x], [object], MICROSOFT, 1, attributes)


def tf_idf(rng: Rng, kind: Any) -> Case:
    tokens: list[Any] = ["a", "b", "", "é", "ab"] if kind is object else [3, -1, 0, 7, 9]
    longest = int(rng.integers(1, 4))
    pool, counts, grams = [], [], 0
    for length in range(1, longest + 1):
        counts.append(len(pool))
        found = dict.fromkeys(tuple(rng.integers(0, 4, length).tolist()) for _ in range(rng.integers(0, 5)))
        grams += len(found)
        pool += [tokens[token] for gram in found for token in gram]
    if not pool:
        return tf_idf(rng, kind)
    attributes = {
        "mode": str(rng.choice(["TF", "IDF", "TFIDF"])),
        "max_gram_length": int(rng.integers(1, longest + 1)),
        "max_skip_count": int(rng.integers(0, 4)),
        "ngram_counts": counts,
        "ngram_indexes": [int(index) for index in rng.permutation(grams + 2)[:grams]],
        "pool_strings" if kind is object else "pool_int64s": pool,
    }
    attributes["min_gram_length"] = int(rng.integers(1, attributes["max_gram_length"] + 1))
    if rng.random() < 0.6:
        attributes["weights"] = singles(rng, grams)
    dims = shape(rng, [1, 2])
    dims[-1] = int(rng.integers(0, 12))
    chosen = [tokens[rng.integers(len(tokens))] for _ in range(int(np.prod(dims)))]
    return Case("TfIdfVectorizer", [array(chosen, kind).reshape(dims)], [np.float32], "", 22, attributes)


def murmur(rng: Rng, kind: Any) -> Case:
    dims = shape(rng, [0, 1, 2])
    if kind is not object and np.issubdtype(kind, np.unsignedinteger):
        x = np.asarray(rng.integers(0, 2**32, dims), kind)
    else:
        x = any_values(rng, dims, kind)
    positive = int(rng.integers(2))
    attributes = {"positive": positive, "seed": int(rng.integers(-5, 2**31))}
    return Case("MurmurHash3", [x], [np.uint32 if positive else np.int32], MICROSOFT, 1, attributes)


def makers() -> Iterator[tuple[str, Callable[[Rng], Case], int]]:
    """Names, what makes a case, and how many times as many of it there are."""

    def of(name: str, make: Callable[[Rng, Any], Case], kinds: list[Any], more: int = 1) -> Iterator[Any]:
        for kind in kinds:
            label = kind if isinstance(kind, str) else "string" if kind is object else np.dtype(kind).name
            yield f"{name}_{label}", lambda rng, kind=kind: make(rng, kind), more

    yield from of("scaler", scaler, NUMBERS)
    yield from of("normalizer", normalizer, NUMBERS)
    yield from of("imputer", imputer, NUMBERS)
    yield from of("binarizer", binarizer, NUMBERS)
    yield from of("label_encoder_1", label_index, [object, np.int64])
    for version, kinds in LABELS.items():
        for key in kinds:
            for value in kinds:
                if not has_label_kernel(version, key, value):
                    continue
                name = f"label_encoder_{version}_{np.dtype(key).name}_{np.dtype(value).name}"
                make = lambda rng, version=version, key=key, value=value: label_encoder(rng, version, key, value)
                yield name, make, 1
    yield from of("one_hot_encoder", one_hot, [object, *NUMBERS])
    yield from of("category_mapper", category_mapper, [object, np.int64])
    yield from of("array_feature_extractor", extractor, [object, *NUMBERS])
    yield from of("feature_vectorizer", vectorizer, NUMBERS)
    yield from of("string_normalizer", string_normalizer, [object], 3)
    yield from of("string_concat", string_concat, [object], 2)
    yield from of("string_split", string_split, [object], 3)
    yield from of("regex_full_match", regex, [object], 20)
    yield from of("tokenizer", tokenizer, ["expression", "separators"], 10)
    yield from of("tokenizer", tokenizer, ["characters"])
    yield from of("tf_idf_vectorizer", tf_idf, [object, np.int64, np.int32], 3)
    yield from of("murmur_hash3", murmur, [object, np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64])


def has_label_kernel(version: int, key: Any, value: Any) -> bool:
    """Whether onnxruntime 1.31 has the pair of types, or the same with int64 for int32."""
    key, value = (np.int64 if kind is np.int32 else kind for kind in (key, value))
    pairs = {
        2: [(np.float32, object), (object, np.float32), (np.int64, np.float32), (np.float32, np.int64),
            (np.int64, object), (object, np.int64), (object, object), (np.int64, np.int64), (np.float32, np.float32)],
        4: [(np.int64, object), (np.int64, np.float32), (np.int64, np.int64), (object, object), (object, np.float32),
            (object, np.int64), (np.float32, object), (np.float32, np.float32), (np.float32, np.int64),
            (np.float64, object), (object, np.float64), (np.float64, np.float64), (object, np.int16)],
    }
    return (key, value) in pairs[version]


def model(case: Case, inputs: list[np.ndarray], outputs: list[Any]) -> ModelProto:
    def attribute(name: str, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        if name.startswith(("keys", "values", "default")) and case.asked is not None:
            wanted = kind_of(inputs[0]) if name.startswith("keys") else outputs[0]
            value = value if wanted is object else value.astype(wanted)
        return numpy_helper.from_array(value, name)

    attributes = {name: attribute(name, value) for name, value in case.attributes.items()}
    names = [f"x{index}" for index in range(len(inputs))]
    made = [f"y{index}" for index in range(len(outputs))]
    node = helper.make_node(case.operator, names, made, domain=case.domain, **attributes)
    graph = helper.make_graph(
        [node],
        case.operator,
        [helper.make_tensor_value_info(name, onnx_type(kind_of(x)), x.shape) for name, x in zip(names, inputs)],
        [helper.make_tensor_value_info(name, onnx_type(kind), None) for name, kind in zip(made, outputs)],
    )
    versions = {"": 22} | {case.domain: case.version}
    opsets = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def answers(case: Case) -> list[np.ndarray]:
    inputs, outputs = case.inputs, case.outputs
    if case.asked is not None:
        wanted = case.asked[0]
        inputs = [x if wanted is object else x.astype(wanted) for x in inputs]
        outputs = [case.asked[1]]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    proto = model(case, inputs, outputs).SerializeToString()
    session = onnxruntime.InferenceSession(proto, options, providers=["CPUExecutionProvider"])
    found = session.run(None, {f"x{index}": x for index, x in enumerate(inputs)})
    found = [texts(y) if isinstance(y, str) else np.asarray(y) for y in found]
    return [y if kind is object else y.astype(kind) for y, kind in zip(found, case.outputs)]


def answered(make: Callable[[], Case]) -> tuple[Case, list[np.ndarray]]:
    """A case that onnxruntime answers. It fails where `\\B` holds between the bytes of one character."""
    while True:
        case = make()
        try:
            return case, answers(case)
        except InvalidArgument:
            if case.operator != "Tokenizer":
                raise


def write(folder: Path, case: Case, outputs: list[np.ndarray]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    proto = model(case, case.inputs, case.outputs)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
    for role, prefix, tensors in (("input", "x", case.inputs), ("output", "y", outputs)):
        for index, tensor in enumerate(tensors):
            held = numpy_helper.from_array(tensor, f"{prefix}{index}")
            (folder / f"{role}_{index}.pb").write_bytes(held.SerializeToString(deterministic=True))
    (folder / "tolerance.json").write_text(json.dumps(TOLERANCE) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    written = 0
    for index, (name, make, more) in enumerate(makers()):
        for number in range(arguments.count * more):
            rng = np.random.default_rng([arguments.seed, index, number])
            case, found = answered(lambda: make(rng))
            if case.operator == "StringNormalizer" and number % 4 == 0:
                # skl2onnx writes it under this domain below opset 10; onnxruntime has dropped it there.
                older = {key.replace("case_change_action", "casechangeaction"): held for key, held in case.attributes.items()}
                case = replace(case, domain="com.microsoft", version=1, attributes=older)
            write(arguments.folder / f"{name}_{number:04}", case, found)
            written += 1
    print(f"{written} cases in {arguments.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
