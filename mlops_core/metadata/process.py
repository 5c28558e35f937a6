"""Which process a run belongs to, so that a later one can tell whether it still lives."""

import os

_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def identity(pid: int | None = None) -> str:
    """``pid:start time:boot id`` of a process (this one), unique among all processes of this machine.

    The start time is in clock ticks since the boot (``proc(5)``, field 22 of ``stat``); without ``/proc``
    both parts are empty and the pid alone must do.
    """
    number = os.getpid() if pid is None else pid
    return f"{number}:{_start_time(number) or ''}:{_boot_id()}"


def is_alive(process: str) -> bool:
    """Whether the process with this identity still runs; a zombie does not. False for nonsense."""
    pid_text, _, rest = process.partition(":")
    started, _, boot = rest.partition(":")
    if not pid_text.isdecimal() or int(pid_text) == 0 or boot != _boot_id():
        return False
    if started:
        return _start_time(int(pid_text)) == started
    return _answers(int(pid_text))


def _start_time(pid: int) -> str | None:
    """None where there is no such process, or it has ended and waits to be reaped."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses itself.
    fields = text[text.rindex(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else fields[19].decode()


def _boot_id() -> str:
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
