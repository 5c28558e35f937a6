"""``step`` makes a plain function into a ``Step``; what a call of it does depends on the mode.

Part of the start-up path: imports nothing that a bare interpreter has not loaded already. To a type
checker a step is generic in parameters and result, and what its call returns is the value itself.
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
from mlops_core.pipelines.options import NO_STEP_OPTIONS, StepOptions
from mlops_core.pipelines.runner import runner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any


class Step(Generic[P, R_co]):
    """A plain function whose calls are deferred in a pipeline body and cached outside.

    ``__wrapped__`` is the function, ``name`` what runs call it, ``options`` what it was told. It pickles
    by reference (module and qualified name). In a class body it stays what it is: it never binds ``self``.
    """

    __mlops_step__ = True

    __name__: str
    __qualname__: str
    __module__: str

    def __init__(
        self,
        function: "FunctionType",
        options: StepOptions = NO_STEP_OPTIONS,
        bound: tuple[tuple[object, ...], dict[str, object]] = ((), {}),
    ) -> None:
        self.__wrapped__: FunctionType = function
        stand_for(self, function)
        self.options = options
        self._bound_args, self._bound_kwargs = bound
        self._is_partial = bool(self._bound_args or self._bound_kwargs)
        self._made_by: tuple[Step[..., Any], str, tuple[object, ...], dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        """The name in runs: the option, else the function's own."""
        return self.options.name or self.__name__

    def __call__(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "R_co":
        """Deferred in a body, plain inside a step and under ``MLOPS_CACHE=off``, else a cached call."""
        result: R_co = self._call(*self.with_bound(args, kwargs) if self._is_partial else (args, kwargs))
        return result

    def _call(self, args: tuple[object, ...], kwargs: dict[str, object]) -> "Any":
        where = mode.current()
        if where == mode.PLAIN:
            return runner().call(self, args, kwargs)
        if where == mode.BUILDING:
            from mlops_core.pipelines.builder import defer

            return defer(self, args, kwargs)
        return self.__wrapped__(*args, **kwargs)

    def map(self, /, *args: "Any", **kwargs: "Any") -> "list[R_co]":
        """One call per item of the arguments, which vary together; a list of the results.

        Raises ``MapMismatch`` where the lengths differ or an argument cannot be listed.
        """
        from mlops_core.pipelines.mapping import call_map

        results: list[R_co] = call_map(self, args, kwargs, product=False)
        return results

    def product(self, /, *args: "Any", **kwargs: "Any") -> "list[R_co]":
        """One call per combination of the arguments' items; one flat list, the last varying fastest."""
        from mlops_core.pipelines.mapping import call_map

        results: list[R_co] = call_map(self, args, kwargs, product=True)
        return results

    def partial(self, /, *args: "Any", **kwargs: "Any") -> "Step[..., R_co]":
        """The step with these arguments given already, as ``functools.partial`` does it."""
        made: Step[..., R_co] = Step(self.__wrapped__, self.options, self.with_bound(args, kwargs))
        made._made_by = (self, "partial", args, kwargs)
        return made

    def with_options(self, /, **options: "Any") -> "Step[P, R_co]":
        """The step with these options changed. Raises ``StepOptionError``."""
        from mlops_core.pipelines.option_values import step_options
        from mlops_core.pipelines.signature import signature_of

        checked = step_options(self.options, options, self.name, signature_of(self.__wrapped__))
        made: Step[P, R_co] = Step(self.__wrapped__, checked, (self._bound_args, self._bound_kwargs))
        made._made_by = (self, "with_options", (), options)
        return made

    def plan(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "Any":
        """What a call with these arguments would do, and why; runs nothing."""
        from mlops_core.pipelines.places import refuse_plan_inside

        refuse_plan_inside(f"{self.name}.plan")
        return runner().plan_call(self, *self.with_bound(args, kwargs))

    def with_bound(
        self, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> tuple[tuple[object, ...], dict[str, object]]:
        """The arguments of a call together with those that ``partial`` gave."""
        return (*self._bound_args, *args), {**self._bound_kwargs, **kwargs}

    def __repr__(self) -> str:
        return f"<step {self.name}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        if self._made_by is None or is_found_by_name(self):
            return self.__qualname__
        return (derive, self._made_by)


def step(function: "Callable[..., Any] | None" = None, /, **options: "Any") -> "Any":
    """Make a plain function, lambda or closure a step: ``@step`` or ``@step(option=...)``.

    Raises ``StepDefinitionError`` for methods, ``async def``, classes and builtins, and
    ``StepOptionError`` for an option that does not exist or has a wrong value.
    """
    if function is None:
        return lambda decorated: step(decorated, **options)
    made: Step[..., Any] = Step(check_function(function, "step"))
    if not options:
        return made
    made.options = made.with_options(**options).options
    return made
