"""Trees of files: what the scanner finds, reads and makes of it, against a slow walk in Python."""

import os
import resource
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import xxhash
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._scan import StatTable, Tree

Found = tuple[bytes, str, tuple[int, int, int, int], int, bytes | None]

SPECIAL = xxhash.xxh3_128_digest(b"special file/0\0")
LATE = 2**62


def scan(path: Path, threads: int = 0) -> Tree:
    return Tree(os.fsencode(path), left_out=b".mlops", threads=threads)


def digest(path: Path, threads: int = 0) -> bytes:
    tree = scan(path, threads)
    tree.hash()
    return tree.digest()


def found(path: Path) -> dict[bytes, Found]:
    return {entry[0]: entry for entry in scan(path).entries()}


def reference(path: bytes) -> bytes:
    """The same digest for a tree without links, special files and deep folders, in plain Python."""
    parts = [b"folder/0\0"]
    for name in sorted(os.listdir(path)):
        inner = os.path.join(path, name)
        if name == b".mlops":
            continue
        if os.path.isdir(inner):
            word, value = b"folder\0", reference(inner)
        else:
            with open(inner, "rb") as file:
                word, value = b"file\0", xxhash.xxh3_128_digest(b"file/0\0" + file.read())
        parts.append(word + len(name).to_bytes(4, "big") + name + value)
    return xxhash.xxh3_128_digest(b"".join(parts))


def test_golden_digest(tmp_path: Path) -> None:
    """Changing this invalidates every user's cache."""
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "b").write_bytes(b"2")
    (tmp_path / "z").symlink_to("nothing")
    (tmp_path / "d" / "up").symlink_to("..")
    assert digest(tmp_path).hex() == "a01690a1baa1a6350ba7cc318a22186a"


NAMES = st.binary(min_size=1, max_size=12).filter(lambda n: b"/" not in n and b"\0" not in n)
FOLDERS = st.recursive(
    st.binary(max_size=40),
    lambda inner: st.dictionaries(NAMES.filter(lambda n: n not in (b".", b"..")), inner, max_size=5),
    max_leaves=25,
)


def build(path: bytes, content: object) -> None:
    if isinstance(content, dict):
        os.mkdir(path)
        for name, inner in content.items():
            build(os.path.join(path, name), inner)
    else:
        assert isinstance(content, bytes)
        with open(path, "wb") as file:
            file.write(content)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=FOLDERS.filter(lambda c: isinstance(c, dict)), threads=st.sampled_from([1, 4]))
def test_any_tree_is_like_the_slow_walk(
    tmp_path_factory: pytest.TempPathFactory, content: object, threads: int
) -> None:
    path = tmp_path_factory.mktemp("tree") / "top"
    build(os.fsencode(path), content)
    assert digest(path, threads) == reference(os.fsencode(path))


@pytest.mark.parametrize("size", [0, 1, 262_136, 262_137, 262_143, 262_144, 262_145, 524_288, 1_000_003])
def test_files_of_every_length_around_the_buffers(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(os.urandom(size))
    assert digest(tmp_path) == reference(os.fsencode(tmp_path))


def test_many_folders_and_threads(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number % 7}" / f"{number}").mkdir(parents=True)
        (tmp_path / f"{number % 7}" / f"{number}" / "f").write_text(str(number))
    (tmp_path / "flat").mkdir()
    for number in range(1500):
        (tmp_path / "flat" / f"{number}").touch()
    assert digest(tmp_path) == digest(tmp_path, 1) == digest(tmp_path, 8) == reference(os.fsencode(tmp_path))


def test_what_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("12345")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").touch()
    status = (tmp_path / "file").stat()
    signature = (5, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    entries = found(tmp_path)
    assert entries[b"file"] == (b"file", "file", signature, status.st_dev, None)
    assert entries[b"link"] == (b"link", "file", signature, status.st_dev, b"file")
    assert entries[b"folder"][1] == "folder"
    assert entries[b"folder/inner"][1] == "file"
    assert scan(tmp_path).devices == {status.st_dev}


def test_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("1")
    top = tmp_path / "top"
    (top / "d").mkdir(parents=True)
    (top / "to folder").symlink_to(outside)
    (top / "nowhere").symlink_to("x" * 300)
    (top / "itself").symlink_to("itself")
    (top / "through a file").symlink_to("to folder/f/more")
    (top / "d" / "up").symlink_to(top)
    (top / "d" / "here").symlink_to(".")
    kinds = {path: (kind, target) for path, kind, _, _, target in scan(top).entries()}
    assert kinds == {
        b"d": ("folder", None),
        b"d/up": ("loop", os.fsencode(top)),
        b"d/here": ("loop", b"."),
        b"itself": ("link", b"itself"),
        b"nowhere": ("link", b"x" * 300),
        b"through a file": ("link", b"to folder/f/more"),
        b"to folder": ("folder", os.fsencode(outside)),
        b"to folder/f": ("file", None),
    }


def test_a_link_counts_by_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    (tmp_path / "top").mkdir()
    link = tmp_path / "top" / "link"
    link.symlink_to("../one")
    before = digest(tmp_path / "top")
    link.unlink()
    link.symlink_to("../two")
    assert digest(tmp_path / "top") != before
    link.unlink()
    link.write_text("1")
    assert digest(tmp_path / "top") == before


def test_chains_of_linked_folders_longer_than_the_system_follows(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}").mkdir()
        if number:
            (tmp_path / f"{number - 1}" / "next").symlink_to(tmp_path / f"{number}")
    (tmp_path / "99" / "f").touch()
    assert b"/".join([b"next"] * 99 + [b"f"]) in found(tmp_path / "0")


def test_special_files_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to pipe").symlink_to("pipe")
    (tmp_path / "null").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(tmp_path, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{here}/s" if os.path.isdir("/proc/self/fd") else str(tmp_path / "s"))
        os.close(here)
    assert {entry[1] for entry in scan(tmp_path).entries()} == {"special"}
    parts = [
        b"file\0" + len(name).to_bytes(4, "big") + name + SPECIAL
        for name in (b"null", b"pipe", b"s", b"to pipe")
    ]
    assert digest(tmp_path) == xxhash.xxh3_128_digest(b"folder/0\0" + b"".join(parts))


@pytest.mark.parametrize(
    "name", [b"a\nb", b"\xff\xfe", b"x" * 255, "é".encode(), b"\xe9", b" ", b"-rf", b"\\"]
)
def test_odd_names(tmp_path: Path, name: bytes) -> None:
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"1")
    assert name + b"/" + name in found(tmp_path)
    assert digest(tmp_path) == reference(os.fsencode(tmp_path))


def test_names_are_ordered_by_their_bytes(tmp_path: Path) -> None:
    for name in (b"\xf0\x9f\x98\x80", b"\xff", b"a", b"a.b", b"aa", b"a b"):
        os.close(os.open(os.path.join(os.fsencode(tmp_path), name), os.O_CREAT))
    names = [entry[0] for entry in scan(tmp_path).entries()]
    assert names == sorted(names)


def test_sparse_files_and_hard_links(tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(3_000_000)
    os.link(tmp_path / "sparse", tmp_path / "same")
    assert digest(tmp_path) == reference(os.fsencode(tmp_path))


def make_deep(top: Path, depth: int, name: str = "d") -> None:
    """Folders inside each other, a file in the last one, by a path longer than the system takes."""
    here = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@pytest.mark.parametrize(("depth", "name"), [(600, "d" * 8), (100, "n" * 255)])
def test_folders_deeper_than_any_path(tmp_path: Path, depth: int, name: str) -> None:
    make_deep(tmp_path, depth, name)
    try:
        inner = xxhash.xxh3_128_digest(b"file/0\0")
        word, last = b"file\0", b"f"
        for _ in range(depth + 1):
            entry = word + len(last).to_bytes(4, "big") + last + inner
            inner = xxhash.xxh3_128_digest(b"folder/0\0" + entry)
            word, last = b"folder\0", name.encode()
        assert digest(tmp_path) == inner
        assert len(scan(tmp_path, 1).entries()) == depth + 1
    finally:
        subprocess.run(["rm", "-rf", tmp_path / name], check=True)  # Python's own removal recurses


def test_few_descriptors_are_enough(tmp_path: Path) -> None:
    for path in ("a/b/c/d", "a/b/e/f", "a/g/h", "i/j"):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "file").write_text(path)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 50
    highest = max(map(int, os.listdir("/proc/self/fd")), default=0) if used != 50 else 50
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 8, before[1]))
    try:
        tree = scan(tmp_path, 1)
        tree.hash()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert tree.digest() == reference(os.fsencode(tmp_path))


def test_nothing_stays_open(tmp_path: Path) -> None:
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


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
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
def test_what_may_not_be_read_is_named(tmp_path: Path, kind: str) -> None:
    closed = tmp_path / "closed"
    closed.touch(mode=0) if kind == "file" else closed.mkdir(mode=0)
    with pytest.raises(PermissionError) as caught:
        digest(tmp_path)
    assert caught.value.filename == str(closed)


@pytest.mark.parametrize("gone", ["file", "folder"])
def test_what_goes_between_looking_and_reading_was_not_there(tmp_path: Path, gone: str) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("1")
    (tmp_path / "stays").write_text("2")
    tree = scan(tmp_path)
    (tmp_path / "d" / "f").unlink()
    if gone == "folder":
        (tmp_path / "d").rmdir()
        (tmp_path / "d").mkdir()
    tree.hash()
    assert tree.digest() == reference(os.fsencode(tmp_path))


def test_a_file_that_becomes_a_folder_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    tree = scan(tmp_path)
    (tmp_path / "f").unlink()
    (tmp_path / "f").mkdir()
    tree.hash()
    assert tree.changed
    with pytest.raises(RuntimeError, match="changed"):
        tree.digest()


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    tree = scan(tmp_path)
    (tmp_path / "f").unlink()
    os.mkfifo(tmp_path / "f")
    tree.hash()
    assert tree.entries()[0][1] == "special"


def test_unread_files_have_no_digest(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(RuntimeError, match="not been read"):
        scan(tmp_path).digest()


def test_a_signal_handler_ends_the_work(tmp_path: Path) -> None:
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


def test_what_is_remembered_is_not_read(tmp_path: Path) -> None:
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
    assert third.digest() == reference(os.fsencode(tmp_path))


@pytest.mark.parametrize("after", [0, -1])
def test_only_what_changed_before_a_time_is_remembered(tmp_path: Path, after: int) -> None:
    (tmp_path / "f").touch()
    status = (tmp_path / "f").stat()
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    tree = scan(tmp_path)
    tree.hash()
    assert tree.remember(StatTable(), changed + after) == 1 + after


def test_small_files_of_some_devices_are_always_read(tmp_path: Path) -> None:
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
def test_a_file_changed_since_is_read(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
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


def test_one_thread_at_a_time(tmp_path: Path) -> None:
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
