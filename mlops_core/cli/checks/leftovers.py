"""What interrupted commands and damage have left in the state folder."""

import os
from pathlib import Path

from mlops_core.cli.checks.check import OK, WARNING, Check
from mlops_core.cli.render.amounts import counted, size
from mlops_core.files.leftovers import half_done
from mlops_core.store.leases import SUFFIX as LEASE
from mlops_core.store.leftovers import SEGMENT, is_abandoned, temporaries


def check(folder: Path) -> list[Check]:
    """Files of dead writers, files being written by living ones, and what lies in damaged/."""
    if not folder.is_dir():
        return []
    temporary = os.fspath(folder / "tmp")
    files = [*temporaries(temporary, SEGMENT), *temporaries(temporary, LEASE)]
    dead = [path for path in files if os.path.exists(path) and is_abandoned(path)]
    dead += half_done(folder)
    return [_dead(dead), *_damaged(folder / "damaged")]


def _dead(files: list[str]) -> Check:
    if not files:
        return Check("leftovers", OK, "nothing is left of interrupted commands")
    found = f"{counted(len(files), 'file')} of interrupted commands ({size(sum(map(_size, files)))})"
    return Check("leftovers", WARNING, found, "mlops store gc removes them")


def _damaged(folder: Path) -> list[Check]:
    if not folder.is_dir() or not os.listdir(folder):
        return []
    files = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    found = f"{counted(len(files), 'file')} set aside ({size(sum(map(_size, files)))}) in {folder}"
    return [Check("damaged", WARNING, found, "nothing reads them: delete them when you have seen them")]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
