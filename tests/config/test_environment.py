"""Terminals and the state folder, as the environment wants them."""

import io

import pytest

from mlops_core.config.environment import is_terminal, state_dir


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TERM", "MLOPS_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_a_terminal_is_one_and_a_pipe_is_none() -> None:
    assert is_terminal(Terminal())
    assert not is_terminal(io.StringIO())


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
