"""Streams: readers that go away, closed descriptors, full disks, encodings without our strokes."""

import json
import os
import subprocess
import sys

import pytest


def shell(text: str, environment, command, **changed: str) -> subprocess.CompletedProcess[str]:
    words = " ".join(f"'{word}'" for word in command)
    return subprocess.run(
        ["bash", "-c", f'mlops() {{ {words} "$@"; }}; {text}'],
        env=environment | changed,
        capture_output=True,
        text=True,
        check=False,
    )


def without_reader(words, environment) -> subprocess.CompletedProcess[str]:
    """The command with stdout a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    try:
        return subprocess.run(
            words, env=environment, stdout=write, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(write)


def test_a_reader_that_goes_away(environment, command):
    done = without_reader([*command, "--help"], environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_takes_one_line(environment, command):
    done = shell("mlops --help | head -n 1; echo ${PIPESTATUS[0]}", environment, command)
    assert done.stdout.splitlines()[0].startswith("Usage: mlops")
    assert (done.stdout.splitlines()[1], done.stderr) == ("0", "")


def test_json_into_a_broken_pipe(environment, command):
    done = without_reader([*command, "rnu", "--json"], environment)
    assert done.returncode == 2
    assert done.stderr.startswith("error usage:")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_descriptors(closing, environment, command):
    text = f"exec 3>&1; mlops --help {closing} | cat >/dev/null; echo ${{PIPESTATUS[0]}} >&3"
    done = shell(text, environment, command)
    assert done.stdout.split()[-1] == "0"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["--help", "doctor --json"])
def test_a_full_disk_is_said(arguments, environment, command):
    done = shell(f"mlops {arguments} > /dev/full; echo $?", environment, command)
    assert done.stdout.split() == ["4"]
    assert "error disk_full: no space left" in done.stderr
    assert "Traceback" not in done.stderr


PRINTING = """
import sys
from mlops_core.cli import streams
streams.prepare()
print("a · b → c … ├─ └─ 日 \\udcff")
"""


def test_an_ascii_terminal_gets_ascii(environment):
    done = subprocess.run(
        [sys.executable, "-"],  # not -c: a C locale cannot say the program itself
        input=PRINTING,
        encoding="utf-8",
        env=environment | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == "a - b > c ~ |- `- ? ?\n"


def test_json_keeps_names_that_are_no_text(environment, command):
    name = b"caf\xe9.py"
    done = subprocess.run(
        [*command, "run", name, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "caf\udce9.py" in json.loads(done.stdout)["error"]["message"]
