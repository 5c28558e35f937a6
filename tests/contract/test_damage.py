"""Damage and kills: the next command works, what is damaged is named and made again, evidence is kept."""

import os
import shutil
import signal
import sqlite3
import struct
import subprocess
from contextlib import closing

import pytest

PIPE = """
import signal

@step
def left(n: int) -> np.ndarray:
    return np.full(300_000, n, dtype=float)

@step
def right(n: int) -> np.ndarray:
    return np.full(300_000, -n, dtype=float)

@step
def both(a: np.ndarray, b: np.ndarray) -> float:
    return float((a + b).sum())

@pipeline
def work(n: int = 1) -> float:
    return both(left(n), right(n))
"""
CACHED = {"left": "cached", "right": "cached", "both": "cached"}


@pytest.fixture
def ran(project):
    project.pipe(PIPE)
    assert project.run().outputs == {"output": 0.0}
    return project


def segment_of(project, value: float):
    """The newest segment in which an array of this value is stored."""
    needle = struct.pack("<d", value) * 64
    segments = (project.root / ".mlops/objects").rglob("*.segment")
    return max((s for s in segments if needle in s.read_bytes()), key=lambda s: s.stat().st_ctime_ns)


def flip(path) -> None:
    """Flip one bit in the middle of a file, and leave its times as they were."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_a_flipped_byte_in_a_segment(ran, options):
    """A damaged cell is a miss with a reason, never a crash and never a wrong value."""
    flip(segment_of(ran, 1.0))
    ended = ran.run(*options)
    assert ended.outputs == {"output": 0.0}
    assert ended.steps == {"left": "ran", "right": "cached", "both": "cached"}
    assert ended.kinds("left") == ["damaged"]
    assert "damaged" in ended.reason("left")
    assert ran.run(*options).steps == CACHED


def test_a_flipped_byte_that_only_a_consumer_meets(ran):
    """A damaged cell is a miss with a reason: also where the value is loaded for a step that runs."""
    flip(segment_of(ran, -1.0))
    ended = ran.run("--force", "both")
    assert ended.outputs == {"output": 0.0}
    assert ended.steps == {"left": "cached", "right": "ran", "both": "ran"}


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_a_deleted_segment(ran, options):
    """A missing cell is a miss with a reason."""
    segment_of(ran, -1.0).unlink()
    ended = ran.run(*options)
    assert ended.outputs == {"output": 0.0}
    assert ended.steps == {"left": "cached", "right": "ran", "both": "cached"}
    assert ended.kinds("right") == ["damaged"]
    assert ran.run().steps == CACHED


def test_a_deleted_store(ran):
    """A missing cell is a miss: all of them may be missing."""
    for segment in (ran.root / ".mlops/objects").rglob("*.segment"):
        segment.unlink()
    ended = ran.run()
    assert ended.outputs == {"output": 0.0}
    assert ended.steps["left"] == ended.steps["right"] == "ran"


def test_damage_and_cached_calls(project):
    """The same for cached calls."""
    code = PIPE + "a = left(1)\nprint(json.dumps(float(a.sum())))"
    assert project.script(code).value == 300_000.0
    flip(segment_of(project, 1.0))
    assert project.script(code).value == 300_000.0
    segment_of(project, 1.0).unlink()
    assert project.script(code).value == 300_000.0


@pytest.mark.parametrize(
    "data",
    [b"this is no database" * 100, b"", b"SQLite format 3\0" + b"\xff" * 4096],
    ids=["text", "empty", "header"],
)
@pytest.mark.parametrize("words", [("run", "pipe.py"), ("runs", "ls"), ("plan", "pipe.py")], ids=str)
def test_a_damaged_database_is_moved_aside(ran, data, words):
    """A damaged database: the next command works, evidence is moved aside, never deleted."""
    database = ran.root / ".mlops/mlops.db"
    for companion in (".mlops/mlops.db-wal", ".mlops/mlops.db-shm"):
        (ran.root / companion).unlink(missing_ok=True)
    database.write_bytes(data)
    ended = ran.mlops(*words, "--json")
    assert ended.status == 0, ended.err
    if data:
        (aside,) = (ran.root / ".mlops/damaged").iterdir()
        assert (aside / "mlops.db").read_bytes() == data
        assert str(aside) in ended.err
        assert "damaged" in ended.err
    again = ran.run()
    assert again.status == 0
    assert "damaged" not in again.err
    assert ran.run().steps == CACHED


def test_a_damaged_database_under_a_python_program(ran):
    """The same for a Python program."""
    for companion in (".mlops/mlops.db-wal", ".mlops/mlops.db-shm"):
        (ran.root / companion).unlink(missing_ok=True)
    (ran.root / ".mlops/mlops.db").write_bytes(b"no database" * 1000)
    ended = ran.script("from pipe import work\nprint(json.dumps(work()))")
    assert ended.value == 0.0
    assert "damaged" in ended.err


def settle(state) -> int:
    """Bring everything into the database file; gives its number of pages."""
    with closing(sqlite3.connect(state / "mlops.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (state / "mlops.db").stat().st_size // 4096


def test_damage_in_the_middle_of_the_database(ran):
    """Damage that shows only when a page is read: one command may end with a message, the next one works,
    and no value is ever wrong."""
    state, good = ran.root / ".mlops", ran.root / "good"
    pages = settle(state)
    shutil.copytree(state, good)
    for page in range(2, pages, 5):
        shutil.rmtree(state)
        shutil.copytree(good, state)
        with (state / "mlops.db").open("r+b") as file:
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
        first = ran.run("-p", "n=2")
        assert first.status in (0, 1, 5)
        if first.status:
            assert "mlops.db is damaged" in first.error["message"]
            assert "Run the command again" in first.err
        second = ran.run("-p", "n=2")
        assert second.status == 0, second.err
        assert second.outputs == {"output": 0.0}
        assert ran.mlops("runs").status == 0


ENDLESS = """
import signal, time

@step
def quick() -> int:
    return 1

@step
def slow(x: int) -> int:
    if not Path("go").exists():
        Path("began").touch()
        while True:
            time.sleep(0.01)
    return x

@pipeline
def work() -> int:
    return slow(quick())
"""


@pytest.fixture
def interrupted(project, command):
    """Starts the endless run as a process, sends a signal when the step has begun, waits for its end."""
    project.pipe(ENDLESS)
    began = project.root / "began"

    def stop(number: int, *options: str) -> tuple[int, str]:
        words = [*command, "run", "pipe.py", *options]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            words, cwd=project.root, env=project.environment, stdout=pipe, stderr=pipe, text=True
        ) as process:
            while not began.exists():
                assert process.poll() is None, process.communicate()
                os.sched_yield()
            began.unlink()
            process.send_signal(number)
            _, err = process.communicate()
        return process.returncode, err

    return stop


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_in_a_step(project, interrupted, options, number, status):
    """Exit codes 130 and 143 interrupted: the run is recorded as cancelled, finished steps stay cached."""
    returned, err = interrupted(number, *options)
    assert returned == status
    assert "Traceback" not in err
    assert project.mlops("runs", "--json").document["runs"][0]["status"] == "cancelled"
    shown = project.mlops("runs", "show", "1", "--json")
    assert shown.steps == {"quick": "ran", "slow": "cancelled"}
    (project.root / "go").touch()
    again = project.run()
    assert again.steps == {"quick": "cached", "slow": "ran"}
    assert again.status == 0


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_kill_in_a_step(project, interrupted, options):
    """Kill it anywhere: the next command works, finished steps stay finished; the run is `interrupted`."""
    returned, _ = interrupted(signal.SIGKILL, *options)
    assert returned == -signal.SIGKILL
    (project.root / "go").touch()
    again = project.run(*options)
    assert again.status == 0
    assert again.steps == {"quick": "cached", "slow": "ran"}
    listed = project.mlops("runs", "--json").document["runs"]
    assert [run["status"] for run in listed] == ["succeeded", "interrupted"]
