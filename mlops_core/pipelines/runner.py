"""What a call outside a pipeline body needs from above, as a protocol; the face hands in the factory.

Part of the start-up path: imports nothing that a bare interpreter has not loaded already.
"""

from mlops_core.errors import CallNotAllowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from mlops_core.pipelines.latest import PastRun
    from mlops_core.pipelines.options import PipelineOptions
    from mlops_core.pipelines.pipeline import Pipeline
    from mlops_core.pipelines.step import Step

    class Runner(Protocol):
        """Carries out cached calls and pipeline runs. ``args`` and ``kwargs`` are as the caller gave them."""

        def call(self, step: Step[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
            """A cached call: the stored value, or the step's own exception."""

        def plan_call(self, step: Step[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
            """The verdict on such a call, without running it."""

        def run(
            self,
            pipeline: Pipeline[..., Any],
            args: tuple[object, ...],
            kwargs: dict[str, object],
            options: PipelineOptions,
        ) -> Any:
            """Run the pipeline; the ``Run``, also a failed one."""

        def call_pipeline(
            self,
            pipeline: Pipeline[..., Any],
            args: tuple[object, ...],
            kwargs: dict[str, object],
            options: PipelineOptions,
        ) -> Any:
            """Run the pipeline; what its body returned, as values, or the step's own exception."""

        def plan(
            self,
            pipeline: Pipeline[..., Any],
            args: tuple[object, ...],
            kwargs: dict[str, object],
            options: PipelineOptions,
        ) -> Any:
            """The ``Plan`` of such a run."""

        def latest(self, pipeline: str, default: object) -> PastRun | Any:
            """The newest succeeded run of the pipeline, else ``default`` itself."""


_factory: "Callable[[], Runner] | None" = None
_runner: "Runner | None" = None


def set_runner_factory(make: "Callable[[], Runner] | None") -> None:
    """Say who makes the runner; it is made when a call first needs it. ``None`` forgets both."""
    global _factory, _runner
    _factory, _runner = make, None


def has_runner_factory() -> bool:
    """Whether anybody has said who makes the runner."""
    return _factory is not None


def runner() -> "Runner":
    """The runner of this process.

    Raises ``CallNotAllowed`` when no factory was set: the rooms were imported past the public face.
    """
    global _runner
    if _runner is None:
        if _factory is None:
            raise CallNotAllowed(
                "Nothing here can carry out a step: its decorator was imported past the public face.",
                hint="Write `from mlops_core import step, pipeline`.",
            )
        made = _factory()
        if _runner is None:  # else another thread was first
            _runner = made
    return _runner
