"""The digits story: train, do nothing, edit, revert, predict; each run says exactly what it did and why."""

from collections.abc import Callable
from typing import Any

import pytest

ALL = {
    "load", "features", "split", "train[0]", "train[1]", "train[2]", "choose", "evaluate", "export",
}  # fmt: skip
REACHING_CENTRED = ALL - {"load", "split"}
EDITED = "code digits.py:centred edited (reached through features → flat)"
OTHER_VALUES = ("greys / 8.0 - 1.0", "greys / 16.0")
SAME_BYTES = ("greys / 8.0 - 1.0", "greys * 0.125 - 1.0")


def test_the_first_run_executes_every_step(first_run: tuple[Any, Any]) -> None:
    _, told = first_run
    assert told.ran == ALL
    assert set(told.said.values()) == {"no earlier result of this step"}
    assert told.document["status"] == "succeeded"
    assert told.document["metrics"]["accuracy"] > 0.9
    assert told.outputs["model"]["type"] == "bytes"


def test_the_second_run_executes_nothing(digits: Any, first_run: tuple[Any, Any]) -> None:
    again = digits.told("run", "digits.py")
    assert set(again.statuses) == ALL
    assert not again.ran
    assert set(again.said.values()) == {"from run 1"}
    assert again.outputs == first_run[1].outputs
    assert again.document["metrics"] == first_run[1].document["metrics"]


def test_every_step_has_its_line(digits: Any) -> None:
    lines = digits.mlops("run", "digits.py").splitlines()
    told = {line.split()[0]: line.split()[1] for line in lines if line.startswith("  ") and "=" not in line}
    assert told == dict.fromkeys(ALL, "cached")
    assert lines[-1].startswith("9 cached")


def test_an_edited_helper_runs_what_reaches_it_and_a_revert_nothing(digits: Any) -> None:
    digits.edit("digits.py", *OTHER_VALUES)
    planned = digits.told("plan", "digits.py")
    assert planned.statuses["features"] == "run"
    assert planned.statuses["load"] == planned.statuses["split"] == "cached"
    edited = digits.told("run", "digits.py")
    assert edited.ran == REACHING_CENTRED
    assert edited.said["features"] == EDITED
    assert planned.said["features"] == edited.said["features"]
    assert edited.said["load"] == edited.said["split"] == "from run 1"
    assert edited.said["train[0]"].startswith("input x changed")
    assert all("input" in edited.said[name] for name in ("choose", "evaluate", "export"))

    digits.edit("digits.py", *reversed(OTHER_VALUES))
    reverted = digits.told("run", "digits.py")
    assert not reverted.ran
    assert set(reverted.said.values()) == {"from run 1"}


def test_an_edit_that_gives_the_same_bytes_runs_one_step(digits: Any, first_run: tuple[Any, Any]) -> None:
    digits.edit("digits.py", *SAME_BYTES)
    edited = digits.told("run", "digits.py")
    assert edited.ran == {"features"}
    assert {said for name, said in edited.said.items() if name != "features"} == {"from run 1"}
    assert edited.outputs == first_run[1].outputs
    assert not digits.told("run", "digits.py").ran


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Grey levels of 0 to 16 as numbers from -1 to 1.", "Greys, scaled."),
        ("    return greys / 8.0 - 1.0", "    # scaled\n    return (\n        greys / 8.0 - 1.0\n    )"),
        ("class Split(NamedTuple):", "def unused() -> int:\n    return 1\n\n\nclass Split(NamedTuple):"),
    ],
    ids=["docstring", "comment and form", "another function"],
)
def test_an_edit_that_changes_no_behaviour_runs_nothing(digits: Any, old: str, new: str) -> None:
    digits.edit("digits.py", old, new)
    assert not digits.told("run", "digits.py").ran


def test_why_names_function_file_and_chain_and_shows_the_difference(digits: Any) -> None:
    digits.edit("digits.py", *SAME_BYTES)
    before = digits.told("why", "digits.py", "features")
    assert before.statuses == {"features": "run"}
    digits.mlops("run", "digits.py")
    for told, status in ((before, "run"), (digits.told("why", "latest", "features"), "ran")):
        assert told.statuses == {"features": status}
        (reason,) = told.reasons("features")
        assert reason["kind"] == "code"
        assert reason["where"] == "digits.py:centred"
        assert reason["file"] == "digits.py"
        assert reason["chain"] == ["digits.py:features", "digits.py:flat", "digits.py:centred"]
        assert "-    return greys / 8.0 - 1.0" in reason["diff"]
        assert "+    return greys * 0.125 - 1.0" in reason["diff"]
    text = digits.mlops("why", "latest", "features")
    assert "code digits.py:centred edited" in text
    assert "called by digits.py:flat ← digits.py:features" in text
    assert "+    return greys * 0.125 - 1.0" in text


def test_workers_give_what_one_process_gives(
    make_project: Callable[..., Any], first_run: tuple[Any, Any]
) -> None:
    project = make_project("digits.py")
    told = project.told("run", "digits.py", "-j", "2")
    assert told.ran == ALL
    assert told.outputs == first_run[1].outputs
    assert told.document["metrics"] == first_run[1].document["metrics"]
    assert not project.told("run", "digits.py").ran


def test_workers_find_what_one_process_stored(digits: Any, first_run: tuple[Any, Any]) -> None:
    assert not digits.told("run", "digits.py", "-j", "2").ran
    digits.edit("digits.py", *SAME_BYTES)
    told = digits.told("run", "digits.py", "-j", "2")
    assert told.ran == {"features"}
    assert told.outputs == first_run[1].outputs


def test_prediction_reuses_features_and_the_latest_model(digits: Any) -> None:
    first = digits.told("run", "digits.py:predict")
    assert first.ran == {"first", "features", "classify"}
    assert first.said["load"] == "from run 1"
    assert len(first.outputs["output"]) == 10
    assert not digits.told("run", "digits.py:predict").ran

    digits.edit("digits.py", *OTHER_VALUES)
    with_old_model = digits.told("run", "digits.py:predict")
    assert with_old_model.ran == {"features", "classify"}
    assert with_old_model.said["features"] == EDITED
    assert digits.told("run", "digits.py").ran == REACHING_CENTRED
    with_new_model = digits.told("run", "digits.py:predict")
    assert with_new_model.ran == {"classify"}
    assert [reason["what"] for reason in with_new_model.reasons("classify")] == ["model"]


def test_lineage_leads_from_a_prediction_to_the_model_and_its_features(digits: Any) -> None:
    digits.mlops("run", "digits.py:predict")
    text = digits.mlops("lineage", "latest")
    assert "classify" in text
    assert "features" in text
