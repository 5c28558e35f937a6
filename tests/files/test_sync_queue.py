"""Batches go to the disk by a thread, an error is told once, and a fork leaves the child with nothing."""

import errno
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mlops_core.errors import DiskFull, MlopsError, StateNotWritable
from mlops_core.files.layer import FileLayer
from mlops_core.files.signature import stat_signature
from mlops_core.files.sync_queue import NewFile, SyncQueue

NEVER = 3600.0  # seconds: the thread waits until the test is over
MakeFile = Callable[[str], NewFile]


class Disk(FileLayer):
    """Takes down what is synced; refuses with ``number``."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.number = 0

    def sync(self, descriptor: int) -> None:
        self.calls.append("file")
        if self.number:
            raise OSError(self.number, os.strerror(self.number))

    def sync_folder(self, path: str) -> None:
        self.calls.append("folder")


class Place:
    """A queue with what it was told."""

    def __init__(self, interval: float = NEVER) -> None:
        self.disk = Disk()
        self.settled: list[str] = []
        self.lost: list[str] = []
        self.came = threading.Event()
        self.queue = SyncQueue(self._journal, self._settled, self._lost, layer=self.disk, interval=interval)

    def _journal(self) -> None:
        self.disk.calls.append("journal")

    def _settled(self, files: Sequence[NewFile]) -> None:
        self.settled += [file.name for file in files]
        self.came.set()

    def _lost(self, files: Sequence[NewFile]) -> None:
        self.lost += [file.name for file in files]
        self.came.set()


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    def make(name: str) -> NewFile:
        path = tmp_path / name
        path.write_bytes(b"content")
        return NewFile(name, str(path), stat_signature(path.stat()))

    return make


def syncing() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mlops-sync"]


def test_files_go_first_then_their_folder_once_then_the_journal(make_file: MakeFile) -> None:
    place = Place()
    place.queue.add([make_file("a"), make_file("b")])
    place.queue.add([make_file("c")])
    assert place.disk.calls == []
    place.queue.flush()
    assert place.disk.calls == ["file", "file", "file", "folder", "journal"]
    assert place.settled == ["a", "b", "c"]
    place.queue.flush()
    assert len(place.disk.calls) == 5
    place.queue.rest()


def test_a_transaction_alone_goes_to_the_disk_without_files() -> None:
    place = Place()
    place.queue.add()
    place.queue.flush()
    assert place.disk.calls == ["journal"]
    place.queue.rest()


def test_the_thread_comes_with_the_first_file_and_goes_when_nothing_waits(make_file: MakeFile) -> None:
    before = syncing()
    place = Place(interval=0.001)
    assert syncing() == before
    place.queue.add([make_file("a")])
    assert place.came.wait(30)
    assert place.settled == ["a"]
    place.queue.rest()
    assert syncing() == before


def test_a_file_that_was_removed_is_no_error(make_file: MakeFile) -> None:
    place = Place()
    gone = make_file("a")
    os.unlink(gone.path)
    place.queue.add([gone])
    place.queue.flush()
    assert place.disk.calls == ["folder", "journal"]
    place.queue.rest()


@pytest.mark.parametrize(
    ("number", "named"),
    [(errno.EIO, StateNotWritable), (errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull)],
)
def test_a_refusal_of_the_disk_is_told_once(
    make_file: MakeFile, number: int, named: type[MlopsError]
) -> None:
    place = Place(interval=0.001)
    place.disk.number = number
    place.queue.add([make_file("a")])
    assert place.came.wait(30)
    assert (place.settled, place.lost) == ([], ["a"])
    assert place.disk.calls == ["file"]  # the journal would outlive what it speaks of
    with pytest.raises(named, match="did not take the results of finished steps") as told:
        place.queue.check()
    assert told.value.hint
    place.disk.number = 0
    place.queue.add([make_file("b")])
    place.queue.flush()
    assert place.settled == ["b"]
    place.queue.rest()


def test_a_forked_child_has_nothing_to_bring(make_file: MakeFile) -> None:
    place = Place()
    place.queue.add([make_file("a")])
    child = os.fork()
    if not child:
        place.queue.flush()
        os._exit(len(place.disk.calls) - 3)  # the parent's batch went before the fork
    assert os.waitpid(child, 0)[1] == 0
    assert place.settled == ["a"]
    assert syncing() == []
