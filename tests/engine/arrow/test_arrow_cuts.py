"""Where columns are cut: greedy by weight and rows, from the first row on, whatever the chunks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

LIMIT = 8 << 20  # bits
ROWS = 65536


def greedy(weights: Sequence[int]) -> tuple[int, ...]:
    """Rows per cell, from the weight of every row in bits."""
    cells, rows, total = [], 0, 0
    for weight in weights:
        if rows and (rows == ROWS or total + weight > LIMIT):
            cells.append(rows)
            rows = total = 0
        rows += 1
        total += weight if rows > 1 else min(weight, LIMIT // 2)
    return (*cells, rows) if rows else tuple(cells)


def random_texts(seed: int, rows: int, longest: int) -> list[str | None]:
    chance = np.random.default_rng(seed)
    lengths = chance.integers(0, longest, rows)
    return ["x" * int(n) if n % 5 else None for n in lengths]


TEXTS = random_texts(0, 3000, 5000)
SHORT = random_texts(1, 70000, 30)
LISTS = [None if text is None else list(range(len(text))) for text in random_texts(2, 2000, 900)]
HEAVY = ["a", "b" * (3 << 20), None, "c" * (1 << 20), "d"]


CASES: dict[str, tuple[pa.Array, list[int]]] = {
    "int8": (pa.array(np.zeros(200_000, np.int8)), [8] * 200_000),
    "int64": (pa.array(np.arange(200_000)), [64] * 200_000),
    "decimal": (pa.array(np.arange(100_000)).cast(pa.decimal256(30, 2)), [256] * 100_000),
    "bool": (pa.array(np.arange(200_000) % 3 == 0), [1] * 200_000),
    "null": (pa.nulls(70_000), [1] * 70_000),
    "string": (pa.array(TEXTS), [32 + 8 * len(t or "") for t in TEXTS]),
    "large_string": (pa.array(TEXTS, pa.large_string()), [64 + 8 * len(t or "") for t in TEXTS]),
    "view": (
        pa.array(TEXTS, pa.string_view()),
        [128 + (8 * len(t) if t and len(t) > 12 else 0) for t in TEXTS],
    ),
    "short": (pa.array(SHORT), [32 + 8 * len(t or "") for t in SHORT]),
    "list": (pa.array(LISTS, pa.list_(pa.int32())), [32 + 32 * len(v or []) for v in LISTS]),
    "list_view": (pa.array(LISTS, pa.list_view(pa.int32())), [64 + 32 * len(v or []) for v in LISTS]),
    "fixed_list": (
        pa.array([None if t is None else [0.0] * 1000 for t in TEXTS], pa.list_(pa.float32(), 1000)),
        [32_000] * len(TEXTS),
    ),
    "struct": (
        pa.StructArray.from_arrays([pa.array(TEXTS), pa.array(np.arange(len(TEXTS)))], ["t", "i"]),
        [32 + 8 * len(t or "") + 64 for t in TEXTS],
    ),
    "hidden": (
        pa.StructArray.from_arrays(
            [pa.array(TEXTS)], ["t"], mask=pa.array([i % 3 == 0 for i in range(len(TEXTS))])
        ),
        [32 + (8 * len(t or "") if i % 3 else 0) for i, t in enumerate(TEXTS)],
    ),
    "dense_union": (
        pa.UnionArray.from_dense(
            pa.array([i % 2 for i in range(3000)], pa.int8()),
            pa.array([i // 2 for i in range(3000)], pa.int32()),
            [pa.array(TEXTS[:1500]), pa.array(np.arange(1500, dtype=np.int8))],
        ),
        [40 + (8 if i % 2 else 32 + 8 * len(TEXTS[i // 2] or "")) for i in range(3000)],
    ),
    "sparse_union": (
        pa.UnionArray.from_sparse(
            pa.array([i % 2 for i in range(3000)], pa.int8()), [pa.array(TEXTS), pa.array(np.arange(3000))]
        ),
        [8 + 64 + 32 + (0 if i % 2 else 8 * len(t or "")) for i, t in enumerate(TEXTS)],
    ),
    "dictionary": (
        pa.DictionaryArray.from_arrays(pa.array(np.arange(300_000) % 3, pa.int32()), ["a", "b", "c"]),
        [32] * 300_000,
    ),
    "heavy": (pa.array(HEAVY), [32 + 8 * len(t or "") for t in HEAVY]),
}


@pytest.mark.parametrize("name", CASES)
def test_cuts_follow_the_weights(name: str, grid_and_back: Callable[..., Any]) -> None:
    array, weights = CASES[name]
    grid, back = grid_and_back(array)
    assert grid.rows == greedy(weights)
    assert back.equals(pa.chunked_array([array]))


@pytest.mark.parametrize("name", CASES)
def test_cuts_do_not_depend_on_chunks(name: str, grid_and_back: Callable[..., Any]) -> None:
    array, _ = CASES[name]
    whole, _ = grid_and_back(array)
    for size in (len(array) // 7 + 1, len(array) // 2 + 3):
        chunks = [array.slice(i, size) for i in range(0, len(array), size)]
        assert grid_and_back(pa.chunked_array(chunks))[0] == whole


def test_a_run_weighs_where_it_starts(grid_and_back: Callable[..., Any]) -> None:
    ends = pa.array(np.arange(10, 1_000_001, 10), pa.int32())
    array = pa.RunEndEncodedArray.from_arrays(ends, pa.array(np.arange(100_000)))
    grid, back = grid_and_back(array)
    assert grid.rows == greedy([1 + (32 + 64 if i % 10 == 0 else 0) for i in range(1_000_000)])
    assert back.equals(pa.chunked_array([array]))


def test_a_huge_run_does_not_make_a_cell_per_row(grid_and_back: Callable[..., Any]) -> None:
    ends = pa.array([70_000, 70_001], pa.int32())
    array = pa.RunEndEncodedArray.from_arrays(ends, ["y" * 2_000_000, "z"])
    grid, back = grid_and_back(array)
    assert grid.rows == (65536, 4465)
    assert len(back) == 70_001


def test_short_run_ends_always_suffice(grid_and_back: Callable[..., Any]) -> None:
    chunk = pa.RunEndEncodedArray.from_arrays(pa.array([30_000], pa.int16()), ["same"])
    grid, back = grid_and_back(pa.chunked_array([chunk, chunk, chunk]))
    assert sum(grid.rows) == 90_000
    assert max(grid.rows) <= 32_767
    assert back.to_pylist() == ["same"] * 90_000


def test_neighbouring_runs_of_two_chunks_are_one(grid_and_back: Callable[..., Any]) -> None:
    def runs(*pairs: tuple[int, str | None]) -> pa.Array:
        ends = pa.array([end for end, _ in pairs], pa.int32())
        return pa.RunEndEncodedArray.from_arrays(ends, pa.array([value for _, value in pairs], pa.string()))

    one = runs((5, "a"), (7, None), (9, "b"))
    two = pa.chunked_array(
        [runs((2, "a")), runs((1, "a"), (3, "a"), (4, None)), runs((1, None), (2, "b"), (3, "b"))]
    )
    assert grid_and_back(two)[0] == grid_and_back(one)[0]


def test_appended_rows_leave_earlier_cells_alone(grid_and_back: Callable[..., Any]) -> None:
    array, _ = CASES["string"]
    before, _ = grid_and_back(array.slice(0, 2500))
    after, _ = grid_and_back(array)
    assert after.cells[: len(before.cells) - 1] == before.cells[:-1]
