"""The bikes story: cached functions in a plain script, on a CSV, without a pipeline."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def bikes(make_project: Callable[..., Any]) -> Any:
    """The bikes example."""
    return make_project("bikes.py", "bikes.csv")


def executions(project: Any) -> Counter[str]:
    """How often each step was executed by the newest run."""
    steps = project.told("runs", "show", "latest").document["steps"]
    return Counter(step["name"] for step in steps if step["status"] == "ran")


def said(project: Any, name: str) -> set[str]:
    """The reasons that the newest run gave for a step."""
    steps = project.told("runs", "show", "latest").document["steps"]
    return {step["reason"] for step in steps if step["name"] == name}


def test_a_second_start_computes_nothing(bikes: Any) -> None:
    printed = bikes.python("bikes.py")
    assert "workdays: [8, 17, 18]" in printed
    assert executions(bikes) == {"load": 1, "by_hour": 2, "busiest": 2}
    assert bikes.python("bikes.py") == printed
    assert executions(bikes) == {}
    assert said(bikes, "load") == {"from run 1"}
    assert said(bikes, "by_hour") == {"2 calls, from run 1"}


def test_an_edited_function_is_computed_for_each_of_its_calls(bikes: Any) -> None:
    bikes.python("bikes.py")
    bikes.edit("bikes.py", "[:count]", "[: count + 1]")
    assert "workdays: [8, 17, 18, 9]" in bikes.python("bikes.py")
    assert executions(bikes) == {"busiest": 2}
    assert said(bikes, "busiest") == {"code bikes.py:busiest edited"}
    assert "+    return ordered[: count + 1]" in bikes.mlops("why")


def test_an_edited_file_is_read_again_and_what_comes_out_the_same_is_kept(bikes: Any) -> None:
    bikes.python("bikes.py")
    bikes.edit("bikes.csv", "1,2011-01-01,1,0,1,0,0,6,0,1", "1,2011-01-01,1,0,1,0,0,6,0,2")
    bikes.python("bikes.py")  # the weather is a column that `load` leaves out
    assert executions(bikes) == {"load": 1}
    assert said(bikes, "load") == {"input file bikes.csv changed"}
    bikes.edit("bikes.csv", "0.81,0,3,13,16", "0.81,0,3,13,9999")
    assert "weekends: [0, " in bikes.python("bikes.py")
    # `by_hour` for workdays runs on another table and gives the same hours: `busiest` of them is kept
    assert executions(bikes) == {"load": 1, "by_hour": 2, "busiest": 1}


def test_a_command_gives_the_state_of_the_script(bikes: Any) -> None:
    bikes.python("bikes.py")
    assert "bikes.py" in bikes.mlops("runs", "ls")
    assert "segment" in bikes.mlops("store", "status")
