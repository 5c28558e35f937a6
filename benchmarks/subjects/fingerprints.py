"""The fingerprint of 1 GB in memory against one read of the same bytes."""

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


def measure(scale: Scale, folder: Path) -> list[Group]:
    """An array and a table of ten columns over the same bytes."""
    values = np.random.default_rng(0).random((_COLUMNS, max(1, scale.big_bytes // (8 * _COLUMNS))))
    table = pa.table({f"x{number}": column for number, column in enumerate(values)})
    size = f"{scale.big_bytes / 1e9:g} GB"
    return [
        Group(f"fingerprint of {what} of {size}", interleaved(_contenders(value, values), scale.rounds))
        for what, value in (("an array", values), ("an Arrow table", table))
    ]


def _contenders(value: object, values: np.ndarray[Any, Any]) -> list[Contender]:
    words = values.view(np.uint64).reshape(-1)
    return [
        Contender("mlops_core", lambda: fingerprint(value)),
        Contender("floor: one read", lambda: np.bitwise_xor.reduce(words)),
        peer("xxhash", lambda xxhash: _hashed(xxhash, values), name="xxhash of the same bytes"),
        peer("joblib", lambda joblib: lambda: joblib.hash(value), name="joblib.hash"),
    ]


def _hashed(xxhash: Any, values: np.ndarray[Any, Any]) -> Act:
    return lambda: xxhash.xxh3_128_digest(values)
