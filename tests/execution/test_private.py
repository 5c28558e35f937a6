"""A direct call cannot change what its caller holds, and computes on the layout that a hit gives."""

import numpy as np
import pyarrow as pa
import pytest

from mlops_core.execution.private import private


def test_arrays_are_read_only_views_without_a_copy() -> None:
    array = np.arange(10.0)
    seen = private(array)
    assert np.shares_memory(seen, array)
    assert array.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 1


def test_other_layouts_are_brought_into_c_order() -> None:
    seen = private(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert seen.flags.c_contiguous
    assert private(np.arange(10)[::2]).flags.c_contiguous


def test_mutable_values_are_copies_and_their_arrays_read_only() -> None:
    given = {"a": [1, 2], "b": (np.zeros(3), {"c": []})}
    seen = private(given)
    seen["a"].append(3)
    seen["b"][1]["c"].append(1)
    assert given["a"] == [1, 2]
    assert given["b"][1]["c"] == []
    assert not seen["b"][0].flags.writeable


def test_arrow_data_is_handed_on_as_it_is() -> None:
    table = pa.table({"a": [1]})
    assert private(table) is table
