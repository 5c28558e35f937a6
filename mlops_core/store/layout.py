"""The format of a segment file, version 0 (docs/formats/segments.md).

    header    magic 8, version u32, alignment u32; zeros up to the alignment
    cells     each at a multiple of the alignment, zeros between them
    table     at the next multiple of 8 after the last cell: digest 16, offset u64, length u64 per cell
    footer    cells u64, table offset u64, digest 16, magic 8

All numbers are little-endian. The footer's digest covers header, table and the footer's two numbers, and is
the name of the file: the table lists the digest of every cell, so the name stands for the whole content.
"""

import struct
from collections.abc import Sequence

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow

VERSION = 0
MAGIC = b"mlopsSEG"
END_MAGIC = b"mlopsEND"
SUFFIX = ".segment"
#: Cells start at multiples of this many bytes at least: the smallest page in use. Machines with larger pages
#: write larger alignments; a file from elsewhere whose alignment is too small is read, not mapped.
ALIGNMENT = 4096
_KIND = b"segment/0\0"
_HEADER = struct.Struct("<8sII")
_ENTRY = struct.Struct("<16sQQ")
_COUNTS = struct.Struct("<QQ")
_FOOTER = struct.Struct("<QQ16s8s")
FOOTER_BYTES = _FOOTER.size
ENTRY_BYTES = _ENTRY.size
HEADER_BYTES = _HEADER.size


def padding(length: int, alignment: int) -> int:
    """Zero bytes that bring ``length`` to a multiple of ``alignment``."""
    return -length % alignment


def table_offset(end: int) -> int:
    """Where the table begins after a last cell that ends at ``end``."""
    return end + padding(end, 8)


def segment_bytes(lengths: Sequence[int], alignment: int = ALIGNMENT) -> int:
    """The size of a segment file that holds cells of these lengths, all in bytes."""
    end = HEADER_BYTES
    for length in lengths:
        end += padding(end, alignment) + length
    return table_offset(end) + len(lengths) * ENTRY_BYTES + FOOTER_BYTES


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
    if alignment < ALIGNMENT or alignment % ALIGNMENT:
        raise ValueError(f"the alignment {alignment} is no multiple of {ALIGNMENT}")
    return int(alignment)


def table_and_footer(cells: Sequence[CellRow], alignment: int, offset: int) -> tuple[bytes, bytes]:
    """The last bytes of a segment and its digest, which is its name."""
    table = b"".join(_ENTRY.pack(cell.digest, cell.offset, cell.length) for cell in cells)
    digest = table_digest(header(alignment), table, len(cells), offset)
    return table + _FOOTER.pack(len(cells), offset, digest, END_MAGIC), digest


def table_digest(head: bytes, table: bytes, count: int, offset: int) -> bytes:
    """Digest of header, table and counts: changing this invalidates every user's cache."""
    return xxh3_128(_KIND + head + table + _COUNTS.pack(count, offset))


def read_footer(data: bytes) -> tuple[int, int, bytes]:
    """``(cells, table offset, digest)``; ValueError where the footer is not one."""
    if len(data) != FOOTER_BYTES:
        raise ValueError("the footer is cut")
    count, offset, digest, magic = _FOOTER.unpack(data)
    if magic != END_MAGIC:
        raise ValueError("the file does not end like a segment")
    return int(count), int(offset), bytes(digest)


def read_entries(table: bytes, segment: str) -> tuple[CellRow, ...]:
    """The rows of a table whose digest was checked."""
    entries = _ENTRY.iter_unpack(table)
    return tuple(CellRow(digest, segment, offset, length) for digest, offset, length in entries)
