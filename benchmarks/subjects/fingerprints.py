"""The fingerprint of 1 GB in memory against one read of the same bytes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.measure import Act, Contender, interleaved
from benchmarks.peers import peer
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import fingerprint

_COLUMNS = 10
_LETTERS = 20  # of a text, with its offset 24 bytes
_NULLS = 0.1
_NUMBERS_GOAL = 1.25
_TEXT_GOAL = 1.5

Array = np.ndarray[Any, Any]


def measure(scale: Scale, folder: Path) -> list[Group]:
    """An array and a table of ten columns over the same bytes, and tables of text."""
    values = np.random.default_rng(0).random((_COLUMNS, max(1, scale.big_bytes // (8 * _COLUMNS))))
    table = pa.table({f"x{number}": column for number, column in enumerate(values)})
    size = f"{scale.big_bytes / 1e9:g} GB"
    groups = [
        Group(f"fingerprint of {what} of {size}", _timed(value, [values], _NUMBERS_GOAL, scale))
        for what, value in (("an array", values), ("an Arrow table", table))
    ]
    del values, table
    return [*groups, *_texts(scale, size)]


def _texts(scale: Scale, size: str) -> list[Group]:
    rows = scale.big_bytes // (_LETTERS + 4)
    valid = np.random.default_rng(1).random(rows) >= _NULLS
    columns = (("text", _text(np.ones(rows, bool))), ("text with nulls", _text(valid)))
    return [
        Group(
            f"fingerprint of an Arrow table of {what} of {size}",
            _timed(pa.table({"text": column}), _memory(column), _TEXT_GOAL, scale),
        )
        for what, column in columns
    ]


def _text(valid: Array) -> pa.Array:
    """Rows of equal length, and nulls without any text, as Arrow itself makes them."""
    letters = np.random.default_rng(0).integers(97, 123, int(valid.sum()) * _LETTERS, dtype=np.uint8)
    offsets = np.concatenate([[0], np.cumsum(valid) * _LETTERS]).astype(np.int32)
    validity = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(valid), buffers)


def _memory(column: pa.Array) -> list[Array]:
    """Its buffers as whole words."""
    present = [np.frombuffer(buffer, np.uint8) for buffer in column.buffers() if buffer is not None]
    return [data[: len(data) // 8 * 8] for data in present]


def _timed(value: object, memory: Sequence[Array], goal: float, scale: Scale) -> Any:
    words = [part.view(np.uint64).reshape(-1) for part in memory]
    contenders = [
        Contender("mlops_core", lambda: fingerprint(value)),
        Contender("floor: one read", lambda: [np.bitwise_xor.reduce(part) for part in words], goal=goal),
        peer("xxhash", lambda xxhash: _hashed(xxhash, memory), name="xxhash of the same bytes"),
    ]
    if goal == _NUMBERS_GOAL:  # for text it takes a quarter of a minute
        contenders.append(peer("joblib", lambda joblib: lambda: joblib.hash(value), name="joblib.hash"))
    return interleaved(contenders, scale.rounds)


def _hashed(xxhash: Any, memory: Sequence[Array]) -> Act:
    return lambda: [xxhash.xxh3_128_digest(part) for part in memory]
