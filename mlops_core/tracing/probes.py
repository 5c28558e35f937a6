"""Stand-ins for functions of ``os`` that raise no audit event: ``stat``, ``lstat``, ``access``, ``getcwd``
and ``readlink``; and for ``scandir``, whose event does not say who looks at the entries.

They record what was asked for while a step runs: a file whose absence a step saw is an input of it. Outside
a recording the originals are in place. A module that takes a stand-in by name while a step runs keeps it; it
then does what the original does, and records again with the next step.
"""

import os
import sys
from types import FrameType
from typing import Any

from mlops_core.tracing.callers import is_first_party, module_of
from mlops_core.tracing.loaded import own_modules
from mlops_core.tracing.seen_stat import SeenStat

_GETTERS_OF_TIMES = frozenset({"getmtime", "getctime", "getatime"})


class Probes:
    """Absolute paths by what was asked of them, and whether the step used the current folder.

    ``paths`` were asked whether they are there, what they are and how long; ``times`` when they were
    changed; ``links`` where they point; of ``entries`` (folders) the project's own code has the entries.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.paths: set[str] = set()
        self.times: set[str] = set()
        self.links: set[str] = set()
        self.entries: set[str] = set()
        self.folder_used = False

    def asked(self) -> dict[str, set[str]]:
        """The paths by the kind of observation that covers what was asked."""
        return {"probe": self.paths, "times": self.times, "link": self.links, "entries": self.entries}

    def absolute(self, path: object) -> str | None:
        """The path as absolute text; None for a descriptor."""
        if isinstance(path, int):
            return None
        text = os.fsdecode(path)  # type: ignore[arg-type]
        if not os.path.isabs(text):
            self.folder_used = True
            text = os.path.join(_ORIGINALS["getcwd"](), text)
        return os.path.normpath(text)

    def saw(self, path: object, options: dict[str, Any]) -> str | None:
        """A question about a path; its absolute form, if it is known."""
        if options.get("dir_fd") is not None:
            return None
        absolute = self.absolute(path)
        if absolute is not None:
            self.paths.add(absolute)
        return absolute

    def watched(self, found: os.stat_result, path: str | None, frame: FrameType | None) -> Any:
        """The answer; where the project's own code gets it, one that notices when times are looked at."""
        if path is None:
            return found
        frame, asked_for_time = _who_asks(frame)
        if not is_first_party(frame):
            return found
        if asked_for_time:
            self.times.add(path)
            return found
        return SeenStat(found, lambda: self.times.add(path))


def _who_asks(frame: FrameType | None) -> tuple[FrameType | None, bool]:
    """Who called ``stat``, ``getmtime`` or ``Path.stat``; whether it was for a time."""
    if frame is not None and module_of(frame) == "genericpath" and frame.f_code.co_name in _GETTERS_OF_TIMES:
        return frame.f_back, True
    while frame is not None and _passes_on(frame):
        frame = frame.f_back
    return frame, False


def _passes_on(frame: FrameType) -> bool:
    return module_of(frame).startswith("pathlib") and frame.f_code.co_name in ("stat", "lstat")


_active: Probes | None = None


def stat(path: Any, **options: Any) -> Any:
    """``os.stat``."""
    known = _active.saw(path, options) if _active is not None else None
    found = _ORIGINALS["stat"](path, **options)
    return found if _active is None else _active.watched(found, known, sys._getframe(1))


def lstat(path: Any, **options: Any) -> Any:
    """``os.lstat``."""
    known = _active.saw(path, options) if _active is not None else None
    found = _ORIGINALS["lstat"](path, **options)
    return found if _active is None else _active.watched(found, known, sys._getframe(1))


def access(path: Any, mode: int, **options: Any) -> bool:
    """``os.access``."""
    if _active is not None:
        _active.saw(path, options)
    return bool(_ORIGINALS["access"](path, mode, **options))


def readlink(path: Any, **options: Any) -> Any:
    """``os.readlink``."""
    if _active is not None and options.get("dir_fd") is None:
        absolute = _active.absolute(path)
        if absolute is not None:
            _active.links.add(absolute)
    return _ORIGINALS["readlink"](path, **options)


def getcwd() -> str:
    """``os.getcwd``."""
    if _active is not None:
        _active.folder_used = True
    return str(_ORIGINALS["getcwd"]())


def scandir(path: Any = ".") -> Any:
    """``os.scandir``."""
    if _active is not None and is_first_party(sys._getframe(1)):
        absolute = _active.absolute(path)
        if absolute is not None:
            _active.entries.add(absolute)
    return _ORIGINALS["scandir"](path)


_STAND_INS: dict[str, Any] = {f.__name__: f for f in (stat, lstat, access, readlink, getcwd, scandir)}
_ORIGINALS: dict[str, Any] = {name: getattr(os, name) for name in _STAND_INS}
_PAIRS = [(_ORIGINALS[name], _STAND_INS[name]) for name in _STAND_INS]
# What the functions of ``os`` can do is looked up by the function.
for _able in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids):
    _able.update([new for old, new in _PAIRS if old in _able])


def start(root: str) -> Probes:
    """Put the stand-ins in place; the returned object fills while the step runs."""
    global _active
    _active = Probes(root)
    _replace(root, {id(old): new for old, new in _PAIRS})
    return _active


def stop() -> None:
    """Put the originals back."""
    global _active
    root = _active.root if _active is not None else ""
    _active = None
    _replace(root, {id(new): old for old, new in _PAIRS})


def _replace(root: str, replacements: dict[int, Any]) -> None:
    """In ``os``, and where the project's own modules took the functions by name."""
    wanted = replacements.keys()
    for name in _STAND_INS:
        os.__dict__[name] = replacements.get(id(os.__dict__[name]), os.__dict__[name])
    for module in own_modules(root):
        names = vars(module)
        if not wanted.isdisjoint(map(id, names.values())):  # every step asks twice: no loop of ours
            for name in [n for n, value in names.items() if id(value) in wanted]:
                names[name] = replacements[id(names[name])]


def original_stat(path: str) -> os.stat_result:
    """``os.stat`` that no recording sees."""
    result: os.stat_result = _ORIGINALS["stat"](path)
    return result
