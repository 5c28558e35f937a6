"""Generators: one of record batches becomes a table as it runs, any other the list of what it yields."""

import sys
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from mlops_core.errors import UnstorableValue
from mlops_core.formats.type_names import display_name

if TYPE_CHECKING:
    import pyarrow as pa

_GENERATOR = type(_ for _ in ())


def settle(value: object) -> object:
    """A value that can be stored and loaded again: generators are run, everything else is as it was."""
    if type(value) is not _GENERATOR:
        return value
    rest: Iterator[Any] = iter(value)
    first = list(_first(rest))
    arrow = sys.modules.get("pyarrow")
    if first and arrow is not None and type(first[0]) is arrow.RecordBatch:
        return BatchStream(first[0].schema, chain(first, rest))
    return [*first, *rest]


def _first(items: Iterator[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        return


class BatchStream:
    """Record batches as they come, as an Arrow stream.

    An exception cannot travel through the stream's C functions: ``failure`` keeps what the generator raised.
    """

    def __init__(self, schema: "pa.Schema", batches: Iterator[Any]) -> None:
        self.schema = schema
        self.failure: BaseException | None = None
        self._batches = batches

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self._checked(pa)).__arrow_c_stream__()

    def _checked(self, pa: Any) -> Iterator[Any]:
        try:
            for number, batch in enumerate(self._batches):
                if type(batch) is not pa.RecordBatch or not batch.schema.equals(self.schema):
                    raise _mixed(number, batch)
                yield batch
        except BaseException as error:
            self.failure = error
            raise


def _mixed(number: int, item: object) -> UnstorableValue:
    return UnstorableValue(
        f"item {number} of the generator, a {display_name(type(item))}, has another type or schema than the "
        "record batches before it",
        hint="yield batches of one schema (batch.cast(schema)), or nothing but other values",
        path=f"value[{number}]",
        type=display_name(type(item)),
    )
