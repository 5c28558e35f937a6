"""``pipeline`` makes a plain function into a ``Pipeline``: its body builds the graph of steps.

Part of the start-up path: imports nothing that a bare interpreter has not loaded already.
"""

from mlops_core.config import mode
from mlops_core.pipelines.definition import (
    Generic,
    P,
    R_co,
    check_function,
    derive,
    is_found_by_name,
    stand_for,
)
from mlops_core.pipelines.options import NO_PIPELINE_OPTIONS, PipelineOptions
from mlops_core.pipelines.runner import runner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any


class Pipeline(Generic[P, R_co]):
    """A function whose body builds a graph of steps.

    Called, it runs and returns what the body returned, as values; called in another body it is inlined.
    It pickles by reference (module and qualified name).
    """

    __mlops_pipeline__ = True

    __name__: str
    __qualname__: str
    __module__: str

    def __init__(self, function: "FunctionType", options: PipelineOptions = NO_PIPELINE_OPTIONS) -> None:
        self.__wrapped__: FunctionType = function
        stand_for(self, function)
        self.options = options
        self._made_by: tuple[Pipeline[..., Any], str, tuple[object, ...], dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        """The name in runs: the option, else the function's own."""
        return self.options.name or self.__name__

    def __call__(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "R_co":
        """Run, and return what the body returned; in another body: inline, and return deferred values.

        Raises the step's own exception, ``PipelineCycle`` when it calls itself, and ``CallNotAllowed``
        inside a running step.
        """
        result: R_co = self._call(args, kwargs)
        return result

    def _call(self, args: tuple[object, ...], kwargs: dict[str, object]) -> "Any":
        if mode.current() == mode.BUILDING:
            from mlops_core.pipelines.builder import inline

            return inline(self, args, kwargs)
        self._refuse_inside(self.name)
        return runner().call_pipeline(self, args, kwargs, self.options)

    def run(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "Any":
        """Run; the ``Run``, also a failed one."""
        self._refuse_inside(f"{self.name}.run")
        return runner().run(self, args, kwargs, self.options)

    def plan(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "Any":
        """What a run would do, and why, as a ``Plan``; runs nothing."""
        self._refuse_inside(f"{self.name}.plan")
        return runner().plan(self, args, kwargs, self.options)

    def with_options(self, /, **options: "Any") -> "Pipeline[P, R_co]":
        """The pipeline with these options changed. Raises ``StepOptionError``."""
        made: Pipeline[P, R_co] = Pipeline(self.__wrapped__, self._changed(options, decorating=False))
        made._made_by = (self, "with_options", (), options)
        return made

    def _changed(self, options: dict[str, object], *, decorating: bool) -> PipelineOptions:
        from mlops_core.pipelines.option_values import pipeline_options

        return pipeline_options(self.options, options, self.name, decorating=decorating)

    def _refuse_inside(self, call: str) -> None:
        if mode.current() in (mode.BUILDING, mode.RUNNING):
            from mlops_core.pipelines.places import refuse_pipeline_inside

            refuse_pipeline_inside(self.name, call)

    def __repr__(self) -> str:
        return f"<pipeline {self.name}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        if self._made_by is None or is_found_by_name(self):
            return self.__qualname__
        return (derive, self._made_by)


def pipeline(function: "Callable[..., Any] | None" = None, /, **options: "Any") -> "Any":
    """Make a plain function a pipeline: ``@pipeline`` or ``@pipeline(name=...)``.

    Raises ``StepDefinitionError`` for methods, ``async def``, generators, classes and builtins, and
    ``StepOptionError`` for an option that does not exist or has a wrong value.
    """
    if function is None:
        return lambda decorated: pipeline(decorated, **options)
    made: Pipeline[..., Any] = Pipeline(check_function(function, "pipeline"))
    if options:
        made.options = made._changed(options, decorating=True)
    return made
