"""A runner that calls through and takes notes, and a small interpreter of graphs to compare with."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mlops_core.config import mode
from mlops_core.pipelines import mapping
from mlops_core.pipelines.binding import call_arguments
from mlops_core.pipelines.building import build
from mlops_core.pipelines.evaluation import evaluate, evaluate_output, holds
from mlops_core.pipelines.graph import Graph, Node
from mlops_core.pipelines.operations import Output, Reference, Skipped
from mlops_core.pipelines.runner import set_runner_factory


class NotingRunner:
    """Calls functions straight through; ``notes`` says what it was asked for."""

    def __init__(self) -> None:
        self.notes: list[tuple[Any, ...]] = []
        self.runs: dict[str, Any] = {}

    def call(self, step: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.notes.append(("call", step.name, args, kwargs))
        with mode.entered(mode.RUNNING):
            return step.__wrapped__(*args, **kwargs)

    def plan_call(self, step: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return ("plan_call", step.name, args, kwargs)

    def run(self, pipeline: Any, args: tuple[Any, ...], kwargs: dict[str, Any], options: Any) -> Any:
        return ("run", pipeline.name, args, kwargs, options)

    def plan(self, pipeline: Any, args: tuple[Any, ...], kwargs: dict[str, Any], options: Any) -> Any:
        return ("plan", pipeline.name, args, kwargs, options)

    def call_pipeline(
        self, pipeline: Any, args: tuple[Any, ...], kwargs: dict[str, Any], options: Any
    ) -> Any:
        return Interpreter(build(pipeline, args, kwargs)).returned()

    def latest(self, pipeline: str, default: Any) -> Any:
        return self.runs.get(pipeline, default)


class Interpreter:
    """Carries a graph out in order, nothing cached: what the rules say, as plainly as possible."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[str, Any] = {}
        self.skipped: dict[str, str] = {}
        for node in graph.nodes:
            try:
                self.values[node.name] = self._value(node)
            except Skipped as why:
                self.skipped[node.name] = why.text

    def known(self, operation: Output | Reference) -> Any:
        assert isinstance(operation, Output)
        if operation.node.name in self.skipped:
            raise Skipped(operation.node.name)
        return self.values[operation.node.name]

    def returned(self) -> Any:
        outputs = self.graph.outputs
        return outputs.rebuild({n: evaluate_output(v, self.known) for n, v in outputs.leaves.items()})

    def _value(self, node: Node) -> Any:
        for condition in node.conditions:
            if not holds(condition, self.known):
                raise Skipped("condition")
        arguments: Any = evaluate(node.arguments, self.known)
        if not node.mapped:
            return self._call(node, arguments)
        lists = {
            name: mapping.items_of(mapping.argument_at(node.step, arguments, name), name, node.name)
            for name in node.mapped
        }
        chosen = mapping.combined(node.name, lists, product=node.product)
        return [self._call(node, mapping.with_items(node.step, arguments, items)) for items in chosen]

    def _call(self, node: Node, arguments: dict[str, Any]) -> Any:
        args, kwargs = call_arguments(node.step, arguments)
        with mode.entered(mode.RUNNING):
            return node.step.__wrapped__(*args, **kwargs)


@pytest.fixture(autouse=True)
def runner() -> Iterator[NotingRunner]:
    """The runner of this test."""
    noting = NotingRunner()
    set_runner_factory(lambda: noting)
    yield noting
    set_runner_factory(None)


@pytest.fixture
def graph_of() -> Callable[..., Graph]:
    """Build the graph of a pipeline."""
    return lambda pipeline, *args, **kwargs: build(pipeline, args, kwargs)


@pytest.fixture
def carry_out() -> Callable[..., Interpreter]:
    """Build the graph of a pipeline and carry it out."""
    return lambda pipeline, *args, **kwargs: Interpreter(build(pipeline, args, kwargs))


@pytest.fixture
def in_body() -> Callable[..., Any]:
    """Execute a function as the body of a pipeline; what it returned, and the graph."""
    from mlops_core.pipelines.pipeline import Pipeline

    def execute(body: Callable[[], Any]) -> SimpleNamespace:
        kept: list[Any] = []
        graph = build(Pipeline(lambda: kept.append(body())), (), {})
        return SimpleNamespace(returned=kept[0], graph=graph)

    return execute
