"""Mutated and truncated bytes for every parser that reads what lies on a disk.

A parser may refuse them with a documented error, or read what was there before they were mutated; it may not
fail otherwise, crash, hang, or give anything else. Each parser works in a process of its own, so that a crash
or a hang is found and named with its case; `--parser NAME --first CASE --cases 1` repeats that case.
"""

import argparse
import os
import random
import selectors
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.campaigns.mutations import mutated
from tests.campaigns.parsers import PARSERS, Parser

HELP = "mutated bytes for every parser that reads a file"
_ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0  # seconds without an answer: it hangs
_MOST_TOLD = 5  # of the findings of one parser
_TELL_EVERY = 50


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=2000, help="per parser")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--parser", action="append", choices=sorted(PARSERS), metavar="NAME")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """All parsers, one after the other."""
    names = options.parser or sorted(PARSERS)
    end = options.first + options.cases
    if options.in_process:
        _answer(names[0], options.seed, options.first, end)
        return 0
    findings = 0
    for name in names:
        found = list(_findings(name, options.seed, options.first, end))
        findings += len(found)
        print(f"fuzz {name}: {options.cases} cases, {len(found)} findings", flush=True)
        for number, what in found[:_MOST_TOLD]:
            print(f"  case {number}: {what}")
    print(f"fuzz: seed {options.seed}, {len(names)} parsers, {options.cases} cases each, {findings} findings")
    return 1 if findings else 0


def _findings(name: str, seed: int, first: int, end: int) -> Iterator[tuple[int, str]]:
    """Start the process again after each case that ended it."""
    while first < end:
        how = (f"--parser={name}", f"--seed={seed}", f"--first={first}", f"--cases={end - first}")
        command = [sys.executable, "-m", "tests.campaigns", "fuzz", "--in-process", *how]
        with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as child:
            for number, what in _told(child):
                first = number + 1
                if what:
                    yield number, what
        status = child.returncode
        if status != 0:
            yield first, f"somewhere in the next {_TELL_EVERY} cases the process ended with {status}"
            first += _TELL_EVERY


def _told(child: "subprocess.Popen[bytes]") -> Iterator[tuple[int, str]]:
    """The cases that a process says are done, with what it found; it is killed where it falls silent."""
    assert child.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(_PATIENCE):
                child.kill()
                return
            line = child.stdout.readline().decode("utf-8", "replace")
            if not line:
                return
            if line.startswith("case "):
                number, _, what = line[5:].rstrip("\n").partition(" ")
                yield int(number), what


def _answer(name: str, seed: int, first: int, end: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mlops-fuzz-") as folder:
        parser = PARSERS[name](Path(folder))
        for number in range(first, end):
            what = _tried(parser, random.Random(f"{seed}/{name}/{number}"))
            if what or number % _TELL_EVERY == _TELL_EVERY - 1 or number == end - 1:
                print(f"case {number} {what}", flush=True)


def _tried(parser: Parser, dice: random.Random) -> str:
    """What is wrong with how a parser takes one mutation; empty where nothing is."""
    data = mutated(dice.choice(parser.samples), dice)
    try:
        parser.read(data)
    except parser.documented:
        return ""
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, {where.name})"[:300]
    return ""
