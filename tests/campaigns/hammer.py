"""Eight processes that make a thousand cached calls each, against one store: no error, and nothing is lost.

Half of what they write is written by others at the same time, too. A last process asks for everything again.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.campaigns.project import environment

HELP = "8 processes x 1,000 writes on one store"
_PROGRAM = """\
import sys

import numpy as np

from mlops_core import step


@step
def record(number: int) -> dict[str, object]:
    return {"number": number, "text": "x" * (number % 500), "half": number / 2}


@step
def array(number: int) -> np.ndarray:
    return np.random.default_rng(number % 50).random(1000 + 997 * (number % 40))


def value_is_right(number: int) -> bool:
    if number % 3:
        return record(number) == record.__wrapped__(number)
    return np.array_equal(array(number), array.__wrapped__(number))


def is_cached(number: int) -> bool:
    return (record if number % 3 else array).plan(number).verdict == "cached"


def written_by(process: int, writes: int) -> list[int]:
    return [n if n % 2 else n + (process + 1) * writes for n in range(writes)]


def main() -> None:
    what, mine, writes, everybody = sys.argv[1], *map(int, sys.argv[2:])
    if what == "write":
        wrong = [n for n in written_by(mine, writes) if not value_is_right(n)]
    else:
        numbers = {n for process in range(everybody) for n in written_by(process, writes)}
        wrong = [n for n in numbers if not is_cached(n)] + [n for n in numbers if not value_is_right(n)]
    sys.exit(f"wrong or lost: {wrong[:20]}" if wrong else 0)


if __name__ == "__main__":
    main()
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--writes", type=int, default=1000, help="per process")


def run(options: argparse.Namespace) -> int:
    """Start them all, then ask for everything, then check every byte."""
    with tempfile.TemporaryDirectory(prefix="mlops-hammer-") as name:
        folder = Path(name)
        (folder / "mlops.toml").touch()
        (folder / "hammer.py").write_text(_PROGRAM, encoding="utf-8")
        sizes = (options.writes, options.processes)
        started = [_started(folder, "write", number, *sizes) for number in range(options.processes)]
        failed = [text for text in map(_ended, started) if text]
        failed += [text for text in [_ended(_started(folder, "read", 0, *sizes))] if text]
        verify = subprocess.Popen(
            [sys.executable, "-m", "mlops_core", "store", "verify"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        failed += [text for text in [_ended(verify)] if text]
    for text in failed:
        print(text)
    print(
        f"hammer: {options.processes} processes x {options.writes} writes, {len(failed)} of them failed;"
        " everything was read again, and every byte verified"
    )
    return 1 if failed else 0


def _started(folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "hammer.py", *map(str, arguments)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _ended(process: "subprocess.Popen[str]") -> str:
    out, _ = process.communicate()
    return "" if process.returncode == 0 else f"exit {process.returncode}: {out[-3000:]}"
