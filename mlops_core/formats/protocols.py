"""What the formats are handed by the rooms beside and above them."""

from collections.abc import Callable, Sequence
from typing import Protocol

#: Called once per cell, in order, with its digest and the pieces that its bytes are made of.
Sink = Callable[[bytes, tuple[memoryview, ...]], object]


class Fingerprint(Protocol):
    """Digest of a value, and the classes found in it (``"module:qualname"``): first-party, of libraries."""

    @property
    def digest(self) -> bytes: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def libraries(self) -> tuple[str, ...]: ...


class Source(Protocol):
    """Where cells are read from."""

    def buffer(self, cells: Sequence[bytes], /, *, writable: bool = False) -> memoryview:
        """The cells' bytes one after another, read-only or private copy-on-write."""

    def buffers(self, cells: Sequence[bytes], /) -> list[memoryview]:
        """Each cell's bytes by itself, read-only."""
