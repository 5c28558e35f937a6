"""What changes or cannot be read while a tree is scanned, and what is remembered of it."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.engine._scan import StatTable, Tree

Scan = Callable[..., Tree]
Digest = Callable[..., bytes]
Reference = Callable[[Path], bytes]
LATE = 2**62


def test_nothing_stays_open(tmp_path: Path, scan: Scan, digest: Digest) -> None:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs a list of open descriptors")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("1")
    before = os.listdir("/proc/self/fd")
    for _ in range(20):
        digest(tmp_path)
        with pytest.raises(OSError, match="No such file"):
            scan(tmp_path / "no")
    assert os.listdir("/proc/self/fd") == before


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, scan: Scan) -> None:
    if not os.path.exists("/proc/self/mem"):
        pytest.skip("needs a file that root cannot read either")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "bad\n").symlink_to("/proc/self/mem")  # reading its first page is an error
    tree = scan(tmp_path)
    with pytest.raises(OSError, match="Input/output error") as caught:
        tree.hash()
    assert caught.value.filename == str(tmp_path / "d" / "bad\n")
    with pytest.raises(OSError, match="Input/output error"):
        tree.digest()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_may_not_be_read_is_named(tmp_path: Path, kind: str, digest: Digest) -> None:
    closed = tmp_path / "closed"
    closed.touch(mode=0) if kind == "file" else closed.mkdir(mode=0)
    with pytest.raises(PermissionError) as caught:
        digest(tmp_path)
    assert caught.value.filename == str(closed)


@pytest.mark.parametrize("gone", ["file", "folder"])
def test_what_goes_between_looking_and_reading_was_not_there(
    tmp_path: Path, gone: str, scan: Scan, reference: Reference
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("1")
    (tmp_path / "stays").write_text("2")
    tree = scan(tmp_path)
    (tmp_path / "d" / "f").unlink()
    if gone == "folder":
        (tmp_path / "d").rmdir()
        (tmp_path / "d").mkdir()
    tree.hash()
    assert tree.digest() == reference(tmp_path)


def test_a_file_that_becomes_a_folder_is_noticed(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "f").touch()
    tree = scan(tmp_path)
    (tmp_path / "f").unlink()
    (tmp_path / "f").mkdir()
    tree.hash()
    assert tree.changed
    with pytest.raises(RuntimeError, match="changed"):
        tree.digest()


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "f").touch()
    tree = scan(tmp_path)
    (tmp_path / "f").unlink()
    os.mkfifo(tmp_path / "f")
    tree.hash()
    assert tree.entries()[0][1] == "special"


def test_unread_files_have_no_digest(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(RuntimeError, match="not been read"):
        scan(tmp_path).digest()


def test_a_signal_handler_ends_the_work(tmp_path: Path, scan: Scan) -> None:
    with open(tmp_path / "endless", "wb") as file:
        file.truncate(2**42)
    tree = scan(tmp_path)

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, end)
    try:
        main = threading.main_thread().ident
        assert main is not None
        sender = threading.Thread(target=signal.pthread_kill, args=(main, signal.SIGUSR1))
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 # the signal may come at once
            sender.start()
            tree.hash()  # would go on for hours
        sender.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    with pytest.raises(RuntimeError, match=r"interrupted|not been read"):
        tree.digest()


@pytest.mark.parametrize("top", [b"a\0b", "text", None])
def test_paths_are_bytes_without_zeros(top: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        Tree(top)  # type: ignore[arg-type]


def test_what_is_remembered_is_not_read(tmp_path: Path, scan: Scan, reference: Reference) -> None:
    (tmp_path / "d").mkdir()
    for name in ("a", "b", "d/c"):
        (tmp_path / name).write_text(name)
    table = StatTable()
    tree = scan(tmp_path)
    assert (tree.hash(), tree.remember(table, LATE)) == (3, 3)
    again = scan(tmp_path)
    again.recall(table)
    assert again.hash() == 0
    assert again.digest() == tree.digest()
    (tmp_path / "d" / "c").write_text("x")
    third = scan(tmp_path)
    third.recall(table)
    assert third.hash() == 1
    assert third.digest() == reference(tmp_path)


@pytest.mark.parametrize("after", [0, -1])
def test_only_what_changed_before_a_time_is_remembered(tmp_path: Path, after: int, scan: Scan) -> None:
    (tmp_path / "f").touch()
    status = (tmp_path / "f").stat()
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    tree = scan(tmp_path)
    tree.hash()
    assert tree.remember(StatTable(), changed + after) == 1 + after


def test_small_files_of_some_devices_are_always_read(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "small").write_bytes(b"x" * 9)
    (tmp_path / "large").write_bytes(b"x" * 10)
    table = StatTable()
    device = tmp_path.stat().st_dev
    tree = scan(tmp_path)
    tree.hash()
    assert tree.remember(table, LATE, [device], 10) == 1
    assert tree.remember(table, LATE, range(device + 1, device + 100), 10) == 1  # too many to tell apart
    assert tree.remember(table, LATE, [device + 1], 10) == 2
    again = scan(tmp_path)
    again.recall(table, [device], 10)
    assert again.hash() == 1


@pytest.mark.parametrize("spoil", [lambda f: f.write_text("xyz"), lambda f: os.utime(f, ns=(0, 0))])
def test_a_file_changed_since_is_read(tmp_path: Path, spoil: Callable[[Path], object], scan: Scan) -> None:
    (tmp_path / "f").write_text("abc")
    table = StatTable()
    tree = scan(tmp_path)
    tree.hash()
    tree.remember(table, LATE)
    status = (tmp_path / "f").stat()
    spoil(tmp_path / "f")
    if (tmp_path / "f").stat().st_mtime_ns:
        os.utime(tmp_path / "f", ns=(status.st_atime_ns, status.st_mtime_ns))
    again = scan(tmp_path)
    again.recall(table)
    assert again.hash() == 1


def test_one_thread_at_a_time(tmp_path: Path, scan: Scan) -> None:
    with open(tmp_path / "long", "wb") as file:
        file.truncate(2**30)
    tree = scan(tmp_path)
    started, refused = threading.Event(), []

    def other() -> None:
        started.set()
        try:
            tree.hash()
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    started.wait()
    try:
        tree.hash()
    except RuntimeError as error:
        refused.append(error)
    thread.join()
    assert all("at work" in str(error) for error in refused)
    assert len(tree.digest()) == 16
