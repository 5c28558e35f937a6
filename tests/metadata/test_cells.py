"""The index of cells, as the store uses it."""

from collections import namedtuple

import pytest

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow, Part, SegmentRow
from mlops_core.errors import MissingCell
from mlops_core.metadata import cells
from mlops_core.metadata.cells import SqliteCellIndex
from mlops_core.metadata.database import Database

Written = namedtuple("Written", "segment cells small grown", defaults=[()])
SIGNATURE = (8192, 1, 2, 2**64 - 1)


def _write(db: Database, segment: str, digests: list[bytes], small: list[bytes]) -> None:
    rows = [CellRow(digest, segment, 4096 * n, 4096) for n, digest in enumerate(digests)]
    with db.transaction() as tx:
        cells.add(
            tx,
            Written(SegmentRow(segment, 8192, SIGNATURE), rows, [(xxh3_128(data), data) for data in small]),
        )


def _digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200])
def test_find_big_and_small(db: Database, count: int) -> None:
    small = [b"small %d" % number for number in range(count)]
    _write(db, "seg", [_digest(number) for number in range(count)], small)
    index = SqliteCellIndex(db)
    asked = [d for n, data in enumerate(small) for d in (_digest(n), xxh3_128(data), _digest(n + 10**6))]
    found = index.find(asked)
    assert len(found) == 2 * count
    for number, data in enumerate(small):
        assert found[_digest(number)] == CellRow(_digest(number), "seg", 4096 * number, 4096)
        assert found[xxh3_128(data)] == data
    assert index.find([]) == {}


def test_only_small_cells_need_no_segment(db: Database) -> None:
    with db.transaction() as tx:
        cells.add(tx, Written(None, [], [(xxh3_128(b"x"), b"x")]))
    assert SqliteCellIndex(db).find([xxh3_128(b"x")]) == {xxh3_128(b"x"): b"x"}


def test_a_segment_and_its_verification(db: Database) -> None:
    _write(db, "seg", [_digest(1)], [])
    index = SqliteCellIndex(db)
    assert index.segment("seg") == SegmentRow("seg", 8192, SIGNATURE)
    index.verified("seg", (8192, 3, 4, 5))
    assert SqliteCellIndex(db).segment("seg") == SegmentRow("seg", 8192, (8192, 3, 4, 5))
    with pytest.raises(MissingCell) as caught:
        index.segment("other")
    assert caught.value.data["segment"] == "other"


def test_a_read_only_index_remembers_only_for_itself(db: Database) -> None:
    _write(db, "seg", [_digest(1)], [])
    reader = Database.open(db.path.removesuffix("/mlops.db"), readonly=True)
    index = SqliteCellIndex(reader)
    index.verified("seg", (8192, 3, 4, 5))
    index.forget([_digest(1)])
    assert index.segment("seg").signature == (8192, 3, 4, 5)
    assert SqliteCellIndex(db).segment("seg").signature == SIGNATURE
    assert index.find([_digest(1)])
    reader.close()


def test_forgotten_and_damaged_cells_are_absent_and_can_come_back(db: Database) -> None:
    small = b"little"
    _write(db, "one", [_digest(1), _digest(2)], [small])
    index = SqliteCellIndex(db)
    index.forget([_digest(1)])
    assert set(index.find([_digest(1), _digest(2)])) == {_digest(2)}
    with db.transaction() as tx:
        tx.execute("UPDATE cells SET offset = offset + 1")
        tx.execute("UPDATE small_cells SET content = x'00'")
    assert index.find([_digest(2), xxh3_128(small)]) == {}
    for digest in (_digest(2), xxh3_128(small)):
        assert db.damage.about("cells", digest) is not None
    _write(db, "two", [_digest(1), _digest(2)], [small])
    assert index.find([_digest(2)])[_digest(2)] == CellRow(_digest(2), "two", 4096, 4096)
    assert index.find([xxh3_128(small)]) == {xxh3_128(small): small}


def test_a_cell_whose_segment_row_is_damaged_is_absent(db: Database) -> None:
    _write(db, "one", [_digest(1)], [])
    with db.transaction() as tx:
        tx.execute("UPDATE segments SET id = 'other'")
    assert SqliteCellIndex(db).find([_digest(1)]) == {}
    with pytest.raises(MissingCell):
        SqliteCellIndex(db).segment("other")


def test_cells_of_one_head_the_newest_first(db: Database) -> None:
    for n in range(6):
        row = CellRow(_digest(n), f"seg{n}", 4096, 9000, head=-7 if n != 2 else 8)
        with db.transaction() as tx:
            cells.add(tx, Written(SegmentRow(f"seg{n}", 8192, SIGNATURE), [row], []))
    grown = GrownRow(_digest(9), "seg9", (Part(_digest(1), 4096), Part(_digest(2), 5)), -7)
    with db.transaction() as tx:
        cells.add(tx, Written(SegmentRow("seg9", 8192, SIGNATURE), [], [], [grown]))
    index = SqliteCellIndex(db)
    assert index.alike(-7) == [_digest(n) for n in (9, 5, 4, 3)]
    assert index.alike(8) == [_digest(2)]
    assert index.alike(1) == []
    assert index.find([_digest(9)]) == {_digest(9): grown}
    index.forget([_digest(9)])
    assert index.find([_digest(9)]) == {}


def test_golden_rows(db: Database) -> None:
    """Changing this invalidates every user's cache."""
    parts = _digest(1) + (4096).to_bytes(8, "little") + _digest(2) + (5).to_bytes(8, "little")
    cell = cells.CELLS.sealed((_digest(1), 5, 4096, 9000, -7, 100, 2049))
    assert cell[-1] == bytes.fromhex("b7afff1f2297f2be4f6fb1890827172a")
    assert cells.GROWN.sealed((_digest(9), 5, parts, -7))[-1] == bytes.fromhex(
        "556033583b28618244a2ca75e279ba86"
    )
    grown = GrownRow(_digest(9), "seg", (Part(_digest(1), 4096), Part(_digest(2), 5)), -7)
    with db.transaction() as tx:
        cells.add(tx, Written(SegmentRow("seg", 8192, SIGNATURE), [], [], [grown]))
    assert db.query("SELECT parts FROM grown_cells") == [(parts,)]
