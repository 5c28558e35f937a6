"""Arrow data: logical values and schema, through the Arrow C data interface."""

from typing import Any

import pyarrow as pa

from mlops_core.engine._arrow import stream_grid
from mlops_core.engine.arrow_scans import batches_of, is_scan
from mlops_core.engine.handed_out_tables import digest_of_column, digest_of_table
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.walkers.table import Described, Table, first_of, metadata_pairs


def walk(value: object) -> Described | None:
    """Digest of a table; description of a batch, a column, a dataset, a schema, a field, a buffer; else None.

    A dataset on disk is read once, batch by batch.
    """
    return _dataset(value) if is_scan(value) else first_of(_TABLE, value)


def _dataset(value: Any) -> Described:
    grid = stream_grid(batches_of(value).__arrow_c_stream__())
    return ("dataset", (Embedded(grid.digest),))


def _table(value: Any) -> Described:
    return digest_of_table(value)


def _batch(value: Any) -> Described:
    table = pa.Table.from_batches([value])
    return ("record batch", (Embedded(digest_of_table(table)),))


def _chunked(value: Any) -> Described:
    return ("chunked array", (Embedded(digest_of_column(value)),))


def _array(value: Any) -> Described:
    return ("array", (Embedded(digest_of_column(pa.chunked_array([value]))),))


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
