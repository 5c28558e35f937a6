"""Arrow data: logical values and schema, through the Arrow C data interface."""

import pyarrow as pa

from mlops_core.engine._arrow import array_grid_arrow, stream_grid
from mlops_core.fingerprints.embedded import Embedded

Tagged = tuple[str, tuple[object, ...]]


def walk(value: object) -> bytes | Tagged | None:
    """Digest of a table; description of a batch, a column, a schema or a field; else None."""
    if isinstance(value, pa.Table):
        digest: bytes = stream_grid(value.__arrow_c_stream__()).digest
        return digest
    if isinstance(value, pa.RecordBatch):
        table = pa.Table.from_batches([value])
        return ("record batch", (Embedded(stream_grid(table.__arrow_c_stream__()).digest),))
    if isinstance(value, pa.ChunkedArray):
        return ("chunked array", (Embedded(array_grid_arrow(value.__arrow_c_stream__()).digest),))
    if isinstance(value, pa.Array):
        chunked = pa.chunked_array([value])
        return ("array", (Embedded(array_grid_arrow(chunked.__arrow_c_stream__()).digest),))
    if isinstance(value, pa.Schema):
        return ("schema", (list(value), _metadata(value.metadata)))
    if isinstance(value, pa.Field):
        return ("field", (value.name, value.type, value.nullable, _metadata(value.metadata)))
    if isinstance(value, pa.Buffer):
        return ("buffer", (value.to_pybytes(),))
    return None


def _metadata(metadata: dict[bytes, bytes] | None) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(sorted((metadata or {}).items()))
