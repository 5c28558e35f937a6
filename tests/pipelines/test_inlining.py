"""A pipeline called in another body is inlined; one that calls itself is a cycle."""

import pytest

from mlops_core import pipeline, step, when
from mlops_core.errors import DeferredMisuse, PipelineCycle, WrongArguments
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.graph import upstream


@step
def load(x=1):
    return x


@step
def fit(table, depth=1):
    return (table, depth)


@pipeline
def bikes(source="a", *, depth=6):
    return {"model": fit(load(source), depth), "depth": depth}


def test_it_returns_what_its_body_returned_deferred(in_body):
    done = in_body(lambda: bikes("b", depth=2))
    assert isinstance(done.returned["model"], Deferred)
    assert done.returned["depth"] == 2
    assert [node.name for node in done.graph.nodes] == ["bikes.load", "bikes.fit"]


def test_deferred_values_go_in_and_out(carry_out):
    @pipeline
    def outer():
        inner = bikes(load(5))
        return fit(inner["model"], inner["depth"])

    assert carry_out(outer).returned() == ((5, 6), 6)


def test_it_stands_under_the_conditions_around_the_call(carry_out):
    @pipeline
    def outer():
        with when(load(False)):
            return bikes()["model"]

    done = carry_out(outer)
    assert set(done.skipped) == {"bikes.load", "bikes.fit"}


def test_arguments_are_bound_like_those_of_a_function(in_body):
    with pytest.raises(WrongArguments) as caught:
        in_body(lambda: bikes(depht=2))
    assert caught.value.message == "`bikes` takes no argument `depht` (did you mean `depth`?)."
    assert caught.value.hint == "It is called as `bikes(source='a', *, depth=6)`."


def test_a_pipeline_that_calls_itself():
    @pipeline
    def loop():
        return loop()

    with pytest.raises(PipelineCycle) as caught:
        loop()
    assert caught.value.message == "The pipeline `loop` calls itself: loop -> loop."
    assert caught.value.code == "cycle"


def test_a_longer_cycle_also_under_another_name():
    @pipeline
    def first():
        return second()

    @pipeline
    def second():
        return first.with_options(name="other")()

    with pytest.raises(PipelineCycle, match="first -> second -> other") as caught:
        first()
    assert caught.value.path == ("first", "second", "other")


def test_one_after_the_other_is_no_cycle(in_body):
    assert len(in_body(lambda: [bikes(), bikes()]).graph.nodes) == 4


def test_hidden_values_are_refused_where_they_are_returned(in_body):
    @pipeline
    def inner():
        loaded = load()
        return {"m": lambda: loaded}

    with pytest.raises(DeferredMisuse, match="The output `m` of `inner` has the deferred value"):
        in_body(inner)


def test_upstream_nodes_are_those_read_through_arguments_and_conditions(graph_of):
    @pipeline
    def outer():
        table, other, gate = load(1), load(2), load(3)
        with when(gate > 1) as good:
            new = fit(table)
        return fit([good.one_of(new, other)["a"]])

    graph = graph_of(outer)
    assert [node.name for node in upstream(graph.nodes[3])] == ["load", "load_3"]
    assert [node.name for node in upstream(graph.nodes[4])] == ["load_2", "load_3", "fit"]


def test_an_output_of_another_graph_is_refused(graph_of):
    kept = []

    @pipeline
    def first():
        kept.append(load())

    @pipeline
    def second():
        load()
        return fit(kept[0])

    @pipeline
    def third():
        return kept[0]

    graph_of(first)
    with pytest.raises(DeferredMisuse) as caught:
        graph_of(second)
    assert caught.value.message == "The argument `table` of `fit` is `load` of a graph that was built before."
    assert 'latest("PIPELINE").outputs["NAME"]' in caught.value.hint
    with pytest.raises(DeferredMisuse, match="What `third` returns is `load`"):
        graph_of(third)


def test_the_graph_keeps_its_parameters(graph_of):
    graph = graph_of(bikes, "b")
    assert (graph.pipeline, graph.params) == ("bikes", {"source": "b", "depth": 6})
