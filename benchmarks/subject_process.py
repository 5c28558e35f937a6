"""Measures one subject in a process of its own: ``python -m benchmarks.subject_process NAME SCALE_JSON``.

So no subject sees the memory, modules or state of another. The state of mlops_core is where
``MLOPS_STATE_DIR`` says, which the caller sets to a temporary folder.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from benchmarks.processes import environment
from benchmarks.results import Group, from_json
from benchmarks.scale import Scale
from benchmarks.subjects import subject


def measured(name: str, scale: Scale, cores: Iterable[int] | None = None) -> list[Group]:
    """Start the process for a subject, on these cores only, and read its groups.

    Raises CalledProcessError if it fails.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-benchmarks-") as folder:
        env = environment(Path(folder, "state"))
        env["PYTHONPATH"] = os.pathsep.join([_own_folder(), *filter(None, [env.get("PYTHONPATH")])])
        arguments = [sys.executable, "-m", _MODULE, name, json.dumps(scale.as_json())]
        pin = None if cores is None else partial(os.sched_setaffinity, 0, tuple(cores))
        done = subprocess.run(
            arguments, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, preexec_fn=pin
        )
    return [from_json(group) for group in json.loads(done.stdout)]


_MODULE = "benchmarks.subject_process"


def _own_folder() -> str:
    return str(Path(__file__).resolve().parents[1])


def main() -> None:
    """Measure in the current folder; the groups go to stdout as JSON."""
    name, scale = sys.argv[1], Scale.from_json(json.loads(sys.argv[2]))
    work = Path("work").absolute()
    work.mkdir()
    groups = subject(name)(scale, work)
    print(json.dumps([group.as_json() for group in groups]))


if __name__ == "__main__":
    main()
