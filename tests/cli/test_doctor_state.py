"""What ``mlops doctor`` says about the state: each line, and what to do about it."""

import os
from pathlib import Path

import pytest

from mlops_core.cli.checks import database, engine, leftovers, state, time, volume
from mlops_core.clock import Clock
from mlops_core.files.filesystems import FileSystem
from mlops_core.files.layer import DISK
from mlops_core.metadata.database import Database
from mlops_core.store.leftovers import new_temporary


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A state folder with a database of several pages."""
    folder = tmp_path / ".mlops"
    for name in ("locks", "objects", "tmp"):
        (folder / name).mkdir(parents=True)
    db = Database.open(folder)
    with db.transaction() as tx:
        for number in range(50):
            tx.execute("INSERT INTO small_cells VALUES (?, zeroblob(3000))", (number.to_bytes(16, "big"),))
    db.checkpoint()
    db.close()
    return folder


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("nfs4", "rollback journal"),
        ("cifs", "other machines"),
        ("lustre", "other machines"),
        ("9p", "other machines"),
        ("fuse.sshfs", "other machines"),
        ("vboxsf", "folder of the host"),
        ("virtiofs", "folder of the host"),
        ("tmpfs", "in memory"),
        ("fuse.ext2", "a program answers"),
    ],
)
def test_odd_file_systems_are_named_with_the_way_out(tmp_path: Path, kind: str, word: str) -> None:
    """The kind is injected."""
    check = volume.checks(tmp_path / "none", FileSystem(kind, "/mnt"))[0]
    assert (check.name, check.state) == ("file system", "warning")
    assert check.found.startswith(kind)
    assert word in check.found
    assert "MLOPS_STATE_DIR" in check.advice


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "zfs", ""])
def test_local_file_systems_are_fine(tmp_path: Path, kind: str) -> None:
    assert volume.kind_check(tmp_path, FileSystem(kind, "/mnt")).state == "ok"


def test_locks_and_maps_are_tried(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(os.listdir(made))
    found = {check.name: check.state for check in volume.checks(made)}
    assert (found["locks"], found["maps"]) == ("ok", "ok")
    assert sorted(os.listdir(made)) == before
    monkeypatch.setattr(volume, "locks_work", lambda folder: False)
    monkeypatch.setattr(volume, "shares_maps", lambda folder: False)
    checks = {check.name: check for check in volume.checks(made)}
    assert checks["locks"].state == "broken"
    assert "MLOPS_STATE_DIR" in checks["locks"].advice
    assert "rollback journal" in checks["maps"].found
    monkeypatch.setattr(volume, "_stitches", lambda folder: False)
    assert "copied into memory" in volume.maps_check(made).found


def test_what_cannot_be_tried_says_so(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(volume, "locks_work", full)
    monkeypatch.setattr(volume, "shares_maps", full)
    for check in (volume.locks_check(made), volume.maps_check(made)):
        assert (check.state, check.advice) == ("warning", "make room on the disk")
        assert "No space left" in check.found


def test_a_sound_database(made: Path) -> None:
    (check,) = database.check(made)
    assert check.state == "ok"
    assert check.found.endswith("0 runs, WAL")
    assert database.check(made / "nowhere") == []


def test_a_damaged_database(made: Path) -> None:
    with (made / "mlops.db").open("r+b") as file:
        file.seek(-4096 * 10, os.SEEK_END)
        file.write(b"\xaa" * 4096 * 3)
    (check,) = database.check(made)
    assert check.state == "broken"
    assert "mlops store verify --repair" in check.advice
    (made / "mlops.db").write_bytes(b"garbage " * 1000)
    assert database.check(made)[0].state == "broken"


def test_a_database_in_which_damage_was_met(made: Path) -> None:
    (made / "mlops.db.suspect").touch()
    (check,) = database.check(made)
    assert (check.state, check.found) == ("broken", "damage was met in it")


def test_what_interrupted_commands_left(made: Path) -> None:
    assert leftovers.check(made)[0].state == "ok"
    living, descriptor = new_temporary(str(made / "tmp"), DISK)
    assert leftovers.check(made)[0].state == "ok", "its writer lives"
    os.close(descriptor)
    half = made / f".mlops.db.{2**22 + 1}.{0xA:012x}.tmp"
    half.write_bytes(b"x" * 2048)
    os.utime(half, (0, 0))
    (check,) = leftovers.check(made)
    assert check.state == "warning"
    assert "2 files" in check.found
    assert check.advice == "mlops store gc removes them"
    os.unlink(living)


def test_what_was_set_aside(made: Path) -> None:
    (made / "damaged" / "mlops.db.1").mkdir(parents=True)
    (made / "damaged" / "mlops.db.1" / "mlops.db").write_bytes(b"x" * 1024)
    check = leftovers.check(made)[1]
    assert (check.name, check.state) == ("damaged", "warning")
    assert "1 file set aside (1.0 KiB)" in check.found
    assert "delete them" in check.advice


def test_a_clock_that_stepped_back(made: Path) -> None:
    class Yesterday(Clock):
        def now(self) -> float:
            return super().now() - 86_400

    assert time.check(made)[0].state == "ok"
    (check,) = time.check(made, Yesterday())
    assert check.state == "warning"
    assert "later" in check.found
    assert "set the clock" in check.advice
    assert time.check(made / "nowhere") == []


def test_a_budget_that_the_disk_does_not_hold(tmp_path: Path) -> None:
    gib = 1 << 30
    assert state.disk_check(tmp_path, 5 * gib, used=gib, budget=3 * gib).state == "ok"
    check = state.disk_check(tmp_path, 5 * gib, used=gib, budget=20 * gib)
    assert check.state == "warning"
    assert "grow by 19.0 GiB" in check.found
    assert "budget" in check.advice


def test_the_kernel_that_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = engine.kernel_checks()
    assert check.name == "engine kernel"
    monkeypatch.setattr("mlops_core.engine._hash.kernel", lambda: "scalar")
    monkeypatch.setattr("mlops_core.engine._hash.kernels", lambda: ("scalar", "avx2"))
    (slow,) = engine.kernel_checks()
    assert slow.state == "warning"
    assert "avx2 is faster" in slow.advice


def test_all_of_it_in_one_document(cli, folder):
    (folder / "work.py").write_text(
        "from mlops_core import pipeline, step\n\n@step\ndef one() -> int:\n    return 1\n\n"
        "@pipeline\ndef work():\n    return one()\n"
    )
    assert cli("run", "work.py").status == 0
    document = cli("doctor", "--json").document
    names = [check["name"] for check in document["checks"]]
    lines = [
        "state folder",
        "file system",
        "locks",
        "maps",
        "database",
        "state",
        "leftovers",
        "clock",
        "disk",
    ]
    assert [name for name in names if name in lines] == lines
    assert all(check["advice"] for check in document["checks"] if check["state"] != "ok")


def test_a_damaged_database_is_broken_and_stays_as_it_is(cli, folder, made, monkeypatch):
    monkeypatch.setenv("MLOPS_STATE_DIR", str(made))
    (made / "mlops.db.suspect").touch()
    ended = cli("doctor", "--json")
    assert ended.status == 4
    assert "database" in ended.document["error"]["message"]
