"""``python -m benchmarks``: measure, print the table of ratios, write the results as JSON."""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.machine import description
from benchmarks.results import Group
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.subject_process import measured
from benchmarks.subjects import NAMES
from benchmarks.table import render

_RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the chosen subjects one after the other, each in a process of its own."""
    options = _parser().parse_args()
    scale = QUICK if options.quick else FULL
    groups = {name: _told(name, scale) for name in options.only or NAMES}
    print(render([group for found in groups.values() for group in found]))
    file = options.json or _RESULTS / time.strftime("%Y-%m-%dT%H-%M-%S.json")
    _write(file, scale, groups)
    print(f"written to {file}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds: a first impression")
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"default: a new file in {_RESULTS.name}/")
    return parser


def _told(name: str, scale: Scale) -> list[Group]:
    print(f"measuring {name} ...", file=sys.stderr)
    return measured(name, scale)


def _write(file: Path, scale: Scale, groups: dict[str, list[Group]]) -> None:
    document = {
        "schema": "mlops.benchmarks/1",
        "machine": description(),
        "scale": scale.as_json(),
        "subjects": {name: [group.as_json() for group in found] for name, found in groups.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
