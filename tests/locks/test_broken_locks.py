"""A file system without working locks is refused, with the way out. Injected: flock itself fails."""

import errno
import fcntl
from pathlib import Path

import pytest

from mlops_core.errors import StateNotWritable
from mlops_core.locks.filelock import FileLock
from mlops_core.locks.keylock import KeyLock
from mlops_core.locks.probe import locks_work


def test_here_they_work(tmp_path: Path) -> None:
    assert locks_work(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_locks_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as broken:
        broken.setattr(fcntl, "flock", refuse)
        assert not locks_work(tmp_path)
        for shared in (False, True):
            with pytest.raises(StateNotWritable, match="does not lock files") as caught:
                FileLock(tmp_path / "lock", shared=shared).acquire()
            assert "MLOPS_STATE_DIR" in caught.value.hint
        broken.setattr(fcntl, "fcntl", refuse)
        with pytest.raises(StateNotWritable, match="does not lock files"):
            KeyLock(tmp_path / "steps", b"k" * 16).__enter__()
    with FileLock(tmp_path / "lock") as lock:
        assert lock.held


def test_locks_that_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    assert not locks_work(tmp_path)
    assert list(tmp_path.iterdir()) == []
