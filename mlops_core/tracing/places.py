"""Which paths count as inputs or effects of a step, and which are the noise of the machine."""

import logging
import os
import sys
import sysconfig
import tempfile
from functools import cache

_ALWAYS_NOISE = ("/proc/", "/sys/", "/dev/", "/run/")


@cache
def _library_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names} | {p for p in sys.path if _is_packages_folder(p)}
    return tuple(os.path.join(os.path.realpath(f), "") for f in folders if f)


def _is_packages_folder(path: str) -> bool:
    return path.rstrip(os.sep).endswith(("site-packages", "dist-packages"))


@cache
def _cache_folders() -> tuple[str, ...]:
    home = os.path.expanduser("~")
    named = [os.environ.get("XDG_CACHE_HOME"), os.environ.get("MPLCONFIGDIR"), os.path.join(home, ".cache")]
    return tuple(os.path.join(os.path.realpath(f), "") for f in [*named, os.path.join(home, ".config")] if f)


def _log_files() -> set[str]:
    handlers = [h() for h in getattr(logging, "_handlerList", ())]
    return {h.baseFilename for h in handlers if isinstance(h, logging.FileHandler)}


def _module_files() -> set[str]:
    modules = list(sys.modules.values())
    return {f for m in modules if isinstance(f := getattr(m, "__file__", None), str)}


class Places:
    """The folders of one project, and whether a path counts.

    Files of the standard library, of installed distributions and of the kernel, bytecode, third-party
    caches, log files written through ``logging`` and the state folder do not count; neither do listings
    and probes of the system's temporary folder, unless the project lies in it.
    """

    def __init__(self, root: str, state_dir: str) -> None:
        self.root = os.path.join(os.path.realpath(root), "")
        self._state = os.path.join(os.path.realpath(state_dir), "")
        temporary = os.path.join(os.path.realpath(tempfile.gettempdir()), "")
        self._temporary = None if self.root.startswith(temporary) else temporary

    def counts(self, path: str) -> bool:
        """Whether reading or writing this absolute path says something about the step."""
        if path.endswith((".pyc", ".pyo")) or "/__pycache__" in path:
            return False
        if path.startswith((self._state, *_ALWAYS_NOISE)) or path == self._state.rstrip(os.sep):
            return False
        if path.startswith(self.root) and not _in_packages(path):
            return True
        return not path.startswith((*_library_folders(), *_cache_folders())) and not _in_packages(path)

    def listing_counts(self, path: str) -> bool:
        """Whether listing or probing this absolute path counts."""
        folder = os.path.join(path, "")
        return self.counts(path) and not (self._temporary and folder.startswith(self._temporary))

    def name(self, path: str) -> str:
        """The path as records keep it: relative to the root inside the project, else absolute."""
        path = os.path.normpath(path)
        if os.path.join(path, "") == self.root:
            return "."
        return path[len(self.root) :] if path.startswith(self.root) else path

    def path(self, name: str) -> str:
        """The absolute path of a recorded name."""
        return name if os.path.isabs(name) else os.path.normpath(os.path.join(self.root, name))


def _in_packages(path: str) -> bool:
    return "/site-packages/" in path or "/dist-packages/" in path


def noise_files() -> set[str]:
    """Files that are open for reasons of their own: log files, and sources of imported modules."""
    return _log_files() | _module_files()
