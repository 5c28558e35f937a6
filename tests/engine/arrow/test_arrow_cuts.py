"""Where columns are cut: found in the content, whatever the chunks, against a slow reference."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xxhash

LEAST, MOST = 2 << 20, 8 << 20  # bits
MOST_ROWS = 1 << 20
WORD = 2**64
K1, K2, K3 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93

# --- the reference ----------------------------------------------------------------------------------------


def cuts(weights: Sequence[int], marks: Sequence[int]) -> tuple[int, ...]:
    """Rows per block, from the weight of every row in bits and its mark."""
    return tuple(blocks(weights, marks))


def blocks(weights: Sequence[int], marks: Sequence[int]) -> Iterator[int]:
    start = 0
    while start < len(weights):
        rows = block(weights[start:], marks[start:])
        yield rows
        start += rows


def block(weights: Sequence[int], marks: Sequence[int]) -> int:
    """Rows of the first block."""
    total = min(weights[0], MOST // 2)
    least = 1
    while least < min(len(weights), MOST_ROWS // 4) and total + weights[least] <= LEAST:
        total += weights[least]
        least += 1
    if least == len(weights):
        return least
    threshold = 0 if least < 2 else WORD - 1 - (WORD - 1) // least * 2
    h = 0
    for mark in marks[max(0, least - 64) : least]:
        h = (2 * h + mark) % WORD
    greatest, best, rows = h, least, least
    while greatest <= threshold:
        if rows == MOST_ROWS or (rows < len(weights) and total + weights[rows] > MOST):
            return best
        if rows == len(weights):
            return rows
        h = (2 * h + marks[rows]) % WORD
        total += weights[rows]
        rows += 1
        if h >= greatest:
            greatest, best = h, rows
    return best


def mixed(word: int) -> int:
    return word % WORD ^ word % WORD >> 32


def mark_of(word: int) -> int:
    return mixed(word * K1)


def joined(first: int, *marks: int) -> int:
    for mark in marks:
        first = (first * K3 + mark) % WORD
    return first


def fixed_mark(value: bytes) -> int:
    if len(value) > 16:
        return xxhash.xxh3_64_intdigest(value)
    return mixed(int.from_bytes(value[:8], "little") * K1 + int.from_bytes(value[8:], "little") * K2)


def text_mark(value: str | None) -> int:
    text = (value or "").encode()
    middle = text[: len(text) - len(text) // 2][-8:] if len(text) >= 16 else b""
    return mixed(
        (int.from_bytes(text[-8:], "little") + len(text)) * K1 + int.from_bytes(middle, "little") * K2
    )


def list_mark(marks: Sequence[int] | None) -> int:
    """The mark of a list of items with these marks; None for a null."""
    if marks is None:
        return 0
    some = marks if len(marks) <= 8 else [marks[len(marks) * i // 8] for i in range(8)]
    return joined(mark_of(len(marks)), *some)


def integers(values: Sequence[int]) -> list[int]:
    return [mark_of(value) for value in values]


# --- columns ----------------------------------------------------------------------------------------------


def random_texts(seed: int, rows: int, longest: int) -> list[str | None]:
    chance = np.random.default_rng(seed)
    lengths = chance.integers(0, longest, rows)
    return ["x" * int(n) if n % 5 else None for n in lengths]


TEXTS = random_texts(0, 3000, 5000)
SHORT = random_texts(1, 70000, 30)
LISTS = [None if text is None else list(range(len(text))) for text in random_texts(2, 2000, 900)]
HEAVY = ["a", "b" * (3 << 20), None, "c" * (1 << 20), "d"]


NUMBERS = np.random.default_rng(3).integers(0, 1 << 40, 300_000)
BYTES = [bytes(row) for row in np.random.default_rng(4).integers(0, 256, (40_000, 20), np.uint8)]
FLAGS = (np.random.default_rng(5).random(900_000) < 0.3).tolist()
SOME = [f"entry {i}" for i in range(100)]

CASES: dict[str, tuple[pa.Array, list[int], list[int]]] = {
    "int64": (pa.array(NUMBERS), [64] * 300_000, integers(NUMBERS.tolist())),
    "float32": (
        pa.array(NUMBERS.astype(np.float32)),
        [32] * 300_000,
        integers(NUMBERS.astype(np.float32).view(np.uint32).tolist()),
    ),
    "constant": (pa.array(np.zeros(300_000, np.int64)), [64] * 300_000, [0] * 300_000),
    "sorted": (pa.array(np.arange(300_000)), [64] * 300_000, integers(range(300_000))),
    "decimal": (
        pa.array(NUMBERS[:100_000]).cast(pa.decimal128(30, 2)),
        [128] * 100_000,
        [fixed_mark((n * 100).to_bytes(16, "little")) for n in NUMBERS[:100_000].tolist()],
    ),
    "binary": (pa.array(BYTES, pa.binary(20)), [160] * 40_000, [fixed_mark(value) for value in BYTES]),
    "bool": (
        pa.array(FLAGS),
        [1] * 900_000,
        [mark_of(1) if flag else 0 for flag in FLAGS],
    ),
    "null": (pa.nulls(300_000), [1] * 300_000, [0] * 300_000),
    "string": (
        pa.array(TEXTS),
        [32 + 8 * len(t or "") for t in TEXTS],
        [text_mark(t) for t in TEXTS],
    ),
    "large_string": (
        pa.array(TEXTS, pa.large_string()),
        [64 + 8 * len(t or "") for t in TEXTS],
        [text_mark(t) for t in TEXTS],
    ),
    "view": (
        pa.array(TEXTS, pa.string_view()),
        [128 + (8 * len(t) if t and len(t) > 12 else 0) for t in TEXTS],
        [text_mark(t) for t in TEXTS],
    ),
    "short": (pa.array(SHORT), [32 + 8 * len(t or "") for t in SHORT], [text_mark(t) for t in SHORT]),
    "short view": (
        pa.array(SHORT, pa.string_view()),
        [128 + (8 * len(t) if t and len(t) > 12 else 0) for t in SHORT],
        [text_mark(t) for t in SHORT],
    ),
    "list": (
        pa.array(LISTS, pa.list_(pa.int32())),
        [32 + 32 * len(v or []) for v in LISTS],
        [list_mark(None if v is None else integers(v)) for v in LISTS],
    ),
    "list_view": (
        pa.array(LISTS, pa.list_view(pa.int32())),
        [64 + 32 * len(v or []) for v in LISTS],
        [list_mark(None if v is None else integers(v)) for v in LISTS],
    ),
    "fixed_list": (
        pa.array([None if t is None else [len(t)] * 1000 for t in TEXTS], pa.list_(pa.int32(), 1000)),
        [32_000] * len(TEXTS),
        [list_mark(None if t is None else [mark_of(len(t))] * 1000) for t in TEXTS],
    ),
    "struct": (
        pa.StructArray.from_arrays([pa.array(TEXTS), pa.array(np.arange(len(TEXTS)))], ["t", "i"]),
        [32 + 8 * len(t or "") + 64 for t in TEXTS],
        [joined(0, text_mark(t), mark_of(i)) for i, t in enumerate(TEXTS)],
    ),
    "hidden": (
        pa.StructArray.from_arrays(
            [pa.array(TEXTS)], ["t"], mask=pa.array([i % 3 == 0 for i in range(len(TEXTS))])
        ),
        [32 + (8 * len(t or "") if i % 3 else 0) for i, t in enumerate(TEXTS)],
        [text_mark(t) if i % 3 else 0 for i, t in enumerate(TEXTS)],
    ),
    "dense_union": (
        pa.UnionArray.from_dense(
            pa.array([i % 2 for i in range(3000)], pa.int8()),
            pa.array([i // 2 for i in range(3000)], pa.int32()),
            [pa.array(TEXTS[:1500]), pa.array(np.arange(1500, dtype=np.int8))],
        ),
        [40 + (8 if i % 2 else 32 + 8 * len(TEXTS[i // 2] or "")) for i in range(3000)],
        [
            joined(mark_of(1), mark_of(i // 2 % 256)) if i % 2 else joined(0, text_mark(TEXTS[i // 2]))
            for i in range(3000)
        ],
    ),
    "sparse_union": (
        pa.UnionArray.from_sparse(
            pa.array([i % 2 for i in range(3000)], pa.int8()), [pa.array(TEXTS), pa.array(np.arange(3000))]
        ),
        [8 + 64 + 32 + (0 if i % 2 else 8 * len(t or "")) for i, t in enumerate(TEXTS)],
        [joined(mark_of(1), mark_of(i)) if i % 2 else joined(0, text_mark(t)) for i, t in enumerate(TEXTS)],
    ),
    "dictionary": (
        pa.DictionaryArray.from_arrays(pa.array(NUMBERS % 100, pa.int32()), SOME),
        [32] * 300_000,
        integers((NUMBERS % 100).tolist()),
    ),
    "heavy": (pa.array(HEAVY), [32 + 8 * len(t or "") for t in HEAVY], [text_mark(t) for t in HEAVY]),
    "runs": (
        pa.RunEndEncodedArray.from_arrays(pa.array(np.arange(10, 100_001, 10), pa.int32()), NUMBERS[:10_000]),
        [1 + 64] * 100_000,
        [mark_of(n) for n in NUMBERS[:10_000].tolist() for _ in range(10)],
    ),
    "runs of text": (
        pa.RunEndEncodedArray.from_arrays(pa.array(np.arange(10, 30_001, 10), pa.int16()), TEXTS),
        [min(4096, 258 + 32 + 8 * len(t or "")) for t in TEXTS for _ in range(10)],
        [text_mark(t) for t in TEXTS for _ in range(10)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_cuts_follow_weights_and_marks(name: str, grid_and_back: Callable[..., Any]) -> None:
    array, weights, marks = CASES[name]
    grid, back = grid_and_back(array)
    assert grid.rows == cuts(weights, marks)
    assert back.equals(pa.chunked_array([array]))


@pytest.mark.parametrize("name", CASES)
def test_cuts_do_not_depend_on_chunks(name: str, grid_and_back: Callable[..., Any]) -> None:
    array = CASES[name][0]
    whole, _ = grid_and_back(array)
    for size in (len(array) // 61 + 1, len(array) // 7 + 1, len(array) // 2 + 3):
        chunks = [array.slice(i, size) for i in range(0, len(array), size)]
        assert grid_and_back(pa.chunked_array(chunks))[0] == whole


def test_a_huge_run_does_not_make_a_block_per_row(grid_and_back: Callable[..., Any]) -> None:
    ends = pa.array([70_000, 70_001], pa.int32())
    array = pa.RunEndEncodedArray.from_arrays(ends, ["y" * 2_000_000, "z"])
    grid, back = grid_and_back(array)
    assert len(grid.rows) < 150
    assert len({block[-1] for block in grid.cells}) == 2
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
