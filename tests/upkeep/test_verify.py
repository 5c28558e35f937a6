"""Damage is found wherever it is, and named; repair keeps the evidence and what is right."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_core.execution.upkeep.repair import repair_store
from mlops_core.execution.upkeep.scrub import Scrubbed, scrub_store
from mlops_core.metadata import holdings
from mlops_core.workspace.workspace import Workspace, open_workspace

MIB = 1 << 20


def array(seed: int, size: int = 3 * MIB) -> Any:
    return np.random.default_rng(seed).integers(0, 255, size, np.uint8)


def the_file(workspace: Workspace) -> Path:
    (path,) = (workspace.state_dir / "objects").iterdir()
    path.chmod(0o600)
    return path


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def kinds(found: Scrubbed) -> list[str]:
    return [fault.kind for fault in found.faults]


def rows(workspace: Workspace) -> list[Any]:
    return holdings.cell_rows(workspace.database.query, workspace.database.damage)


def test_what_is_whole_is_sound(workspace: Workspace, past: Any) -> None:
    past.run(array(1))
    past.run({"a": [1, 2], "b": "text" * 2000})
    found = scrub_store(workspace)
    assert (found.faults, found.lost, found.segments) == ([], [], 1 + 1)
    assert repair_store(workspace)[1] == []


@pytest.fixture
def two(past: Any, workspace: Workspace) -> tuple[bytes, bytes]:
    """One segment with the cells of two values; the last megabyte of the first is not in the second."""
    return past.run(array(1), step="train"), past.run(array(1)[: 2 * MIB], step="clean")


def test_a_flipped_byte_costs_what_it_is_in(workspace: Workspace, past: Any, two: Any) -> None:
    path = the_file(workspace)
    last = max(rows(workspace), key=lambda cell: cell.offset)
    flip(path, last.offset + 1000)
    found = scrub_store(workspace)
    assert kinds(found) == ["segment"]
    assert found.faults[0].cells == {last.digest}
    assert [(v.digest, v.results[0].name, v.results[0].run_number) for v in found.lost] == [
        (two[0], "train", 1)
    ]
    damaged = path.read_bytes()
    _, aside = repair_store(workspace)
    assert [Path(place).read_bytes() for place in aside] == [damaged]
    assert past.dropped(0) == "damaged: 1 of its 3 cells are damaged or gone"
    assert past.dropped(1) is None
    assert np.array_equal(past.value(two[1]), array(1)[: 2 * MIB])
    assert not scrub_store(workspace).faults
    assert past.run(array(1), step="train") == two[0]
    assert np.array_equal(past.value(two[0]), array(1))


@pytest.mark.parametrize("place", ["header", "between", "table", "footer", "cut", "gone", "grown"])
def test_every_part_of_a_file(workspace: Workspace, past: Any, two: Any, place: str) -> None:
    path = the_file(workspace)
    size = path.stat().st_size
    if place == "cut":
        os.truncate(path, 2 * MIB)
    elif place == "gone":
        path.unlink()
    elif place == "grown":
        with path.open("ab") as file:
            file.write(b"more")
    else:
        flip(path, {"header": 3, "between": 100, "table": size - 60, "footer": size - 3}[place])
    before = path.read_bytes() if path.exists() else None
    found = scrub_store(workspace)
    assert kinds(found) == ["segment"]
    assert len(found.lost) == {"cut": 2, "gone": 2}.get(place, 0)
    _, aside = repair_store(workspace)
    assert [Path(place).read_bytes() for place in aside] == ([before] if before is not None else [])
    assert not scrub_store(workspace).faults
    for digest, content in zip(two, (array(1), array(1)[: 2 * MIB]), strict=True):
        if not found.lost:
            assert np.array_equal(past.value(digest), content)
        else:
            assert not past.has(digest)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE segments SET size = size + 1",
        "UPDATE segments SET id = 'x'",
        "UPDATE cells SET length = length - 1 WHERE offset = 4096",
        "UPDATE cells SET offset = offset + 4096 WHERE offset = 4096",
        "UPDATE cells SET digest = randomblob(16) WHERE offset = 4096",
    ],
)
def test_rows_of_the_index_are_made_again(workspace: Workspace, past: Any, two: Any, change: str) -> None:
    with workspace.database.transaction() as tx:
        tx.execute(change)
    found = scrub_store(workspace)
    assert "row" in kinds(found)
    assert len(found.lost) == 2
    _, aside = repair_store(workspace)
    assert [Path(place).name for place in aside] == ["rows.1.json"]
    assert not scrub_store(workspace).faults
    assert np.array_equal(past.value(two[0]), array(1))
    assert np.array_equal(past.value(two[1]), array(1)[: 2 * MIB])
    assert (past.dropped(0), past.dropped(1)) == (None, None)


def test_a_row_of_an_artifact(workspace: Workspace, past: Any, two: Any) -> None:
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE artifacts SET json = replace(json, '3145728', '3145729')")
    found = scrub_store(workspace)
    assert [value.digest for value in found.lost] == [two[0]]
    repair_store(workspace)
    assert not scrub_store(workspace).faults
    assert not past.has(two[0])
    assert past.has(two[1])


def test_a_small_cell(workspace: Workspace, past: Any) -> None:
    digest = past.run(b"x" * 3000, step="note")
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE small_cells SET content = zeroblob(3000)")
    found = scrub_store(workspace)
    assert [(v.digest, v.results[0].name) for v in found.lost] == [(digest, "note")]
    repair_store(workspace)
    assert not scrub_store(workspace).faults
    assert past.dropped(0) is not None
    assert past.run(b"x" * 3000, step="note") == digest
    assert past.value(digest) == b"x" * 3000


def test_records_that_are_damaged_go_and_the_others_stay(workspace: Workspace, past: Any, two: Any) -> None:
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE records SET seconds = 5 WHERE id = 1")
    assert kinds(scrub_store(workspace)) == ["row"]
    repair_store(workspace)
    assert not scrub_store(workspace).faults
    assert past.has(two[0])


def test_looking_changes_nothing(workspace: Workspace, two: Any) -> None:
    path = the_file(workspace)
    flip(path, 100_000)
    content, known = path.read_bytes(), rows(workspace)
    with open_workspace(workspace.root, readonly=True) as readonly:
        assert scrub_store(readonly).faults
    assert path.read_bytes() == content
    assert rows(workspace) == known


def test_a_value_in_use_keeps_what_is_right(workspace: Workspace, past: Any, two: Any) -> None:
    held = past.value(two[1])
    path = the_file(workspace)
    last = max(rows(workspace), key=lambda cell: cell.offset)
    with path.open("r+b") as file:
        file.seek(last.offset)
        file.write(b"damage")
    repair_store(workspace)
    assert np.array_equal(held, array(1)[: 2 * MIB])
