"""Nodes are handed out once, in the order of the body, as soon as their sources have outcomes."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_core import pipeline, step
from mlops_core.execution.order import Order
from mlops_core.pipelines.building import build
from mlops_core.pipelines.graph import Graph, upstream


@step
def joined(sources: list[int]) -> int:
    return sum(sources)


def graph_of(edges: list[list[int]]) -> Graph:
    """Node number n reads the nodes that ``edges[n]`` names."""

    @pipeline
    def drawn() -> Any:
        made: list[Any] = []
        for sources in edges:
            made.append(joined([made[n] for n in sources]))
        return made

    return build(drawn, (), {})


@st.composite
def edge_lists(draw: st.DrawFn) -> list[list[int]]:
    count = draw(st.integers(1, 8))
    return [draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3)) if n else [] for n in range(count)]


@settings(deadline=None)  # it builds a graph
@given(edge_lists(), st.data())
def test_it_hands_out_what_a_search_would_find(edges: list[list[int]], data: st.DataObject) -> None:
    graph = graph_of(edges)
    order, waiting, finished, out = Order(graph), list(graph.nodes), set[int](), list[Any]()
    while waiting or out:
        while (node := order.next()) is not None:
            ready = [n for n in waiting if {s.position for s in upstream(n)} <= finished]
            assert node is ready[0]
            waiting.remove(node)
            out.append(node)
        assert not [n for n in waiting if {s.position for s in upstream(n)} <= finished]
        ended = data.draw(st.sampled_from(out))
        out.remove(ended)
        finished.add(ended.position)
        order.finished(ended)
        order.finished(ended)


def test_a_node_waits_again_for_a_source_that_runs_again() -> None:
    graph = graph_of([[], [0], [0]])
    first, second, third = graph.nodes
    order = Order(graph)
    assert order.next() is first
    order.finished(first)
    assert order.next() is second
    order.unfinished(first)
    order.again(second)
    assert order.next() is None
    order.finished(first)
    assert [order.next(), order.next(), order.next()] == [second, third, None]
