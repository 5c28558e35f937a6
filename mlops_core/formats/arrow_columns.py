"""A table as a schema and, for every column, blocks of rows: what ``table/1`` and ``polars/1`` share."""

from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_core.errors import DamagedState
from mlops_core.formats.cells import digests, put_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops_core.formats.protocols import Sink, Source


class StoredTable(NamedTuple):
    """``digest`` is that of the ``pyarrow.Table`` as a value, ``columns`` those of its columns."""

    manifest: dict[str, object]
    nbytes: int
    digest: bytes
    columns: tuple[bytes, ...]


def save_stream(value: Any, schema: "pa.Schema", sink: "Sink") -> StoredTable:
    """Store what exports an Arrow stream of record batches, batch by batch."""
    from mlops_core.engine._arrow import stream_grid

    grid = stream_grid(value.__arrow_c_stream__(), sink)
    manifest: dict[str, object] = {
        "schema": put_bytes(memoryview(schema.serialize()), sink),
        "rows": grid.rows,
        "columns": [
            {"name": f.name, "type": str(f.type), "nbytes": column.nbytes, **_manifest(column)}
            for f, column in zip(schema, grid.columns, strict=True)
        ],
    }
    nbytes = sum(column.nbytes for column in grid.columns)
    return StoredTable(manifest, nbytes, grid.digest, tuple(column.digest for column in grid.columns))


def _manifest(column: Any) -> dict[str, object]:
    blocks = [[cell.hex() for cell in block] for block in column.cells]
    entry: dict[str, object] = {"rows": list(column.rows), "cells": blocks}
    if column.dictionaries:
        entry["dictionaries"] = [_manifest(dictionary) for dictionary in column.dictionaries]
    return entry


def load_table(manifest: dict[str, Any], source: "Source", digest: bytes | None = None) -> "pa.Table":
    """The table, zero-copy over the source's buffers; chunk boundaries are block boundaries.

    Its columns are known again when they are fingerprinted; with its own ``digest`` given, it is, too.
    """
    from mlops_core.engine.handed_out_tables import remember_columns, remember_table

    loaded = load_columns(manifest, source)
    if digest is not None:
        remember_table(loaded.table, loaded.columns, loaded.memory, digest)
    else:
        remember_columns(loaded.table.columns, loaded.columns, loaded.memory)
    return loaded.table


class LoadedTable(NamedTuple):
    """A table, the blocks of its columns, and the memory that they lie in."""

    table: "pa.Table"
    columns: "list[_Column]"
    memory: list[memoryview]


def load_columns(manifest: dict[str, Any], source: "Source") -> LoadedTable:
    """The table as ``load_table`` gives it, with what it takes to know its columns again."""
    import pyarrow as pa

    from mlops_core.engine.arrow_cells import read_column

    schema_cells = digests(manifest["schema"])
    columns = [_column(entry) for entry in manifest["columns"]]
    wanted = [*schema_cells, *(cell for column in columns for cell in column.every_cell())]
    views = dict(zip(wanted, source.buffers(wanted), strict=True))
    schema = _schema(b"".join(views[cell] for cell in schema_cells))
    if not columns:
        return LoadedTable(_rows_without_columns(manifest["rows"], schema), [], [])
    loaded = [
        read_column(f.type, column, views.__getitem__) for f, column in zip(schema, columns, strict=True)
    ]
    return LoadedTable(pa.Table.from_arrays(loaded, schema=schema), columns, list(views.values()))


def _schema(data: bytes) -> "pa.Schema":
    """Raises DamagedState, where Arrow raises OSError, as if the disk had failed."""
    import pyarrow as pa

    try:
        return pa.ipc.read_schema(pa.py_buffer(data))
    except OSError as error:
        raise DamagedState(
            f"the schema of a stored table is damaged: {error}", hint="mlops store verify"
        ) from error


class _Column(NamedTuple):
    """The blocks of a column, and the columns of its dictionaries."""

    rows: "list[int]"
    cells: "list[list[bytes]]"
    dictionaries: "list[_Column]"

    def every_cell(self) -> list[bytes]:
        own = [cell for block in self.cells for cell in block if cell]
        return [*own, *(cell for inner in self.dictionaries for cell in inner.every_cell())]


def _column(entry: dict[str, Any]) -> _Column:
    inner = [_column(dictionary) for dictionary in entry.get("dictionaries", ())]
    return _Column(entry["rows"], [digests(block) for block in entry["cells"]], inner)


def _rows_without_columns(rows: int, schema: "pa.Schema") -> "pa.Table":
    """A table can have a length and no columns: what is left of one whose columns were all dropped."""
    import pyarrow as pa

    one_column = pa.schema([pa.field("", pa.null())], metadata=schema.metadata)
    return pa.table([pa.nulls(rows)], schema=one_column).select([])
