"""Ctrl-C and SIGTERM, as real signals to a real process."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

PIPELINE = """\
import signal
import sys
from mlops_core import pipeline, step


@step
def quick() -> int:
    return 1


@step
def endless(after: int) -> int:
    print("endless begins", file=sys.stderr, flush=True)
    while True:
        signal.pause()


@pipeline
def work() -> int:
    return endless(quick())
"""


@pytest.fixture
def project(folder):
    (folder / "pipe.py").write_text(PIPELINE)
    return folder


def stopped(words, environment, number) -> tuple[int, str, str]:
    """Start, wait until the endless step says that it runs, send the signal, and wait for the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stderr is not None
            seen = []
            while "endless begins" not in "".join(seen):
                seen.append(process.stderr.readline())
                assert seen[-1], "".join(seen)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, out, "".join(seen) + err


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(("number", "status", "code"), [
    (signal.SIGINT, 130, "interrupted"),
    (signal.SIGTERM, 143, "terminated"),
])  # fmt: skip
def test_a_stopped_run_keeps_what_was_finished(
    project, environment, command, mlops, *, number, status, code, jobs
):
    words = [*command, "run", "pipe.py", "-j", jobs, "--json"]
    returned, out, err = stopped(words, environment, number)
    assert returned == status, err
    assert "Traceback" not in err
    assert err.count("error ") == 1
    document = json.loads(out)
    assert document["error"]["code"] == code
    assert document["status"] == "cancelled"
    assert document["steps"][0]["status"] == "ran"
    assert document["steps"][1]["reason"] == "interrupted"
    assert mlops("runs", "--json").document["runs"][0]["status"] == "cancelled"
    plan = mlops("plan", "pipe.py", "--json").document
    assert [step["verdict"] for step in plan["steps"]] == ["cached", "run"]


def test_a_killed_run_is_shown_as_interrupted(project, environment, command, mlops):
    returned, _, _ = stopped([*command, "run", "pipe.py"], environment, signal.SIGKILL)
    assert returned == -signal.SIGKILL
    assert mlops("runs", "--json").document["runs"][0]["status"] == "interrupted"


def test_text_says_it_in_one_line(project, environment, command):
    returned, out, err = stopped([*command, "run", "pipe.py"], environment, signal.SIGINT)
    assert returned == 130
    assert "error interrupted: stopped by Ctrl-C\n" in err
    assert out.splitlines()[0].startswith("work · run 1")


ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_typed_on_a_terminal(project, environment, command, until, jobs):
    """The terminal sends SIGINT to every process of the group: workers must not clutter the end."""
    leader, follower = pty.openpty()
    words = [sys.executable, "-c", ON_A_TERMINAL, *command, "run", "pipe.py", "-j", jobs]
    process = subprocess.Popen(
        words, env=environment, stdin=follower, stdout=follower, stderr=follower, start_new_session=True
    )
    os.close(follower)
    try:
        seen = until(leader, b"endless begins", b"")
        os.write(leader, b"\x03")
        seen = until(leader, b"goes on from there", seen)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert b"Traceback" not in seen
    assert b"interrupted:" in seen
