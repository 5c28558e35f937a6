"""File inputs: paths among a step's arguments, how they enter the key, and how they are handed over.

The key of a path inside the project is its root-relative text plus its content, outside the
project the text as given plus its content; it is handed over relative to the root when that is the
current folder, else absolute.
"""

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mlops_core.engine._values import value_digest
from mlops_core.errors import MissingInput, UnreadableInput
from mlops_core.files.signature import path_signature
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.files import StatCache, path_digest
from mlops_core.fingerprints.values import value_digest as any_digest
from mlops_core.planning.annotations import CONTENT, DESTINATION, FILE, TEXT


class FileInput(NamedTuple):
    """A file or folder given to a step: key name, absolute path, content digest in hex, stat signature."""

    name: str
    path: str
    digest: str
    signature: tuple[int, int, int, int] | None


@dataclass(slots=True)
class FileArguments:
    """Where a step's paths are resolved, and those met so far.

    ``destinations`` are (name, absolute path).
    With ``only_check`` files are looked for and not read; below ``stored`` lie copies of stored files.
    """

    root: Path
    stat_cache: StatCache | None
    step: str
    only_check: bool = False
    stored: Path | None = None
    inputs: list[FileInput] = field(default_factory=list)
    destinations: list[tuple[str, str]] = field(default_factory=list)

    def resolve(self, path: Path, from_default: bool = False) -> Path:
        """Absolute form: relative to the current folder, or to the root where a default gave it."""
        base = self.root if from_default else Path.cwd()
        return Path(os.path.normpath(base / path.expanduser()))

    def name(self, path: Path, given: Path) -> str:
        """Key text: root-relative inside the project, as given outside.

        A file of a stored folder goes by its place in that folder: where the copy lies says nothing.
        """
        if self.stored is not None and path.is_relative_to(self.stored):
            return Path(*path.relative_to(self.stored).parts[1:]).as_posix()
        inside = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if inside else str(given)

    def handed_over(self, path: Path) -> Path:
        """The path as the step gets it."""
        if path.is_relative_to(self.root) and Path.cwd() == self.root:
            return path.relative_to(self.root)
        return path


def keyed(
    files: FileArguments, argument: str, value: object, kind: str, from_default: bool
) -> tuple[object, object]:
    """The value for the key (paths replaced by ``Embedded`` digests) and the value to hand over.

    Raises ``MissingInput`` where a file input is not there, ``UnreadableInput`` where it cannot be read.
    """
    if kind == TEXT:
        return _as_text(value), value
    if isinstance(value, str) and kind in (FILE, CONTENT, DESTINATION):
        value = Path(value)
    if isinstance(value, Path):
        return _path(files, argument, value, kind, from_default)
    return _nested(files, argument, value, kind, from_default)


def _as_text(value: object) -> object:
    return (
        Embedded(value_digest(("text-path/0", str(value)), any_digest)) if isinstance(value, Path) else value
    )


def _path(
    files: FileArguments, argument: str, given: Path, kind: str, from_default: bool
) -> tuple[object, object]:
    path = files.resolve(given, from_default)
    name = files.name(path, given)
    if kind == DESTINATION:
        files.destinations.append((name, str(path)))
        return Embedded(value_digest(("destination/0", name), any_digest)), files.handed_over(path)
    signature = path_signature(str(path))  # before reading: a change meanwhile must be noticed
    content = _content(files, argument, path, given)
    files.inputs.append(FileInput(name, str(path), content.hex(), signature))
    if kind == CONTENT:
        return Embedded(value_digest(("content-only/0", path.suffix, content), any_digest)), ContentPath(path)
    return Embedded(value_digest(("file-input/0", name, content), any_digest)), files.handed_over(path)


class ContentPath:
    """A ``ContentOnly`` input: handed over under a neutral name, so its own name cannot matter."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path


def _content(files: FileArguments, argument: str, path: Path, given: Path) -> bytes:
    try:
        if files.only_check:
            os.stat(path)
            return b""
        return path_digest(str(path), files.stat_cache)
    except FileNotFoundError:
        raise MissingInput(
            f"step {files.step!r}: the file given for {argument!r} does not exist: {given}",
            hint=f"looked for {path}; create it, or give another path",
            step=files.step,
            argument=argument,
            path=str(path),
        ) from None
    except OSError as error:
        raise _unreadable(files.step, argument, path, error) from None


def _unreadable(step: str, argument: str, path: Path, error: OSError) -> UnreadableInput:
    """Names the file: in a folder of many it is not the one that was given."""
    file = str(error.filename or path)
    return UnreadableInput(
        f"step {step!r}: the file input {argument!r} cannot be read: {file}: {error.strerror or error}",
        hint="let it be read (its rights, the disk), or give another path",
        step=step,
        argument=argument,
        path=file,
    )


def _nested(
    files: FileArguments, argument: str, value: object, kind: str, from_default: bool
) -> tuple[object, object]:
    if type(value) in (list, tuple):
        pairs = [keyed(files, argument, item, kind, from_default) for item in value]  # type: ignore[attr-defined]
        if all(key is item and given is item for (key, given), item in zip(pairs, value, strict=True)):  # type: ignore[call-overload]
            return value, value
        make: Any = type(value)
        return make(k for k, _ in pairs), make(v for _, v in pairs)
    if type(value) is dict:
        entries = {k: keyed(files, argument, v, kind, from_default) for k, v in value.items()}
        if all(pair[0] is value[k] and pair[1] is value[k] for k, pair in entries.items()):
            return value, value
        return {k: pair[0] for k, pair in entries.items()}, {k: pair[1] for k, pair in entries.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(files, argument, value, kind, from_default)
    return value, value


def _dataclass(
    files: FileArguments, argument: str, value: Any, kind: str, from_default: bool
) -> tuple[object, object]:
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    pairs = {n: keyed(files, argument, v, kind, from_default) for n, v in fields.items()}
    if all(pair[0] is fields[n] and pair[1] is fields[n] for n, pair in pairs.items()):
        return value, value
    key = ("dataclass-with-paths/0", type(value), {n: pair[0] for n, pair in pairs.items()})
    return Embedded(any_digest(key)), dataclasses.replace(value, **{n: pair[1] for n, pair in pairs.items()})
