"""Loading blocks of Arrow data: zero-copy arrays over the stored cells.

The format is described in docs/formats/arrow-cells.md; ``_arrow`` writes it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Protocol

from mlops_core.errors import DamagedState

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"MLARROW\1"
NOTHING = bytes(8)  # the first offset of a list without rows


class ColumnCells(Protocol):
    """What it takes to load a column: its blocks, and the columns of its dictionaries, depth first."""

    @property
    def rows(self) -> Sequence[int]: ...
    @property
    def cells(self) -> Sequence[Sequence[bytes]]: ...
    @property
    def dictionaries(self) -> Sequence[ColumnCells]: ...


def read_column(type: pa.DataType, column: ColumnCells, load: Callable[[bytes], object]) -> pa.ChunkedArray:
    """Load a column: one chunk per block, over the buffers that ``load(digest)`` gives.

    A column without blocks is one empty chunk, which still has its dictionaries. Raises DamagedState where
    a cell does not fit the type.
    """
    import pyarrow as pa

    return pa.chunked_array(_arrays(type, column, load), type)


def _arrays(type: pa.DataType, column: ColumnCells, load: Callable[[bytes], object]) -> list[pa.Array]:
    import pyarrow as pa

    entries = []
    for value_type, cells in zip(dictionary_types(type), column.dictionaries, strict=True):
        arrays = _arrays(value_type, cells, load)
        entries.append(arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays))
    empty = pa.py_buffer(b"")
    read = _read_plain if _is_plain(type) else read_block
    loaded = [
        read(type, rows, [pa.py_buffer(load(cell)) if cell else empty for cell in cells], entries)
        for rows, cells in zip(column.rows, column.cells, strict=True)
    ]
    return loaded or [_Nodes(repeat((0, 0)), repeat(pa.py_buffer(NOTHING)), entries).array(type)]


def read_block(
    type: pa.DataType, rows: int, cells: Sequence[pa.Buffer], dictionaries: Sequence[pa.Array] = ()
) -> pa.Array:
    """Load one block of ``rows`` rows from its cells, empty ones included, without copying.

    ``dictionaries``: the entries of every dictionary in the type, depth first. Raises DamagedState where
    the cells do not fit the type.
    """
    if not _is_nested(type):
        return _Nodes(repeat((rows, -1)), iter(cells), dictionaries).array(type)
    counts, lengths = _layout(cells[0])
    if lengths != tuple(cell.size for cell in cells[1:]):
        raise _damaged("its buffers do not have the lengths of its layout")
    if counts[0][0] != rows:
        raise _damaged(f"it should have {rows} rows and has {counts[0][0]}")
    return _Nodes(iter(counts), iter(cells[1:]), dictionaries).array(type)


def _is_plain(type: pa.DataType) -> bool:
    """Whether a block is a validity bitmap and values of one width: most columns are."""
    import pyarrow as pa

    return bool(pa.types.is_primitive(type))


def _read_plain(type: pa.DataType, rows: int, cells: Sequence[pa.Buffer], _: object) -> pa.Array:
    """``read_block`` for plain types, which are many: a table of numbers has thousands of blocks."""
    import pyarrow as pa

    validity, values = cells
    if values.size * 8 < rows * type.bit_width or (validity.size and validity.size * 8 < rows):
        raise _damaged(f"its buffers are too short for {rows} rows")
    if not validity.size:
        return pa.Array.from_buffers(type, rows, [None, values], 0)
    return pa.Array.from_buffers(type, rows, [validity, values])


def dictionary_types(type: pa.DataType) -> list[pa.DataType]:
    """Value types of the dictionaries in a type, depth first, not counting those inside dictionaries."""
    import pyarrow as pa

    if isinstance(type, pa.BaseExtensionType):
        return dictionary_types(type.storage_type)
    if pa.types.is_dictionary(type):
        return [type.value_type]
    return [value for child in _child_types(type) for value in dictionary_types(child)]


def _is_nested(type: pa.DataType) -> bool:
    """Whether a block of the type has a layout: there are nodes below the first one."""
    import pyarrow as pa

    if isinstance(type, pa.BaseExtensionType):
        return _is_nested(type.storage_type)
    return bool(_child_types(type))


def _child_types(type: pa.DataType) -> list[pa.DataType]:
    """Types of the nodes right below this one in a block."""
    import pyarrow as pa

    if pa.types.is_map(type):
        return [pa.struct([type.key_field, type.item_field])]
    if pa.types.is_run_end_encoded(type):
        return [type.run_end_type, type.value_type]
    if pa.types.is_nested(type):
        return [type.field(i).type for i in range(type.num_fields)]
    return []


def _layout(cell: pa.Buffer) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Length and null count of every node, and the length of every buffer."""
    header = memoryview(cell)
    try:
        magic, nodes, buffers = struct.unpack_from("<8sII", header)
        counts = list(struct.iter_unpack("<QQ", header[16 : 16 + 16 * nodes]))
        lengths = struct.unpack_from(f"<{buffers}Q", header, 16 + 16 * nodes)
    except struct.error as error:
        raise _damaged("its layout is cut short") from error
    if magic != MAGIC:
        raise _damaged("its layout does not begin with the magic number of this version")
    if header.nbytes != 16 + 16 * nodes + 8 * buffers:
        raise _damaged("its layout has bytes at the end")
    return counts, lengths


class _Nodes:
    """The nodes of a block and their buffers, to be read one after another."""

    def __init__(
        self,
        counts: Iterator[tuple[int, ...]],
        buffers: Iterator[pa.Buffer],
        dictionaries: Sequence[pa.Array],
    ) -> None:
        self._counts = counts
        self._buffers = buffers
        self._dictionaries = iter(dictionaries)

    def array(self, type: pa.DataType) -> pa.Array:
        """The next node and everything below it."""
        import pyarrow as pa

        if isinstance(type, pa.BaseExtensionType):
            return pa.ExtensionArray.from_storage(type, self.array(type.storage_type))
        if pa.types.is_dictionary(type):
            return self._dictionary(type)
        length, nulls = self._node()
        if pa.types.is_null(type):
            return pa.nulls(length)
        if pa.types.is_run_end_encoded(type):
            children = [self.array(child) for child in _child_types(type)]
            return pa.RunEndEncodedArray.from_buffers(type, length, [None], 0, 0, children)
        buffers = self._buffers_of(type, length)
        children = [self.array(child) for child in _child_types(type)]
        nulls = 0 if buffers[0] is None else nulls
        return pa.Array.from_buffers(type, length, buffers, nulls, 0, children or None)

    def _node(self) -> tuple[int, int]:
        counts = next(self._counts, None)
        if counts is None:
            raise _damaged("it has fewer nodes than its type")
        return counts[0], counts[1]

    def _buffer(self, least: int) -> pa.Buffer:
        """The next buffer, of at least so many bytes: nothing is read behind its end."""
        buffer = next(self._buffers, None)
        if buffer is None or buffer.size < least:
            raise _damaged(f"a buffer should have {least} bytes")
        return buffer

    def _validity(self, length: int) -> pa.Buffer | None:
        bitmap = self._buffer(0)
        if bitmap.size and bitmap.size < -(-length // 8):
            raise _damaged("its validity bitmap is too short")
        return bitmap if bitmap.size else None

    def _dictionary(self, type: pa.DataType) -> pa.Array:
        import pyarrow as pa

        indices = self.array(type.index_type)
        entries = next(self._dictionaries)
        return pa.DictionaryArray.from_arrays(indices, entries, ordered=type.ordered, safe=False)

    def _buffers_of(self, type: pa.DataType, length: int) -> list[pa.Buffer | None]:
        """The node's own buffers."""
        import pyarrow as pa

        if pa.types.is_union(type):
            return [None, *(self._buffer(length * width) for width in _union_widths(type))]
        validity = self._validity(length)
        if pa.types.is_string_view(type) or pa.types.is_binary_view(type):
            return self._views(validity, length)
        return [validity, *(self._buffer(least) for least in _least_bytes(type, length))]

    def _views(self, validity: pa.Buffer | None, length: int) -> list[pa.Buffer | None]:
        views, text = self._buffer(length * 16), self._buffer(0)
        return [validity, views, text] if text.size else [validity, views]


def _union_widths(type: pa.DataType) -> tuple[int, ...]:
    return (1,) if type.mode == "sparse" else (1, 4)


def _least_bytes(type: pa.DataType, length: int) -> tuple[int, ...]:
    """How long the buffers behind the validity of so many rows are at least."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_struct(type) or kinds.is_fixed_size_list(type):
        return ()
    if kinds.is_list_view(type) or kinds.is_large_list_view(type):
        return (length * (4 if kinds.is_list_view(type) else 8),) * 2
    if type.num_buffers == 3 or kinds.is_nested(type):
        large = kinds.is_large_string(type) or kinds.is_large_binary(type) or kinds.is_large_list(type)
        offsets = (length + 1) * (8 if large else 4)
        return (offsets,) if kinds.is_nested(type) else (offsets, 0)
    return (-(-length * type.bit_width // 8),)


def _damaged(what: str) -> DamagedState:
    return DamagedState(f"a block of Arrow data is damaged: {what}", hint="mlops store verify")
