"""Stand-ins for ``os.stat``, ``os.lstat``, ``os.access`` and ``os.getcwd``, which raise no audit event.

They record which paths were asked for while a step runs: a file whose absence a step saw is an input
of it. Outside a recording the originals are in place.
"""

import os
from typing import Any

_ORIGINALS: dict[str, Any] = {name: getattr(os, name) for name in ("stat", "lstat", "access", "getcwd")}


class Probes:
    """Absolute paths asked for, and whether the step used the current folder."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.folder_used = False

    def saw(self, path: object) -> None:
        if isinstance(path, int):
            return
        text = os.fsdecode(path)  # type: ignore[arg-type]
        if not os.path.isabs(text):
            self.folder_used = True
            text = os.path.join(_ORIGINALS["getcwd"](), text)
        self.paths.add(os.path.normpath(text))


def start() -> Probes:
    """Put the stand-ins in place; the returned object fills while the step runs."""
    probes = Probes()

    def stat(path: Any, **options: Any) -> os.stat_result:
        if options.get("dir_fd") is None:
            probes.saw(path)
        result: os.stat_result = _ORIGINALS["stat"](path, **options)
        return result

    def lstat(path: Any, **options: Any) -> os.stat_result:
        if options.get("dir_fd") is None:
            probes.saw(path)
        result: os.stat_result = _ORIGINALS["lstat"](path, **options)
        return result

    def access(path: Any, mode: int, **options: Any) -> bool:
        if options.get("dir_fd") is None:
            probes.saw(path)
        return bool(_ORIGINALS["access"](path, mode, **options))

    def getcwd() -> str:
        probes.folder_used = True
        return str(_ORIGINALS["getcwd"]())

    for stand_in in (stat, lstat, access, getcwd):
        setattr(os, stand_in.__name__, stand_in)
    return probes


def stop() -> None:
    """Put the originals back."""
    for name, original in _ORIGINALS.items():
        setattr(os, name, original)


def original_stat(path: str) -> os.stat_result:
    """``os.stat`` that no recording sees."""
    result: os.stat_result = _ORIGINALS["stat"](path)
    return result
