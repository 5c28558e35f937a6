"""Several threads take the cells of one array: neither their number nor the chunks show in the digest."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops_core.engine import _hash
from mlops_core.engine._arrow import array_grid_arrow

ROWS = 150_000


@pytest.fixture(params=[1, 2, 5, 16])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    _hash.limit_threads(request.param)
    yield request.param
    _hash.limit_threads(0)


def columns() -> dict[str, pa.Array]:
    rng = np.random.default_rng(1)
    numbers, nulls = rng.integers(0, 1 << 40, ROWS), rng.random(ROWS) < 0.2
    text = pa.array([f"{'word' * (n % 9)} {n}" for n in numbers.tolist()])
    hidden = pa.Array.from_buffers(
        pa.string(), ROWS, [pa.py_buffer(np.packbits(~nulls, bitorder="little")), *text.buffers()[1:]]
    )
    nested = pa.StructArray.from_arrays([pa.array(numbers), hidden], ["n", "t"], mask=pa.array(nulls))
    return {
        "integers": pa.array(numbers),
        "doubles with nulls": pa.array(numbers / 7, mask=nulls),
        "bits": pa.array(numbers % 3 == 0, mask=nulls),
        "text": text,
        "large text": text.cast(pa.large_string()),
        "text with nulls": pa.array(text.to_pylist(), mask=nulls),
        "text under nulls": hidden,
        "only nulls": pa.nulls(ROWS, pa.string()),
        "views": text.cast(pa.string_view()),
        "lists": pa.ListArray.from_arrays(pa.array(np.arange(0, ROWS + 1, 2, dtype="<i4")), text),
        "structs": nested,
        "dictionary": pa.array([f"v{n % 300}" for n in numbers.tolist()], mask=nulls).dictionary_encode(),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array(np.arange(3, 3 * ROWS, 3)), text[: ROWS - 1]),
    }


COLUMNS = columns()


def grid(value: Any, sink: Any = None) -> Any:
    return array_grid_arrow(value.__arrow_c_stream__(), sink)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_cells_are_those_of_small_chunks(threads: int, name: str) -> None:
    array = COLUMNS[name]
    chunks = pa.chunked_array([array[at : at + 1000] for at in range(0, len(array), 1000)])
    assert grid(pa.chunked_array([array])) == grid(chunks)
    assert grid(pa.chunked_array([array[:777], array[777:]])) == grid(chunks)
    assert grid(pa.chunked_array([array[5:]])) == grid(chunks[5:])


@pytest.mark.parametrize("name", COLUMNS)
def test_the_sink_gets_every_cell_in_order(threads: int, name: str) -> None:
    taken: list[bytes] = []

    def sink(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        assert _hash.xxh3_128(b"".join(pieces)) == digest
        taken.append(digest)

    value = pa.chunked_array([COLUMNS[name]])
    found = grid(value, sink)
    assert found == grid(value)
    entries = {cell for inner in found.dictionaries for block in inner.cells for cell in block}
    listed = [cell for block in found.cells for cell in block if cell]
    assert [cell for cell in taken if cell not in entries] == [cell for cell in listed if cell not in entries]


def test_an_error_of_the_sink_passes_through(threads: int) -> None:
    seen: list[bytes] = []

    def sink(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        seen.append(digest)
        if len(seen) == 2:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        grid(pa.chunked_array([COLUMNS["text"]]), sink)
    assert len(seen) == 2
