"""What a target on the command line names: ``FILE.py[:NAME]``, ``package.module:NAME``, a configured name."""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from mlops_core.config.nearest import nearest, suggestion
from mlops_core.config.project import find_root, read_settings
from mlops_core.errors import TargetNotFound
from mlops_core.workspace.names import PACKAGE_FILE, SUFFIX, is_installed, name_of_file, place_in_root

_FILE = re.compile(r"(?P<file>.+\.py)(?::(?P<name>[^:/\\]+))?", re.DOTALL)
_MODULE = re.compile(r"(?P<module>[^\s:/\\]+):(?P<name>[^\s:/\\]+)")
FORMS = "A target is FILE.py, FILE.py:NAME, package.module:NAME or a name from mlops.toml."


class Target(NamedTuple):
    """A file and its name as a module, below a project root.

    ``pipeline_name`` is None where the file is left to say which; ``params`` come from the settings;
    ``origin`` is the target as given.
    """

    root: Path
    file: Path
    module_name: str
    pipeline_name: str | None
    params: dict[str, object]
    origin: str


class _Search(NamedTuple):
    """Where to look: ``folder`` for relative names, ``root`` where the settings have fixed it."""

    origin: str
    folder: Path
    root: Path | None
    params: dict[str, object]

    def found(self, file: Path, pipeline_name: str | None) -> Target:
        """The target for a file of the project."""
        root = self.root or find_root(file.parent)
        name = name_of_file(str(file), str(root)) or file.stem
        place = Path(place_in_root(str(file), str(root)))
        return Target(root, place, name, pipeline_name, self.params, self.origin)


def resolve_target(text: str, cwd: Path) -> Target:
    """The target that ``text`` names, seen from ``cwd``; nothing is imported.

    Raises ``TargetNotFound`` with near matches, and ``ConfigError`` for unreadable settings.
    """
    if _names_code(text):
        return _code_target(text, _Search(text, cwd, None, {}))
    root = find_root(cwd)
    settings = read_settings(root)
    if text not in settings.pipelines:
        raise _unknown_name(text, cwd, list(settings.pipelines))
    chosen = settings.pipelines[text]
    if not _names_code(chosen.entry):
        raise TargetNotFound(
            f"the entry {chosen.entry!r} of the pipeline {text!r} in {settings.file} is no target",
            hint='Write entry = "FILE.py:NAME" or "package.module:NAME".',
            target=text,
        )
    return _code_target(chosen.entry, _Search(text, root, root, chosen.params))


def _names_code(text: str) -> bool:
    return _FILE.fullmatch(text) is not None or _MODULE.fullmatch(text) is not None


def _code_target(text: str, search: _Search) -> Target:
    if match := _FILE.fullmatch(text):
        return search.found(_existing(match["file"], search), match["name"])
    match = _MODULE.fullmatch(text)
    assert match is not None  # _names_code has seen to it
    return _module_target(match["module"], match["name"], search)


def _existing(given: str, search: _Search) -> Path:
    file = Path(os.path.abspath(search.folder / Path(given).expanduser()))
    if file.is_file():
        return file
    if file.is_dir():
        raise TargetNotFound(f"{given} is a folder, not a Python file", hint=FORMS, target=search.origin)
    message = f"there is no file {given}"
    raise TargetNotFound(
        message, hint=_near_files(file, os.path.dirname(given)), target=search.origin, file=str(file)
    )


def _near_files(file: Path, folder: str) -> str:
    """What may have been meant: of this name further down, or nearby with a like name.

    ``folder`` is how the user wrote the file's folder.
    """
    if not file.parent.is_dir():
        return f"There is no folder {file.parent} either."
    below = next((found for found in sorted(file.parent.glob(f"*/{file.name}")) if found.is_file()), None)
    if below is not None:
        return f"Did you mean {os.path.join(folder, below.relative_to(file.parent))}?"
    beside = sorted(entry.name for entry in file.parent.glob("*" + SUFFIX) if entry.is_file())
    near = nearest(file.name, beside)
    if near:
        return f"Did you mean {os.path.join(folder, near)}?"
    return f"Python files in {file.parent}: {', '.join(beside[:10])}." if beside else FORMS


def _module_target(module: str, name: str, search: _Search) -> Target:
    project = search.root or find_root(search.folder)
    for place in (str(project), os.path.realpath(search.folder), *map(os.path.abspath, sys.path)):
        file = _module_in(place, module)
        if file is None:
            continue
        if is_installed(str(file)):
            return Target(project, file, module, name, search.params, search.origin)
        return search.found(file, name)
    raise TargetNotFound(
        f"there is no module {module!r} in {project}", hint=FORMS, target=search.origin, module=module
    )


def _module_in(place: str, module: str) -> Path | None:
    base = os.path.join(place, *module.split("."))
    files = (os.path.join(base, PACKAGE_FILE), base + SUFFIX)
    return next((Path(file) for file in files if os.path.isfile(file)), None)


def _unknown_name(text: str, cwd: Path, names: list[str]) -> TargetNotFound:
    message = f"{text!r} is neither a Python file nor a pipeline of mlops.toml"
    if (cwd / (text + SUFFIX)).is_file():
        return TargetNotFound(message, hint=f"Did you mean {text}{SUFFIX}?", target=text)
    hint = suggestion(text, names, "pipelines") if names else FORMS
    return TargetNotFound(message, hint=hint, target=text)
