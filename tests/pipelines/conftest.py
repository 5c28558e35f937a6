"""A runner that calls through and takes notes, and a small interpreter of graphs to compare with."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mlops_core.config import mode
from mlops_core.pipelines import mapping
from mlops_core.pipelines.binding import call_arguments
from mlops_core.pipelines.building import build
from mlops_core.pipelines.containers import rebuilt
from mlops_core.pipelines.graph import Graph, Node
from mlops_core.pipelines.operations import Choice, Operation, Output, Writable, holds, operation_of
from mlops_core.pipelines.runner import set_runner_factory


def copied(leaf: Any) -> Any:
    """A private copy of an array."""
    return leaf.copy(order="K") if isinstance(leaf, np.ndarray) else leaf


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


class Skipped(Exception):  # noqa: N818 - a fact that travels, not an error
    """The value is one that a condition skipped."""


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
                self.skipped[node.name] = str(why)

    def evaluate(self, value: Any) -> Any:
        """The value with every deferred one in it replaced."""
        return rebuilt(value, self._leaf)

    def _leaf(self, leaf: Any) -> Any:
        operation = operation_of(leaf)
        return leaf if operation is None else self._operation(operation)

    def _operation(self, operation: Operation) -> Any:
        if isinstance(operation, Output):
            if operation.node.name in self.skipped:
                raise Skipped(operation.node.name)
            return self.values[operation.node.name]
        if isinstance(operation, Writable):
            return rebuilt(self.evaluate(operation.parent), copied)
        if not isinstance(operation, Choice):
            return operation.evaluate(self.evaluate)
        if not all(holds(condition, self.evaluate) for condition in operation.around):
            raise Skipped(operation.text())
        return self.evaluate(operation.new if holds(operation.condition, self.evaluate) else operation.old)

    def _output(self, leaf: Any) -> Any:
        try:
            return self._leaf(leaf)
        except Skipped:
            return None

    def returned(self) -> Any:
        outputs = self.graph.outputs
        return outputs.rebuild({n: rebuilt(v, self._output) for n, v in outputs.leaves.items()})

    def _value(self, node: Node) -> Any:
        for condition in node.conditions:
            if not holds(condition, self.evaluate):
                raise Skipped("condition")
        arguments: Any = self.evaluate(node.arguments)
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
