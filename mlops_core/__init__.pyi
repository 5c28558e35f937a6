"""The public face, as type checkers see it: a deferred value is the value it stands for."""

from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from mlops_core.execution.run import Run as Run
from mlops_core.fingerprints.public import fingerprint as fingerprint
from mlops_core.pipelines.annotations import ContentOnly as ContentOnly
from mlops_core.pipelines.annotations import Metrics as Metrics
from mlops_core.pipelines.annotations import Output as Output
from mlops_core.pipelines.latest import PastRun
from mlops_core.pipelines.pipeline import Pipeline as _Pipeline
from mlops_core.pipelines.step import Step as _Step
from mlops_core.planning.plan import Plan as Plan
from mlops_core.planning.plan import PlannedStep

__version__: str
__all__ = [
    "ContentOnly",
    "Metrics",
    "Output",
    "Pipeline",
    "Plan",
    "Run",
    "Step",
    "__version__",
    "fingerprint",
    "latest",
    "pipeline",
    "step",
    "when",
    "writable",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)
_T = TypeVar("_T")
_D = TypeVar("_D")

# At run time these two are the classes of the rooms below, which may not name Run and Plan.
class Step(_Step[_P, _R_co]):
    __wrapped__: Callable[_P, _R_co]  # type: ignore[assignment]
    def partial(self, /, *args: Any, **kwargs: Any) -> Step[..., _R_co]: ...
    def with_options(  # type: ignore[override]
        self,
        /,
        *,
        name: str = ...,
        cache: bool | str = ...,
        ignore: str | list[str] | tuple[str, ...] = ...,
        version: str | float = ...,
        depends: object = ...,
        writable: str | list[str] | tuple[str, ...] = ...,
    ) -> Step[_P, _R_co]: ...
    def plan(self, /, *args: _P.args, **kwargs: _P.kwargs) -> PlannedStep: ...

class Pipeline(_Pipeline[_P, _R_co]):
    __wrapped__: Callable[_P, _R_co]  # type: ignore[assignment]
    def run(self, /, *args: _P.args, **kwargs: _P.kwargs) -> Run: ...
    def plan(self, /, *args: _P.args, **kwargs: _P.kwargs) -> Plan: ...
    def with_options(  # type: ignore[override]
        self,
        /,
        *,
        name: str = ...,
        force: str | list[str] | tuple[str, ...] = ...,
        jobs: int = ...,
    ) -> Pipeline[_P, _R_co]: ...

class _StepDecorator(Protocol):
    def __call__(self, function: Callable[_P, _R], /) -> Step[_P, _R]: ...

class _PipelineDecorator(Protocol):
    def __call__(self, function: Callable[_P, _R], /) -> Pipeline[_P, _R]: ...

@overload
def step(function: Callable[_P, _R], /) -> Step[_P, _R]: ...
@overload
def step(
    *,
    name: str = ...,
    cache: bool | str = ...,
    ignore: str | list[str] | tuple[str, ...] = ...,
    version: str | float = ...,
    depends: object = ...,
    writable: str | list[str] | tuple[str, ...] = ...,
) -> _StepDecorator: ...
@overload
def pipeline(function: Callable[_P, _R], /) -> Pipeline[_P, _R]: ...
@overload
def pipeline(*, name: str = ...) -> _PipelineDecorator: ...

class _When:
    def __enter__(self) -> _When: ...
    def __exit__(self, *error: object) -> None: ...
    def otherwise(self) -> _When: ...
    def one_of(self, new: _T, old: _T) -> _T: ...

def when(condition: object) -> _When: ...
@overload
def latest(pipeline: str) -> PastRun: ...
@overload
def latest(pipeline: str, *, default: _D) -> PastRun | _D: ...
def writable(value: _T) -> _T: ...
