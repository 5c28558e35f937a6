"""Damage that shows only when a page is read leaves a note for whoever opens the database next."""

from pathlib import Path

import pytest

from mlops_core.errors import DamagedState
from mlops_core.metadata import runs
from mlops_core.metadata.database import Database


def break_table(folder: Path) -> None:
    """Overwrite the page on which the table of runs begins."""
    db = Database.open(folder)
    db.checkpoint()
    ((page,),) = db.query("SELECT rootpage FROM sqlite_master WHERE name = 'runs'")
    db.close()
    with (folder / "mlops.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


def test_damage_is_noted_and_the_note_goes_with_the_file(tmp_path: Path) -> None:
    break_table(tmp_path)
    db = Database.open(tmp_path)
    assert not Database.is_suspect(tmp_path)
    with pytest.raises(DamagedState, match="damaged"):
        db.query("SELECT * FROM runs NOT INDEXED")
    db.close()
    assert Database.is_suspect(tmp_path)
    fresh = Database.open(tmp_path, rebuild=True)
    assert fresh.moved_aside is not None
    assert not Database.is_suspect(tmp_path)
    assert runs.listing(fresh) == (0, [])


def test_a_sound_file_loses_the_note_and_stays(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    (tmp_path / "mlops.db.suspect").touch()
    sound = Database.open(tmp_path, rebuild=True)
    assert sound.moved_aside is None
    assert not Database.is_suspect(tmp_path)
