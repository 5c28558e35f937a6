"""Values to work on, and one read of their memory, which nothing that looks at all of them can undercut."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.goals import ONE_READ
from benchmarks.measure import Contender

Array = np.ndarray[Any, Any]
_NULLS = 0.1
_MOST_LETTERS = 40  # of a text; with its offset 24 bytes at the mean


def random_array(nbytes: int, columns: int = 1) -> Array:
    """float64, one row of memory for each column."""
    return np.random.default_rng(0).random((columns, max(1, nbytes // (8 * columns))))


def table_of(columns: Array) -> pa.Table:
    """An Arrow table over the same memory."""
    return pa.table({f"x{number}": column for number, column in enumerate(columns)})


def text_column(nbytes: int, *, nulls: bool) -> pa.Array:
    """Texts of up to 39 letters, about so many bytes of them; nulls have no text, as in Arrow's own."""
    dice = np.random.default_rng(1)
    rows = max(1, nbytes // (_MOST_LETTERS // 2 + 4))
    valid = dice.random(rows) >= _NULLS if nulls else np.ones(rows, bool)
    lengths = dice.integers(0, _MOST_LETTERS, rows) * valid
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    letters = dice.integers(97, 123, int(offsets[-1]), dtype=np.uint8)
    validity = pa.py_buffer(np.packbits(valid, bitorder="little")) if nulls else None
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), rows, buffers)


def memory_of(column: pa.Array) -> list[Array]:
    """The buffers of an Arrow array."""
    return [np.frombuffer(buffer, np.uint8) for buffer in column.buffers() if buffer is not None]


def one_read(memory: Sequence[Array]) -> Contender:
    """Reads every word once, on one core, as quickly as NumPy can."""
    words = [part.reshape(-1).view(np.uint8) for part in memory]
    whole = [part[: len(part) // 8 * 8].view(np.uint64) for part in words]
    return Contender(ONE_READ, lambda: [np.bitwise_xor.reduce(part) for part in whole])
