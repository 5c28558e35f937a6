"""Serializers by type: a value becomes an artifact whose bytes are cells, and comes back from them.

What comes back: arrays and Arrow tables as read-only views of the store's maps, everything else fresh for
each consumer. Nothing heavy is imported here, nor for loading a plain value.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlops_core.formats.artifact import Artifact, from_json, to_json
from mlops_core.formats.loading import Loading, load_artifact
from mlops_core.formats.protocols import Fingerprint, Sink, Source

if TYPE_CHECKING:
    import os
    from pathlib import Path

__all__ = ["Artifact", "Fingerprint", "Sink", "Source", "from_json", "load", "save", "to_json"]


def save(
    value: object,
    sink: Sink,
    fingerprint: Callable[[object], Fingerprint],
    *,
    embed: Callable[[bytes], object] | None = None,
    written: "Callable[[Path], bool] | None" = None,
) -> Artifact:
    """Hand the value's cells to ``sink`` and describe the value.

    ``fingerprint`` gives the digest of a value; ``embed`` makes a stand-in with a given digest, so that a
    container's parts are not hashed twice; ``written`` says of a path whether the step wrote it, so that its
    content is stored (without it a path stays a reference). Generators are run. Raises UnstorableValue,
    naming the type and where in the value it lies, what ``sink`` raises, and the generator's own errors.
    """
    from mlops_core.formats.saving import Saving

    return Saving(sink, fingerprint, embed, written).artifact(value)


def load(
    artifact: Artifact,
    source: Source,
    *,
    writable: bool = False,
    folder: "str | os.PathLike[str] | None" = None,
) -> object:
    """The value of an artifact.

    With ``writable`` arrays are private copy-on-write maps. Stored files and directories are put below
    ``folder``, read-only, under their own names, and come back as paths. Raises MissingCell and DamagedState
    for cells, SerializerMissing for a library that is not installed, UnloadableValue where the value's own
    class or library refuses.
    """
    place = None if folder is None else str(folder)
    return load_artifact(artifact, Loading(source, writable=writable, folder=place))
