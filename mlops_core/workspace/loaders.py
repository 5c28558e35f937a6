"""How first-party source is loaded, and how a second name gets the module that is there already."""

import os
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType


class FirstPartyLoader(SourceFileLoader):
    """Python's own loader, except that a cached ``.pyc`` is trusted to the nanosecond.

    Python compares whole seconds and the size: a file edited twice within a second would run as it was
    before. Each of the two kinds of ``.pyc`` looks outdated to the other loader, never valid.
    """

    def path_stats(self, path: str) -> Mapping[str, int]:
        status = os.stat(path)
        return {"mtime": status.st_mtime_ns & 0xFFFFFFFF, "size": status.st_size}


class AliasLoader:
    """Gives an import under a second name the module object that the first name has."""

    def __init__(self, first: Callable[[], ModuleType], folder: str | None = None) -> None:
        self._first = first
        self._folder = folder
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module under its first name, imported now where it is not yet."""
        module = self._first()
        self._spec = module.__spec__
        if self._folder is not None and not hasattr(module, "__path__"):
            # ``digits`` is both the folder of ``digits/digits.py`` and that file's short name.
            module.__path__ = [self._folder]
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to execute; the second name's spec, put in by the import machinery, goes out again."""
        module.__spec__ = self._spec
