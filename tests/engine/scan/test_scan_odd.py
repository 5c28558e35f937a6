"""Links, special files, odd names, folders deeper than any path."""

import os
import resource
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import xxhash

from mlops_core.engine._scan import Tree

Found = tuple[bytes, str, tuple[int, int, int, int], int, bytes | None]
Scan = Callable[..., Tree]
Digest = Callable[..., bytes]
Find = Callable[[Path], dict[bytes, Found]]
Reference = Callable[[Path], bytes]
SPECIAL = xxhash.xxh3_128_digest(b"special file/0\0")


def test_links(tmp_path: Path, scan: Scan) -> None:
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


def test_a_link_counts_by_what_it_points_to(tmp_path: Path, digest: Digest) -> None:
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


def test_chains_of_linked_folders_longer_than_the_system_follows(tmp_path: Path, found: Find) -> None:
    for number in range(100):
        (tmp_path / f"{number}").mkdir()
        if number:
            (tmp_path / f"{number - 1}" / "next").symlink_to(tmp_path / f"{number}")
    (tmp_path / "99" / "f").touch()
    assert b"/".join([b"next"] * 99 + [b"f"]) in found(tmp_path / "0")


def test_special_files_are_never_opened(tmp_path: Path, scan: Scan, digest: Digest) -> None:
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
def test_odd_names(tmp_path: Path, name: bytes, digest: Digest, found: Find, reference: Reference) -> None:
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"1")
    assert name + b"/" + name in found(tmp_path)
    assert digest(tmp_path) == reference(tmp_path)


def test_names_are_ordered_by_their_bytes(tmp_path: Path, scan: Scan) -> None:
    for name in (b"\xf0\x9f\x98\x80", b"\xff", b"a", b"a.b", b"aa", b"a b"):
        os.close(os.open(os.path.join(os.fsencode(tmp_path), name), os.O_CREAT))
    names = [entry[0] for entry in scan(tmp_path).entries()]
    assert names == sorted(names)


def test_sparse_files_and_hard_links(tmp_path: Path, digest: Digest, reference: Reference) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(3_000_000)
    os.link(tmp_path / "sparse", tmp_path / "same")
    assert digest(tmp_path) == reference(tmp_path)


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
def test_folders_deeper_than_any_path(
    tmp_path: Path, depth: int, name: str, scan: Scan, digest: Digest
) -> None:
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


def test_few_descriptors_are_enough(tmp_path: Path, scan: Scan, reference: Reference) -> None:
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
    assert tree.digest() == reference(tmp_path)
