"""Programs that run a chain of trivial steps, one per contender, each with its cache beside it."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.goals import BARE_PYTHON
from benchmarks.measure import Contender
from benchmarks.processes import MLOPS, command, program_of_peer, python

#: What many a module of a project imports, and what takes a while to import.
HEAVY = "import numpy\nimport onnxruntime\nimport pyarrow\n\n"
_OURS = """\
from mlops_core import pipeline, step

@step
def add(x: int, y: int) -> int:
    return x + y

@pipeline
def chain(n: int) -> int:
    value = 0
    for i in range(n):
        value = add(value, i)
    return value
"""
_LOOP = """\
import sys

def add(x: int, y: int) -> int:
    return x + y

cached = {cached}
value = 0
for i in range(int(sys.argv[1])):
    value = cached(value, i)
"""
_JOBLIB = "from joblib import Memory\n" + _LOOP.format(cached='Memory("cache", verbose=0).cache(add)')
_DISKCACHE = "from diskcache import Cache\n" + _LOOP.format(cached='Cache("cache").memoize()(add)')


def contenders(length: int, folder: Path, *, afresh: bool, imports: str = "") -> list[Contender]:
    """Us, joblib and diskcache on a chain of so many steps; ``afresh`` drops the cache before each."""
    return [
        ours(length, folder, afresh=afresh, imports=imports),
        *(
            _loop(peer, imports + text, length, folder, afresh)
            for peer, text in (("joblib", _JOBLIB), ("diskcache", _DISKCACHE))
        ),
        Contender(BARE_PYTHON, python("-c", "pass", folder=folder)),
    ]


def ours(length: int, folder: Path, *, afresh: bool, imports: str = "") -> Contender:
    """The command on a chain of so many steps."""
    home = _home("ours", folder, imports + _OURS)
    run = command([sys.executable, "-c", MLOPS, "run", "chain.py", "-p", f"n={length}"], home)
    return Contender("mlops run", run, _without(home / ".mlops") if afresh else None)


def _loop(peer: str, text: str, length: int, folder: Path, afresh: bool) -> Contender:
    home = _home(peer, folder, text)
    before = _without(home / "cache") if afresh else None
    return program_of_peer(peer, "chain.py", str(length), folder=home, before=before)


def _home(name: str, folder: Path, text: str) -> Path:
    """The folder of one contender, with its program."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "chain.py").write_text(text, encoding="utf-8")
    return home


def _without(cache: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(cache, ignore_errors=True)
