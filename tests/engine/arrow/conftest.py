"""Grids of arrays and tables with their cells kept in a dict, and loaded back from it."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import xxhash

from mlops_core.engine import _arrow, arrow_cells


class Cells(dict[bytes, np.ndarray]):
    """A sink that checks what it gets and keeps it in memory of exactly its size."""

    def __call__(self, digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        cell = b"".join(pieces)
        assert xxhash.xxh3_128_digest(cell) == digest
        assert cell
        if digest in self:
            assert self[digest].tobytes() == cell
        self[digest] = np.frombuffer(cell, dtype=np.uint8).copy()


@pytest.fixture(scope="session")
def grid_and_cells() -> Callable[[pa.Array | pa.ChunkedArray], tuple[_arrow.ColumnGrid, Cells]]:
    """The grid of an array, and its cells."""

    def run(array: pa.Array | pa.ChunkedArray) -> tuple[_arrow.ColumnGrid, Cells]:
        chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
        cells = Cells()
        grid = _arrow.array_grid_arrow(chunked.__arrow_c_stream__(), cells)
        assert grid == _arrow.array_grid_arrow(chunked.__arrow_c_stream__())
        return grid, cells

    return run


@pytest.fixture(scope="session")
def grid_and_back(
    grid_and_cells: Callable[[pa.Array | pa.ChunkedArray], tuple[_arrow.ColumnGrid, Cells]],
) -> Callable[[pa.Array | pa.ChunkedArray], tuple[_arrow.ColumnGrid, pa.ChunkedArray]]:
    """The grid of an array, and the array loaded from its cells."""

    def run(array: pa.Array | pa.ChunkedArray) -> tuple[_arrow.ColumnGrid, pa.ChunkedArray]:
        grid, cells = grid_and_cells(array)
        return grid, arrow_cells.read_column(array.type, grid, cells.__getitem__)

    return run


@pytest.fixture(scope="session")
def table_and_back() -> Callable[[pa.Table], tuple[_arrow.TableGrid, pa.Table]]:
    """The grid of a table, and the table loaded from its cells and its schema."""

    def run(table: pa.Table) -> tuple[_arrow.TableGrid, pa.Table]:
        cells = Cells()
        grid = _arrow.stream_grid(table.__arrow_c_stream__(), cells)
        columns = [
            arrow_cells.read_column(field.type, column, cells.__getitem__)
            for field, column in zip(table.schema, grid.columns, strict=True)
        ]
        return grid, pa.table(columns, schema=table.schema)

    return run
