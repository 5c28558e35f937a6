"""A reused value that turns out not to load is none: the step that made it runs again, in the same run."""

from collections.abc import Iterable

from mlops_core.errors import DamagedState, SerializerMissing, UnloadableValue
from mlops_core.execution.run import CACHED
from mlops_core.execution.unit import Unit
from mlops_core.formats.artifact import Artifact

#: What loading a stored value raises where the value cannot be had any more.
UNUSABLE = (DamagedState, UnloadableValue, SerializerMissing)


def makers(units: Iterable[Unit], error: BaseException) -> list[Unit]:
    """The reused step runs whose value the error is about; all reused ones where it does not say which."""
    reused = [unit for unit in units if unit.step_run.status == CACHED]
    digest = getattr(error, "digest", None)
    named = [unit for unit in reused if unit.outcome is not None and _holds(unit.outcome.artifact, digest)]
    return named or reused


def _holds(artifact: Artifact | None, digest: object) -> bool:
    if artifact is None:
        return False
    return artifact.digest == digest or any(_holds(child, digest) for child in artifact.children.values())
