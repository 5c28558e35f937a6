"""Files and directories that a step wrote come back under their names, whole, read-only."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from mlops_core.errors import UnstorableValue, UsageError
from mlops_core.formats.files import restore_path, save_path


def yes(path: Path) -> bool:
    return True


def make_tree(root: Path) -> None:
    (root / "sub" / "empty").mkdir(parents=True)
    (root / ".mlops").mkdir()
    (root / ".mlops" / "state").write_bytes(b"not content")
    (root / "a.bin").write_bytes(bytes(range(256)) * 5000)
    (root / "sub" / "b.txt").write_text("b")
    (root / "sub" / "run.sh").write_text("#!/bin/sh")
    (root / "sub" / "run.sh").chmod(0o755)
    (root / "link").symlink_to("sub/b.txt")
    (root / "zero").touch()


def listing(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = path.read_bytes() if path.is_file() else "directory"
    return found


def test_a_file(shelf: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights" * 1_000_000)
    artifact = shelf.put(path, written=yes)
    assert (artifact.format, artifact.nbytes) == ("file/1", 7_000_000)
    loaded = shelf.take(artifact, folder=tmp_path / "used")
    assert loaded.name == "model.bin"
    assert loaded.read_bytes() == path.read_bytes()
    assert loaded.stat().st_mode & 0o222 == 0
    assert shelf.take(artifact, folder=tmp_path / "used") == loaded


def test_a_directory(shelf: Any, tmp_path: Path) -> None:
    make_tree(tmp_path / "out")
    artifact = shelf.put(tmp_path / "out", written=yes)
    assert artifact.format == "directory/1"
    loaded = shelf.take(artifact, folder=tmp_path / "used")
    expected = {n: c for n, c in listing(tmp_path / "out").items() if not n.startswith(".mlops")}
    assert listing(loaded) == expected
    assert all(p.is_symlink() or p.stat().st_mode & 0o222 == 0 for p in [loaded, *loaded.rglob("*")])


def test_restored_modes(shelf: Any, tmp_path: Path) -> None:
    make_tree(tmp_path / "out")
    artifact = shelf.put(tmp_path / "out", written=yes)
    restore_path(artifact, shelf.store, tmp_path / "back")
    assert stat.S_IMODE((tmp_path / "back" / "sub" / "run.sh").stat().st_mode) == 0o755
    (tmp_path / "back" / "new").touch()


def test_a_path_that_was_not_written_stays_a_reference(shelf: Any, tmp_path: Path) -> None:
    for written in (None, lambda path: False):
        artifact = shelf.put(tmp_path / "nowhere", written=written)
        assert artifact.format == "pickle/1"
        assert shelf.take(artifact) == tmp_path / "nowhere"


def test_paths_inside_containers(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    artifact = shelf.put({"file": tmp_path / "a", "n": 1}, written=yes)
    assert artifact.children["file"].format == "file/1"
    loaded = shelf.take(artifact, folder=tmp_path / "used")
    assert loaded["file"].read_text() == "a"
    (tmp_path / "a").write_text("b")
    assert shelf.put({"file": tmp_path / "a", "n": 1}, written=yes).digest != artifact.digest


def test_the_digest_is_name_mode_and_content(shelf: Any, tmp_path: Path) -> None:
    digests = set()
    for folder, name, content, mode in [
        ("1", "a", "x", 0o644),
        ("2", "a", "x", 0o644),
        ("3", "b", "x", 0o644),
        ("4", "a", "y", 0o644),
        ("5", "a", "x", 0o755),
    ]:
        path = tmp_path / folder / name
        path.parent.mkdir()
        path.write_text(content)
        path.chmod(mode)
        digests.add(save_path(path, lambda digest, pieces: None).digest)
    assert len(digests) == 4


def test_a_file_needs_a_folder_to_come_back(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    with pytest.raises(UsageError, match="folder"):
        shelf.take(shelf.put(tmp_path / "a", written=yes))


def test_what_is_no_content_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dangling").symlink_to("/nowhere/at/all")
    with pytest.raises(UnstorableValue, match="dangling"):
        save_path(tmp_path / "out", lambda digest, pieces: None)
    (tmp_path / "out" / "dangling").unlink()
    os.mkfifo(tmp_path / "out" / "pipe")
    with pytest.raises(UnstorableValue, match="pipe"):
        save_path(tmp_path / "out", lambda digest, pieces: None)
    with pytest.raises(FileNotFoundError):
        save_path(tmp_path / "gone", lambda digest, pieces: None)


def test_links_to_files_elsewhere_are_content(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("data")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "data")
    loaded = shelf.take(shelf.put(tmp_path / "out", written=yes), folder=tmp_path / "used")
    assert not (loaded / "link").is_symlink()
    assert (loaded / "link").read_text() == "data"


def test_a_failed_restore_leaves_nothing(shelf: Any, tmp_path: Path) -> None:
    make_tree(tmp_path / "out")
    artifact = shelf.put(tmp_path / "out", written=yes)

    class Failing:
        left = 2

        def buffer(self, cells: Any, *, writable: bool = False) -> memoryview:
            self.left -= 1
            if self.left < 0:
                raise OSError("disk gone")
            return shelf.store.buffer(cells)

        def buffers(self, cells: Any) -> list[memoryview]:
            return [self.buffer([cell]) for cell in cells]

    (tmp_path / "back").mkdir()
    with pytest.raises(OSError, match="disk gone"):
        restore_path(artifact, Failing(), tmp_path / "back" / "out")  # type: ignore[arg-type]
    assert os.listdir(tmp_path / "back") == []
