"""Generators: one of record batches becomes a table as it runs, any other the list of what it yields."""

import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any

_GENERATOR = type(_ for _ in ())


def settle(value: object) -> object:
    """A value that can be stored and loaded again: generators are run, everything else is as it was."""
    if type(value) is not _GENERATOR:
        return value
    rest: Iterator[Any] = iter(value)  # type: ignore[call-overload] # an exact generator
    first = list(_first(rest))
    arrow = sys.modules.get("pyarrow")
    if first and arrow is not None and type(first[0]) is arrow.RecordBatch:
        return arrow.RecordBatchReader.from_batches(first[0].schema, chain(first, rest))
    return [*first, *rest]


def _first(items: Iterator[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        return
