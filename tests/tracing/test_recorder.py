"""What a recording sees of a step, and what does not count."""

import json
import os
import pkgutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.tracing.observe import observe
from mlops_core.tracing.places import Places
from mlops_core.tracing.recorder import Recording, Seen


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    (tmp_path / ".mlops").mkdir()
    monkeypatch.chdir(tmp_path)
    return Places(str(tmp_path), str(tmp_path / ".mlops"))


@pytest.fixture
def seen(places: Places) -> Callable[..., Seen]:
    def record(action: Callable[[], object], *declared: Path) -> Seen:
        recording = Recording(places, tuple(str(path) for path in declared))
        with recording:
            action()
        return recording.seen

    return record


def kinds(found: Seen) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name, _ in found.trace}


def test_a_file_that_is_read_joins_the_trace_and_a_change_of_it_is_noticed(tmp_path, places, seen):
    file = tmp_path / "data.txt"
    file.write_text("2")
    os.utime(file)
    found = seen(lambda: open(file).close())
    assert ("file", "data.txt") in kinds(found)
    before = next(o.seen for o in found.trace if o.kind == "file")
    assert observe("file", "data.txt", places) == before
    file.write_text("3")
    assert observe("file", "data.txt", places) != before
    file.unlink()
    assert observe("file", "data.txt", places) == "absent"


def test_an_absent_file_that_was_asked_for_is_an_input(tmp_path, places, seen):
    found = seen(lambda: os.path.exists(tmp_path / "override.txt"))
    assert ("probe", "override.txt") in kinds(found)
    before = next(o.seen for o in found.trace if o.name == "override.txt")
    (tmp_path / "override.txt").write_text("1")
    assert observe("probe", "override.txt", places) != before


def test_a_listing_counts_by_names(tmp_path, places, seen):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("1")
    found = seen(lambda: list((tmp_path / "d").glob("*.txt")))
    before = next(o.seen for o in found.trace if (o.kind, o.name) == ("listing", "d"))
    (tmp_path / "d" / "a.txt").write_text("changed")
    assert observe("listing", "d", places) == before
    (tmp_path / "d" / "b.txt").write_text("1")
    assert observe("listing", "d", places) != before


def test_the_state_folder_does_not_count_in_a_listing(tmp_path, places):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("1")
    before = observe("listing", "d", places)
    (tmp_path / "d" / ".mlops").mkdir()
    assert observe("listing", "d", places) == before


def test_an_environment_variable_counts_when_the_project_reads_it(tmp_path, seen, monkeypatch):
    monkeypatch.setenv("SCALE_X", "secret-value")
    source = tmp_path / "reader.py"
    source.write_text("import os\ndef read():\n    return os.environ['SCALE_X'], os.getenv('NOT_THERE_X')\n")
    names: dict[str, object] = {}
    exec(compile(source.read_text(), str(source), "exec"), names)
    found = seen(names["read"])
    assert {("env", "SCALE_X"), ("env", "NOT_THERE_X")} <= kinds(found)
    assert "secret-value" not in json.dumps(found.trace)


def test_an_environment_variable_read_by_a_library_does_not_count(seen, monkeypatch):
    monkeypatch.setenv("TMPDIR_X", "1")
    code = compile(
        "import os\ndef read():\n    return os.environ['TMPDIR_X']\n", "/x/site-packages/lib.py", "exec"
    )
    names: dict[str, object] = {}
    exec(code, names)
    assert not [o for o in seen(names["read"]).trace if o.kind == "env"]


def test_environ_and_stat_are_themselves_again_after_a_recording(seen):
    kind, stat = type(os.environ), os.stat
    with pytest.raises(ZeroDivisionError):
        seen(lambda: 1 / 0)
    assert type(os.environ) is kind
    assert os.stat is stat


def test_declared_files_join_neither_trace_nor_writes(tmp_path, seen):
    (tmp_path / "in.csv").write_text("1")

    def action() -> None:
        (tmp_path / "in.csv").read_text()
        (tmp_path / "out.csv").write_text("2")

    found = seen(action, tmp_path / "in.csv", tmp_path / "out.csv")
    assert not found.writes
    assert not [o for o in found.trace if o.kind == "file"]


def test_a_file_that_outlives_the_step_is_a_write_and_one_that_does_not_is_none(tmp_path, seen):
    def action() -> None:
        (tmp_path / "kept.txt").write_text("1")
        (tmp_path / "gone.txt").write_text("1")
        (tmp_path / "gone.txt").read_text()
        (tmp_path / "gone.txt").unlink()

    found = seen(action)
    assert found.writes == [str(tmp_path / "kept.txt")]
    assert not [o for o in found.trace if "gone" in o.name]


def test_noise_does_not_count(tmp_path, seen):
    def action() -> None:
        open(json.__file__).close()
        open("/proc/self/stat").close()
        (tmp_path / ".mlops" / "x").write_text("1")

    found = seen(action)
    assert not found.writes
    assert not [o for o in found.trace if o.kind != "folder"]


def test_databases_and_scripts_of_child_processes_are_seen(tmp_path, seen):
    (tmp_path / "tool.py").write_text("print(1)")

    def action() -> None:
        sqlite3.connect(tmp_path / "x.db").close()
        subprocess.run([sys.executable, "tool.py"], check=True, capture_output=True)

    found = seen(action)
    assert found.databases == [str(tmp_path / "x.db")]
    assert ("file", "tool.py") in kinds(found)


def test_the_current_folder_counts_only_for_relative_paths(tmp_path, seen):
    (tmp_path / "data.txt").write_text("2")
    assert ("folder", "") in kinds(seen(lambda: open("data.txt").close()))
    assert ("folder", "") not in kinds(seen(lambda: open(tmp_path / "data.txt").close()))


def test_an_input_that_changes_while_the_step_runs_is_named(tmp_path, seen):
    file = tmp_path / "data.txt"
    file.write_text("2")

    def action() -> None:
        file.read_text()
        subprocess.run([sys.executable, "-c", f"open({str(file)!r}, 'w').write('3')"], check=True)

    assert seen(action).changed == [str(file)]


def test_a_database_counts_by_its_path_and_the_state_of_the_project_not(tmp_path, seen):
    for name in ("a b.db", ".mlops/own.db"):
        sqlite3.connect(tmp_path / name).close()

    def action() -> None:
        for name in ("a%20b.db", ".mlops/own.db"):
            sqlite3.connect(f"file:{tmp_path}/{name}?mode=ro", uri=True).close()

    assert seen(action).databases == [str(tmp_path / "a b.db")]


def test_data_that_a_package_gives_is_an_input(tmp_path, seen, monkeypatch):
    (tmp_path / "pack_of_data").mkdir()
    (tmp_path / "pack_of_data" / "__init__.py").touch()
    (tmp_path / "pack_of_data" / "data.txt").touch()
    monkeypatch.syspath_prepend(tmp_path)
    found = seen(lambda: pkgutil.get_data("pack_of_data", "data.txt"))
    assert ("file", "pack_of_data/data.txt") in kinds(found)
    assert ("file", "pack_of_data/__init__.py") not in kinds(found)


def test_times_count_only_where_they_are_looked_at(tmp_path, seen):
    (tmp_path / "data.txt").touch()
    code = compile("def read(path):\n    return look(path)\n", str(tmp_path / "reader.py"), "exec")

    def kinds_of(look: Callable[[Path], object]) -> set[str]:
        names: dict[str, object] = {"look": look}
        exec(code, names)
        return {
            kind
            for kind, name in kinds(seen(lambda: names["read"](tmp_path / "data.txt")))
            if name == "data.txt"
        }

    assert kinds_of(os.path.exists) == {"probe"}
    assert kinds_of(os.path.getmtime) == {"probe", "times"}
