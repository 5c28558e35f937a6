"""What a call does depends on where it is written."""

import subprocess
import sys

import pytest

from mlops_core import pipeline, step
from mlops_core.config import mode
from mlops_core.errors import CallNotAllowed
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.runner import set_runner_factory


@step
def add(a, b=2):
    return a + b


@pipeline
def sums(a=1):
    return {"sum": add(a)}


def test_in_a_body_a_call_is_deferred(in_body):
    done = in_body(lambda: add(1))
    assert isinstance(done.returned, Deferred)
    assert [node.name for node in done.graph.nodes] == ["add"]


@pytest.mark.parametrize("where", [mode.RUNNING, mode.OFF])
def test_inside_a_step_and_when_off_it_is_the_plain_function(where, runner):
    with mode.entered(where):
        assert add(1) == 3
        assert add.partial(5)(b=6) == 11
        assert add.map([1, 2]) == [3, 4]
        assert add.product(a=[1, 2], b=[10, 20]) == [11, 21, 12, 22]
    assert runner.notes == []


def test_mlops_cache_off_is_read_from_the_environment(runner, monkeypatch):
    monkeypatch.setenv("MLOPS_CACHE", "off")
    assert add(1) == 3
    assert runner.notes == []
    assert sums() == {"sum": 3}  # a pipeline is a run all the same


def test_anywhere_else_it_is_a_cached_call(runner):
    assert add(1, b=4) == 5
    assert add.partial(1)(b=4) == 5
    assert runner.notes == [("call", "add", (1,), {"b": 4})] * 2


def test_a_map_anywhere_else_is_a_cached_call_per_item(runner):
    assert add.map([1, 2], b=[3, 4]) == [4, 6]
    assert runner.notes == [("call", "add", (1, 3), {}), ("call", "add", (2, 4), {})]


def test_a_nested_step_is_a_plain_function(runner):
    @step
    def outer(x):
        return add(x) + add(x)

    assert outer(1) == 6
    assert [note[1] for note in runner.notes] == ["outer"]


def test_plan_asks_the_runner_also_when_off(monkeypatch):
    assert add.plan(1) == ("plan_call", "add", (1,), {})
    assert add.partial(1).plan(b=3) == ("plan_call", "add", (1,), {"b": 3})
    monkeypatch.setenv("MLOPS_CACHE", "off")
    assert add.plan(1) == ("plan_call", "add", (1,), {})


def test_pipelines_ask_the_runner():
    changed = sums.with_options(jobs=2)
    assert sums(2) == {"sum": 4}
    assert changed.run(3)[:4] == ("run", "sums", (3,), {})
    assert changed.run(3)[4].jobs == 2
    assert sums.plan(a=3)[:4] == ("plan", "sums", (), {"a": 3})


@pytest.mark.parametrize(
    ("where", "call", "says", "hint"),
    [
        (
            mode.RUNNING,
            lambda: sums(1),
            "`sums` was called inside a running step.",
            "in the pipeline body and",
        ),
        (
            mode.RUNNING,
            lambda: sums.run(1),
            "`sums.run` was called inside a running step.",
            "Call `sums(...)`",
        ),
        (
            mode.RUNNING,
            lambda: sums.plan(1),
            "`sums.plan` was called inside a running step.",
            "Call `sums(...)`",
        ),
        (
            mode.BUILDING,
            lambda: sums.run(1),
            "`sums.run` was called inside a pipeline body: the run would start while the graph is built.",
            "Write `sums(...)` there: its steps become part of this pipeline.",
        ),
        (
            mode.RUNNING,
            lambda: add.plan(1),
            "`add.plan` was called inside a running step",
            "Call `add.plan(...)`",
        ),
        (mode.BUILDING, lambda: add.plan(1), "`add.plan` was called inside a pipeline body", "in a script"),
    ],
)
def test_calls_in_the_wrong_place_say_what_to_write(where, call, says, hint):
    with mode.entered(where), pytest.raises(CallNotAllowed) as caught:
        call()
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_without_a_runner_the_message_names_the_import():
    set_runner_factory(None)
    with pytest.raises(CallNotAllowed, match="Write `from mlops_core import step, pipeline`"):
        add(1)


def test_the_runner_is_made_once_and_late():
    made = []
    set_runner_factory(lambda: made.append(1) or type("R", (), {"call": lambda *_: 7})())
    assert made == []
    assert (add(1), add(1)) == (7, 7)
    assert made == [1]


def test_the_body_leaves_no_mode_behind_when_it_raises(in_body):
    def body():
        raise KeyError("x")

    with pytest.raises(KeyError):
        in_body(body)
    assert mode.current() == mode.PLAIN


def test_the_face_introduces_the_runner():
    code = (
        "import mlops_core; mlops_core.step; from mlops_core.pipelines import runner; print(runner._factory)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "_make_runner" in done.stdout
