"""Probes of a folder leave nothing behind."""

import errno
from pathlib import Path

import pytest

from mlops_core.files import probes, space
from mlops_core.files.space import free_bytes, is_full, refusal


def test_maps_of_a_local_file_are_shared(tmp_path: Path) -> None:
    assert probes.shares_maps(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_refuses_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr("mlops_core.files.probes.mmap.mmap", refuse)
    assert not probes.shares_maps(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probes.shares_maps(tmp_path / "absent")
    assert free_bytes(tmp_path / "absent" / "below") == pytest.approx(free_bytes(tmp_path), rel=0.1)


@pytest.mark.parametrize(
    ("number", "full"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EFBIG, True), (errno.EIO, False), (None, False)],
)
def test_which_errors_say_that_there_is_no_room(number: int | None, full: bool) -> None:
    assert is_full(OSError(number, "trouble")) is full
    assert not is_full(ValueError())


def test_a_disk_that_takes_a_little_more(tmp_path: Path) -> None:
    assert refusal(tmp_path) == 0


@pytest.mark.parametrize("call", ["open", "pwrite", "fsync"])
def test_a_disk_that_takes_nothing(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(f"mlops_core.files.space.os.{call}", full)
    assert refusal(tmp_path) == errno.EDQUOT


def test_a_disk_without_room_for_one_more_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk:
        f_bavail, f_frsize, f_files, f_favail = 1000, 4096, 50, 0

    monkeypatch.setattr(space.os, "statvfs", lambda _: Disk)
    assert free_bytes(tmp_path) == 0
