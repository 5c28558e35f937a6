"""Runs as objects: JSON, outputs, metrics, what is said of a map."""

import math

import pytest

from mlops_core.errors import StepNotFound
from mlops_core.execution.finite import finite
from mlops_core.execution.run import Run, RunOutputs, StepRun
from mlops_core.execution.run_id import new_run_id
from mlops_core.planning.plan import Plan, PlannedStep


def test_nan_and_infinities_are_strings_in_json() -> None:
    value = {"a": [math.nan, math.inf], "b": (-math.inf, 1.5), "c": "NaN"}
    assert finite(value) == {"a": ["NaN", "Infinity"], "b": ["-Infinity", 1.5], "c": "NaN"}


def test_all_keys_of_a_run_are_always_there() -> None:
    document = Run("id", 3, "p", steps=[StepRun("a")], metrics={"loss": math.nan}).as_json()
    assert list(document) == [
        "schema",
        "run",
        "run_id",
        "pipeline",
        "status",
        "steps",
        "outputs",
        "metrics",
    ]
    assert document["metrics"] == {"loss": "NaN"}
    assert document["steps"] == [
        {"name": "a", "status": "waiting", "reason": "", "reasons": [], "seconds": 0.0}
    ]


def test_a_run_is_short_in_a_notebook() -> None:
    assert repr(Run("id", 3, "p", "succeeded", [StepRun("a")])) == "<run 3 of p: succeeded, 1 steps>"
    plan = Plan("p", tuple(PlannedStep(f"s{i}", "run", "first", ()) for i in range(9)))
    assert repr(plan).startswith("<plan of p: s0 run, s1 run, ")
    assert repr(plan).endswith("s7 run, …>")


def test_a_map_is_asked_for_by_its_items() -> None:
    run = Run("id", 3, "p", steps=[StepRun(f"train[{i}]", base="train") for i in range(3)])
    assert run["train[1]"].name == "train[1]"
    with pytest.raises(
        StepNotFound, match=r"'train' is a map in run 3: ask for one of its items \(train\[0\], "
    ):
        run["train"]
    with pytest.raises(StepNotFound, match="run 3 has no step 'fit'"):
        run["fit"]


def test_outputs_are_loaded_when_touched_and_skipped_ones_are_none() -> None:
    loaded: list[bytes] = []

    def load(digest: bytes) -> object:
        loaded.append(digest)
        return digest

    outputs = RunOutputs({"a": b"1", "b": None}, load)
    assert list(outputs) == ["a", "b"]
    assert not loaded
    assert outputs["a"] == b"1"
    assert outputs["b"] is None
    assert loaded == [b"1"]


def test_run_ids_are_uuids_of_version_7_in_order_of_time() -> None:
    ids = [new_run_id() for _ in range(50)]
    assert all(text[14] == "7" and text[19] in "89ab" and len(text) == 36 for text in ids)
    assert [text[:13] for text in ids] == sorted(text[:13] for text in ids)
