from collections.abc import Sequence
from typing import final

from typing_extensions import Buffer

@final
class Mapping:
    """One contiguous range of bytes (buffer protocol), unmapped when its last view is gone."""

    @property
    def nbytes(self) -> int: ...
    @property
    def writable(self) -> bool: ...
    @property
    def copied(self) -> bool: ...
    @property
    def runs(self) -> int: ...
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

def stitch(extents: Sequence[tuple[int, int, int]], writable: bool = False) -> Mapping:
    """Map extents ``(fd, offset, length)``, in bytes, one after another into one range of memory.

    Raises DamagedState (attribute ``extent``, its index) where an extent reaches beyond the end of its
    file, ValueError for negative numbers, OSError where the system refuses.
    """

def page_size() -> int:
    """Bytes in a page of memory: offsets in files must be multiples of it to be mapped."""

def common_bytes(one: Buffer, other: Buffer, /) -> int:
    """How many bytes at their beginning two C-contiguous buffers have in common."""
