"""Trees scanned by the engine, and the same digest by a slow walk in plain Python."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import xxhash

from mlops_core.engine._scan import Tree

Found = tuple[bytes, str, tuple[int, int, int, int], int, bytes | None]


def _scan(path: Path, threads: int = 0) -> Tree:
    return Tree(os.fsencode(path), left_out=b".mlops", threads=threads)


def _digest(path: Path, threads: int = 0) -> bytes:
    tree = _scan(path, threads)
    tree.hash()
    return tree.digest()


def _found(path: Path) -> dict[bytes, Found]:
    return {entry[0]: entry for entry in _scan(path).entries()}


def _reference(path: str | bytes | Path) -> bytes:
    path = os.fsencode(path)
    parts = [b"folder/0\0"]
    for name in sorted(os.listdir(path)):
        inner = os.path.join(path, name)
        if name == b".mlops":
            continue
        if os.path.isdir(inner):
            word, value = b"folder\0", _reference(inner)
        else:
            with open(inner, "rb") as file:
                word, value = b"file\0", xxhash.xxh3_128_digest(b"file/0\0" + file.read())
        parts.append(word + len(name).to_bytes(4, "big") + name + value)
    return xxhash.xxh3_128_digest(b"".join(parts))


@pytest.fixture(scope="session")
def scan() -> Callable[..., Tree]:
    """Scan a folder: ``scan(path, threads=0)``."""
    return _scan


@pytest.fixture(scope="session")
def digest() -> Callable[..., bytes]:
    """Scan a folder and read everything: ``digest(path, threads=0)``."""
    return _digest


@pytest.fixture(scope="session")
def found() -> Callable[[Path], dict[bytes, Found]]:
    """What is in a folder, by path."""
    return _found


@pytest.fixture(scope="session")
def reference() -> Callable[[Path], bytes]:
    """The digest of a tree without links, special files and deep folders."""
    return _reference
