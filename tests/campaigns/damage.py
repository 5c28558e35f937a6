"""A real project in which something is damaged: a file of its state, a row of the database, its settings.

The next commands end with a documented exit status, without a fault of ours, and what a run gives is what the
program gives without any cache.
"""

import argparse
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.campaigns.mutations import mutated
from tests.campaigns.project import Ended, Project, uncached_outputs

HELP = "damaged files and rows of a real project"
_TURN = 1
_PACK = ("store", "gc", "--compress", "--unused-for", "0s")
_COMMANDS = (
    _PACK,
    ("runs", "ls", "--json"),
    ("plan", "work", "--json"),
    ("why", "--json"),
    ("store", "status", "--json"),
    ("store", "gc", "--json"),
    ("store", "verify", "--json"),
    ("store", "verify", "--repair", "--json"),
    ("doctor", "--json"),
)
_DOCUMENTED = {0, 1, 2, 3, 4, 5}
_MOST_TOLD = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")


def run(options: argparse.Namespace) -> int:
    """Damage a fresh copy in each case."""
    found: list[str] = []
    refused = 0
    with tempfile.TemporaryDirectory(prefix="mlops-damage-") as name:
        folder = Path(name)
        expected = uncached_outputs(folder, _TURN)
        template = _template(folder / "template")
        for number in range(options.first, options.first + options.cases):
            dice = random.Random(f"{options.seed}/{number}")
            what, wrong, was_refused = _case(template, folder / "copy", expected, dice)
            found += [f"case {number}: {what}: {wrong}"] if wrong else []
            refused += was_refused
    for text in found[:_MOST_TOLD]:
        print(text)
    print(
        f"damage: seed {options.seed}, {options.cases} cases, {len(found)} findings;"
        f" in {refused} the run was refused with a documented error, in the others it gave the right result"
    )
    return 1 if found else 0


def _template(folder: Path) -> Project:
    project = Project(folder)
    for command in (*map(_run, (0, _TURN)), _PACK, _run(2)):
        ended = project.mlops(*command)
        assert ended.status == 0, ended.said()
    return project


def _run(turn: int) -> tuple[str, ...]:
    return "run", "work", "-p", f"turn={turn}"


def _case(
    template: Project, copy: Path, expected: dict[str, object], dice: random.Random
) -> tuple[str, str, bool]:
    """What was damaged, what is wrong (empty: nothing), and whether the run was refused."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(template.folder, copy, symlinks=True)
    project = Project.__new__(Project)
    project.folder, project.state = copy, copy / ".mlops"
    what = dice.choice((_damaged_file, _damaged_file, _damaged_row))(project, dice)
    for command in dice.sample(_COMMANDS, dice.randrange(3)):
        wrong = _fault(project.mlops(*command))
        if wrong:
            return what, f"mlops {' '.join(command)}: {wrong}", False
    ended = project.run(_TURN)
    wrong = _fault(ended)
    if wrong or ended.status != 0:
        return what, wrong or _explained(ended), True
    if ended.document["outputs"] != expected:
        return what, f"a wrong result: {ended.document['outputs']}", False
    return what, "", False


def _damaged_file(project: Project, dice: random.Random) -> str:
    files = sorted(path for path in project.state.rglob("*") if path.is_file() and not path.is_symlink())
    chosen = dice.choice([*files, project.state / "mlops.db", project.folder / "mlops.toml"])
    name = chosen.relative_to(project.folder)
    if dice.random() < 0.1:
        chosen.unlink()
        return f"{name} removed"
    chosen.chmod(0o600)
    chosen.write_bytes(mutated(chosen.read_bytes(), dice))
    return f"{name} mutated"


def _damaged_row(project: Project, dice: random.Random) -> str:
    """Damage one value of one row, behind the back of everything but its checksum."""
    with sqlite3.connect(project.state / "mlops.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        table = dice.choice(
            [name for name in tables if not name.startswith("sqlite_") and _rows(database, name)]
        )
        row = dice.choice(_rows(database, table))
        columns = [name for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})")]
        column = dice.choice(columns)
        (value,) = database.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (_wrong(value, dice), row))
        except sqlite3.IntegrityError:
            return f"{table}.{column}: refused by SQLite"
    database.close()
    return f"{table}.{column} of row {row} mutated"


def _rows(database: sqlite3.Connection, table: str) -> list[int]:
    try:
        return [row for (row,) in database.execute(f"SELECT rowid FROM {table}")]
    except sqlite3.OperationalError:  # a table without row ids
        return []


def _wrong(value: object, dice: random.Random) -> object:
    changed: dict[type, Callable[[], object]] = {
        str: lambda: mutated(str(value).encode(), dice).decode("utf-8", "replace"),
        bytes: lambda: mutated(bytes(value), dice),  # type: ignore[call-overload]
        int: lambda: dice.choice((int(value) + 1, 0, -1, 2**62)),  # type: ignore[call-overload]
        float: lambda: dice.choice((0.0, -1.0, 1e300)),
    }
    return changed[type(value)]() if type(value) in changed else None


def _fault(ended: Ended) -> str:
    """What no damage may lead to."""
    if ended.status not in _DOCUMENTED:
        return ended.said()
    if '"internal"' in ended.out or "Traceback (most recent call last)" in ended.err:
        return ended.said()
    return ""


def _explained(ended: Ended) -> str:
    """Empty where a refusal says what is damaged and what to do."""
    error = ended.document.get("error") or {}
    return "" if error.get("message") and error.get("hint") else f"refused without a word: {ended.said()}"
