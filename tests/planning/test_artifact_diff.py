"""How two stored values differ, as the phrase that a person reads."""

from typing import Any

import pytest

from mlops_core.formats.differences import Amount, ArtifactDiff, ColumnDiff, PartDiff, Span
from mlops_core.planning.artifact_diff import phrase

TABLE = ("pyarrow.Table", "pyarrow.Table")
ARRAY = ("numpy.ndarray", "numpy.ndarray")


def diff(types: tuple[str, str] = TABLE, **fields: Any) -> ArtifactDiff:
    return ArtifactDiff(types, Amount(), **fields)


def content(name: str, *spans: tuple[int, int, int, int]) -> ColumnDiff:
    return ColumnDiff(name, "content", ("", ""), tuple(Span((a, b), (c, d)) for a, b, c, d in spans))


GREW = content("a", (60, 100, 60, 110))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (diff(("int", "str")), "int → str"),
        (diff(), ""),
        (diff(columns=(ColumnDiff("x", "added"), ColumnDiff("y", "removed"))), "new column x, no column y"),
        (diff(columns=(ColumnDiff("x", "type", ("int64", "double")),)), "column x int64 → double"),
        (diff(rows=(100, 100), columns=(content("temp", (0, 100, 0, 100)),)), "column temp"),
        (
            diff(rows=(100, 100), columns=(content("temp", (7, 9, 7, 9), (60, 80, 60, 80)),)),
            "column temp between rows 7 and 80",
        ),
        (
            diff(rows=(100, 100), columns=tuple(content(n, (1, 2, 1, 2)) for n in "abcdefg")),
            "column a, b, c, d, e and 2 more",
        ),
        (
            diff(rows=(100, 110), columns=(GREW,), spans=(Span((60, 100), (60, 110)),)),
            "rows 100 → 110, 10 rows inserted between rows 60 and 100",
        ),
        (
            diff(rows=(5000, 5001), columns=(GREW,), spans=(Span((5000, 5000), (5000, 5001)),)),
            "rows 5,000 → 5,001, 1 row inserted at row 5,000",
        ),
        (
            diff(rows=(9, 8), columns=(GREW,), spans=(Span((3, 6), (3, 5)),)),
            "rows 9 → 8, 1 row deleted between rows 3 and 6",
        ),
        (
            diff(
                rows=(100, 110),
                columns=(GREW, content("b", (1, 2, 1, 2), (60, 100, 60, 110))),
                spans=(Span((60, 100), (60, 110)),),
            ),
            "column b, rows 100 → 110, 10 rows inserted between rows 60 and 100",
        ),
        (
            diff(rows=(10, 30), spans=tuple(Span((n, n), (n, n + 1)) for n in range(20))),
            "rows 10 → 30, in 20 places",
        ),
        (diff(facts=(("order", ["a"], ["b"]),)), "the columns in another order"),
        (
            diff(ARRAY, rows=(9, 9), facts=(("dtype", "<f8", "<f4"),)),
            "dtype <f8 → <f4",
        ),
        (diff(ARRAY, rows=(99, 99), spans=(Span((7, 9), (7, 9)),)), "rows between 7 and 9"),
        (
            diff(
                ARRAY,
                rows=(9, 12),
                facts=(("shape", [9, 2], [12, 2]),),
                spans=(Span((8, 9), (8, 12)),),
            ),
            "shape [9, 2] → [12, 2], 3 rows inserted between rows 8 and 9",
        ),
        (diff(unit="bytes", spans=(Span((7, 9), (7, 3000)),)), "bytes between 7 and 3,000"),
        (diff(parts=(PartDiff("x", "changed"), PartDiff("y", "added"))), "part x, y"),
        (
            diff(parts=(PartDiff("x", "changed", diff(("int", "str"))), PartDiff("y", "removed"))),
            "part x: int → str",
        ),
        (diff(parts=(PartDiff("y", "removed"),)), "part y"),
    ],
)  # fmt: skip
def test_phrases(found: ArtifactDiff, expected: str) -> None:
    assert phrase(found) == expected
