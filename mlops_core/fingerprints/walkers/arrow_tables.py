"""Arrow data: logical values and schema, through the Arrow C data interface."""

from typing import Any

import pyarrow as pa

from mlops_core.engine._arrow import array_grid_arrow, stream_grid
from mlops_core.engine.handed_out_tables import digest_of_table
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.walkers.table import Described, Table, first_of, metadata_pairs


def walk(value: object) -> Described | None:
    """Digest of a table; description of a batch, a column, a schema, a field or a buffer; else None."""
    return first_of(_TABLE, value)


def _table(value: Any) -> Described:
    return digest_of_table(value)


def _batch(value: Any) -> Described:
    table = pa.Table.from_batches([value])
    return ("record batch", (Embedded(stream_grid(table.__arrow_c_stream__()).digest),))


def _chunked(value: Any) -> Described:
    return ("chunked array", (Embedded(array_grid_arrow(value.__arrow_c_stream__()).digest),))


def _array(value: Any) -> Described:
    chunked = pa.chunked_array([value])
    return ("array", (Embedded(array_grid_arrow(chunked.__arrow_c_stream__()).digest),))


def _schema(value: Any) -> Described:
    return ("schema", (list(value), metadata_pairs((value.metadata or {}).items())))


def _field(value: Any) -> Described:
    metadata = metadata_pairs((value.metadata or {}).items())
    return ("field", (value.name, value.type, value.nullable, metadata))


def _buffer(value: Any) -> Described:
    return ("buffer", (value.to_pybytes(),))


_TABLE: Table = (
    (pa.Table, _table),
    (pa.RecordBatch, _batch),
    (pa.ChunkedArray, _chunked),
    (pa.Array, _array),
    (pa.Schema, _schema),
    (pa.Field, _field),
    (pa.Buffer, _buffer),
)
