"""Loading an artifact: its format names the module that gives the value back."""

from typing import Protocol, cast

from mlops_core.errors import MlopsError, UnloadableValue
from mlops_core.formats.artifact import Artifact
from mlops_core.formats.protocols import Source

_COMPOSITES = ("tuple/1", "list/1", "dict/1", "namedtuple/1", "dataclass/1")


class _Room(Protocol):
    def load(self, artifact: Artifact, loading: "Loading", /) -> object: ...


class Loading:
    """One call of ``load``: where cells come from, and how the value is wanted.

    ``folder`` is where stored files are put while they are used; None where none can come.
    """

    def __init__(self, source: Source, *, writable: bool, folder: str | None) -> None:
        self.source = source
        self.writable = writable
        self.folder = folder

    def changeable(self) -> "Loading":
        """The same with arrays that may be written to, each for itself."""
        return Loading(self.source, writable=True, folder=self.folder)

    def value(self, artifact: Artifact) -> object:
        """The value of an artifact or of a child of one."""
        return _room(artifact).load(artifact, self)


def load_artifact(artifact: Artifact, loading: Loading) -> object:
    """The value; whatever goes wrong inside foreign code comes out as UnloadableValue.

    OSError and MemoryError stay what they are: they say something about the machine, not about the value.
    """
    try:
        return loading.value(artifact)
    except (MlopsError, OSError, MemoryError):
        raise
    except Exception as error:
        raise UnloadableValue(
            f"the stored {artifact.type} {artifact.digest.hex()[:12]} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            hint="its class or library has changed since it was stored: run the step again (--force STEP)",
            digest=artifact.digest,
            type=artifact.type,
        ) from error


def _room(artifact: Artifact) -> _Room:
    """The module of a format, imported on use: a cached number must not import what arrays need."""
    return cast(_Room, _import(artifact.format))


def _import(name: str) -> object:  # noqa: PLR0911 - one line per format
    if name == "json/1":
        from mlops_core.formats import json_values

        return json_values
    if name == "bytes/1":
        from mlops_core.formats import bytes_values

        return bytes_values
    if name == "array/1":
        from mlops_core.formats import arrays

        return arrays
    if name == "table/1":
        from mlops_core.formats import tables

        return tables
    if name == "polars/1":
        from mlops_core.formats import polars_frames

        return polars_frames
    if name in _COMPOSITES:
        from mlops_core.formats import composites

        return composites
    return _import_rare(name)


def _import_rare(name: str) -> object:
    if name in ("file/1", "directory/1"):
        from mlops_core.formats import files

        return files
    if name == "pandas/1":
        from mlops_core.formats import pandas_frames

        return pandas_frames
    if name == "pickle/1":
        from mlops_core.formats import pickles

        return pickles
    raise UnloadableValue(
        f"a value is stored in the format {name!r}, which this version does not know",
        hint="another version wrote it: upgrade mlops-embedded, or run the step again (--force STEP)",
        format=name,
    )
