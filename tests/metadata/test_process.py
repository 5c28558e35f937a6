"""The identity of a process, alive and dead."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from mlops_core.metadata import process
from mlops_core.metadata.process import identity, is_alive


def test_this_process_is_alive() -> None:
    assert is_alive(identity())
    pid, started, boot = identity().split(":")
    assert pid == str(os.getpid())
    assert started.isdecimal()
    assert len(boot) == 36


def test_a_dead_one_is_not_and_a_zombie_neither(spawn: Callable[..., Any]) -> None:
    other = spawn("print('ready', flush=True); input()")
    assert other.stdout.readline() == "ready\n"
    name = identity(other.pid)
    assert is_alive(name)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(name)
    other.communicate()
    assert not is_alive(name)


def test_another_process_of_the_same_pid_is_another() -> None:
    pid, started, boot = identity().split(":")
    assert not is_alive(f"{pid}:{int(started) - 1}:{boot}")
    assert not is_alive(f"{pid}:{started}:another boot")


@pytest.mark.parametrize("nonsense", ["", ":", "0::", "x:1:2", "-1:1:2", "1", "٣:1:2"])
def test_nonsense_is_dead(nonsense: str) -> None:
    assert not is_alive(nonsense)


def test_without_proc_the_pid_must_do(monkeypatch: pytest.MonkeyPatch, spawn: Callable[..., Any]) -> None:
    monkeypatch.setattr(process, "_start_time", lambda pid: None)
    monkeypatch.setattr(process, "_BOOT_ID", "/nowhere")
    other = spawn("")
    name = identity(other.pid)
    assert name == f"{other.pid}::"
    assert is_alive(identity())
    other.communicate()
    assert not is_alive(name)
    assert not is_alive(f"{10**12}::")
