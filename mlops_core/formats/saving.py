"""Saving a value: the first format that takes it stores it, and its digest makes it an artifact."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mlops_core.formats import (
    arrays,
    bytes_values,
    composites,
    files,
    json_values,
    pandas_frames,
    parts,
    pickles,
    polars_frames,
    tables,
)
from mlops_core.formats.artifact import Artifact
from mlops_core.formats.draft import Draft
from mlops_core.formats.protocols import Fingerprint, Sink
from mlops_core.formats.streams import settle

if TYPE_CHECKING:
    from pathlib import Path

#: In this order; the last takes everything that it can.
_FORMATS = (
    json_values,
    bytes_values,
    arrays,
    tables,
    polars_frames,
    pandas_frames,
    files,
    composites,
    pickles,
)


class Saving:
    """One call of ``save``: what the formats need, and where in the value they are."""

    def __init__(
        self,
        sink: Sink,
        fingerprint: Callable[[object], Fingerprint],
        embed: Callable[[bytes], object] | None,
        written: "Callable[[Path], bool] | None",
    ) -> None:
        self.sink = sink
        self.written = written
        self._fingerprint = fingerprint
        self._embed = embed
        self._open: list[object] = []

    @property
    def depth(self) -> int:
        """Containers around the value being saved."""
        return len(self._open)

    def is_inside(self, container: object) -> bool:
        """Whether the container is being saved already: it contains itself."""
        return any(container is other for other in self._open)

    @contextmanager
    def inside(self, container: object) -> Iterator[None]:
        """Note that the parts of a container are being saved."""
        self._open.append(container)
        try:
            yield
        finally:
            self._open.pop()

    def artifact(self, value: object, where: str = "value") -> Artifact:
        """Store a value that is found at ``where`` in the value given to ``save``."""
        value = settle(value)
        room = next(room for room in _FORMATS if room.accepts(value, self))
        draft = room.save(value, self, where)
        found = self._found(value, draft)
        children = draft.children.values()
        return Artifact(
            found.digest,
            draft.format,
            draft.type,
            draft.manifest,
            draft.nbytes,
            _joined(found.classes, *(child.classes for child in children)),
            draft.children,
            _joined(found.libraries, *(child.libraries for child in children)),
        )

    def shadow(self, kind: str, value: object, children: Mapping[str, Artifact]) -> object:
        """The container with every part replaced by its digest, so that nothing is hashed twice; None where
        the caller gave no way to say "the value of this digest" or the class fingerprints itself."""
        if self._embed is None or hasattr(value, "__mlops_fingerprint__"):
            return None
        return parts.rebuild(kind, type(value), {name: self._embed(c.digest) for name, c in children.items()})

    def _found(self, value: object, draft: Draft) -> Fingerprint:
        if draft.digest is not None:
            return _Known(draft.digest)
        return self._fingerprint(value if draft.shadow is None else draft.shadow)


class _Known(NamedTuple):
    """The fingerprint of a value whose digest came out of storing it; such values hold no objects."""

    digest: bytes
    classes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def _joined(*names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name for group in names for name in group}))
