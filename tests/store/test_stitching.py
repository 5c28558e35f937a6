"""What doctor asks: whether values are mapped here or copied."""

from pathlib import Path

import pytest

from mlops_core.store import stitching
from mlops_core.store.stitching import can_stitch


def test_files_on_a_disk_are_mapped(tmp_path: Path) -> None:
    assert can_stitch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stitching, "page_size", lambda: 100)  # no place in a file to map from
    assert not can_stitch(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        can_stitch(tmp_path / "none")
