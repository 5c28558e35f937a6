"""Ninja on a chain of rules: what the quickest of the build tools takes to find that nothing is to do."""

import subprocess
from pathlib import Path

from benchmarks.goals import NINJA
from benchmarks.measure import Contender
from benchmarks.peers import NOT_INSTALLED, program
from benchmarks.processes import command, python


def contender(length: int, folder: Path) -> Contender:
    """Ninja with everything up to date, then a start of Python, which no tool in Python can avoid."""
    ninja = program("ninja")
    if ninja is None:
        return Contender(NINJA, note=NOT_INSTALLED)
    home = folder / "ninja"
    home.mkdir(parents=True)
    (home / "build.ninja").write_text(_rules(length), encoding="utf-8")
    (home / "out0").touch()
    built = subprocess.run([ninja], cwd=home, check=False, capture_output=True)
    if built.returncode < 0:  # it goes down a chain by recursion
        return Contender(NINJA, note=f"dies of signal {-built.returncode} at this length")
    built.check_returncode()
    no_op, start = command([ninja], home), python("-c", "pass", folder=home)

    def act() -> None:
        no_op()
        start()

    return Contender(NINJA, act)


def _rules(length: int) -> str:
    rule = "rule add\n  command = cp $in $out\n"
    return rule + "".join(f"build out{number + 1}: add out{number}\n" for number in range(length))
