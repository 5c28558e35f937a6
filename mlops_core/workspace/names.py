"""The one name of a first-party module: its file's path from the project root, with dots."""

import os
import sys
from pathlib import Path
from types import ModuleType

SUFFIX, PACKAGE_FILE = ".py", "__init__.py"

#: A dot inside the name of a file or folder would read as a package: it is written like in a URL.
_DOT = "%2E"
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def name_of_file(file: str, root: str) -> str | None:
    """``pipelines.bikes`` for ``ROOT/pipelines/bikes.py``; None for a file that is not first-party source."""
    # As written first: asking the disk about every library would be slow, and a step that imports one late
    # would be seen looking at the folders above it.
    if _is_installed_as_written(file):
        return None
    inside = _inside(file, root)
    if inside is None or not inside.endswith(SUFFIX) or is_installed(file):
        return None
    parts = inside.split(os.sep)
    if parts[-1] == PACKAGE_FILE:
        parts.pop()
    else:
        parts[-1] = parts[-1].removesuffix(SUFFIX)
    return ".".join(part.replace(".", _DOT) for part in parts) or None


def place_in_root(file: str, root: str) -> str:
    """``file`` written as a path below ``root`` (links on the way to the root resolved), else as it is."""
    inside = _inside(file, root)
    return file if inside is None else os.path.join(root, inside)


def file_of_name(name: str, root: str) -> str | None:
    """The first-party file with this canonical name, None where there is none."""
    base = _path_of_name(name, root)
    for file in (os.path.join(base, PACKAGE_FILE), base + SUFFIX):
        if os.path.isfile(file):
            return file
    return None


def folder_of_name(name: str, root: str) -> str | None:
    """The folder without code of its own that has this canonical name, None where there is none."""
    folder = _path_of_name(name, root)
    return folder if os.path.isdir(folder) and file_of_name(name, root) is None else None


def _path_of_name(name: str, root: str) -> str:
    return os.path.join(root, *(part.replace(_DOT, ".") for part in name.split(".")))


def is_installed(file: str) -> bool:
    """Whether a file belongs to the interpreter or to an installed distribution, wherever they lie."""
    if _is_installed_as_written(file):
        return True
    return any(_inside(file, folder) is not None for folder in _interpreter_folders())


def _is_installed_as_written(file: str) -> bool:
    """Whether the path itself says so, without a look at the disk."""
    folders = tuple(folder + os.sep for folder in _interpreter_folders())
    return file.startswith(folders) or not _INSTALLED.isdisjoint(file.split(os.sep))


def module_file(module: ModuleType) -> Path | None:
    """The source file of a module as an absolute path, None where it has none."""
    file = module.__dict__.get("__file__") if isinstance(module, ModuleType) else None
    return Path(os.path.abspath(file)) if isinstance(file, str) and file.endswith(SUFFIX) else None


def _inside(file: str, folder: str) -> str | None:
    """The path of ``file`` from ``folder``; as written first, so that a linked file has its place there."""
    for path in (file, os.path.realpath(file)):
        if path.startswith(folder.rstrip(os.sep) + os.sep):
            return path[len(folder.rstrip(os.sep)) + 1 :]
    return None


def _interpreter_folders() -> list[str]:
    return [
        os.path.join(sys.prefix, "bin"),
        os.path.join(sys.base_prefix, "bin"),
        os.path.dirname(os.__file__),
    ]
