"""Trees of files: what the scanner finds and makes of it, against a slow walk in Python."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._scan import Tree

Found = tuple[bytes, str, tuple[int, int, int, int], int, bytes | None]
Scan = Callable[..., Tree]
Digest = Callable[..., bytes]
Find = Callable[[Path], dict[bytes, Found]]
Reference = Callable[[Path], bytes]


def test_golden_digest(tmp_path: Path, digest: Digest) -> None:
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
    tmp_path_factory: pytest.TempPathFactory,
    content: object,
    threads: int,
    digest: Digest,
    reference: Reference,
) -> None:
    path = tmp_path_factory.mktemp("tree") / "top"
    build(os.fsencode(path), content)
    assert digest(path, threads) == reference(path)


@pytest.mark.parametrize("size", [0, 1, 262_136, 262_137, 262_143, 262_144, 262_145, 524_288, 1_000_003])
def test_files_of_every_length_around_the_buffers(
    tmp_path: Path, size: int, digest: Digest, reference: Reference
) -> None:
    (tmp_path / "f").write_bytes(os.urandom(size))
    assert digest(tmp_path) == reference(tmp_path)


def test_many_folders_and_threads(tmp_path: Path, digest: Digest, reference: Reference) -> None:
    for number in range(300):
        (tmp_path / f"{number % 7}" / f"{number}").mkdir(parents=True)
        (tmp_path / f"{number % 7}" / f"{number}" / "f").write_text(str(number))
    (tmp_path / "flat").mkdir()
    for number in range(1500):
        (tmp_path / "flat" / f"{number}").touch()
    assert digest(tmp_path) == digest(tmp_path, 1) == digest(tmp_path, 8) == reference(tmp_path)


def test_what_is_found(tmp_path: Path, scan: Scan, found: Find) -> None:
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
