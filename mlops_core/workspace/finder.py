"""The finder that gives every first-party file one module, whatever name it is imported under."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType

from mlops_core.workspace.loaders import AliasLoader, FirstPartyLoader
from mlops_core.workspace.names import (
    PACKAGE_FILE,
    file_of_name,
    folder_of_name,
    module_file,
    name_of_file,
)

ImportFile = Callable[[str, str], ModuleType]


class FirstPartyFinder:
    """Stands before Python's path search, asks it, and looks at what it found.

    Third-party modules pass through. A file of the project is loaded under its canonical name; another name
    for it gives the same module. ``names`` are those it handed out, ``loading`` the files that
    ``import_file`` is about to create a module for.
    """

    def __init__(self, root: str, import_file: ImportFile) -> None:
        self.root = root
        self.names: set[str] = set()
        self.loading: set[str] = set()
        self._import_file = import_file

    def install(self) -> None:
        """Put it into ``sys.meta_path``."""
        if self not in sys.meta_path:
            place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
            sys.meta_path.insert(place, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The import protocol: how to load ``name``, None where nobody knows."""
        spec = self._ask_the_others(name, path, target)
        if spec is not None and type(spec.loader) is not SourceFileLoader:
            return spec
        if spec is None and (folder := folder_of_name(name, self.root)):
            return _folder_spec(name, folder)
        file = self._file(name, spec)
        canonical = name_of_file(file, self.root) if file else None
        if file is None or canonical is None:
            return spec
        self.names.add(name)
        if target is None and (canonical != name or loaded_from(file) is not None):
            return self._alias(name, canonical, file)
        return first_party_spec(name, file)

    def _ask_the_others(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None

    def _file(self, name: str, spec: ModuleSpec | None) -> str | None:
        """The file to load, the project's own package before a file in it that has the package's name."""
        if spec is None:
            return file_of_name(name, self.root)
        folder = os.path.join(self.root, name, "")
        if spec.origin and spec.origin.startswith(folder) and os.path.isfile(folder + PACKAGE_FILE):
            return folder + PACKAGE_FILE
        return spec.origin

    def _alias(self, name: str, canonical: str, file: str) -> ModuleSpec:
        folder = os.path.join(self.root, name) if canonical.startswith(name + ".") else None
        if folder is not None and file in self.loading:
            return _folder_spec(name, folder)  # its package is being imported, and needs no more
        loader = AliasLoader(lambda: loaded_from(file) or self._import_file(file, self.root), folder)
        return ModuleSpec(name, loader, origin=file)  # type: ignore[arg-type]  # loaders are duck-typed


@lru_cache(maxsize=4096)
def _real_path(file: str) -> str:
    return os.path.realpath(file)


def _folder_spec(name: str, folder: str) -> ModuleSpec:
    """A folder without ``__init__.py``: it holds modules and has no code."""
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [folder]
    return spec


def first_party_spec(name: str, file: str) -> ModuleSpec:
    """How to load a file of the project under ``name``."""
    package = [os.path.dirname(file)] if os.path.basename(file) == PACKAGE_FILE else None
    loader = FirstPartyLoader(name, file)
    spec = spec_from_file_location(name, file, loader=loader, submodule_search_locations=package)
    assert spec is not None  # a loader was given
    return spec


def loaded_from(file: str) -> ModuleType | None:
    """The module that was loaded from ``file``, under whatever name; None where there is none."""
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and module.__dict__.get("__file__") == file:
            return module
    base, real = os.path.basename(file), _real_path(file)
    for module in list(sys.modules.values()):
        other = module_file(module)
        if other is not None and other.name == base and _real_path(str(other)) == real:
            return module
    return None
