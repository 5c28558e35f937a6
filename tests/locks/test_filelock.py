"""Locks exclude, die with their holder, and are not kept alive by children."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.errors import StateNotWritable
from mlops_core.locks.filelock import FileLock


def test_exclusive_excludes_everyone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path):
        assert not FileLock(path).acquire(wait=False)
        assert not FileLock(path, shared=True).acquire(wait=False)
    with FileLock(path) as again:
        assert again.held
    assert path.exists(), "a lock file is never unlinked"


def test_shared_admits_shared_only(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path, shared=True), FileLock(path, shared=True):
        assert not FileLock(path).acquire(wait=False)
    assert FileLock(path).acquire(wait=False)


def test_one_object_cannot_be_held_twice(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as lock, pytest.raises(RuntimeError, match="already held"):
        lock.acquire()
    lock.release()
    assert not lock.held


def test_a_dropped_lock_object_gives_the_lock_back(tmp_path: Path) -> None:
    FileLock(tmp_path / "lock").acquire()
    assert FileLock(tmp_path / "lock").acquire(wait=False)


HOLD = """
import sys, os
from mlops_core.locks.filelock import FileLock
lock = FileLock(sys.argv[1]); lock.acquire()
{then}
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Callable[[str], "subprocess.Popen[str]"]:
    started: list[subprocess.Popen[str]] = []

    def start(then: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD.format(then=then), str(tmp_path / "lock")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start  # type: ignore[misc]
    for process in started:
        process.kill()
        process.communicate()


def test_a_killed_holder_loses_the_lock(
    tmp_path: Path, holder: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    process = holder("")
    assert not FileLock(tmp_path / "lock").acquire(wait=False)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert FileLock(tmp_path / "lock").acquire(wait=False)


@pytest.mark.parametrize(
    "then",
    [
        "child = os.fork()\nif child == 0: sys.stdin.read(); os._exit(0)",
        "import subprocess; subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'])",
    ],
    ids=["fork", "exec"],
)
def test_a_child_does_not_keep_a_dead_holders_lock(
    tmp_path: Path, holder: Callable[[str], "subprocess.Popen[str]"], then: str
) -> None:
    process = holder(then)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with FileLock(tmp_path / "lock") as lock:
        assert lock.held


def test_a_forked_child_does_not_release_the_parents_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    child = os.fork()
    if child == 0:
        lock.release()
        os._exit(0 if not lock.held else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert lock.held
    assert not FileLock(tmp_path / "lock").acquire(wait=False)


def test_a_lock_file_that_was_replaced_while_waiting_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    path = tmp_path / "lock"
    real, calls = fcntl.flock, []

    def flock(descriptor: int, kind: int) -> None:
        real(descriptor, kind)
        calls.append(kind)
        if len(calls) == 1:
            path.unlink()
            path.touch()

    monkeypatch.setattr(fcntl, "flock", flock)
    with FileLock(path):
        assert len(calls) == 2
        assert not FileLock(path).acquire(wait=False)


def test_a_folder_that_is_not_there_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StateNotWritable, match="nowhere") as caught:
        FileLock(tmp_path / "nowhere" / "lock").acquire()
    assert "MLOPS_STATE_DIR" in caught.value.hint
