"""Cells that begin like one that is stored take the room of what is new of them, and are the same bytes."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._arrays import array_grid
from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow, Part
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.store import Store, growth
from mlops_core.store.growth import Candidate, head_of, longest_start

KIB = 1 << 10
PAGE = 4096
#: What a batch takes besides the bytes of its cells: the header, the table, the ends of pages.
BATCH = 3 * PAGE


def content(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "objects").iterdir())


def rows(index: Any) -> list[GrownRow]:
    return [row for row in index.cells.values() if isinstance(row, GrownRow)]


@pytest.mark.parametrize("together", [False, True])
def test_ten_versions_of_a_growing_cell(
    tmp_path: Path, store: Store, put: Callable[..., list[bytes]], index: Any, together: bool
) -> None:
    whole = content(1, 900 * KIB)
    versions = [whole[: (400 + 50 * n) * KIB + 123 * n] for n in range(11)]
    digests = put(*versions) if together else [put(version)[0] for version in versions]
    assert len(rows(index)) == 10
    assert disk(tmp_path) < len(versions[-1]) + 11 * BATCH
    for digest, version in zip(digests, versions, strict=True):
        assert bytes(store.buffer([digest])) == bytes(store.buffers([digest])[0]) == version
        assert xxh3_128(store.buffer([digest], writable=True)) == digest
    assert bytes(store.buffer(digests[:1] + digests[3:4])) == versions[0] + versions[3]
    assert all(not store.check(segment).faults for segment in store.segments())


def test_what_is_given_in_pieces_grows_as_well(put: Callable[..., Any], store: Store, index: Any) -> None:
    put(content(1, 200 * KIB))
    more = content(1, 230 * KIB)
    pieces = [memoryview(more)[start : start + 1000] for start in range(0, len(more), 1000)]
    with store.writer() as writer:
        writer(xxh3_128(more), pieces)
        index.record(writer.commit())
    assert len(rows(index)) == 1
    assert bytes(store.buffer([xxh3_128(more)])) == more


def test_a_cell_that_ends_sooner_costs_nothing(
    tmp_path: Path, put: Callable[..., Any], store: Store, index: Any
) -> None:
    put(content(1, 300 * KIB))
    before = disk(tmp_path)
    (digest,) = put(content(1, 300 * KIB)[: 200 * KIB + 5])
    assert disk(tmp_path) - before < 300
    assert bytes(store.buffer([digest])) == content(1, 300 * KIB)[: 200 * KIB + 5]


def test_a_short_end_lies_in_the_index(put: Callable[..., Any], store: Store, index: Any) -> None:
    start = content(1, 100 * KIB)
    put(start)
    (digest,) = put(start + b"end")
    assert [part.length for part in rows(index)[0].parts] == [100 * KIB, 3]
    assert bytes(store.buffer([digest])) == bytes(store.buffers([digest])[0]) == start + b"end"


def test_a_cell_that_is_not_worth_it_is_written_whole(put: Callable[..., Any], index: Any) -> None:
    put(content(1, 7 * KIB), content(1, 8 * KIB - 1))  # short
    put(content(2, 300 * KIB), content(2, 4095) + content(3, 300 * KIB))  # little in common
    put(content(4, 900 * KIB), content(4, 100 * KIB) + content(5, 300 * KIB))  # the old one is needed little
    assert rows(index) == []


def test_many_parts_are_joined(
    tmp_path: Path, put: Callable[..., Any], store: Store, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MOST_PARTS", 4)
    whole = content(1, 400 * KIB)
    digests = [put(whole[: (100 + 20 * n) * KIB])[0] for n in range(12)]
    assert max(len(row.parts) for row in rows(index)) == 4
    assert isinstance(index.cells[digests[4]], CellRow)
    for n, digest in enumerate(digests):
        assert bytes(store.buffer([digest])) == whole[: (100 + 20 * n) * KIB]


def test_of_several_the_longest_start_is_taken(put: Callable[..., Any], index: Any) -> None:
    whole = content(1, 800 * KIB)
    put(whole[: 300 * KIB] + content(2, 100 * KIB), whole[: 200 * KIB])
    long = put(whole[: 700 * KIB])
    put(whole)
    assert sum(part.length for part in index.cells[xxh3_128(whole)].parts[:-1]) == 700 * KIB
    assert index.cells[xxh3_128(whole)].parts[:-1] == index.cells[long[0]].parts


def test_a_damaged_part_is_a_miss_for_all_that_share_it(
    tmp_path: Path, put: Callable[..., Any], store: Store, index: Any
) -> None:
    whole = content(1, 500 * KIB)
    (alone,) = put(content(2, 100 * KIB))
    digests = [put(whole[: (300 + 50 * n) * KIB])[0] for n in range(4)]
    row = index.cells[digests[0]]
    path = tmp_path / "objects" / f"{row.segment}.segment"
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[row.offset + 1000] ^= 1
    path.write_bytes(data)
    fresh = Store(tmp_path, index)
    for digest in digests:
        assert not Store(tmp_path, index.copy()).holds(digest)
        with pytest.raises(DamagedState):
            Store(tmp_path, index.copy()).buffer([digest])
    with pytest.raises(DamagedState):
        fresh.buffer([digests[3]])
    for digest in digests:
        with pytest.raises(MissingCell):
            fresh.buffer([digest])
    assert bytes(fresh.buffer([alone])) == content(2, 100 * KIB)
    for n, digest in enumerate(digests):
        put(whole[: (300 + 50 * n) * KIB])
        assert bytes(fresh.buffer([digest])) == whole[: (300 + 50 * n) * KIB]


def test_a_damaged_one_before_is_not_grown_from(
    tmp_path: Path, put: Callable[..., Any], store: Store, index: Any
) -> None:
    put(content(1, 200 * KIB))
    (path,) = (tmp_path / "objects").iterdir()
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: 100 * KIB])
    (more,) = put(content(1, 250 * KIB))
    assert isinstance(index.cells[more], CellRow)
    assert bytes(store.buffer([more])) == content(1, 250 * KIB)


def test_the_index_is_made_again_from_the_files_alone(
    put: Callable[..., Any], store: Store, index: Any
) -> None:
    whole = content(1, 500 * KIB)
    digests = [put(whole[: (300 + 50 * n) * KIB])[0] for n in range(4)]
    tables = [store.table(segment) for segment in store.segments()]
    again = {row.digest: row for table in tables for row in (*table.cells, *table.grown)}
    assert again == index.cells
    assert again.keys() >= set(digests)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 300_000), st.booleans()), min_size=1, max_size=10
    ),
    unit=st.sampled_from([1, 8, 4096]),
)
def test_any_sequence_of_appends(
    tmp_path_factory: Any, index_class: Any, steps: list[tuple[int, int, bool]], unit: int
) -> None:
    """Arrays that grow from one another, in batches of several: little more on disk than the unique bytes."""
    folder, index = tmp_path_factory.mktemp("grown"), index_class()
    store = Store(folder, index)
    versions = [np.empty(0, np.uint8)]
    unique, batches, writer = 0, 0, store.writer()
    grids = []
    for number, (origin, length, ends) in enumerate(steps):
        more = np.random.default_rng(number).integers(0, 255, length // unit * unit, np.uint8)
        versions.append(np.concatenate([versions[origin % len(versions)], more]))
        grids.append(array_grid(versions[-1], writer))
        unique += more.nbytes
        if ends or number == len(steps) - 1:
            index.record(writer.commit())
            writer.release()
            writer, batches = store.writer(), batches + 1
    for grid, version in zip(grids, versions[1:], strict=True):
        assert bytes(store.buffer(grid.cells)) == version.tobytes()
    ends = sum(version.nbytes // (1 << 20) + 1 for version in versions)
    assert disk(folder) <= unique + len(steps) * growth.GROWABLE + (batches + ends) * BATCH


def test_heads_differ_and_are_never_zero() -> None:
    assert head_of((b"a" * 4096, b"b")) == head_of((b"a" * 2000, b"a" * 2096, b"c"))
    assert head_of((b"a" * 4096,)) != head_of((b"b" * 4096,))


def test_starts_are_whole_pages_of_at_least_half_of_each_part() -> None:
    data = memoryview(content(1, 300 * KIB))
    contents = {b"a": bytes(data[: 100 * KIB]), b"b": bytes(data[100 * KIB :]) + b"more"}

    def start(*parts: Part) -> tuple[tuple[Part, ...], int]:
        content = b"".join(contents.get(part.digest, b"?" * part.length)[: part.length] for part in parts)
        return tuple(longest_start(data, [Candidate(parts, lambda: content)], PAGE))  # type: ignore[return-value]

    assert start(Part(b"a", 100 * KIB)) == ((Part(b"a", 100 * KIB),), 100 * KIB)
    assert start(Part(b"a", 50_000)) == ((Part(b"a", 49_152),), 49_152)
    both = (Part(b"a", 100 * KIB), Part(b"b", 200 * KIB + 4))
    assert start(*both) == ((both[0], Part(b"b", 200 * KIB)), 300 * KIB)
    assert start(both[0], Part(b"?", 5)) == ((both[0],), 100 * KIB)
    assert start(Part(b"?", 5)) == ((), 0)


def test_every_flipped_byte_of_a_table_with_grown_cells_is_found(
    tmp_path: Path, put: Callable[..., Any], store: Store, index: Any
) -> None:
    put(*(content(1, 20 * KIB)[: (10 + n) * KIB] for n in range(4)))
    assert len(rows(index)) == 3
    (path,) = (tmp_path / "objects").iterdir()
    path.chmod(0o600)
    whole = path.read_bytes()
    for position in range(len(whole) - 400, len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert store.check(path.stem).faults, position
        with pytest.raises(ValueError, match=r"table|segment"):
            store.table(path.stem)
