"""The lines of a run, in a pipe and on a terminal."""

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from mlops_core.cli.console import Console
from mlops_core.cli.render.live import LiveLine
from mlops_core.cli.render.results import result_lines
from mlops_core.cli.render.run_lines import step_line, summary_line
from mlops_core.cli.render.style import PLAIN
from mlops_core.cli.render.width import display_width
from mlops_core.cli.run_printer import RunPrinter


class Hand:
    """A clock that is moved by hand."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def ticks(self) -> float:
        return self.time


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    return Terminal()


@pytest.fixture
def steps(fake_step):
    return [
        fake_step("load", "cached", "from run 31", saved_seconds=14.2),
        fake_step("train", "ran", "parameter depth changed: 4 → 6", seconds=21.4),
        fake_step("evaluate", "failed", "ValueError: empty table", seconds=0.5),
        fake_step("publish", "blocked", "evaluate failed"),
    ]


def test_in_a_pipe_there_is_one_line_a_change(fake_run, steps):
    out = io.StringIO()
    run = fake_run(params={"depth": 6}, metrics={"r2": 0.842}, outputs_json={"model": "x"}, seconds=22.0)
    with RunPrinter(Console(out), {"depth": "mlops.toml"}) as printer:
        printer.run_started(run)
        for step in steps:
            printer.step_started(step)
            printer.step_finished(step)
        run.steps = steps
        printer.run_finished(run)
    assert out.getvalue().splitlines() == [
        "digits · run 42",
        "  depth=6 (mlops.toml)",
        "  load        cached     from run 31                                   saved 14.2 s",
        "  train       ran        parameter depth changed: 4 → 6                21.4 s",
        "  evaluate    failed     ValueError: empty table                       0.5 s",
        "  publish     blocked    evaluate failed",
        "metrics  r2 0.842",
        "output   model  x",
        "1 ran, 1 cached, 1 failed, 1 blocked · 22.0 s · saved 14.2 s",
    ]


def test_in_a_pipe_no_reason_is_cut(fake_step):
    line = step_line(fake_step(reason="x" * 500), 10, None, PLAIN)
    assert "x" * 500 in line


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_on_a_terminal_a_line_fits(fake_step, width):
    step = fake_step("train", "cached", "日" * 300, saved_seconds=22320)
    line = step_line(step, 10, width, PLAIN)
    assert display_width(line) <= max(width, 54)
    assert line.endswith("saved 6 h 12 m")


def test_a_reason_of_several_lines_is_one_line(fake_step):
    assert "\n" not in step_line(fake_step(reason="a\nb\x1b[2J"), 10, None, PLAIN)
    assert "\x1b" not in step_line(fake_step(reason="a\nb\x1b[2J"), 10, None, PLAIN)


def test_the_summary_of_nothing():
    assert summary_line([], 0.0) == "no steps · 0 ms"


def test_long_outputs_are_cut(fake_run):
    run = fake_run(outputs_json={"all": list(range(10_000))}, metrics={"a": 1.0, "fit.a": 1.0})
    lines = result_lines(run, 60)
    assert lines[0] == "metrics  a 1"
    assert all(display_width(line) <= 60 for line in lines)


def screen(text: str) -> list[str]:
    """What a terminal shows after ``text``: carriage returns and erased lines carried out."""
    lines = [""]
    column = 0
    for token in re.findall(r"\x1b\[2K|\r\n?|\n|[^\x1b\r\n]+", text):
        if token == "\x1b[2K":
            lines[-1] = ""
        elif token == "\r":
            column = 0
        elif token in ("\n", "\r\n"):
            lines.append("")
            column = 0
        else:
            lines[-1] = lines[-1][:column] + token + lines[-1][column + len(token) :]
            column += len(token)
    return [line.rstrip() for line in lines]


def test_the_live_line_says_what_is_running(terminal):
    clock = Hand()
    live = LiveLine(Console(terminal), clock)
    live.started("train[0]")
    clock.time = 2.0
    live.started("train[1]")
    clock.time = 14.2
    assert live.text() == "  running  train[0] 14.2 s · train[1] 12.2 s"


def test_the_live_line_leaves_the_last_column_free(terminal):
    live = LiveLine(Console(terminal), Hand())
    for index in range(40):
        live.started(f"日本[{index}]")
    assert display_width(live.text()) <= 79


def test_finished_lines_stay_and_the_live_line_goes(terminal):
    with LiveLine(Console(terminal), Hand()) as live:
        live.started("load")
        live.finished("load", "  load  ran")
        live.started("train")
        assert screen(terminal.getvalue())[0] == "  load  ran"
        assert screen(terminal.getvalue())[1].startswith("  running  train")
    assert screen(terminal.getvalue()) == ["  load  ran", ""]


def test_what_steps_print_goes_above_the_live_line(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stdout", terminal)
    with LiveLine(Console(terminal), Hand()) as live:
        live.started("train")
        print("epoch 1")
        print("half", end="")
        assert screen(terminal.getvalue())[:2] == ["epoch 1", "half"]
        print(" a line")
        live.finished("train", "  train  ran")
    assert sys.stdout is terminal
    assert screen(terminal.getvalue()) == ["epoch 1", "half a line", "  train  ran", ""]


PROGRAM = """
import sys
from types import SimpleNamespace as S
from mlops_core.cli.console import Console
from mlops_core.cli.run_printer import RunPrinter

step = S(name="train", status="running", reason="code changed", seconds=0.0, saved_seconds=0.0)
run = S(number=7, pipeline="digits", steps=[], params={}, metrics={}, outputs_json={}, seconds=1.0)
with RunPrinter(Console(sys.stdout), {}) as printer:
    printer.run_started(run)
    printer.step_started(step)
    sys.stdin.readline()
    step.status, step.seconds = "ran", 1.0
    printer.step_finished(step)
    run.steps = [step]
    printer.run_finished(run)
"""


def test_a_real_terminal_sees_the_time_go_on(environment, until):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment | {"COLUMNS": "60"},
        stdin=subprocess.PIPE,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    try:
        seen = until(leader, b"train 0 ms", b"")
        seen = until(leader, rb"train \d+\.\d s", seen)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
        seen = until(leader, b"1 ran", seen)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    text = seen.decode()
    assert "\x1b[32mran" in text
    shown = screen(re.sub(r"\x1b\[[0-9;]*m", "", text))
    assert shown[0] == "digits · run 7"
    assert shown[1].split() == ["train", "ran", "code", "changed", "1.0", "s"]
    assert not any("running" in line for line in shown)
