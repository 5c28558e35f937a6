"""A table and its later versions, each of which changes a little; what is new in each is known."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

_NUMBERS = 6
_MOST_LETTERS = 21
_SHARE = 0.01


def first_version(rows: int) -> pa.Table:
    """A counter, six columns of doubles and one of text: 70 bytes a row."""
    return _rows(rows, 0)


def rows_appended(first: pa.Table, versions: int) -> Iterator[pa.Table]:
    """Versions that have one percent of rows more each."""
    table = first
    for number in range(1, versions + 1):
        table = pa.concat_tables([table, _rows(_percent(first), number)]).combine_chunks()
        yield table


def columns_added(first: pa.Table, versions: int) -> Iterator[pa.Table]:
    """Versions that have one column of doubles more each."""
    table = first
    for number in range(1, versions + 1):
        doubles = np.random.default_rng(number).random(first.num_rows)
        table = table.append_column(f"added{number}", pa.array(doubles))
        yield table


def rows_inserted(first: pa.Table, versions: int) -> Iterator[pa.Table]:
    """One version, with one percent of rows more in the middle."""
    middle = first.num_rows // 2
    parts = [first.slice(0, middle), _rows(_percent(first), 1), first.slice(middle)]
    yield pa.concat_tables(parts).combine_chunks()


def _percent(table: pa.Table) -> int:
    rows: int = table.num_rows
    return max(1, round(rows * _SHARE))


def _rows(count: int, seed: int) -> pa.Table:
    dice = np.random.default_rng(seed)
    start = seed * 10**9
    columns = {"id": pa.array(np.arange(start, start + count))}
    columns |= {f"x{number}": pa.array(dice.random(count)) for number in range(_NUMBERS)}
    lengths = dice.integers(0, _MOST_LETTERS, count)  # of one length, all offsets of a block would be alike
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    letters = dice.integers(97, 123, int(offsets[-1]), dtype=np.uint8)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(letters)]
    columns["text"] = pa.Array.from_buffers(pa.string(), count, buffers)
    return pa.table(columns)
