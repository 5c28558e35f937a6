"""Colour and terminals, as the environment wants them."""

import io

import pytest

from mlops_core.config.environment import colour_wanted, is_terminal, state_dir


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "MLOPS_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_a_terminal_has_colour_and_a_pipe_has_none() -> None:
    assert colour_wanted(Terminal())
    assert not colour_wanted(io.StringIO())


def test_no_color_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not colour_wanted(Terminal())


def test_an_empty_no_color_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert colour_wanted(Terminal())


def test_force_color_colours_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert colour_wanted(io.StringIO())


def test_a_dumb_terminal_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Terminal())


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)


def test_the_state_folder_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_dir() is None
    monkeypatch.setenv("MLOPS_STATE_DIR", "")
    assert state_dir() is None
    monkeypatch.setenv("MLOPS_STATE_DIR", "elsewhere")
    assert state_dir() == "elsewhere"
