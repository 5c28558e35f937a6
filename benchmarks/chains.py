"""Programs that run a chain of trivial steps, one per contender, each with its cache beside it."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Contender
from benchmarks.processes import MLOPS, command, program_of_peer, python

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


def contenders(length: int, folder: Path, *, afresh: bool) -> list[Contender]:
    """Us, joblib and diskcache on a chain of so many steps; ``afresh`` drops the cache before each."""
    return [
        _ours(length, _home("ours", folder, _OURS), afresh),
        *(
            _loop(peer, text, length, folder, afresh)
            for peer, text in (("joblib", _JOBLIB), ("diskcache", _DISKCACHE))
        ),
        Contender("bare Python", python("-c", "pass", folder=folder)),
    ]


def _ours(length: int, home: Path, afresh: bool) -> Contender:
    run = command([sys.executable, "-c", MLOPS, "run", "chain.py", "-p", f"n={length}"], home)
    return Contender("mlops run", run, _without(home / ".mlops") if afresh else None)


def _loop(peer: str, text: str, length: int, folder: Path, afresh: bool) -> Contender:
    home = _home(peer, folder, text)
    before = _without(home / "cache") if afresh else None
    return program_of_peer(peer, "chain.py", str(length), folder=home, before=before)


def _home(name: str, folder: Path, text: str) -> Path:
    """The folder of one contender, with its program."""
    home = folder / name
    home.mkdir(parents=True)
    (home / "chain.py").write_text(text, encoding="utf-8")
    return home


def _without(cache: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(cache, ignore_errors=True)
