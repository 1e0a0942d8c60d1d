"""Trains the models that the bench times, and writes them into a folder.

    python models.py OUT

Of each model: `NAME.onnx` as the converters in tools/ export it, `NAME.json` with rows to predict and the trainer's own
labels for them, where m2cgen can, `NAME.m2cgen.js` with a function `score`, and `NAME.peer.onnx` where there is an export
that onnxruntime-web runs faster. Seeds are fixed: a second run writes the same models.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import m2cgen
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from conversion.classical import to_onnx

SEED = 20
ROWS = 1000
SUPPORT_VECTORS = 500
WORDS = 10_000


@dataclass
class Trained:
    """A fitted model, and rows it has not seen: an array, texts, or a DataFrame."""

    estimator: Any
    rows: Any
    code: bool = False
    """Whether m2cgen writes it."""
    peer_options: dict[Any, Any] = field(default_factory=dict)
    """The converter's, of the export for onnxruntime-web."""


def iris() -> tuple[Any, Any, Any]:
    """As models/iris/train.py splits it."""
    data = load_iris()
    train, test, labels, _ = train_test_split(
        data.data, data.target, test_size=50, stratify=data.target, random_state=SEED
    )
    return train.astype(np.float32), labels, test.astype(np.float32)


def numbers(columns: int, rows: int, seed: int = SEED, **options: Any) -> tuple[Any, Any, Any]:
    """`rows` rows to train on and ROWS others."""
    x, y = make_classification(
        rows + ROWS, columns, n_informative=columns * 3 // 5, n_redundant=columns // 5, random_state=seed, **options
    )
    x = x.astype(np.float32)
    return x[:rows], y[:rows], x[rows:]


def logistic() -> Trained:
    train, test, labels, _ = train_test_split(
        *load_iris(return_X_y=True), test_size=50, stratify=load_iris().target, random_state=SEED
    )
    return Trained(LogisticRegression(max_iter=5000).fit(train, labels), test.astype(np.float32), code=True)


def forest(trees: int) -> Trained:
    x, y, rows = iris()
    return Trained(RandomForestClassifier(trees, random_state=SEED).fit(x, y), rows, code=True)


def forest_deep() -> Trained:
    x, y, rows = numbers(20, 4000)
    return Trained(RandomForestClassifier(500, max_depth=8, random_state=SEED).fit(x, y), rows)


def lightgbm() -> Trained:
    x, y, rows = numbers(20, 4000)
    options = {"n_estimators": 100, "num_leaves": 31, "random_state": SEED, "n_jobs": 1, "verbose": -1}
    return Trained(LGBMClassifier(**options, deterministic=True).fit(x, y), rows, code=True)


def svc() -> Trained:
    """Trained on as many rows as give SUPPORT_VECTORS support vectors, or just above."""
    x, y, rows = numbers(20, 2000, flip_y=0.05)
    for count in range(SUPPORT_VECTORS, len(x)):
        estimator = SVC(C=1.0).fit(x[:count], y[:count])
        missing = SUPPORT_VECTORS - len(estimator.support_)
        if missing <= 0:
            return Trained(estimator, rows)
    raise SystemExit("too few rows for so many support vectors")


def knn(**peer_options: Any) -> Trained:
    x, y, rows = numbers(10, 1000, n_classes=3)
    return Trained(KNeighborsClassifier().fit(x, y), rows, peer_options=peer_options)


def tfidf() -> Trained:
    """Texts of thirty words out of WORDS, the frequent ones as frequent as in a language; a topic prefers some of them."""
    generator = np.random.default_rng(SEED)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words: list[str] = []
    known: set[str] = set()
    while len(words) < WORDS:
        word = "".join(generator.choice(letters, generator.integers(3, 10)))
        if word not in known:
            known.add(word)
            words.append(word)
    frequency = 1 / (np.arange(WORDS) + 10)
    topics = [generator.permutation(WORDS) for _ in range(2)]

    def document(topic: int) -> str:
        ranks = generator.choice(WORDS, 30, p=frequency / frequency.sum())
        of_topic = generator.random(30) < 0.3
        return " ".join(words[topics[topic][rank] if own else rank] for rank, own in zip(ranks, of_topic))

    # Every word occurs, so that the vocabulary has them all.
    chunks = [" ".join(words[start : start + 20]) for start in range(0, WORDS, 20)]
    train = [document(i % 2) for i in range(2000)] + chunks
    labels = [i % 2 for i in range(len(train))]
    estimator = make_pipeline(TfidfVectorizer(token_pattern="[a-zA-Z0-9_]+"), LogisticRegression(max_iter=1000))
    estimator.fit(train, labels)
    assert len(estimator[0].vocabulary_) == WORDS
    return Trained(estimator, np.array([document(i % 2) for i in range(100)]))


def columns() -> Trained:
    """Two columns of numbers with missing values, two of texts."""
    generator = np.random.default_rng(SEED)
    count = 1000
    frame = pd.DataFrame(
        {
            "age": generator.integers(18, 90, count).astype(np.float32),
            "fare": generator.lognormal(3, 1, count).astype(np.float32),
            "sex": generator.choice(["female", "male"], count).astype(object),
            "port": generator.choice(["Cherbourg", "Queenstown", "Southampton"], count).astype(object),
        }
    )
    score = (
        (frame["sex"] == "female") * 2 + np.log(frame["fare"]) / 2 - frame["age"] / 60 - (frame["port"] == "Queenstown")
    )
    labels = (score + generator.normal(0, 0.7, count) > 1.5).astype(np.int64)
    for name in ("age", "fare"):
        frame.loc[generator.random(count) < 0.1, name] = np.nan
    transformer = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "fare"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["sex", "port"]),
        ]
    )
    estimator = make_pipeline(transformer, LogisticRegression(max_iter=1000)).fit(frame[:900], labels[:900])
    return Trained(estimator, frame[900:])


MODELS = {
    "logistic": logistic,
    "forest-20": lambda: forest(20),
    "forest-100": lambda: forest(100),
    "forest-500": forest_deep,
    "lightgbm": lightgbm,
    "svc": svc,
    "knn": knn,
    "knn-cdist": lambda: knn(optim="cdist"),
    "tfidf": tfidf,
    "columns": columns,
}


def write(name: str, trained: Trained, out: Path) -> None:
    estimator, rows = trained.estimator, trained.rows
    sample = rows
    if isinstance(rows, pd.DataFrame):
        kind, values = "records", json.loads(rows.to_json(orient="records", double_precision=10))
    elif rows.dtype.kind == "U":
        kind, values, sample = "texts", rows.tolist(), rows.reshape(-1, 1)
    else:
        kind, values = "numbers", rows.tolist()
    model = to_onnx(estimator, sample, name=name)
    (out / f"{name}.onnx").write_bytes(model.SerializeToString())
    if trained.peer_options:
        peer = to_onnx(estimator, sample, name=name, options=dict(trained.peer_options))
        (out / f"{name}.peer.onnx").write_bytes(peer.SerializeToString())
    if trained.code:
        code = m2cgen.export_to_javascript(estimator)
        (out / f"{name}.m2cgen.js").write_text(f"{code}\nexport {{ score }};\n", encoding="utf-8")
    described = {"kind": kind, "labels": estimator.predict(rows).tolist(), "rows": values}
    (out / f"{name}.json").write_text(json.dumps(described), encoding="utf-8")


def main() -> None:
    warnings.simplefilter("ignore")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, train in MODELS.items():
        write(name, train(), out)
        print(f"{name}: {(out / f'{name}.onnx').stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
