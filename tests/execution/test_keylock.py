"""One process at a time for each key; other keys are free; a lock dies with its holder."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mlops_core.locks.keylock import KeyLock

HOLDER = """
import sys
from pathlib import Path
from mlops_core.locks.keylock import KeyLock
with KeyLock(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
"""
ONE, OTHER = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "steps"), ONE.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def acquired_in_thread(path: Path) -> threading.Event:
    event = threading.Event()

    def acquire() -> None:
        with KeyLock(path, ONE):
            event.set()

    threading.Thread(target=acquire, daemon=True).start()
    return event


def test_another_process_waits_until_the_holder_is_done(holder, tmp_path):
    event = acquired_in_thread(tmp_path / "steps")
    assert not event.wait(0.2)
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert event.wait(60)


def test_a_killed_holder_holds_nothing(holder, tmp_path):
    event = acquired_in_thread(tmp_path / "steps")
    holder.kill()
    assert event.wait(60)


def test_other_keys_are_free(holder, tmp_path):
    with KeyLock(tmp_path / "steps", OTHER):
        assert holder.poll() is None


def test_threads_exclude_each_other(tmp_path):
    with KeyLock(tmp_path / "steps", ONE):
        event = acquired_in_thread(tmp_path / "steps")
        assert not event.wait(0.2)
    assert event.wait(60)
