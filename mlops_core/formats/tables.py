"""``table/1``: Arrow tables, batches, chunked arrays, arrays, streams, datasets; loaded without copying."""

import sys
from typing import TYPE_CHECKING, Any

from mlops_core.engine.arrow_scans import batches_of, is_scan
from mlops_core.engine.stand_ins import Described, Embedded
from mlops_core.formats.arrow_columns import StoredTable, load_table, save_stream
from mlops_core.formats.draft import Draft
from mlops_core.formats.streams import BatchStream

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "table/1"
#: The column of the table that holds a lone array.
_COLUMN = "value"
#: As what a value that is no table is fingerprinted.
_TAGS = {
    "pyarrow.RecordBatch": "record batch",
    "pyarrow.ChunkedArray": "chunked array",
    "pyarrow.Array": "array",
}


def accepts(value: object, saving: "Saving") -> bool:
    """Arrow's own classes; a user's subclass of an extension array is Arrow's, too: its type makes it."""
    arrow = sys.modules.get("pyarrow")
    if arrow is None or not hasattr(arrow, "RecordBatchReader"):
        return False
    exact = (arrow.Table, arrow.RecordBatch, arrow.ChunkedArray, arrow.RecordBatchReader, BatchStream)
    return type(value) in exact or isinstance(value, arrow.Array) or is_scan(value)


def save(value: Any, saving: "Saving", where: str) -> Draft:
    import pyarrow as pa

    if is_scan(value):
        value = batches_of(value)
    if isinstance(value, pa.Table | pa.RecordBatchReader | BatchStream):
        stored = _save_stream(value, saving)
        return Draft(FORMAT, "pyarrow.Table", stored.manifest, stored.nbytes, stored.digest)
    table, name = _as_table(value, pa)
    stored = save_stream(table, table.schema, saving.sink)
    tag = _TAGS[name]
    digest = stored.digest if tag == "record batch" else stored.columns[0]
    shadow = Described(tag, (Embedded(digest),))
    return Draft(FORMAT, name, stored.manifest, stored.nbytes, shadow=shadow)


def _save_stream(value: Any, saving: "Saving") -> StoredTable:
    try:
        return save_stream(value, value.schema, saving.sink)
    except Exception:
        if isinstance(value, BatchStream) and value.failure is not None:
            raise value.failure from None
        raise


def _as_table(value: Any, pa: Any) -> tuple[Any, str]:
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value]), "pyarrow.RecordBatch"
    name = "pyarrow.ChunkedArray" if isinstance(value, pa.ChunkedArray) else "pyarrow.Array"
    return pa.table({_COLUMN: value}), name


def load(artifact: "Artifact", loading: "Loading") -> object:
    """What was stored; a batch or an array of several blocks is made contiguous, which copies it."""
    import pyarrow as pa

    if artifact.type == "pyarrow.Table":
        return load_table(artifact.manifest, loading.source, artifact.digest)
    table = load_table(artifact.manifest, loading.source)
    if artifact.type == "pyarrow.ChunkedArray":
        return table.column(0)
    if artifact.type == "pyarrow.Array":
        return _contiguous(table.column(0), pa)
    return pa.RecordBatch.from_arrays([_contiguous(c, pa) for c in table.columns], schema=table.schema)


def _contiguous(column: Any, pa: Any) -> Any:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
