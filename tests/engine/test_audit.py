"""What the audit hook takes down, from every thread, and that it never gets in the way."""

import contextlib
import os
import pickle
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.engine import _audit

Events = list[tuple[str, tuple[str, ...]]]
FOLDER: tuple[str, tuple[str, ...]] = ("folder", ())


def recorded(action: Callable[[], object]) -> Events:
    number = _audit.start()
    try:
        with contextlib.suppress(OSError):
            action()
    finally:
        events = _audit.stop(number)
    return [event for event in events if event != FOLDER]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in").write_text("data")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opening(path: str | bytes | os.PathLike[str], mode: str = "r") -> Callable[[], object]:
    def action() -> None:
        with open(path, mode):
            pass

    return action


def test_reading_and_writing_opens_are_told_apart(folder: Path) -> None:
    for mode, letter in [("r", "r"), ("rb", "r"), ("w", "w"), ("a", "w"), ("r+b", "w")]:
        assert recorded(opening("in", mode)) == [("open", (f"{folder}/in", letter))], mode
    for flags, letter in [(os.O_RDONLY, "r"), (os.O_WRONLY, "w"), (os.O_RDONLY | os.O_CREAT, "w")]:
        events = recorded(lambda flags=flags: os.close(os.open("in", flags)))
        assert events == [("open", (f"{folder}/in", letter))]


def test_an_open_that_fails_is_seen_too(folder: Path) -> None:
    assert recorded(opening("absent")) == [("open", (f"{folder}/absent", "r"))]


@pytest.mark.parametrize("path", ["in", "./in", ".//./in", b"in", PurePath("in"), Path("/in")])
def test_paths_of_any_kind_become_absolute_text(folder: Path, path: str | bytes | PurePath) -> None:
    expected = str(path) if isinstance(path, Path) and path.is_absolute() else f"{folder}/in"
    assert recorded(opening(path)) == [("open", (expected, "r"))]


def test_names_that_are_not_unicode_survive(folder: Path) -> None:
    name = os.fsdecode(b"\xff\xfe")
    assert recorded(opening(name)) == [("open", (f"{folder}/{name}", "r"))]


def test_descriptors_are_not_paths(folder: Path) -> None:
    with open("in") as file:
        assert recorded(lambda: open(file.fileno(), closefd=False).close()) == []


def test_relative_paths_follow_the_current_folder(folder: Path) -> None:
    def move() -> None:
        os.chdir("sub")
        open("x", "w").close()

    assert recorded(move) == [("open", (f"{folder}/sub/x", "w"))]


def test_listings(folder: Path) -> None:
    assert recorded(os.listdir) == [("list", (str(folder),))]
    assert recorded(lambda: os.scandir("sub").close()) == [("list", (f"{folder}/sub",))]
    descriptor = os.open("sub", os.O_RDONLY)
    assert recorded(lambda: os.listdir(descriptor)) == [("list", (f"{folder}/sub",))]
    os.close(descriptor)


CHANGES: dict[str, tuple[Callable[[], object], Events]] = {
    "rename": (lambda: os.rename("in", "out"), [("remove", ("in",)), ("write", ("out",))]),
    "replace": (lambda: os.replace("in", "out"), [("remove", ("in",)), ("write", ("out",))]),
    "mkdir": (lambda: os.mkdir("new"), [("write", ("new",))]),
    "link": (lambda: os.link("in", "out"), [("write", ("out",))]),
    "symlink": (lambda: os.symlink("in", "out"), [("write", ("out",))]),
    "truncate": (lambda: os.truncate("in", 1), [("write", ("in",))]),
    "chmod": (lambda: os.chmod("in", 0o600), [("write", ("in",))]),
    "utime": (lambda: os.utime("in"), [("write", ("in",))]),
    "remove": (lambda: os.remove("in"), [("remove", ("in",))]),
    "rmdir": (lambda: os.rmdir("sub"), [("remove", ("sub",))]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_the_tree(folder: Path, name: str) -> None:
    action, expected = CHANGES[name]
    absolute = [(kind, tuple(f"{folder}/{path}" for path in paths)) for kind, paths in expected]
    assert recorded(action) == absolute


def test_a_path_beside_an_open_folder(folder: Path) -> None:
    descriptor = os.open("sub", os.O_RDONLY)
    events = recorded(lambda: os.mkdir("deep", dir_fd=descriptor))
    os.close(descriptor)
    assert events == [("write", (f"{folder}/sub/deep",))]


def test_trees_removed_and_moved(folder: Path) -> None:
    assert ("write", (f"{folder}/moved",)) in recorded(lambda: shutil.move("in", "moved"))
    assert ("write", (f"{folder}/copy",)) in recorded(lambda: shutil.copytree("sub", "copy"))
    assert ("remove", (f"{folder}/sub",)) in recorded(lambda: shutil.rmtree("sub"))


def test_child_processes() -> None:
    command = [sys.executable, "-c", "pass"]
    assert ("spawn", tuple(command)) in recorded(lambda: subprocess.run(command, check=True))
    assert ("spawn", ("true",)) in recorded(lambda: os.system("true"))


def test_connections(folder: Path) -> None:
    def connect() -> None:
        with socket.socket(socket.AF_UNIX) as local:
            local.connect("nobody.sock")

    assert recorded(connect) == [("connect", ("nobody.sock",))]
    internet = recorded(lambda: sys.audit("socket.connect", None, ("::1", 80)))
    assert internet == [("connect", ("[::1]:80",))]
    assert recorded(lambda: sys.audit("socket.connect", None, ("a.b", 80))) == [("connect", ("a.b:80",))]


def test_classes_named_by_pickles() -> None:
    data = pickle.dumps(PurePath("x"))
    assert ("class", ("pathlib", type(PurePath()).__name__)) in recorded(lambda: pickle.loads(data))


def test_databases(folder: Path) -> None:
    assert recorded(lambda: sqlite3.connect("a.db").close()) == [("sqlite", (f"{folder}/a.db",))]
    assert recorded(lambda: sqlite3.connect(":memory:").close()) == []
    uri = "file:a.db?mode=ro"
    assert recorded(lambda: sqlite3.connect(uri, uri=True).close()) == [("sqlite", (uri,))]


def test_other_threads_are_seen(folder: Path) -> None:
    def in_thread() -> None:
        thread = threading.Thread(target=opening("in"))
        thread.start()
        thread.join()

    assert ("open", (f"{folder}/in", "r")) in recorded(in_thread)


def test_recordings_overlap_in_any_order(folder: Path) -> None:
    first = _audit.start()
    os.listdir("sub")
    second = _audit.start()
    os.listdir("sub")
    os.listdir(".")
    listed, here = ("list", (f"{folder}/sub",)), ("list", (str(folder),))
    assert _audit.stop(first) == [listed, listed, here, FOLDER]
    os.listdir("sub")
    assert _audit.stop(second) == [listed, here, listed, FOLDER]


def test_a_loop_over_one_file_is_one_event(folder: Path) -> None:
    assert recorded(lambda: [open("in").close() for _ in range(1000)]) == [("open", (f"{folder}/in", "r"))]


def test_nothing_is_kept_when_idle(folder: Path) -> None:
    opening("in")()
    assert recorded(lambda: None) == []
    with pytest.raises(RuntimeError, match="no such recording"):
        _audit.stop()


class Fails:
    def __fspath__(self) -> str:
        raise KeyError("never into user code")

    __str__ = __fspath__


class Opens:
    """A path whose text makes events of its own."""

    def __fspath__(self) -> str:
        os.listdir("sub")
        return "in"


def test_what_cannot_be_taken_down_is_lost_not_raised(folder: Path) -> None:
    assert recorded(lambda: sys.audit("open", Fails(), "r", 0)) == [("lost", ("open",))]
    events = recorded(lambda: sys.audit("open", Opens(), "r", 0))
    assert events == [("list", (f"{folder}/sub",)), ("open", (f"{folder}/in", "r"))]


NAMES = [
    "open", "ctypes.dlopen", "os.listdir", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree", "os.system",
    "subprocess.Popen", "os.fork", "socket.connect", "pickle.find_class", "sqlite3.connect",
]  # fmt: skip
ODD = st.one_of(
    st.none(), st.integers(), st.text(), st.binary(), st.builds(Fails), st.lists(st.text()),
    st.tuples(st.text(), st.integers()),
)  # fmt: skip


@given(name=st.sampled_from(NAMES), arguments=st.lists(ODD, max_size=4))
def test_events_of_any_shape_never_raise(name: str, arguments: list[object]) -> None:
    number = _audit.start()
    sys.audit(name, *arguments)
    for kind, texts in _audit.stop(number):
        assert type(kind) is str
        assert all(type(text) is str for text in texts)


REFUSED = """
import sys
def hook(event, args):
    if event == "sys.addaudithook":
        raise RuntimeError("no more hooks")
sys.addaudithook(hook)
from mlops_core.engine import _audit
try:
    _audit.install()
except RuntimeError as error:
    print(error)
"""


def test_a_refused_hook_is_noticed() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, text=True, check=True)
    assert "refuses new ones" in done.stdout


def test_the_current_folder_is_named_only_when_a_relative_path_was_used(folder: Path) -> None:
    def events(path: str) -> Events:
        number = _audit.start()
        Path(path).read_text()
        return _audit.stop(number)

    assert events("in")[-1] == FOLDER
    assert FOLDER not in events(str(folder / "in"))


def test_the_import_system_is_no_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "read_by_import.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(folder))

    def action() -> None:
        __import__("read_by_import")

    seen = [texts[0] for kind, texts in recorded(action) if kind in ("open", "list") and texts[1:] != ("w",)]
    assert not [path for path in seen if path.startswith(str(folder))]
