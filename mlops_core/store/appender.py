"""Appending to a file so that the system keeps it in large pages of memory."""

import os
from collections.abc import Sequence

from mlops_core.files.layer import FileLayer

#: What is written at once, up to a multiple of this, can lie in one huge page of the page cache: whoever
#: maps the file then takes one page fault instead of dozens (1 GB, a value of each page read: 2 ms, not 30).
BLOCK = 2 << 20


class Appender:
    """Appends pieces to an empty file in writes that end at multiples of ``BLOCK``, in bytes.

    ``end`` is where the next piece goes. Pieces are copied or written before ``append`` returns; what has
    been copied reaches the file with ``flush``. Raises OSError as the disk does.
    """

    def __init__(self, descriptor: int, layer: FileLayer) -> None:
        self.end = 0
        self._descriptor = descriptor
        self._layer = layer
        self._held = bytearray()

    def append(self, pieces: Sequence[memoryview | bytes]) -> None:
        """Add the bytes of the pieces, one after another."""
        for piece in pieces:
            rest = memoryview(piece).cast("B")
            while rest.nbytes >= (room := BLOCK - self.end % BLOCK):
                self._write(rest[:room])
                self.end += room
                rest = rest[room:]
            self._held += rest
            self.end += rest.nbytes

    def read(self, offset: int, length: int) -> bytes:
        """Bytes that were appended, held back or not."""
        written = self.end - len(self._held)
        data = os.pread(self._descriptor, min(length, max(written - offset, 0)), offset)
        start = max(offset - written, 0)
        return data + bytes(self._held[start : start + length - len(data)])

    def flush(self) -> None:
        """Write what is held back."""
        if self._held:
            self._write(b"")

    def _write(self, piece: memoryview | bytes) -> None:
        held, self._held = self._held, bytearray()
        self._layer.write(self._descriptor, [memoryview(held), piece])
