"""``python -m benchmarks``: measure, print the table of ratios, write the results as JSON."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import description
from benchmarks.page import goals_as_markdown, machine_as_text, write_into
from benchmarks.results import Group, from_json
from benchmarks.scale import FULL, QUICK, Scale, with_the_largest
from benchmarks.subject_process import measured
from benchmarks.subjects import NAMES
from benchmarks.table import render

_RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the chosen subjects one after the other, each in a process of its own; write after each of them."""
    options = _parser().parse_args()
    scale = QUICK if options.quick else FULL
    scale = with_the_largest(scale) if options.largest else scale
    file = options.json or _RESULTS / time.strftime("%Y-%m-%dT%H-%M-%S.json")
    machine = description()
    subjects = _read(file) if options.resume else {}
    for name in options.only or NAMES:
        if name not in subjects:
            subjects[name] = _told(name, scale)
            _write(file, machine, scale, subjects)
    groups = [group for name in NAMES for group in subjects.get(name, [])]
    print(machine_as_text(machine), goals_as_markdown(groups), render(groups), sep="\n\n")
    print(f"written to {file}", file=sys.stderr)
    if options.page is not None:
        write_into(options.page, machine, groups)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds: a first impression")
    parser.add_argument("--largest", action="store_true", help="a million files and 8 GB values, too: slow")
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"default: a new file in {_RESULTS.name}/")
    parser.add_argument("--resume", action="store_true", help="keep the subjects that FILE already has")
    parser.add_argument("--page", type=Path, metavar="FILE", help="put the tables into docs/benchmarks.md")
    return parser


def _read(file: Path) -> dict[str, list[Group]]:
    """What was measured before; nothing where there is no such file."""
    if not file.exists():
        return {}
    document = json.loads(file.read_text(encoding="utf-8"))
    return {name: [from_json(group) for group in found] for name, found in document["subjects"].items()}


def _told(name: str, scale: Scale) -> list[Group]:
    print(f"{time.strftime('%H:%M:%S')} measuring {name} ...", file=sys.stderr)
    return measured(name, scale)


def _write(file: Path, machine: dict[str, Any], scale: Scale, subjects: dict[str, list[Group]]) -> None:
    document = {
        "schema": "mlops.benchmarks/2",
        "machine": machine,
        "scale": scale.as_json(),
        "subjects": {name: [group.as_json() for group in found] for name, found in subjects.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
