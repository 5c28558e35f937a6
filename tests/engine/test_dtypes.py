"""Dtypes as text, and the padding of their items."""

import sys
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from mlops_core.engine.dtypes import dtype_text, is_plain, padding, read_dtype

ALIGNED = np.dtype([("a", "u1"), ("b", "f8")], align=True)
DTYPES = [
    np.dtype(dtype)  # type: ignore[call-overload] # of every form
    for dtype in (
        *("f8", ">i2", "?", "U7", "S3", "V5", "M8[25us]", "m8", "g", ">G", "U0"),
        [("a", "i4"), ("b", "<U3", (2, 3)), ("c", [("d", ">f4")])],
        [(("a title", "a"), "i4")],
        [("é", "i1")],
        ALIGNED,
        [("inner", ALIGNED), ("more", ALIGNED, (2,))],
        {"names": ["a", "b"], "formats": ["i4", "i4"], "offsets": [2, 0], "itemsize": 16},
        {"names": ["a"], "formats": ["i4"], "offsets": [4], "titles": ["t"], "itemsize": 12},
        (np.record, [("a", "i4")]),
        [("r", (np.record, [("a", "i4")]))],
        ("i4", (2, 3)),
    )
]


def same(left: np.dtype[Any], right: np.dtype[Any]) -> bool:
    return (
        left == right
        and left.fields == right.fields
        and left.isalignedstruct == right.isalignedstruct
        and left.type is right.type
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=dtype_text)
def test_a_dtype_comes_back_from_its_text(dtype: np.dtype[Any]) -> None:
    assert same(read_dtype(dtype_text(dtype)), dtype)


@given(hnp.nested_dtypes())
def test_any_dtype_comes_back_from_its_text(dtype: np.dtype[Any]) -> None:
    if is_plain(dtype):
        assert same(read_dtype(dtype_text(dtype)), dtype)


def test_different_dtypes_have_different_texts() -> None:
    assert len({dtype_text(dtype) for dtype in DTYPES}) == len(DTYPES)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("f8", []),
        ([("a", "u1"), ("b", "f8")], []),
        (ALIGNED, [(1, 7)]),
        ([("x", ALIGNED, (2,)), ("y", "u1")], [(1, 7), (17, 7)]),
        ({"names": ["a"], "formats": ["u2"], "offsets": [3], "itemsize": 8}, [(0, 3), (5, 3)]),
        ({"names": ["a", "b"], "formats": ["i4", "i4"], "offsets": [2, 0], "itemsize": 6}, []),
        ("V3", []),
    ],
)
def test_padding(dtype: Any, expected: list[tuple[int, int]]) -> None:
    assert padding(np.dtype(dtype)) == expected


@pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="long doubles fill their bytes here")
def test_extended_precision_has_padding() -> None:
    assert padding(np.dtype("g")) == [(10, 6)]
    assert padding(np.dtype(">G")) == [(0, 6), (16, 6)]


def test_dtypes_that_point_elsewhere_are_not_plain() -> None:
    assert not any(map(is_plain, (np.dtype("O"), np.dtypes.StringDType(), np.dtype([("a", "O")]))))


def test_a_dtype_of_another_library_is_named_by_its_scalar(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("numbers_elsewhere")
    module.scalar = np.float32  # type: ignore[attr-defined] # stands for a scalar type that registers a dtype
    monkeypatch.setitem(sys.modules, "numbers_elsewhere", module)
    assert read_dtype('{"scalar":"numbers_elsewhere:scalar"}') == np.dtype("f4")


def test_a_missing_library_is_an_import_error() -> None:
    with pytest.raises(ImportError):
        read_dtype('{"scalar":"no_such_library:scalar"}')
