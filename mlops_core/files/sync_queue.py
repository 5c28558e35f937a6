"""Bring to the disk what was written, in batches, by a thread of this process: no writer waits for it.

What is written survives the end of its process at once, however it ends; a power cut may take what the disk
does not have yet. That is at most what was added in the last ``INTERVAL`` and while the disk is at work.
"""

import atexit
import os
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mlops_core.errors import DiskFull, MlopsError, StateNotWritable
from mlops_core.files.layer import DISK, FileLayer
from mlops_core.files.space import FULL

INTERVAL = 0.1  # seconds
_MOST = 10_000  # files that wait at most: beyond that whoever writes brings them to the disk


class NewFile(NamedTuple):
    """A file under its final name that is not known to be on the disk, and its stat signature."""

    name: str
    path: str
    signature: tuple[int, int, int, int]


class SyncQueue:
    """What one state folder waits for.

    ``journal`` brings the committed transactions to the disk, after the files that they speak of. ``settled``
    is then told which files are there, ``lost`` those that the disk refused. An error is raised once, by
    ``check`` or ``flush``, whichever comes first.
    """

    def __init__(
        self,
        journal: Callable[[], None],
        settled: Callable[[Sequence[NewFile]], None],
        lost: Callable[[Sequence[NewFile]], None],
        *,
        layer: FileLayer = DISK,
        interval: float = INTERVAL,
    ) -> None:
        self._journal, self._settled, self._lost = journal, settled, lost
        self._layer = layer
        self.interval = interval
        self._renew()
        _queues.add(self)

    def _renew(self) -> None:
        """Nothing waits: also in a forked child, whose parent brings to the disk what it has written."""
        self._lock = threading.Lock()  # of the fields, held for moments
        self._batch = threading.Lock()  # held while a batch goes to the disk
        self._files: list[NewFile] = []
        self._waiting = False
        self._thread: threading.Thread | None = None
        self._hurry = threading.Event()
        self._error: MlopsError | None = None

    def add(self, files: Sequence[NewFile] = ()) -> None:
        """Have these files and all that is committed now brought to the disk; returns at once."""
        with self._lock:
            self._files.extend(files)
            self._waiting = True
            begins = self._thread is None
            if begins:
                self._hurry.clear()
                self._thread = threading.Thread(target=self._work, name="mlops-sync", daemon=True)
            thread, full = self._thread, len(self._files) > _MOST
        if begins and thread is not None:
            self._begin(thread)
        if full:
            self._sync()

    def _begin(self, thread: threading.Thread) -> None:
        try:
            thread.start()
        except RuntimeError:  # the interpreter ends, or there may be no more threads
            with self._lock:
                self._thread = None
            self._sync()

    def check(self) -> None:
        """Raise what went wrong with earlier batches: DiskFull, StateNotWritable."""
        with self._lock:
            error, self._error = self._error, None
        if error is not None:
            raise error

    def flush(self) -> None:
        """Bring all of it to the disk now. Raises like ``check``; not to be called inside a transaction."""
        self._sync()
        self.check()

    def rest(self) -> None:
        """Bring all of it to the disk and end the thread; an error is kept."""
        self._sync()
        thread = self._thread
        if thread is not None:
            self._hurry.set()
            thread.join(timeout=5.0)

    def _work(self) -> None:
        while True:
            self._hurry.wait(self.interval)
            self._sync()
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return

    def _sync(self) -> None:
        with self._batch:
            with self._lock:
                files, self._files = self._files, []
                waiting, self._waiting = self._waiting, False
            if waiting:
                self._bring(files)

    def _bring(self, files: list[NewFile]) -> None:
        try:
            for file in files:
                self._sync_file(file.path)
            for folder in {os.path.dirname(file.path) for file in files}:
                self._layer.sync_folder(folder)
            self._journal()
            if files:
                self._settled(files)
        except Exception as error:  # whatever it is, the thread goes on and the run is told
            self._failed(files, error)

    def _sync_file(self, path: str) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # removed since: nothing refers to it
            return
        try:
            self._layer.sync(descriptor)
        finally:
            os.close(descriptor)

    def _failed(self, files: list[NewFile], error: Exception) -> None:
        with self._lock:
            self._error = self._error or _explained(error)
        self._lost(files)


def _explained(error: Exception) -> MlopsError:
    """What the disk's refusal means: what was written may be gone when the system stops."""
    if isinstance(error, MlopsError):
        return error
    what = f"the disk did not take the results of finished steps: {getattr(error, 'strerror', None) or error}"
    if getattr(error, "errno", None) in FULL:
        return DiskFull(
            what, hint="make room on the disk, then run again: what is missing is computed anew", path=None
        )
    return StateNotWritable(
        what,
        hint="look at the disk (the kernel's log), or set MLOPS_STATE_DIR to a folder on another one; then"
        " run again: what is missing is computed anew",
        path=None,
    )


_queues: "weakref.WeakSet[SyncQueue]" = weakref.WeakSet()


def _at_exit() -> None:
    for queue in list(_queues):
        try:
            queue.flush()
        except MlopsError as error:
            print(f"warning: {error.message}", file=sys.stderr)


def _before_fork() -> None:
    """No thread of ours goes on in a child's copy of a lock, and none is missed there."""
    for queue in list(_queues):
        queue.rest()


def _in_child() -> None:
    for queue in list(_queues):
        queue._renew()


atexit.register(_at_exit)
os.register_at_fork(before=_before_fork, after_in_child=_in_child)
