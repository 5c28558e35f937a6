"""The format of a segment file, version 1 (docs/formats/segments.md).

    header    magic 8, version u32, alignment u32; zeros up to the alignment
    cells     each at a multiple of the alignment, zeros between them
    table     at the next multiple of 8 after the last cell:
              per cell: digest 16, offset u64, length u64, stored u64, head i64, coding u32, zero u32
              per grown cell: digest 16, head i64, parts u64, then per part: digest 16, length u64
    footer    cells u64, grown cells u64, table offset u64, digest 16, magic 8

All numbers are little-endian. The footer's digest covers header, table and the footer's three numbers, and is
the name of the file: the table lists the digest of every cell, so the name stands for the whole content.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow, pack_parts, read_parts

VERSION = 1
MAGIC = b"mlopsSEG"
END_MAGIC = b"mlopsEND"
SUFFIX = ".segment"
#: Cells that are to be mapped start at multiples of this many bytes at least: the smallest page in use.
#: Machines with larger pages write larger alignments; a file from elsewhere whose alignment is too small is
#: read, not mapped.
ALIGNMENT = 4096
#: Packed cells are not mapped.
PACKED_ALIGNMENT = 8
_KIND = b"segment/1\0"
_HEADER = struct.Struct("<8sII")
_ENTRY = struct.Struct("<16sQQQqII")
_GROWN = struct.Struct("<16sqQ")
_PART_BYTES = 24
_COUNTS = struct.Struct("<QQQ")
_FOOTER = struct.Struct("<QQQ16s8s")
FOOTER_BYTES = _FOOTER.size
ENTRY_BYTES = _ENTRY.size
HEADER_BYTES = _HEADER.size


class Table(NamedTuple):
    """What a segment lists: the cells that lie in it, and those that are put together from cells anywhere."""

    cells: tuple[CellRow, ...]
    grown: tuple[GrownRow, ...] = ()

    @property
    def digests(self) -> list[bytes]:
        """Of all of them."""
        return [*(cell.digest for cell in self.cells), *(row.digest for row in self.grown)]


class Footer(NamedTuple):
    """How much the table lists, where it begins, and the digest of it all."""

    cells: int
    grown: int
    table_offset: int
    digest: bytes


def padding(length: int, alignment: int) -> int:
    """Zero bytes that bring ``length`` to a multiple of ``alignment``."""
    return -length % alignment


def table_offset(end: int) -> int:
    """Where the table begins after a last cell that ends at ``end``."""
    return end + padding(end, 8)


def grown_bytes(parts: int) -> int:
    """What a grown cell of so many parts takes in a table."""
    return _GROWN.size + parts * _PART_BYTES


def segment_bytes(rooms: Sequence[int], alignment: int = ALIGNMENT, parts: Sequence[int] = ()) -> int:
    """The size of a segment whose cells take so many bytes each, and whose grown cells have so many parts."""
    end = HEADER_BYTES
    for room in rooms:
        end += padding(end, alignment) + room
    table = len(rooms) * ENTRY_BYTES + sum(map(grown_bytes, parts))
    return table_offset(end) + table + FOOTER_BYTES


def header(alignment: int) -> bytes:
    """The first bytes of a segment, without the zeros that follow."""
    return _HEADER.pack(MAGIC, VERSION, alignment)


def read_header(data: bytes) -> int:
    """The alignment in bytes; ValueError says what is wrong with the header."""
    if len(data) < HEADER_BYTES:
        raise ValueError("the header is cut")
    magic, version, alignment = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise ValueError("the header does not begin like a segment's")
    if version != VERSION:
        raise ValueError(f"the segment has version {version}, this program reads version {VERSION}")
    if alignment != PACKED_ALIGNMENT and (alignment < ALIGNMENT or alignment % ALIGNMENT):
        raise ValueError(f"the alignment {alignment} is no multiple of {ALIGNMENT}")
    return int(alignment)


def table_and_footer(
    cells: Sequence[CellRow], grown: Sequence[GrownRow], alignment: int, offset: int
) -> tuple[bytes, bytes]:
    """The last bytes of a segment and its digest, which is its name."""
    table = b"".join([*map(_entry, cells), *map(_grown_entry, grown)])
    counts = (len(cells), len(grown), offset)
    digest = table_digest(header(alignment), table, counts)
    return table + _FOOTER.pack(*counts, digest, END_MAGIC), digest


def _entry(cell: CellRow) -> bytes:
    return _ENTRY.pack(cell.digest, cell.offset, cell.length, cell.room, cell.head, cell.coding, 0)


def _grown_entry(grown: GrownRow) -> bytes:
    return _GROWN.pack(grown.digest, grown.head, len(grown.parts)) + pack_parts(grown.parts)


def table_digest(head: bytes, table: bytes, counts: tuple[int, int, int]) -> bytes:
    """Digest of header, table and counts: changing this invalidates every user's cache."""
    return xxh3_128(_KIND + head + table + _COUNTS.pack(*counts))


def read_footer(data: bytes) -> Footer:
    """The footer; ValueError where it is not one."""
    if len(data) != FOOTER_BYTES:
        raise ValueError("the footer is cut")
    cells, grown, offset, digest, magic = _FOOTER.unpack(data)
    if magic != END_MAGIC:
        raise ValueError("the file does not end like a segment")
    return Footer(cells, grown, offset, digest)


def read_entries(table: bytes, footer: Footer, segment: str) -> Table:
    """The rows of a table whose digest was checked; ValueError where the footer says otherwise."""
    end = footer.cells * ENTRY_BYTES
    if end > len(table):
        raise ValueError("the table is shorter than what it lists")
    cells = tuple(_cell(entry, segment) for entry in _ENTRY.iter_unpack(table[:end]))
    grown = []
    for _ in range(footer.grown):
        row, end = _read_grown(table, end, segment)
        grown.append(row)
    if end != len(table):
        raise ValueError("the table is longer than what it lists")
    return Table(cells, tuple(grown))


def _read_grown(table: bytes, start: int, segment: str) -> tuple[GrownRow, int]:
    """The grown cell that is listed at ``start``, and where the next one is."""
    end = start + _GROWN.size
    if end > len(table):
        raise ValueError("the table is shorter than what it lists")
    digest, head, count = _GROWN.unpack_from(table, start)
    if end + count * _PART_BYTES > len(table):
        raise ValueError("the table is shorter than what it lists")
    parts = read_parts(table[end : end + count * _PART_BYTES])
    return GrownRow(digest, segment, parts, head), end + count * _PART_BYTES


def _cell(entry: tuple[bytes, int, int, int, int, int, int], segment: str) -> CellRow:
    digest, offset, length, stored, head, coding, _ = entry
    return CellRow(digest, segment, offset, length, head, stored if coding else 0, coding)
