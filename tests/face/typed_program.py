"""Every public name as a type checker sees it; checked with ``mypy --strict``, never executed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple, assert_type

import mlops_core
from mlops_core import (
    ContentOnly,
    Metrics,
    Output,
    Pipeline,
    Plan,
    Run,
    Step,
    fingerprint,
    latest,
    pipeline,
    step,
    when,
    writable,
)


class Split(NamedTuple):
    train: list[int]
    test: list[int]


@dataclass
class Model:
    depth: int


@step
def load(source: Path, limit: int = 10) -> Split: ...


@step(name="fit", cache="1d", ignore=["seed"], version=2, depends=[load], writable="table")
def train(table: list[int], *, depth: int = 6, seed: int = 0) -> Model: ...


@step
def evaluate(model: Model, table: list[int]) -> Metrics: ...


@step
def publish(model: Model, to: Annotated[Path, Output], source: Annotated[Path, ContentOnly]) -> None: ...


@pipeline
def bikes(source: Path = Path("bikes.csv"), depth: int = 6) -> dict[str, Model]:
    split = load(source)
    assert_type(split, Split)
    table, test = split
    assert_type(table, list[int])
    assert_type(split.test, list[int])
    model = train(writable(table), depth=depth)
    assert_type(model, Model)
    models = train.partial(table).map(depth=[4, 6])
    assert_type(models, list[Model])
    assert_type(train.product([table, test], depth=[1, 2]), list[Model])
    assert_type(model.depth, int)
    scores = evaluate(model, test)
    assert_type(scores, dict[str, float])
    with when((scores["r2"] >= 0.8) & (scores["mae"] < 3)) as good:
        better = train(table, depth=7)
        publish(better, Path("out"), Path("in"))
    with good.otherwise():
        publish(model, Path("out"), Path("in"))
    chosen = good.one_of(better, model)
    assert_type(chosen, Model)
    return {"model": chosen}


@pipeline(name="predict")
def predicting(rows: list[int]) -> Metrics:
    return evaluate(latest("bikes").outputs["model"], rows)


@pipeline
def both(depth: int) -> tuple[dict[str, Model], dict[str, float]]:
    models, scores = bikes(depth=depth), predicting([1])
    assert_type(models, dict[str, Model])
    assert_type(scores, dict[str, float])
    previous = latest("bikes", default=None)
    if previous is not None:
        assert_type(previous.number, int)
    return models, scores


def use() -> None:
    typed_step: Step[[Path, int], Split] = step(lambda source, limit: Split([], []))
    assert_type(train.with_options(name="again", cache=False)([1], depth=2), Model)
    assert_type(train.with_options(name="again").__wrapped__([1], depth=2), Model)
    assert_type(train.partial([1]).with_options(cache=True)(depth=1), Model)
    assert_type(bikes(depth=3), dict[str, Model])
    assert_type(bikes.run(Path("x"), depth=3), Run)
    assert_type(bikes.plan(), Plan)
    assert_type(bikes.with_options(name="b", jobs=2, force="load").run(), Run)
    any_pipeline: Pipeline[..., object] = bikes
    any_step: Step[..., object] = load
    print(typed_step, any_pipeline, any_step, train.plan([1]), train.name, bikes.options)
    assert_type(fingerprint([1]), str)
    assert_type(mlops_core.__version__, str)
