"""Which snapshot a command line asks for, and where it may lie."""

import os
import sys

from mlops_core.config.environment import STATE_DIR
from mlops_core.engine._hash import xxh3_128
from mlops_core.planning.environment import PINNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = "snapshots"
_STATE_FOLDER = ".mlops"
_PREFIXES = ("PYTHON", "MLOPS_")
#: Where a project may begin depends on them (config.project).
_PLACES = ("HOME", "TMPDIR", "TEMP", "TMP")


def name_of(arguments: "Sequence[str]") -> str:
    """The name of the snapshot for this command line, here and now.

    It stands for all that is known before the project is: arguments, current folder, interpreter, variables.
    """
    interpreter = (sys.version, sys.prefix, sys.base_prefix, tuple(sys.flags))
    image = ("snapshot/1", tuple(arguments), os.getcwd(), interpreter, _variables())
    return xxh3_128(ascii(image).encode()).hex()


def _variables() -> list[tuple[str, str]]:
    wanted = {*PINNED, *_PLACES}
    return sorted((n, v) for n, v in os.environ.items() if n in wanted or n.startswith(_PREFIXES))


def folders(arguments: "Sequence[str]") -> "Iterator[str]":
    """Folders that snapshots of this command line may lie in, the nearest first."""
    state = os.path.expanduser(os.environ.get(STATE_DIR) or _STATE_FOLDER)
    bases = [os.path.dirname(_file_in(text)) for text in arguments if ".py" in text]
    seen = set()
    for base in (*bases, os.getcwd()):
        folder = os.path.realpath(base)
        while folder not in seen:
            seen.add(folder)
            yield os.path.join(folder, state, FOLDER)
            folder = os.path.dirname(folder)


def _file_in(target: str) -> str:
    """The file of ``FILE.py:NAME``, absolute."""
    return os.path.abspath(os.path.expanduser(target[: target.rindex(".py") + 3]))
