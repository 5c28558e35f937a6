"""A run with nothing to do is answered without importing the user's modules, and says what others say."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PIPE = """
print("imported", file=sys.stderr)
import helper

@step
def make(n: int) -> list[int]:
    return [helper.scaled(i) for i in range(n)]

@step
def total(numbers: list[int], file: Path) -> int:
    return sum(numbers) + len(file.read_text())

@pipeline
def work(n: int = 3, file: Path = Path("data.txt")) -> dict[str, int]:
    return {"total": total(make(n), file)}
"""
HELPER = "K = 2\n\n\ndef scaled(i):\n    return i * K\n"


@pytest.fixture
def settled(project: Any) -> Any:
    """A project that has a snapshot of its run."""
    project.pipe(PIPE)
    project.write({"helper.py": HELPER, "data.txt": "one two"})
    settle(project)
    return project


def settle(project: Any, *words: str, **changed: str) -> None:
    """Run until there is nothing to do and a snapshot says so."""
    for _ in range(2):
        assert project.run(*words, **changed).status == 0
    assert is_answered(project, *words, **changed)


def is_answered(project: Any, *words: str, **changed: Any) -> bool:
    """Run, and say whether the snapshot gave the answer."""
    ended = project.run(*words, **changed)
    assert ended.status == 0, ended.err
    (same_as,) = _rows(project, "SELECT same_as FROM runs ORDER BY number DESC LIMIT 1")[0]
    assert same_as is None or "imported" not in ended.err
    return same_as is not None


def _rows(project: Any, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{project.root}/.mlops/mlops.db?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def _change(project: Any, sql: str) -> None:
    connection = sqlite3.connect(project.root / ".mlops" / "mlops.db")
    reader = sqlite3.connect(f"file:{project.root}/.mlops/mlops.db?mode=ro", uri=True)
    reader.execute("SELECT count(*) FROM runs").fetchone()  # the last to close would checkpoint
    with connection:
        connection.execute(sql)
    connection.close()
    reader.close()


def told(ended: Any) -> dict[str, Any]:
    """What a run says, without what is its own."""
    document = dict(ended.document)
    del document["run"], document["run_id"]
    return document


def test_the_answer_is_what_a_normal_run_says(settled: Any) -> None:
    """Same JSON, same lines, and a row in the history with all that belongs to it."""
    answered, shown = settled.run(), settled.mlops("run", "pipe.py")
    shutil.rmtree(settled.root / ".mlops" / "snapshots")
    normal = settled.run()
    assert told(answered) == told(normal)
    assert answered.document["run"] + 2 == normal.document["run"]
    lines = [line.partition("run ")[0] for line in (shown.out + shown.err).splitlines()]
    assert "imported" in lines  # the first run without --json has no snapshot yet
    settled.mlops("run", "pipe.py")
    again = settled.mlops("run", "pipe.py")
    assert "imported" not in again.err
    assert _without_times(again.out) == _without_times(shown.out)
    number = str(answered.document["run"])
    past = settled.mlops("runs", "show", number, "--json").document
    assert past["steps"] == answered.document["steps"]
    assert [s["status"] for s in past["steps"]] == ["cached", "cached"]


def _without_times(text: str) -> list[str]:
    lines = text.splitlines()
    return [line for line in lines if " · " not in line]


def edited(name: str, old: str, new: str) -> Callable[[Any], None]:
    return lambda project: project.edit(old, new, name)


def written(name: str, text: str) -> Callable[[Any], None]:
    return lambda project: project.write({name: text})


def removed_value(project: Any) -> None:
    for file in (project.root / ".mlops" / "objects").iterdir():
        file.unlink()


@pytest.mark.parametrize(
    ("change", "ran"),
    [
        (edited("helper.py", "K = 2", "K = 3"), {"make", "total"}),
        (edited("helper.py", "K = 2", "K = 2  # two"), set()),
        (edited("pipe.py", "range(n)", "range(n + 1)"), {"make", "total"}),
        (written("data.txt", "three"), {"total"}),
        (written("helper/__init__.py", HELPER.replace("2", "4")), {"make", "total"}),
        (written("colorsys.py", "raise ImportError('shadow')\n"), None),
        (written("mlops.toml", "[store]\nbudget = '1GiB'\n"), set()),
        (written("pyproject.toml", "[tool.black]\n"), set()),
    ],
    ids=["code", "comment", "step", "input", "package", "shadow", "settings", "pyproject"],
)  # fmt: skip
def test_what_changes_is_seen(settled: Any, change: Callable[[Any], None], ran: set[str] | None) -> None:
    """Code, inputs, settings, and files that an import would find first: then the run goes the normal way."""
    if ran is None:
        settled.edit("import helper", "import helper, colorsys")
        settle(settled)
    change(settled)
    ended = settled.run()
    if ran is None:
        assert "shadow" in ended.err
        return
    assert {name for name, status in ended.steps.items() if status == "ran"} == ran
    assert _rows(settled, "SELECT same_as FROM runs ORDER BY number DESC LIMIT 1") == [(None,)]
    settle(settled)


def test_what_does_not_count_is_no_reason(settled: Any) -> None:
    """A file that nobody reads, a touch, a text file in the root: answered."""
    settled.write({"notes.txt": "x", "folder/y.txt": "y"})
    assert not is_answered(settled)  # a new folder could be imported
    assert is_answered(settled)
    settled.write({"notes.txt": "other", "folder/z.txt": "z"})
    os.utime(settled.root / "data.txt", (1, 1))
    os.utime(settled.root / "helper.py")
    assert is_answered(settled)


def test_the_command_line_and_the_folder_count(settled: Any) -> None:
    """Other parameters, another current folder, other variables: each has a snapshot of its own, or none."""
    assert not is_answered(settled, "-p", "n=3")
    (settled.root / "sub").mkdir()
    elsewhere = settled.run(target="../pipe.py", cwd=settled.root / "sub")
    assert elsewhere.status == 0, elsewhere.err
    assert "imported" in elsewhere.err
    assert not is_answered(settled, TZ="UTC")
    assert settled.run(TZ="UTC").status == 0


READS = """
import os
print("imported", file=sys.stderr)
{before}

@step
def count(names: list[str]) -> int:
    return len(names)

@pipeline
def work(given: str = {default}) -> int:
    {inside}
    return count([given, *names])
"""


def test_a_folder_that_the_body_lists(project: Any) -> None:
    """A new file in it is a new graph."""
    project.pipe(READS.format(before="", default="''", inside="names = sorted(os.listdir('parts'))"))
    project.write({"parts/a.csv": "", "parts/b.csv": ""})
    settle(project)
    project.write({"parts/c.csv": ""})
    assert project.run().outputs == {"output": 4}


def test_a_variable_that_is_read_at_import(project: Any) -> None:
    """Its value is part of what the snapshot stands for."""
    project.pipe(READS.format(before="M = os.environ.get('PARTS', 'a')", default="M", inside="names = []"))
    settle(project, PARTS="a")
    settle(project)
    assert is_answered(project, PARTS="a") is is_answered(project)
    assert project.run(PARTS="b").steps == {"count": "ran"}


@pytest.mark.parametrize(
    ("before", "default"),
    [
        ("from datetime import date", "str(date.today())"),
        ("import time\nNOW = int(time.time() / 1e9)", "''"),
        ("from random import random\nR = random() > 2", "''"),
        ("def now():\n    import uuid\n    return uuid.uuid4()\nR = now()", "''"),
        ("class C:\n    import numpy\n    n = numpy.datetime64('now')", "''"),
        ("def made():\n    return os.getpid()\nP = made()\ndel made", "''"),
        ("import subprocess\nsubprocess.run(['true'])", "''"),
        ("open('written.txt', 'w').close()", "''"),
        ("import sqlite3\nsqlite3.connect('some.db').close()", "''"),
    ],
    ids=["today", "time", "random", "uuid", "class body", "pid", "process", "writes", "database"],
)
def test_no_snapshot_where_the_answer_may_differ_each_time(project: Any, before: str, default: str) -> None:
    """And ``plan`` says why."""
    project.pipe(READS.format(before=before, default=default, inside="names = []"))
    project.run()
    project.run()
    assert not is_answered(project)
    plan = project.mlops("plan", "pipe.py")
    assert "imports the code each time" in plan.out, plan.out


def test_clocks_of_steps_do_not_matter(project: Any) -> None:
    """They are not asked while the graph is built."""
    before = "import time, random\ndef stamp():\n    return time.time() + random.random()\n"
    project.pipe(
        READS.format(before=before, default="''", inside="names = []").replace(
            "len(names)", "len(names) + int(stamp() * 0)"
        )
    )
    settle(project)
    assert "imports the code each time" not in project.mlops("plan", "pipe.py").out


LATEST = """
@step
def first(n: int) -> int:
    return n

@step
def second(n: int) -> int:
    return n + 1

@pipeline
def source(n: int = 1) -> int:
    return first(n)

@pipeline
def user() -> int:
    print("imported", file=sys.stderr)
    return second(latest("source").outputs["output"])
"""


def test_what_latest_finds_counts(project: Any) -> None:
    """A newer run of the other pipeline with the same outputs changes nothing, other outputs do."""
    project.pipe(LATEST)
    project.run(target="pipe.py:source")
    settle_target = {"target": "pipe.py:user"}
    for _ in range(2):
        project.run(**settle_target)
    project.run(target="pipe.py:source")
    assert is_answered(project, **settle_target)
    project.run("-p", "n=5", target="pipe.py:source")
    assert project.run(**settle_target).outputs == {"output": 6}


def test_newer_results_and_removals_count(settled: Any) -> None:
    """The reason names the run that a normal run would name, and what is gone is made again."""
    forced = settled.run("--force", "make").document["run"]
    ended = settled.run()
    assert ended.reason("make") == f"from run {forced}"
    settle(settled)
    _change(settled, "UPDATE records SET dropped = 'for a test'")  # as gc and repairs do
    assert not is_answered(settled)


def test_a_destination_is_restored(project: Any) -> None:
    """A written file that is not as it was sends the run the normal way."""
    project.pipe("""
    @step
    def write(out: Annotated[Path, Output]) -> int:
        out.write_text("content")
        return 1

    @pipeline
    def work() -> int:
        return write(Path("out.txt"))
    """)
    settle(project)
    (project.root / "out.txt").unlink()
    assert project.run().status == 0
    assert (project.root / "out.txt").read_text() == "content"


def test_values_that_are_gone_are_made_again(project: Any) -> None:
    """The files that hold the results are looked at."""
    project.pipe("""
    print("imported", file=sys.stderr)
    @step
    def big() -> bytes:
        return b"x" * 100_000

    @pipeline
    def work() -> object:
        return big()
    """)
    settle(project)
    removed_value(project)
    assert project.run().steps == {"big": "ran"}


def test_a_result_grows_too_old(project: Any) -> None:
    """``cache="1d"``: the snapshot holds no longer than its results."""
    project.pipe("""
    print("imported", file=sys.stderr)
    @step(cache="1d")
    def work_() -> int:
        return 1

    @pipeline
    def work() -> int:
        return work_()
    """)
    settle(project)
    for file in snapshots(project):
        from mlops_core.execution.snapshots import snapshot_file

        content = snapshot_file.read(str(file))
        assert content is not None
        assert content["expires"] is not None
        snapshot_file.write(str(file), {**content, "expires": 1.0})
    assert not is_answered(project)


def snapshots(project: Any) -> list[Path]:
    return list((project.root / ".mlops" / "snapshots").iterdir())


def test_a_damaged_snapshot_is_none(settled: Any) -> None:
    """Cut or changed anywhere, the run goes the normal way, and a good one is there again."""
    (file,) = snapshots(settled)
    whole = file.read_bytes()
    for damaged in (b"", whole[:10], whole[:40], whole[:-1], whole[:50] + b"?" + whole[51:]):
        file.write_bytes(damaged)
        assert not is_answered(settled)
        assert is_answered(settled)


def test_the_age_of_results_counts_answered_runs(settled: Any) -> None:
    """``gc`` by age asks when a value was last used; an answer uses all of them."""
    before = _rows(settled, "SELECT max(started) FROM step_runs")[0][0]
    assert is_answered(settled)
    assert _rows(settled, "SELECT max(started) FROM runs")[0][0] > before
    from mlops_core.metadata import holdings
    from mlops_core.metadata.database import Database

    database = Database.open(settled.root / ".mlops", readonly=True)
    try:
        assert min(holdings.last_used(database.query).values()) > before
    finally:
        database.close()


EDITS = {
    "code": lambda n: {"helper.py": HELPER.replace("2", str(n))},
    "comment": lambda n: {"helper.py": HELPER + f"# {n}\n"},
    "data": lambda n: {"data.txt": "x" * n},
    "new module": lambda n: {f"module{n}.py": ""},
    "notes": lambda n: {"notes.txt": str(n)},
    "settings": lambda n: {"mlops.toml": f"# {n}\n"},
    "nothing": lambda n: {},
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(1, 3)), min_size=2, max_size=5))
def test_with_and_without_snapshots(make_project: Callable[[str], Any], edits: list[tuple[str, int]]) -> None:
    """Whatever is edited: the same documents as without snapshots, run for run."""
    pair = [make_project(f"{name}{os.urandom(4).hex()}") for name in ("with", "without")]
    for project in pair:
        project.pipe(PIPE)
        project.write({"helper.py": HELPER, "data.txt": "one two"})
    for kind, number in [("nothing", 1), ("nothing", 1), *edits]:
        for project in pair:
            project.write(EDITS[kind](number))
        shutil.rmtree(pair[1].root / ".mlops" / "snapshots", ignore_errors=True)
        for words in ((), ("-p", "n=4")):
            documents = [told(project.run(*words)) for project in pair]
            for step in (step for document in documents for step in document["steps"]):
                step["seconds"] = 0.0
                for reason in step["reasons"]:  # when a result was made, and what it took
                    reason.pop("created", None)
                    reason.pop("seconds", None)
            assert documents[0] == documents[1]
