"""The fingerprint of 1 GB in memory against one read of the same bytes."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.arrays import Array, memory_of, one_read, random_array, table_of, text_column
from benchmarks.measure import Act, Contender, interleaved
from benchmarks.peers import is_installed, peer
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import fingerprint

_COLUMNS = 10


def measure(scale: Scale, folder: Path) -> list[Group]:
    """An array, and tables and frames of ten columns of numbers over the same bytes; the same of texts."""
    return [*_numbers(scale), *_texts(scale)]


def _numbers(scale: Scale) -> list[Group]:
    values = random_array(scale.big_bytes, _COLUMNS)
    kinds = [("array", "an array", values), ("table", "an Arrow table of numbers", table_of(values))]
    if is_installed("pandas"):
        kinds.append(("frame", "a pandas frame of numbers", _frame(values)))
    return [_group(key, what, value, [values], scale, slow_peers=True) for key, what, value in kinds]


def _texts(scale: Scale) -> list[Group]:
    groups = []
    for key, what, nulls in (("text", "text", False), ("text-nulls", "text with nulls", True)):
        column = text_column(scale.big_bytes, nulls=nulls)
        table, memory = pa.table({"text": column}), memory_of(column)
        groups.append(_group(key, f"an Arrow table of {what}", table, memory, scale))
        if is_installed("pandas"):
            frame = table.to_pandas()
            groups.append(_group(f"frame-{key}", f"a pandas frame of {what}", frame, memory, scale))
    return groups


def _frame(values: Array) -> Any:
    names = [f"x{number}" for number in range(len(values))]
    return import_module("pandas").DataFrame(values.T, columns=names, copy=False)


def _group(
    key: str, what: str, value: object, memory: Sequence[Array], scale: Scale, *, slow_peers: bool = False
) -> Group:
    contenders = [
        Contender("mlops_core", lambda: fingerprint(value)),
        one_read(memory),
        peer("xxhash", lambda xxhash: _hashed(xxhash, memory), name="xxhash of the same bytes"),
    ]
    if slow_peers:  # for text it takes a quarter of a minute
        contenders.append(peer("joblib", lambda joblib: lambda: joblib.hash(value), name="joblib.hash"))
    title = f"fingerprint of {what} of {scale.big_bytes / 1e9:g} GB"
    return Group(f"fingerprints/{key}", title, interleaved(contenders, scale.few_rounds, warm_ups=1))


def _hashed(xxhash: Any, memory: Sequence[Array]) -> Act:
    return lambda: [xxhash.xxh3_128_digest(np.ascontiguousarray(part)) for part in memory]
