"""``file/1`` and ``directory/1``: what a step wrote and returned as a path, by content and name."""

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from mlops_core.engine._hash import xxh3_128
from mlops_core.errors import UsageError
from mlops_core.files.atomic import set_aside
from mlops_core.formats.artifact import Artifact
from mlops_core.formats.cells import digests, put_bytes
from mlops_core.formats.copies import UNUSED, is_unchanged
from mlops_core.formats.draft import Draft
from mlops_core.formats.protocols import Sink, Source
from mlops_core.formats.restore import restore_tree
from mlops_core.formats.tree import Entry, read_tree

if TYPE_CHECKING:
    from pathlib import Path

    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

_DIRECTORY = "directory/1"
_FILE = "file/1"


def accepts(value: object, saving: "Saving") -> bool:
    """Exactly ``pathlib.Path``, and only where the step wrote what lies there."""
    pathlib = sys.modules.get("pathlib")
    if pathlib is None or saving.written is None or not isinstance(value, pathlib.Path):
        return False
    return type(value) in (pathlib.PosixPath, pathlib.WindowsPath) and saving.written(value)


def save(value: "Path", saving: "Saving", where: str) -> Draft:
    artifact = save_path(value, saving.sink)
    return Draft(artifact.format, artifact.type, artifact.manifest, artifact.nbytes, artifact.digest)


def save_path(path: str | os.PathLike[str], sink: Sink) -> Artifact:
    """Store a file or a directory: its name, and the content and mode of everything in it.

    The digest covers name, listing, modes and content. Raises FileNotFoundError, and UnstorableValue for
    what is neither file, directory nor a link that stays inside.
    """
    entries = list(read_tree(os.fspath(path), sink))
    listing = json.dumps([entry.as_json() for entry in entries], separators=(",", ":")).encode()
    name = os.path.basename(os.path.abspath(path))
    form = _DIRECTORY if entries[0].kind == "directory" else _FILE
    digest = xxh3_128(form.encode() + b"\0" + os.fsencode(name) + b"\0" + listing)
    manifest: dict[str, object] = {"name": name, "listing": put_bytes(listing, sink)}
    return Artifact(digest, form, "pathlib.Path", manifest, sum(entry.size for entry in entries))


def restore_path(
    artifact: Artifact, source: Source, destination: str | os.PathLike[str], *, readonly: bool = False
) -> None:
    """Put a stored file or directory at ``destination``, which appears whole or not at all.

    A file there is replaced; a directory there must be empty, else this raises OSError. ``readonly`` takes
    away every right to write.
    """
    restore_tree(_entries(artifact, source), source, os.fspath(destination), readonly)


def _entries(artifact: Artifact, source: Source) -> list[Entry]:
    listing = json.loads(str(source.buffer(digests(artifact.manifest["listing"])), "utf-8"))
    return [Entry.from_json(row) for row in listing]


def load(artifact: Artifact, loading: "Loading") -> object:
    """The path of a read-only copy under the stored name; one that is there already is used while unchanged.

    A copy that somebody has changed is moved away, and another one made.
    """
    from pathlib import Path

    if loading.folder is None:
        raise UsageError(
            f"a stored {artifact.format.partition('/')[0]} can only be loaded into a folder",
            hint="pass folder= to load, or use restore_path",
        )
    folder = os.path.join(loading.folder, artifact.digest.hex())
    place = os.path.join(folder, str(artifact.manifest["name"]))
    entries = _entries(artifact, loading.source)
    if os.path.lexists(place) and not is_unchanged(place, entries, loading.source):
        with suppress(FileNotFoundError):  # somebody else was faster
            set_aside(folder, os.path.join(os.path.dirname(loading.folder), UNUSED))
    os.makedirs(folder, exist_ok=True)
    try:
        if not os.path.lexists(place):
            restore_tree(entries, loading.source, place, readonly=True)
    except OSError:
        # Another process may have put the same directory there in between: its copy is as good.
        if not os.path.isdir(place):
            raise
    return Path(place)
