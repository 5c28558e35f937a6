"""Recognise handwritten digits: train, choose, evaluate, export; then predict with the same features.

mlops run examples/digits.py            train: run it twice, then edit `centred` and run it again
mlops run examples/digits.py:predict    classify some images with the exported model
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlops_core import Metrics, latest, pipeline, step, when

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

Array = np.ndarray[Any, np.dtype[Any]]


class Digits(NamedTuple):
    images: Array  # (n, 8, 8), grey levels from 0 to 16
    labels: Array  # (n,), 0 to 9


class Split(NamedTuple):
    train: Array  # row numbers
    validation: Array
    test: Array


def centred(greys: Array) -> Array:
    """Grey levels of 0 to 16 as numbers from -1 to 1."""
    return greys / 8.0 - 1.0


def flat(images: Array) -> Array:
    """One row of 64 numbers for each image."""
    return centred(images.reshape(len(images), -1)).astype(np.float32)


@step
def load() -> Digits:
    from sklearn.datasets import load_digits

    data = load_digits()
    return Digits(data.images, data.target)


@step
def features(images: Array) -> Array:
    return flat(images)


@step
def split(labels: Array, seed: int) -> Split:
    rows = np.random.default_rng(seed).permutation(len(labels))
    return Split(*np.split(rows, [len(rows) * 6 // 10, len(rows) * 8 // 10]))


@step
def train(x: Array, labels: Array, rows: Array, *, depth: int) -> "RandomForestClassifier":
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(100, max_depth=depth, random_state=0).fit(x[rows], labels[rows])


@step
def choose(
    models: "list[RandomForestClassifier]", x: Array, labels: Array, rows: Array
) -> "RandomForestClassifier":
    """The model with the most right answers on the validation rows."""
    return max(models, key=lambda model: float((model.predict(x[rows]) == labels[rows]).mean()))


@step
def evaluate(model: "RandomForestClassifier", x: Array, labels: Array, rows: Array) -> Metrics:
    right = model.predict(x[rows]) == labels[rows]
    return {"accuracy": float(right.mean()), "errors": float((~right).sum())}


@step
def export(model: "RandomForestClassifier", x: Array, rows: Array) -> bytes:
    """The model as ONNX; one that answers differently from the original is not exported."""
    from skl2onnx import to_onnx

    # A name of its own and sorted opsets: else the file would differ from one process to the next.
    made = to_onnx(model, x[:1], name="digits")
    made.opset_import.sort(key=lambda opset: opset.domain)
    exported: bytes = made.SerializeToString()
    differing = int((answers(exported, x[rows]) != model.predict(x[rows])).sum())
    if differing:
        raise ValueError(f"the ONNX model answers differently on {differing} of {len(rows)} test images")
    return exported


def answers(model: bytes, x: Array, at_once: int = 10_000) -> Array:
    """What an ONNX model says of each row, `at_once` rows in a call."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    parts = [session.run(None, {name: x[i : i + at_once]})[0] for i in range(0, len(x), at_once)]
    return np.concatenate(parts)


@pipeline
def digits(seed: int = 7, wanted: float = 0.9) -> dict[str, object]:
    images, labels = load()
    x = features(images)
    rows = split(labels, seed)
    models = train.partial(x, labels, rows.train).map(depth=[4, 8, 16])
    best = choose(models, x, labels, rows.validation)
    scores = evaluate(best, x, labels, rows.test)
    with when(scores["accuracy"] >= wanted) as good:
        exported = export(best, x, rows.test)
    return {"model": good.one_of(exported, None), "scores": scores}


@step
def first(images: Array, count: int) -> Array:
    return images[:count]


@step
def classify(model: bytes, x: Array) -> list[int]:
    """The digits; a batch and single rows must give the same."""
    together, one_by_one = answers(model, x), answers(model, x, at_once=1)
    if not np.array_equal(together, one_by_one):
        raise ValueError("a batch and its rows get different answers")
    return [int(digit) for digit in together]


@pipeline
def predict(count: int = 10) -> list[int]:
    images, _ = load()
    model = latest("digits").outputs["model"]
    return classify(model, features(first(images, count)))
