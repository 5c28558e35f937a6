"""The slow reference: value digests in plain Python over the ``xxhash`` package, without the engine."""

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import settings

# How long an example takes says nothing about it: the sanitizers make all of them slow.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

CELL = 2**20


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def digest_of(*parts: bytes) -> bytes:
    return xxhash.xxh3_128_digest(b"".join(parts))


def float_bytes(number: float) -> bytes:
    return bytes.fromhex("000000000000f87f") if math.isnan(number) else struct.pack("<d", number)


def leaf(value: Any) -> bytes | None:  # noqa: PLR0911 # one line for each kind of leaf
    """The digest of a value that contains no other; None for the others."""
    if value is None:
        return digest_of(b"none/1\0")
    if value is ...:
        return digest_of(b"ellipsis/1\0")
    if type(value) is bool:
        return digest_of(b"bool/1\0", bytes([value]))
    if type(value) is int:
        size = value.bit_length() // 8 + 1
        return digest_of(b"int/1\0", value.to_bytes(size, "little", signed=True))
    if type(value) is float:
        return digest_of(b"float/1\0", float_bytes(value))
    if type(value) is complex:
        return digest_of(b"complex/1\0", float_bytes(value.real), float_bytes(value.imag))
    if type(value) is str:
        return digest_of(b"str/1\0", value.encode("utf-8", "surrogatepass"))
    if type(value) in (bytes, bytearray):
        return digest_of(type(value).__name__.encode(), b"/1\0", value)
    if type(value) is range:
        parts = [leaf(part) or b"" for part in (value.start, value.stop, value.step)]
        return digest_of(b"range/1\0", *parts)
    return array_digest(value) if isinstance(value, np.ndarray | np.generic) else None


def array_cells(array: "np.ndarray[Any, Any]") -> tuple[bytes, ...]:
    """Digests of the cells of an array without padding."""
    data = array.tobytes()
    return tuple(digest_of(data[at : at + CELL]) for at in range(0, len(data), CELL))


def array_digest(array: Any) -> bytes:
    """Of an array or scalar with a plain dtype."""
    if isinstance(array, np.generic):
        if array.dtype.kind == "f" and np.isnan(array):
            array = array.dtype.type("nan")
        return digest_of(b"scalar/1\0", array_digest(np.asarray(array)))
    text, cells = array.dtype.str.encode(), array_cells(array)
    shape = b"".join(map(u64, (array.ndim, *array.shape)))
    return digest_of(b"array/1\0", u64(len(text)), text, shape, u64(len(cells)), *cells)


class Node:
    """A container of the value: the beginning of its pre-image, its items, whether their order counts."""

    def __init__(self, value: Any, resolve: Callable[[Any], Any]) -> None:
        self.value = value  # keeps it alive, so that its id stays its own
        self.sorts = type(value) in (set, frozenset)
        self.known: bytes | None = None
        name = type(value).__name__
        if type(value) in (list, tuple, set, frozenset):
            self.items = list(value)
        elif type(value) is dict:
            self.items = [part for item in value.items() for part in item]
        elif type(value) is slice:
            self.items = [value.start, value.stop, value.step]
        else:
            answer = resolve(value)
            if isinstance(answer, bytes):
                self.known, answer = answer, ("", ())
            tag, self.items = answer[0].encode(), list(answer[1])
            name = "tagged"
        count = len(self.items) // 2 if type(value) is dict else len(self.items)
        tagged = u64(len(tag)) + tag if name == "tagged" else b""
        self.head = name.encode() + b"/1\0" + tagged + u64(count)

    def image(self, digest: Callable[[Any], bytes]) -> bytes:
        digests = [leaf(item) or digest(item) for item in self.items]
        return self.head + b"".join(sorted(digests) if self.sorts else digests)


def collect(value: Any, resolve: Callable[[Any], Any]) -> dict[int, Node]:
    """All containers that can be reached, by id."""
    nodes: dict[int, Node] = {}
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if id(item) not in nodes and leaf(item) is None:
            nodes[id(item)] = Node(item, resolve)
            waiting += nodes[id(item)].items
    return nodes


def reach(start: int, nodes: dict[int, Node]) -> set[int]:
    """Ids of the containers below a container; its own only if it contains itself."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        below = {id(item) for item in nodes[waiting.pop()].items if id(item) in nodes} - found
        found |= below
        waiting += below
    return found


def next_colours(
    colours: dict[int, bytes], nodes: dict[int, Node], outside: Callable[[Any], bytes]
) -> dict[int, bytes]:
    def digest(item: Any) -> bytes:
        return colours[id(item)] if id(item) in colours else outside(item)

    return {at: digest_of(nodes[at].image(digest)) for at in colours}


def name_part(part: list[int], nodes: dict[int, Node], outside: Callable[[Any], bytes]) -> dict[int, bytes]:
    """Digests of containers that contain each other: colours until no round tells more of them apart."""
    colours, known, distinct = dict.fromkeys(part, bytes(16)), 0, 1
    while known != distinct:
        known = distinct
        colours = next_colours(colours, nodes, outside)
        distinct = len(set(colours.values()))
    everything = u64(distinct) + b"".join(sorted(set(colours.values())))
    return {at: digest_of(b"cycle/1\0", colour, everything) for at, colour in colours.items()}


def reference_digest(value: Any, resolve: Callable[[Any], Any]) -> bytes:
    """What ``value_digest`` must give; recursive and quadratic."""
    if (plain := leaf(value)) is not None:
        return plain
    nodes = collect(value, resolve)
    below = {at: reach(at, nodes) for at in nodes}
    done = {at: node.known for at, node in nodes.items() if node.known is not None}

    def digest(item: Any) -> bytes:
        at = id(item)
        if at not in done and at in below[at]:
            part = [other for other in below[at] if at in below[other]]
            done.update(name_part(part, nodes, digest))
        elif at not in done:
            done[at] = digest_of(nodes[at].image(digest))
        return done[at]

    return digest(value)


@pytest.fixture(scope="session")
def reference() -> Callable[[Any, Callable[[Any], Any]], bytes]:
    return reference_digest


@pytest.fixture(scope="session")
def reference_cells() -> Callable[[Any], tuple[bytes, ...]]:
    return array_cells


@pytest.fixture(scope="session")
def reference_array() -> Callable[[Any], bytes]:
    return array_digest
