"""Names of calls: numbered, given, passed over; one name never stands for two functions."""

import pytest

from mlops_core import pipeline, step
from mlops_core.errors import NameTaken, UsageError


@step
def clean(x):
    return x


@step
def clean_2(x):
    return x + 1


def names(graph):
    return [node.name for node in graph.nodes]


def scaled_by(k):
    @step
    def scaled(x):
        return k * x

    return scaled


def with_default(k):
    def kept(x, factor=k):
        return factor * x

    return step(kept)


def test_a_step_called_again_is_numbered(in_body):
    graph = in_body(lambda: [clean(1), clean(2), clean(3)]).graph
    assert names(graph) == ["clean", "clean_2", "clean_3"]
    assert {node.base for node in graph.nodes} == {"clean"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lambda: [clean(1), clean(2), clean_2(3)], ["clean", "clean_3", "clean_2"]),
        (lambda: [clean_2(1), clean(2), clean(3), clean_2(4)], ["clean_2", "clean", "clean_3", "clean_2_2"]),
        (
            lambda: [clean.with_options(name="clean_2")(0), clean(1), clean(2), clean(3)],
            ["clean_2", "clean", "clean_3", "clean_4"],
        ),
        (
            lambda: [
                clean(1),
                clean.with_options(name="test")(2),
                clean.with_options(name="test")(3),
                clean(4),
            ],
            ["clean", "test", "test_2", "clean_2"],
        ),
        (lambda: [clean.map([1]), clean.product([2])], ["clean", "clean_2"]),
        (
            lambda: (
                [clean.with_options(name="a")(1), clean.with_options(name="a_2_2")(1)]
                + [clean.with_options(name=n)(1) for n in ("a", "a_2", "a_2", "a")]
            ),
            ["a", "a_2_2", "a_3", "a_2", "a_2_3", "a_4"],
        ),
    ],
)
def test_taken_names_are_passed_over(body, expected, in_body):
    graph = in_body(body).graph
    assert names(graph) == expected
    assert len(set(names(graph))) == len(expected)


def test_the_name_of_a_call(in_body):
    (node,) = in_body(lambda: clean.with_options(name="clean_test")(1)).graph.nodes
    assert (node.name, node.base) == ("clean_test", "clean_test")


def test_two_different_functions_under_one_name(in_body):
    other = step(name="clean")(lambda x: x + 5)
    with pytest.raises(NameTaken) as caught:
        in_body(lambda: [clean(1), other(2)])
    assert (
        "Two different functions are called `clean` in the pipeline `<lambda>`: clean ("
        in caught.value.message
    )
    assert "test_naming.py:" in caught.value.message
    assert '`@step(name="...")`' in caught.value.hint
    assert caught.value.name == "clean"
    assert isinstance(caught.value, UsageError)


def test_factory_made_steps_need_a_name(in_body):
    double, triple = scaled_by(2), scaled_by(3)
    with pytest.raises(NameTaken, match="Steps made by a factory always need one"):
        in_body(lambda: [double(1), triple(1)])
    graph = in_body(lambda: [double(1), triple.with_options(name="triple")(1)]).graph
    assert names(graph) == ["scaled", "triple"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (scaled_by(2), scaled_by(2)),
        (scaled_by("a"), scaled_by("a")),
        (scaled_by(len), scaled_by(len)),
        (scaled_by(lambda: 1), scaled_by(lambda: 1)),
        (with_default(2), with_default(2)),
        (scaled_by([1, {"a": 2.5}]), scaled_by([1, {"a": 2.5}])),
    ],
)
def test_functions_are_the_same_by_code_and_closure(left, right, in_body):
    assert left.__wrapped__ is not right.__wrapped__
    assert names(in_body(lambda: [left(1), right(2)]).graph) in (["scaled", "scaled_2"], ["kept", "kept_2"])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (scaled_by(1), scaled_by(True)),
        (scaled_by(1), scaled_by(1.0)),
        (scaled_by(0.0), scaled_by(-0.0)),
        (scaled_by(lambda: 1), scaled_by(lambda: 2)),
        (scaled_by(lambda: 1), scaled_by(lambda: True)),
        (with_default(2), with_default(3)),
        (scaled_by([1, 2]), scaled_by([2, 1])),
        (scaled_by(scaled_by(1).__wrapped__), scaled_by(scaled_by(2).__wrapped__)),
    ],
)
def test_and_different_by_them(left, right, in_body):
    with pytest.raises(NameTaken):
        in_body(lambda: [left(1), right(2)])


def test_equal_code_in_two_modules_is_two_functions(in_body):
    code = "def load(x):\n    return read(x)\n"
    one, other = {"__name__": "one"}, {"__name__": "other"}
    exec(code, one)
    exec(code, other)
    with pytest.raises(NameTaken):
        in_body(lambda: [step(one["load"])(1), step(other["load"])(1)])


def test_a_notebook_cell_that_runs_again_makes_the_same_step(in_body):
    cell, names_of_cell = "def load(x):\n    return x\n", {"__name__": "__main__"}
    exec(cell, names_of_cell)
    first = step(names_of_cell["load"])
    exec("\n\n" + cell, names_of_cell)
    assert names(in_body(lambda: [first(1), step(names_of_cell["load"])(1)]).graph) == ["load", "load_2"]


@pytest.mark.parametrize(
    ("before", "after"), [("1", "2"), ("1", "True"), ("0.0", "-0.0"), ("(1, 2)", "(1.0, 2)"), ("'a'", "b'a'")]
)
def test_an_edited_cell_makes_another(before, after, in_body):
    names_of_cell = {"__name__": "__main__"}
    exec(f"def load(x):\n    return x, {before}\n", names_of_cell)
    first = step(names_of_cell["load"])
    exec(f"def load(x):\n    return x, {after}\n", names_of_cell)
    with pytest.raises(NameTaken):
        in_body(lambda: [first(1), step(names_of_cell["load"])(1)])


def test_options_do_not_make_another_function(in_body):
    graph = in_body(lambda: [clean(1), clean.with_options(cache=False)(1), clean.partial(1)()]).graph
    assert names(graph) == ["clean", "clean_2", "clean_3"]


def test_inlined_steps_carry_the_name_of_their_pipeline(in_body):
    @pipeline
    def inner():
        return clean(clean(1))

    @pipeline
    def middle():
        return inner(), clean(1)

    graph = in_body(lambda: [middle(), clean(1), inner.with_options(name="again")(), inner()]).graph
    assert names(graph) == [
        "middle.inner.clean",
        "middle.inner.clean_2",
        "middle.clean",
        "clean",
        "again.clean",
        "again.clean_2",
        "inner.clean",
        "inner.clean_2",
    ]
    assert graph.nodes[1].base == "middle.inner.clean"


def test_a_pipeline_inlined_twice_numbers_on(in_body):
    @pipeline
    def inner():
        return clean(1)

    assert names(in_body(lambda: [inner(), inner()]).graph) == ["inner.clean", "inner.clean_2"]
