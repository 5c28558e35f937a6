"""The file system of the state folder: what is known of its kind, and what it does when tried."""

import os
from pathlib import Path

from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check
from mlops_core.files.filesystems import FileSystem, of_path
from mlops_core.files.probes import shares_maps
from mlops_core.locks.probe import locks_work

_LOCAL = "keep the state in a folder on a local disk: MLOPS_STATE_DIR=FOLDER"
_TWO_EXTENTS = 2


def checks(folder: Path, system: FileSystem | None = None) -> list[Check]:
    """Kind, locks, maps; ``system`` is asked for where it is not given. Tries nothing where no state is."""
    found = of_path(folder) if system is None else system
    kind = kind_check(folder, found)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return [kind]
    return [kind, locks_check(folder), maps_check(folder)]


def kind_check(folder: Path, system: FileSystem) -> Check:
    """What the kind of the file system means for the state."""
    kind = system.kind or "of a kind that nothing here tells"
    if system.is_network:
        found = f"{kind}: other machines may have it mounted; a rollback journal is used, not a WAL"
        return Check("file system", WARNING, found, f"slower, and only as safe as its locks: {_LOCAL}")
    if system.is_of_a_host:
        found = f"{kind}: a folder of the host; a rollback journal is used, not a WAL"
        return Check("file system", WARNING, found, f"slow for many files: {_LOCAL}")
    if system.is_memory:
        return Check("file system", WARNING, f"{kind}: in memory", f"all is lost with the power: {_LOCAL}")
    if system.is_a_program:
        found = f"{kind}: a program answers for it"
        return Check("file system", WARNING, found, f"what it promises is for its maker to say: {_LOCAL}")
    return Check("file system", OK, f"{kind} at {system.point or folder}")


def locks_check(folder: Path) -> Check:
    """Whether a second holder of a lock is kept out."""
    try:
        works = locks_work(folder)
    except OSError as error:
        return Check("locks", WARNING, f"could not be tried: {error.strerror}", "make room on the disk")
    if not works:
        return Check(
            "locks", BROKEN, "files cannot be locked there: two runs could destroy the state", _LOCAL
        )
    return Check("locks", OK, "a second holder is kept out")


def maps_check(folder: Path) -> Check:
    """Whether stored values can be mapped as they lie, piece after piece, or must be copied into memory."""
    try:
        shared, stitched = shares_maps(folder), _stitches(folder)
    except OSError as error:
        return Check("maps", WARNING, f"could not be tried: {error.strerror}", "make room on the disk")
    if not stitched:
        return Check("maps", WARNING, "values in several pieces are copied into memory when loaded", _LOCAL)
    if not shared:
        return Check("maps", WARNING, "maps do not share memory: a rollback journal is used", _LOCAL)
    return Check("maps", OK, "values are mapped where they lie, in one piece")


def _stitches(folder: Path) -> bool:
    """Try it: two pages of a file in the folder, the second before the first. Raises OSError."""
    from tempfile import TemporaryFile

    from mlops_core.engine._map import page_size, stitch

    page = page_size()
    with TemporaryFile(dir=folder) as file:
        file.write(bytes(page * _TWO_EXTENTS))
        file.flush()
        return not stitch([(file.fileno(), page, page), (file.fileno(), 0, page)]).copied
