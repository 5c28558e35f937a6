"""Versions of a column share their blocks: after an insert, a deletion, and where rows are appended."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

CHANCE = np.random.default_rng(11)
ROWS = 600_000
NUMBERS = CHANCE.integers(0, 1 << 50, ROWS)
MASK = CHANCE.random(ROWS) < 0.1
TEXT = pa.array([f"{n} is the number" for n in NUMBERS[:200_000].tolist()])

COLUMNS: dict[str, pa.Array] = {
    "int64": pa.array(NUMBERS),
    "float64 with nulls": pa.array(NUMBERS / 7, mask=MASK),
    "sorted": pa.array(np.sort(NUMBERS)),
    "runs": pa.array(np.repeat(NUMBERS[:3000], 200)),
    "few values": pa.array((NUMBERS % 10).astype(np.int32)),
    "bool": pa.array(np.tile(NUMBERS % 3 == 0, 8)).take(pa.array(CHANCE.permutation(8 * ROWS))),
    "text": TEXT,
    "text with nulls": pa.array(TEXT.to_pylist(), mask=MASK[:200_000]),
    "views": TEXT.cast(pa.string_view()),
    "list": pa.ListArray.from_arrays(pa.array(np.arange(0, ROWS + 1, 3, dtype=np.int32)), pa.array(NUMBERS)),
    "struct": pa.StructArray.from_arrays([pa.array(NUMBERS[:200_000]), TEXT], ["n", "t"]),
    "dictionary": pa.array([f"v{n % 300}" for n in NUMBERS.tolist()]).dictionary_encode(),
}


def new_bytes(grid_and_cells: Callable[..., Any], old: pa.ChunkedArray, new: pa.ChunkedArray) -> int:
    """Bytes of cells that only the new version has."""
    _, before = grid_and_cells(old)
    _, after = grid_and_cells(new)
    return sum(cell.nbytes for digest, cell in after.items() if digest not in before)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_insert_and_a_deletion_change_the_blocks_near_them(
    name: str, grid_and_cells: Callable[..., Any]
) -> None:
    array = COLUMNS[name]
    place, count = len(array) // 10 + 7, len(array) // 100
    rest = pa.chunked_array([array[:place], array[place + count :]])
    whole = pa.chunked_array([array])
    size = grid_and_cells(array)[0].nbytes
    most = size / 2  # with cuts counted from the first row it would be nine tenths
    assert new_bytes(grid_and_cells, rest, whole) < most
    assert new_bytes(grid_and_cells, whole, rest) < most


def common(grid: Any, longer: Any) -> int:
    """Blocks that two grids begin with."""
    pairs = zip(grid.cells, longer.cells, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(grid.cells), len(longer.cells)))


@pytest.mark.parametrize("name", COLUMNS)
@settings(deadline=None, max_examples=6)
@given(cut=st.floats(0.05, 0.95))
def test_appended_rows_only_lengthen_the_buffers_of_the_last_block(
    grid_and_cells: Callable[..., Any], name: str, cut: float
) -> None:
    array = COLUMNS[name]
    array = array[: len(array) // 3]
    rows = int(cut * len(array))
    before, cells = grid_and_cells(array[:rows])
    after, longer_cells = grid_and_cells(array)
    assert common(before, after) >= len(before.cells) - 1
    last = len(before.cells) - 1
    if after.rows[last] < before.rows[last]:
        return  # the block was too long for a place to end, and ends before
    is_nested = pa.types.is_nested(array.type)
    for place, (short, long) in enumerate(zip(before.cells[last], after.cells[last], strict=True)):
        if not short or (is_nested and place == 0):
            continue  # nothing was null before; the layout is small
        old, new = cells[short].tobytes(), longer_cells[long].tobytes()
        assert new[: len(old) - 1] == old[:-1]
