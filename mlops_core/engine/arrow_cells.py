"""Loading cells of Arrow data: zero-copy arrays over the stored bytes.

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

MAGIC = b"MLARROW\0"
ALIGNMENT = 64
NOTHING = bytes(8)  # the first offset of a list without rows


class ColumnCells(Protocol):
    """What it takes to load a column: its cells, and the columns of its dictionaries, depth first."""

    @property
    def cells(self) -> Sequence[bytes]: ...
    @property
    def dictionaries(self) -> Sequence[ColumnCells]: ...


def read_column(type: pa.DataType, column: ColumnCells, load: Callable[[bytes], object]) -> pa.ChunkedArray:
    """Load a column: one chunk per cell, over the buffers that ``load(digest)`` gives.

    A column without cells is one empty chunk, which still has its dictionaries. Raises DamagedState where a
    cell does not fit the type.
    """
    import pyarrow as pa

    return pa.chunked_array(_arrays(type, column, load), type)


def _arrays(type: pa.DataType, column: ColumnCells, load: Callable[[bytes], object]) -> list[pa.Array]:
    import pyarrow as pa

    entries = []
    for value_type, cells in zip(dictionary_types(type), column.dictionaries, strict=True):
        arrays = _arrays(value_type, cells, load)
        entries.append(arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays))
    loaded = [read_array(type, load(cell), entries) for cell in column.cells]
    return loaded or [_Nodes(pa.py_buffer(NOTHING), repeat((0, 0)), repeat((0, 8)), entries).array(type)]


def read_array(type: pa.DataType, cell: object, dictionaries: Sequence[pa.Array] = ()) -> pa.Array:
    """Load one cell (any contiguous buffer, kept alive by the array) without copying.

    ``dictionaries``: the entries of every dictionary in the type, depth first. Raises DamagedState where
    the cell does not fit the type.
    """
    import pyarrow as pa

    return _cell(pa.py_buffer(cell), dictionaries).array(type)


def dictionary_types(type: pa.DataType) -> list[pa.DataType]:
    """Value types of the dictionaries in a type, depth first, not counting those inside dictionaries."""
    import pyarrow as pa

    if isinstance(type, pa.BaseExtensionType):
        return dictionary_types(type.storage_type)
    if pa.types.is_dictionary(type):
        return [type.value_type]
    return [value for child in _child_types(type) for value in dictionary_types(child)]


def _child_types(type: pa.DataType) -> list[pa.DataType]:
    """Types of the nodes right below this one in a cell."""
    import pyarrow as pa

    if pa.types.is_map(type):
        return [pa.struct([type.key_field, type.item_field])]
    if pa.types.is_run_end_encoded(type):
        return [type.run_end_type, type.value_type]
    if pa.types.is_nested(type):
        return [type.field(i).type for i in range(type.num_fields)]
    return []


def _cell(cell: pa.Buffer, dictionaries: Sequence[pa.Array]) -> _Nodes:
    header = memoryview(cell)
    try:
        magic, nodes, buffers = struct.unpack_from("<8sII", header)
        lengths = struct.unpack_from(f"<{buffers}Q", header, 16 + 16 * nodes)
        counts = list(struct.iter_unpack("<QQ", header[16 : 16 + 16 * nodes]))
    except struct.error as error:
        raise _damaged("its header is cut short") from error
    if magic != MAGIC:
        raise _damaged("it does not begin with the magic number of this version")
    spans = []
    at = _padded(16 + 16 * nodes + 8 * buffers)
    for length in lengths:
        spans.append((at, length))
        at += _padded(length)
    if at != cell.size:
        raise _damaged(f"it should have {at} bytes and has {cell.size}")
    return _Nodes(cell, iter(counts), iter(spans), dictionaries)


class _Nodes:
    """The nodes of a cell, and where their buffers lie in it, to be read one after another."""

    def __init__(
        self,
        cell: pa.Buffer,
        counts: Iterator[tuple[int, ...]],
        spans: Iterator[tuple[int, int]],
        dictionaries: Sequence[pa.Array],
    ) -> None:
        self._cell = cell
        self._counts = counts
        self._spans = spans
        self._dictionaries = iter(dictionaries)

    def _buffer(self) -> pa.Buffer:
        try:
            return self._cell.slice(*next(self._spans))
        except StopIteration:
            raise _damaged("it has fewer buffers than its type") from None

    def _validity(self) -> pa.Buffer | None:
        bitmap = self._buffer()
        return bitmap if bitmap.size else None

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
        buffers = self._buffers(type)
        children = [self.array(child) for child in _child_types(type)]
        return pa.Array.from_buffers(type, length, buffers, nulls, 0, children or None)

    def _node(self) -> tuple[int, int]:
        counts = next(self._counts, None)
        if counts is None:
            raise _damaged("it has fewer nodes than its type")
        return counts[0], counts[1]

    def _dictionary(self, type: pa.DataType) -> pa.Array:
        import pyarrow as pa

        indices = self.array(type.index_type)
        entries = next(self._dictionaries)
        return pa.DictionaryArray.from_arrays(indices, entries, ordered=type.ordered, safe=False)

    def _buffers(self, type: pa.DataType) -> list[pa.Buffer | None]:
        import pyarrow as pa

        kinds = pa.types
        if kinds.is_union(type):
            return [None, *(self._buffer() for _ in range(1 if type.mode == "sparse" else 2))]
        validity = self._validity()
        if kinds.is_struct(type) or kinds.is_fixed_size_list(type):
            return [validity]
        if kinds.is_string_view(type) or kinds.is_binary_view(type):
            return self._views(validity)
        if type.num_buffers == 3 or kinds.is_list_view(type) or kinds.is_large_list_view(type):
            return [validity, self._buffer(), self._buffer()]
        return [validity, self._buffer()]

    def _views(self, validity: pa.Buffer | None) -> list[pa.Buffer | None]:
        views, text = self._buffer(), self._buffer()
        return [validity, views, text] if text.size else [validity, views]


def _padded(length: int) -> int:
    return -(-length // ALIGNMENT) * ALIGNMENT


def _damaged(what: str) -> DamagedState:
    return DamagedState(f"a cell of Arrow data is damaged: {what}", hint="mlops store verify")
