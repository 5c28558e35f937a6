"""The graph while it is being built: calls in a pipeline body end here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mlops_core.errors import CallNotAllowed, DeferredMisuse, PipelineCycle
from mlops_core.pipelines.binding import bind, call_arguments
from mlops_core.pipelines.containers import snapshot, sources
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.node import Condition, Node
from mlops_core.pipelines.operations import Output
from mlops_core.pipelines.outputs import Outputs
from mlops_core.pipelines.pipeline import Pipeline
from mlops_core.pipelines.step import Step

_builder: "ContextVar[Builder | None]" = ContextVar("mlops_builder", default=None)


class Builder:
    """Collects nodes, and knows the conditions and pipelines around the line that is executing."""

    def __init__(self, pipeline: Pipeline[..., Any]) -> None:
        self.nodes: list[Node] = []
        self.conditions: tuple[Condition, ...] = ()
        self.pipelines = [pipeline]

    def base_name(self, step: Step[..., Any]) -> str:
        """The step's name behind those of the pipelines it is inlined from."""
        return ".".join([*(pipeline.name for pipeline in self.pipelines[1:]), step.name])

    def add(
        self, step: Step[..., Any], arguments: dict[str, object], mapped: tuple[str, ...], *, product: bool
    ) -> Deferred:
        """A new node; what it returns. Raises ``DeferredMisuse`` for an argument of another graph."""
        checked = {name: self.accept(value, step, name) for name, value in arguments.items()}
        node = Node(
            self.base_name(step),
            step,
            checked,
            position=len(self.nodes),
            mapped=mapped,
            product=product,
            conditions=self.conditions,
        )
        self.nodes.append(node)
        return Deferred(Output(node))

    def accept(self, value: object, step: Step[..., Any], argument: str) -> object:
        """The value of an argument as it is now. Raises ``DeferredMisuse``."""
        taken = snapshot(value, f"the argument `{argument}` of `{step.name}`")
        self.check_own(taken, f"the argument `{argument}` of `{step.name}`")
        return taken

    def check_own(self, value: object, where: str) -> None:
        """Raise ``DeferredMisuse`` if ``value`` holds an output of another graph."""
        for source in sources(value):
            if isinstance(source, Output) and not self._owns(source.node):
                raise DeferredMisuse(
                    f"{where[0].upper()}{where[1:]} is `{source.text()}` of a graph that was built before.",
                    hint="Call the step in this body; a value of an earlier run is "
                    '`latest("PIPELINE").outputs["NAME"]`.',
                )

    def _owns(self, node: Node) -> bool:
        return node.position < len(self.nodes) and self.nodes[node.position] is node

    @contextmanager
    def under(self, conditions: tuple[Condition, ...]) -> Iterator[None]:
        """Put the nodes made inside under these conditions, beside those that hold already."""
        before = self.conditions
        self.conditions = before + tuple(new for new in conditions if new not in before)
        try:
            yield
        finally:
            self.conditions = before

    @contextmanager
    def inside(self, pipeline: Pipeline[..., Any]) -> Iterator[None]:
        """Put the pipeline's name before those of the nodes made inside. Raises ``PipelineCycle``."""
        names = [known.name for known in self.pipelines] + [pipeline.name]
        if any(known.__wrapped__ is pipeline.__wrapped__ for known in self.pipelines):
            raise PipelineCycle(
                f"The pipeline `{pipeline.name}` calls itself: {' -> '.join(names)}.",
                hint="Take the call out of the body, or put what repeats into a step.",
                path=tuple(names),
            )
        self.pipelines.append(pipeline)
        try:
            yield
        finally:
            self.pipelines.pop()


def current_builder() -> Builder:
    """The builder of the body that is executing. Raises ``CallNotAllowed`` where there is none."""
    builder = _builder.get()
    if builder is None:
        raise CallNotAllowed(
            "No pipeline body is being built here.",
            hint="Write the call in a function decorated with `@pipeline`.",
        )
    return builder


@contextmanager
def building(builder: Builder) -> Iterator[None]:
    """Make this the builder that calls end in."""
    token = _builder.set(builder)
    try:
        yield
    finally:
        _builder.reset(token)


def defer(step: Step[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Deferred:
    """A call of a step in a pipeline body. Raises ``WrongArguments`` and ``DeferredMisuse``."""
    return current_builder().add(step, bind(step, args, kwargs), (), product=False)


def inline(pipeline: Pipeline[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """A call of a pipeline in another one's body: its steps join this graph; deferred values come back.

    Raises ``WrongArguments``, ``PipelineCycle`` and ``DeferredMisuse``.
    """
    builder = current_builder()
    arguments = bind(pipeline, args, kwargs)
    args, kwargs = call_arguments(pipeline, arguments)
    with builder.inside(pipeline):
        returned = pipeline.__wrapped__(*args, **kwargs)
    Outputs.of(returned, pipeline.name)  # refuses hidden deferred values here, where the culprit is known
    return returned
