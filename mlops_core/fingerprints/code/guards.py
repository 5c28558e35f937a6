"""Cheap re-checks that a fingerprint still describes the live code of this process."""

from collections.abc import Callable, Collection, Mapping
from types import CellType, FunctionType
from typing import Final, TypeGuard

from mlops_core.engine._values import value_digest
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.objects import is_opaque

MISSING: Final = object()
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})
_LARGEST_ARRAY = 64 * 1024  # bytes
_MOST_ITEMS = 1000
_MOST_PLAIN = 64


class Guards:
    """What a fingerprint rests on, with strong references: by identity, small containers by content.

    ``hold()`` is False as soon as anything differs, and always where a re-check would cost more than a walk.
    """

    __slots__ = ("_cells", "_checkable", "_contents", "_entries", "_functions", "_plain", "_seen", "_sizes")

    def __init__(self) -> None:
        self._entries: list[tuple[Mapping[str, object], str, object]] = []
        self._functions: list[tuple[FunctionType, object, object, object]] = []
        self._cells: list[tuple[CellType, object]] = []
        self._contents: list[tuple[Callable[[], object], object]] = []
        self._plain: list[tuple[object, bytes]] = []
        self._sizes: list[tuple[Mapping[str, object], int]] = []
        self._checkable = True
        self._seen: set[tuple[int, str]] = set()

    def entry(self, namespace: Mapping[str, object], name: str, value: object) -> None:
        """``namespace[name]`` must stay this very object (``MISSING``: must stay absent)."""
        key = (id(namespace), name)
        if key not in self._seen:
            self._seen.add(key)
            self._entries.append((namespace, name, value))

    def function(self, function: FunctionType) -> None:
        """Code and defaults of the function must stay what they are."""
        kept = (function, function.__code__, function.__defaults__, function.__kwdefaults__)
        self._functions.append(kept)
        for cell in function.__closure__ or ():
            self._cells.append((cell, cell_content(cell)))

    def size(self, namespace: Mapping[str, object]) -> None:
        """No name may come or go."""
        self._sizes.append((namespace, len(namespace)))

    def plain(self, content: object, expected: bytes) -> None:
        """The digest of ``content``, made of builtin containers and plain values, must stay ``expected``."""
        self._plain.append((content, expected))

    def content(self, read: Callable[[], object], expected: object) -> None:
        """``read()`` must stay equal to ``expected``: for small mutable things."""
        self._contents.append((read, expected))

    def give_up(self) -> None:
        """Something here cannot be re-checked cheaply: the fingerprint is to be taken anew each time."""
        self._checkable = False

    def hold(self) -> bool:
        """Whether nothing that the fingerprint rests on has changed in this process."""
        if not self._checkable:
            return False
        for namespace, name, value in self._entries:
            if namespace.get(name, MISSING) is not value:
                return False
        for function, code, defaults, keywords in self._functions:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not keywords
            ):
                return False
        for cell, content in self._cells:
            if cell_content(cell) is not content:
                return False
        return self._contents_hold()

    def _contents_hold(self) -> bool:
        for sized, count in self._sizes:
            if len(sized) != count:
                return False
        try:
            for content, digest in self._plain:
                if value_digest(content, _refuse) != digest:
                    return False
        except UnfingerprintableValue:  # something else than plain values came in
            return False
        return all(read() == expected for read, expected in self._contents)


def _refuse(value: object) -> bytes:
    raise UnfingerprintableValue(f"a {type(value).__name__} was not there before")


def cell_content(cell: CellType) -> object:
    """What a closure cell holds; ``MISSING`` for an empty one."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def is_flat(value: object) -> bool:
    """Whether the value is a tuple of plain values: nothing in it can change."""
    return type(value) is tuple and all(type(item) in _PLAIN for item in value)


def is_plain(value: object) -> bool:
    """Whether the value is a small builtin container of plain values, at most one level deep."""
    if not _is_container(value) or len(value) > _MOST_PLAIN:
        return False
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return all(type(item) in _PLAIN or _is_row(item) for item in items)


def _is_row(item: object) -> bool:
    return (
        isinstance(item, list | tuple)
        and type(item) in (list, tuple)
        and len(item) <= _MOST_PLAIN
        and set(map(type, item)) <= _PLAIN
    )


def _is_container(value: object) -> "TypeGuard[Collection[object]]":
    return type(value) in (list, tuple, dict, set, frozenset)


def is_small(value: object) -> bool:
    """Whether a mutable value is small enough to be digested again at every check."""
    seen, pending = 0, [value]
    while pending:
        item = pending.pop()
        seen += 1
        if isinstance(item, type | FunctionType) or is_opaque(item):
            continue
        size = getattr(item, "nbytes", 0)
        if seen > _MOST_ITEMS or (isinstance(size, int) and size > _LARGEST_ARRAY):
            return False
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list | tuple | set | frozenset):
            if len(item) > _MOST_ITEMS:
                return False
            pending += item
        elif hasattr(item, "__dict__"):
            pending += vars(item).values()
    return True
