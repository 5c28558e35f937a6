"""Which paths count as inputs or effects of a step, and which are the noise of the machine."""

import os
import sys
import sysconfig
from functools import cache

from mlops_core.tracing.loaded import loaded

_ALWAYS_NOISE = ("/proc/", "/sys/", "/dev/")
_MEMORY = "/dev/shm/"  # files like any other


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


@cache
def _temporary_folder() -> str:
    """Where ``tempfile`` puts files, found without it: it imports much, and uses what users may patch."""
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    folders = [folder for folder in (*named, "/tmp", "/var/tmp", "/usr/tmp") if folder]
    usable = (folder for folder in folders if os.access(folder, os.W_OK | os.X_OK))
    return os.path.join(os.path.realpath(next(usable, os.curdir)), "")


def _log_files() -> set[str]:
    logging = sys.modules.get("logging")
    if logging is None:
        return set()
    handlers = [h() for h in getattr(logging, "_handlerList", ())]
    return {h.baseFilename for h in handlers if isinstance(h, logging.FileHandler)}


class Places:
    """The folders of one project, and whether a path counts.

    Files of the standard library, of installed distributions and of the kernel, bytecode, third-party
    caches, log files written through ``logging`` and the state folder do not count; neither do listings
    and probes of the system's temporary folder, unless the project lies in it.
    """

    def __init__(self, root: str, state_dir: str) -> None:
        self.root = os.path.join(os.path.realpath(root), "")
        self._state = os.path.join(os.path.realpath(state_dir), "")
        self._aliases: dict[str, str] = {}

    def counts(self, path: str) -> bool:
        """Whether reading or writing this absolute path says something about the step."""
        if path.endswith((".pyc", ".pyo")) or "/__pycache__" in path:
            return False
        if path.startswith(self._state) or path == self._state.rstrip(os.sep):
            return False
        if path.startswith(_ALWAYS_NOISE) and not path.startswith(_MEMORY):
            return False
        if path.startswith(self.root) and not _in_packages(path):
            return True
        return not path.startswith((*_library_folders(), *_cache_folders())) and not _in_packages(path)

    def listing_counts(self, path: str) -> bool:
        """Whether listing or probing this absolute path counts."""
        folder = os.path.join(path, "")
        temporary = _temporary_folder()
        return self.counts(path) and (self.root.startswith(temporary) or not folder.startswith(temporary))

    def probe_counts(self, path: str) -> bool:
        """Whether asking what is at this absolute path counts: where the project lies does not."""
        return self.listing_counts(path) and not self.root.startswith(os.path.join(path, ""))

    def canonical(self, path: str) -> str:
        """The path without ``..``, below the root also where a link to the root led there."""
        path = os.path.normpath(path)
        if path.startswith(self.root) or os.path.join(path, "") == self.root:
            return path
        folder, name = os.path.split(path)
        if folder not in self._aliases:
            self._aliases[folder] = self._without_alias(folder)
        return os.path.join(self._aliases[folder], name)

    def _without_alias(self, folder: str) -> str:
        root, rest = self.root.rstrip(os.sep), ""
        ancestor = folder
        while ancestor != os.path.dirname(ancestor):
            if os.path.realpath(ancestor) == root:
                return os.path.join(root, rest) if rest else root
            ancestor, name = os.path.split(ancestor)
            rest = os.path.join(name, rest) if rest else name
        return folder

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
    return _log_files() | loaded().files
