"""kill -9 of a real project at random moments: runs, runs with workers, gc, repair, two of them at once.

After each kill the next run of the same work must succeed, find cached every step that the killed one had
reported as finished, and give what the program gives without any cache. Every 25 rounds `mlops store verify`
must find nothing.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import tempfile
import time
from functools import lru_cache, partial
from pathlib import Path

from tests.campaigns.project import STEPS, Project, uncached_outputs

HELP = "SIGKILL at random moments of runs, gc and repair"
_TURNS = 8
_VERIFY_EVERY = 25
_LEFT_ALONE = 0.1  # of the commands: how long they take is learned from these
_COMMANDS = {
    "run": ("run", "work", "--json"),
    "run -j 2": ("run", "work", "--json", "-j", "2"),
    "run --force": ("run", "work", "--json", "--force", "numbers", "--force", "rows"),
    "gc": ("store", "gc"),
    "gc to a budget": ("store", "gc", "--budget", "3MiB"),
    "gc of all": ("store", "gc", "--keep-last", "0"),
    "gc that packs": ("store", "gc", "--compress", "--unused-for", "0s"),
    "verify": ("store", "verify"),
    "repair": ("store", "verify", "--repair"),
}
_RUNS = ("run", "run -j 2", "run --force")
_REPORTED = re.compile(rf"^\W*({'|'.join(STEPS)})\s+(ran|cached)\b", re.MULTILINE)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=1000)


def run(options: argparse.Namespace) -> int:
    """Count what was killed; stop at the first thing that is wrong."""
    dice = random.Random(options.seed)
    killed: dict[str, int] = {}
    reported = 0
    with tempfile.TemporaryDirectory(prefix="mlops-kill-") as name:
        campaign = _Campaign(Path(name), dice)
        for number in range(1, options.rounds + 1):
            try:
                what, was_killed, steps = campaign.round(number)
            except AssertionError as error:
                print(f"round {number} of seed {options.seed}: {error}")
                return 1
            killed[what] = killed.get(what, 0) + was_killed
            reported += steps
            if number % 100 == 0:
                print(f"{number} rounds, killed: {killed}, finished steps kept: {reported}", flush=True)
    print(f"kill: seed {options.seed}, {options.rounds} rounds, killed: {killed}")
    print(f"{reported} steps that a killed run had reported as finished were cached afterwards")
    print("every result was that of the uncached program")
    return 0


class _Campaign:
    """The project, what the uncached program gives, and how long commands take."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.dice = dice
        self.project = Project(folder / "project")
        self.uncached = lru_cache(partial(uncached_outputs, folder))
        self.seconds: dict[str, float] = {}

    def round(self, number: int) -> tuple[str, bool, int]:
        """One kill and what must hold after it: (command, whether it was still alive, steps reported)."""
        what, turn = self.dice.choice(list(_COMMANDS)), self.dice.randrange(_TURNS)
        beside = self._started("run", self.dice.randrange(_TURNS)) if self.dice.random() < 0.1 else None
        process = self._started(what, turn)
        was_killed, reported = self._killed(process, what)
        if beside is not None:
            out, err = beside.communicate()
            assert beside.returncode == 0, f"a run beside a killed {what}: {out}\n{err}"
        self._check(what, turn, reported if what in _RUNS else set())
        if number % _VERIFY_EVERY == 0:
            ended = self.project.mlops("store", "verify")
            assert ended.status == 0, f"store verify after {what}: {ended.said()}"
        return what, was_killed, len(reported) if what in _RUNS and was_killed else 0

    def _started(self, what: str, turn: int) -> "subprocess.Popen[str]":
        more = ("-p", f"turn={turn}") if what in _RUNS else ()
        return self.project.start(*_COMMANDS[what], *more)

    def _killed(self, process: "subprocess.Popen[str]", what: str) -> tuple[bool, set[str]]:
        """Kill it at a moment of its life, alone or with its workers; gives the steps it reported."""
        started, usual = time.monotonic(), self.seconds.get(what, 0.0)
        is_left_alone = not usual or self.dice.random() < _LEFT_ALONE
        try:
            process.wait(None if is_left_alone else self.dice.uniform(0, usual))
        except subprocess.TimeoutExpired:
            whole_group = self.dice.random() < 0.5
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
        _, err = process.communicate()
        was_killed = process.returncode == -signal.SIGKILL
        if not was_killed:
            self.seconds[what] = time.monotonic() - started
            assert process.returncode == 0, f"{what}: exit {process.returncode}: {err[-3000:]}"
        return was_killed, {match[1] for match in _REPORTED.finditer(err)}

    def _check(self, what: str, turn: int, reported: set[str]) -> None:
        ended = self.project.run(turn)
        assert ended.status == 0, f"the run after a killed {what}: {ended.said()}"
        document = ended.document
        assert document["outputs"] == self.uncached(turn), f"after a killed {what}: {document['outputs']}"
        status = {step["name"]: step["status"] for step in document["steps"]}
        lost = {name: status[name] for name in reported if status[name] != "cached"}
        assert not lost, f"reported as finished by a killed {what}, and lost: {lost}: {ended.said()}"
