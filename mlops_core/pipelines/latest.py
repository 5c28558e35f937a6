"""``latest("bikes")``: the newest succeeded run of a pipeline, found while the graph is built."""

from collections.abc import Mapping
from typing import Any

from mlops_core.errors import ReferenceNotFound, UsageError
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.operations import Reference
from mlops_core.pipelines.places import refuse_outside_body
from mlops_core.pipelines.runner import runner

_MISSING = object()


class PastOutputs(dict[str, Any]):
    """Output name to tracked reference (deferred), or None where a condition skipped it.

    A name that the run did not return raises ``ReferenceNotFound``.
    """

    def __init__(self, pipeline: str, outputs: Mapping[str, object]) -> None:
        super().__init__(outputs)
        self._pipeline = pipeline

    def __missing__(self, name: str) -> Any:
        raise ReferenceNotFound(
            f"The newest succeeded run of `{self._pipeline}` has no output `{name}`; it has: "
            f"{', '.join(self) or 'none'}.",
            hint="Outputs are named by what the pipeline's body returns.",
            name=name,
        )


class PastRun:
    """An earlier run, for what it returned. ``digests`` gives 16 bytes per output, None for a skipped one."""

    __slots__ = ("id", "number", "outputs", "pipeline")

    def __init__(self, run_id: str, number: int, pipeline: str, digests: Mapping[str, bytes | None]) -> None:
        self.id = run_id
        self.number = number
        self.pipeline = pipeline
        self.outputs = PastOutputs(
            pipeline,
            {
                name: None if digest is None else Deferred(Reference(run_id, number, pipeline, name, digest))
                for name, digest in digests.items()
            },
        )


def latest(pipeline: str, *, default: object = _MISSING) -> object:
    """The newest succeeded run of the pipeline of this name, or ``default`` where there is none.

    Raises ``ReferenceNotFound`` without such a run and without a default, and ``CallNotAllowed`` outside a
    pipeline body.
    """
    if not isinstance(pipeline, str):
        name = getattr(pipeline, "name", "NAME")
        raise UsageError(
            f"`latest` takes the name of a pipeline, not {pipeline!r}.", hint=f'Write `latest("{name}")`.'
        )
    refuse_outside_body("latest", "Write it in the body of a pipeline and pass its outputs to steps.")
    found = runner().latest(pipeline, default)
    if found is _MISSING:
        raise ReferenceNotFound(
            f"The pipeline `{pipeline}` has no succeeded run.",
            hint=f'Run it first, or write `latest("{pipeline}", default=None)` and handle None.',
            pipeline=pipeline,
        )
    return found
