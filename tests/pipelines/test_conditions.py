"""``when``, ``otherwise``, ``one_of``: which calls run, and under which conditions they stand."""

import itertools

import numpy as np
import pytest

from mlops_core import pipeline, step, when
from mlops_core.config import mode
from mlops_core.errors import CallNotAllowed, ConditionTypeError, DeferredMisuse
from mlops_core.pipelines.operations import condition_text

BOTH = list(itertools.product([True, False], repeat=2))


@step
def give(x):
    return x


def named(name):
    return give.with_options(name=name)


def conditions(graph):
    return {node.name: [condition_text(c) for c in node.conditions] for node in graph.nodes}


@pytest.mark.parametrize(("a", "b"), BOTH)
def test_conditions_nest(a, b, carry_out):
    @pipeline
    def body():
        left, right = named("left")(a), named("right")(b)
        with when(left == True):  # noqa: E712 - a comparison is built
            named("outer")(1)
            with when(right) as inner:
                named("both")(1)
            with inner.otherwise():
                named("left_only")(1)
        named("after")(1)

    done = carry_out(body)
    ran = {"left", "right", "after"} | ({"outer", "both" if b else "left_only"} if a else set())
    assert set(done.values) == ran


def test_the_conditions_of_each_call_are_kept_with_it(graph_of):
    @pipeline
    def body():
        with when(named("a")(1) > 0):
            with when((named("b")(2) < 5) & True) as good:
                named("x")(1)
            with good.otherwise():
                named("y")(1)

    assert conditions(graph_of(body)) == {
        "a": [],
        "b": ["a > 0"],
        "x": ["a > 0", "(b < 5) & (True)"],
        "y": ["a > 0", "not ((b < 5) & (True))"],
    }


def test_the_body_of_a_when_always_executes_while_the_graph_is_built(in_body):
    executed = []

    def body():
        with when(False):
            executed.append(1)

    in_body(body)
    assert executed == [1]


@pytest.mark.parametrize(("a", "b"), BOTH)
def test_otherwise_keeps_the_conditions_around_its_when_wherever_it_is_written(a, b, carry_out):
    @pipeline
    def body():
        outer, inner = named("a")(a), named("b")(b)  # outside, so that no skipped condition decides
        with when(outer), when(inner) as good:
            named("x")(1)
        with good.otherwise():
            named("y")(1)
        with good.otherwise() as bad, bad.otherwise():
            named("never")(1)

    done = carry_out(body)
    assert ("x" in done.values, "y" in done.values) == (a and b, a and not b)
    assert "never" not in done.values


def test_otherwise_under_another_condition_stands_under_both(carry_out):
    @pipeline
    def body():
        with when(named("a")(False)) as good:
            pass
        with when(named("c")(False)), good.otherwise():
            named("y")(1)

    assert "y" not in carry_out(body).values


def test_otherwise_of_otherwise_is_the_first_branch(graph_of):
    @pipeline
    def body():
        with when(named("a")(1) > 0) as good:
            pass
        with good.otherwise() as bad:
            pass
        with bad.otherwise():
            named("x")(1)

    assert conditions(graph_of(body))["x"] == ["a > 0"]


@pytest.mark.parametrize("held", [True, False])
def test_one_of_is_the_new_where_the_condition_held(held, carry_out):
    @pipeline
    def body():
        old = named("old")(1)
        with when(named("a")(held)) as good:
            new = named("new")(2)
        chosen = good.one_of(new, old)
        return named("use")(chosen), good.one_of(new, "plain"), good.one_of("kept", old), [good.one_of(1, 2)]

    wanted = (2, 2, "kept", [1]) if held else (1, "plain", 1, [2])
    assert carry_out(body).returned() == wanted


def test_one_of_the_other_branch(carry_out):
    @pipeline
    def body():
        with when(named("a")(False)) as good:
            new = named("new")(1)
        with good.otherwise() as bad:
            other = named("other")(2)
        return good.one_of(new, other), bad.one_of(other, new)

    assert carry_out(body).returned() == (2, 2)


@pytest.mark.parametrize(("a", "b"), BOTH)
def test_one_of_keeps_the_conditions_around_its_when(a, b, carry_out):
    @pipeline
    def body():
        old, outer, inner = named("old")(1), named("a")(a), named("b")(b)
        with when(outer), when(inner) as good:
            new = named("new")(2)
        return named("use")(good.one_of(new, old))

    assert carry_out(body).returned() == ((2 if b else 1) if a else None)


def test_a_step_given_a_skipped_value_is_skipped_and_returned_as_none(carry_out):
    @pipeline
    def body():
        with when(False):
            new = named("new")(1)
        return {"new": new, "after": named("after")([new]), "list": [new, 1]}

    done = carry_out(body)
    assert set(done.skipped) == {"new", "after"}
    assert done.returned() == {"new": None, "after": None, "list": [None, 1]}


def test_a_condition_made_from_a_skipped_value_skips_both_branches(carry_out):
    @pipeline
    def body():
        with when(False):
            new = named("new")(1)
        with when(new > 0) as good:
            named("x")(1)
        with good.otherwise():
            named("y")(1)
        return good.one_of(1, 2)

    done = carry_out(body)
    assert set(done.skipped) == {"new", "x", "y"}
    assert done.returned() is None


@pytest.mark.parametrize("condition", [True, np.True_, np.bool_(True)])
def test_plain_bools_are_conditions(condition, carry_out):
    @pipeline
    def body():
        with when(condition):
            named("x")(1)

    assert "x" in carry_out(body).values


def test_a_comparison_of_numpy_values_is_a_condition(carry_out):
    @pipeline
    def body():
        with when((named("r2")(np.float64(0.9)) >= 0.8) & ~(named("n")(np.int64(3)) == 4)):
            named("x")(1)

    assert "x" in carry_out(body).values


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1, "int"), ("yes", "str"), (None, "NoneType"), (0.0, "float"), ([], "list"), (np.arange(2), "ndarray")],
)
@pytest.mark.parametrize("deferred", [True, False])
def test_another_type_fails_the_run(value, kind, deferred, carry_out, graph_of):
    @pipeline
    def body():
        with when(named("c")(value) if deferred else value):
            named("x")(1)

    assert graph_of(body)  # not the building of the graph
    with pytest.raises(ConditionTypeError) as caught:
        carry_out(body)
    assert f"came out as {kind}, not as a bool." in caught.value.message
    assert "`with when(value > 0):`" in caught.value.hint


@pytest.mark.parametrize("join", [lambda v: v & True, lambda v: v | False, lambda v: ~v])
def test_joining_takes_bools_only(join, carry_out):
    @pipeline
    def body():
        with when(join(named("c")(1))):
            named("x")(1)

    with pytest.raises(ConditionTypeError, match="The condition `c` came out as int"):
        carry_out(body)


def test_the_truth_of_joined_conditions(carry_out):
    for a, b in itertools.product([True, False], repeat=2):

        @pipeline
        def body(a, b):
            x, y = named("x")(a), named("y")(b)
            return [give(x & y), give(x | y), give(~x), give(~(x & ~y)), give((x == y) | y)]

        assert carry_out(body, a, b).returned() == [a and b, a or b, not a, not (a and not b), (a == b) or b]


@pytest.mark.parametrize(
    ("where", "says"),
    [(mode.PLAIN, "in plain Python"), (mode.OFF, "in plain Python"), (mode.RUNNING, "inside a running step")],
)
def test_outside_a_body_it_says_what_to_write(where, says):
    with mode.entered(where), pytest.raises(CallNotAllowed) as caught:
        when(True)
    assert str(caught.value) == (
        f"`when` was called {says}, not in a pipeline body.\nThe value is known there: write a plain `if`."
    )


def test_a_when_decides_no_if(in_body):
    with pytest.raises(DeferredMisuse, match="Write `with when\\(condition\\):`"):
        in_body(lambda: 1 if when(give(1) > 0) else 2)


def test_a_condition_is_over_after_its_block_also_when_it_raises(graph_of):
    @pipeline
    def body():
        try:
            with when(give(1) > 0):
                raise KeyError
        except KeyError:
            named("after")(1)

    assert conditions(graph_of(body))["after"] == []


def test_a_condition_of_another_graph_is_refused(graph_of):
    kept = []

    @pipeline
    def first():
        with when(give(1) > 0) as good:
            kept.append(good)

    @pipeline
    def second():
        with kept[0].otherwise():
            give(2)

    @pipeline
    def third():
        return kept[0].one_of(1, 2)

    graph_of(first)
    for body in (second, third):
        with pytest.raises(DeferredMisuse, match="of a graph that was built before"):
            graph_of(body)


def test_one_of_outside_a_body_is_refused(in_body):
    good = in_body(lambda: when(True)).returned
    with pytest.raises(CallNotAllowed):
        good.one_of(1, 2)
    with pytest.raises(CallNotAllowed), good:
        pass
