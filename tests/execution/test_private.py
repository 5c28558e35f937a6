"""A direct call cannot change what its caller holds, and computes on the layout that a hit gives."""

import numpy as np
import pandas as pd
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


def test_frames_are_copies_in_the_layout_of_the_store() -> None:
    values = np.arange(30_000.0).reshape(10_000, 3)
    given = pd.DataFrame(values, columns=list("abc"), copy=False)
    given["text"] = "x"
    given.attrs["a"] = [1]
    seen = private(given)
    pd.testing.assert_frame_equal(seen, given)
    seen.iloc[0, 0] = -1.0
    seen.attrs["a"].append(2)
    assert given.iloc[0, 0] == 0.0
    assert given.attrs == {"a": [1]}
    assert all(seen[name].to_numpy().flags.c_contiguous for name in "abc")


def test_what_pandas_has_besides_frames_is_copied() -> None:
    moment = pd.Timestamp("2020-01-01", tz="UTC")
    assert private(moment) == moment
    assert private(pd.NaT) is pd.NaT
    assert private(pd.array([1, None], "Int64")).equals(pd.array([1, None], "Int64"))
