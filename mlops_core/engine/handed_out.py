"""Which values in memory came from the store, so that their digests need not be taken again.

A value is known again by the maps its bytes lie in: they are read-only, so as long as a map is there, what
lies in it cannot have changed. The layout says which bytes of them the value consists of, and as what:
addresses, type, shape, strides, lengths. An address alone means nothing: it is forgotten with its map.
"""

import weakref
from collections.abc import Hashable, Sequence

from mlops_core.engine._map import Mapping


class _Entry:
    __slots__ = ("__weakref__", "digest", "kept", "owners")

    def __init__(self, digest: bytes, kept: Sequence[bytes]) -> None:
        self.digest = digest
        self.kept = kept
        self.owners: list[weakref.ref[object]] = []


_entries: dict[Hashable, _Entry] = {}


def is_lasting(owner: object) -> bool:
    """Whether memory of this owner cannot change: a map that nobody may write to."""
    return type(owner) is Mapping and not owner.writable


def remember(owners: Sequence[object], layout: Hashable, digest: bytes) -> None:
    """Note the digest of what lies, as ``layout`` says, in memory of lasting ``owners``.

    The entry goes with the first of them. Some of them may be bytes, which the entry keeps: their addresses
    mean nothing else as long as it is there. Nothing is noted where one of them can change.
    """
    kept = [owner for owner in owners if type(owner) is bytes]
    maps = [owner for owner in owners if type(owner) is not bytes]
    if not maps or not all(map(is_lasting, maps)):
        return
    _note(maps, layout, digest, kept)


def remember_object(value: object, digest: bytes) -> None:
    """Note the digest of an object that can be referred to weakly and never changes."""
    _note([value], id(value), digest)


def _note(owners: Sequence[object], layout: Hashable, digest: bytes, kept: Sequence[bytes] = ()) -> None:
    entry = _Entry(digest, kept)

    def forget(_: object) -> None:
        if _entries.get(layout) is entry:
            del _entries[layout]

    entry.owners = [weakref.ref(owner, forget) for owner in owners]
    _entries[layout] = entry


def recall(layout: Hashable) -> "tuple[bytes, list[object]] | None":
    """The digest noted for a layout, and its owners, which are alive as long as the caller holds them."""
    entry = _entries.get(layout)
    if entry is None:
        return None
    owners = [reference() for reference in entry.owners]
    return None if any(owner is None for owner in owners) else (entry.digest, owners)


def recall_object(value: object) -> bytes | None:
    """The digest noted for this very object."""
    found = recall(id(value))
    return found[0] if found is not None and found[1][0] is value else None


def is_empty() -> bool:
    """Whether nothing was handed out, or all of it is gone."""
    return not _entries
