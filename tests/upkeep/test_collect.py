"""What goes, what stays, what comes back: whole collections over results put into a workspace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_core import formats
from mlops_core.clock import Clock
from mlops_core.errors import DamagedState
from mlops_core.execution.keep import add_artifact
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect, forecast, occupied, remove_copies
from mlops_core.execution.upkeep.reach import every_cell
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.metadata import cells, holdings
from mlops_core.metadata.cells import SqliteCellIndex
from mlops_core.workspace.workspace import Workspace

MIB = 1 << 20


def array(seed: int, size: int = 3 * MIB) -> Any:
    """An array of ``size`` bytes that shares no cell with that of another seed."""
    return np.random.default_rng(seed).integers(0, 255, size, np.uint8)


def files(workspace: Workspace) -> list[Path]:
    return list((workspace.state_dir / "objects").iterdir())


def test_nothing_goes_that_a_record_or_a_run_refers_to(workspace: Workspace, past: Any) -> None:
    made = [past.run(array(1)), past.run(7, step="n"), past.run(array(2), recorded=False)]
    found = collect(workspace, Rules())
    assert (found.values, found.freed, found.compacted) == ([], 0, 0)
    assert all(map(past.has, made))


def test_what_saves_least_time_per_byte_goes_first(workspace: Workspace, past: Any) -> None:
    dear = past.run(array(1, 4 * MIB), seconds=100.0)
    cheap_but_small = past.run(array(2, MIB), seconds=10.0)
    large = past.run(array(3, 8 * MIB), seconds=20.0)
    unused = past.run(array(4, MIB), recorded=False)
    found = collect(workspace, Rules(budget=6 * MIB))
    assert [value.digest for value, _ in found.values] == [unused, large]
    assert found.after <= 6 * MIB
    assert (past.has(dear), past.has(cheap_but_small), past.has(large)) == (True, True, False)
    assert past.dropped(2) == "removed by gc"
    assert past.dropped(0) is None


def test_a_budget_that_is_kept_removes_nothing(workspace: Workspace, past: Any) -> None:
    past.run(array(1))
    assert collect(workspace, Rules(budget=occupied(workspace))).values == []


def test_what_has_not_been_used_for_long_goes(
    workspace: Workspace, past: Any, clock: Callable[[float], Clock]
) -> None:
    old, young = past.run(array(1), day=0), past.run(array(2), day=20)
    again = past.run(array(3), day=0)
    assert past.run(array(3), day=25, recorded=False) == again  # a later run had it, too
    found = collect(workspace, Rules(older_than=30 * 86_400), clock(40))
    assert [value.digest for value, _ in found.values] == [old]
    assert past.has(young)
    assert past.has(again)


def test_the_last_of_each_step_stay(workspace: Workspace, past: Any, clock: Callable[[float], Clock]) -> None:
    train = [past.run(array(n), step="train", day=n) for n in range(4)]
    clean = [past.run(array(n), step=f"clean[{n}]", day=n) for n in range(4, 6)]
    found = collect(workspace, Rules(older_than=1, keep_last=2), clock(1000))
    assert {value.digest for value, _ in found.values} == set(train[:2])
    assert all(map(past.has, [*train[2:], *clean]))
    collect(workspace, Rules(keep_last=1, budget=0))
    assert [past.has(digest) for digest in [*train, *clean]] == [False] * 3 + [True, False, True]
    collect(workspace, Rules(keep_last=0))
    assert files(workspace) == []


def test_what_the_newest_succeeded_runs_returned_stays(workspace: Workspace, past: Any) -> None:
    older = past.run(array(1), status="succeeded", returned=True)
    newest = past.run(array(2), status="succeeded", returned=True)
    other = past.run(array(3), pipeline="other", status="succeeded", returned=True)
    failed = past.run(array(4), status="failed", returned=True)
    found = collect(workspace, Rules(budget=0))
    assert {value.digest for value, _ in found.values} == {older, failed}
    assert past.has(newest)
    assert past.has(other)
    assert found.after >= found.protected >= 6 * MIB


def test_what_running_runs_made_stays(workspace: Workspace, past: Any) -> None:
    mine = past.run(array(1), status="running")
    dead = past.run(array(2), status="running", process="1:1:another boot")
    collect(workspace, Rules(budget=0))
    assert (past.has(mine), past.has(dead)) == (True, False)


def test_what_is_leased_stays(workspace: Workspace, past: Any) -> None:
    digest = past.run(array(1))
    with workspace.store.lease() as lease:
        with lease.publishing([digest]):
            pass
        collect(workspace, Rules(budget=0))
        assert past.has(digest)
    collect(workspace, Rules(budget=0))
    assert not past.has(digest)


def test_a_writer_that_counts_on_a_cell_gets_to_record_it(workspace: Workspace, past: Any) -> None:
    """The value that had the cell goes, while a writer has skipped it and has not recorded its own yet."""
    first = array(1)
    gone = past.run(first)
    grown = np.concatenate([first, array(2, 50_000)])
    writer = workspace.store.writer()
    artifact = formats.save(grown, writer, value_fingerprint)
    written = writer.commit()
    assert len(written.cells) == 1
    collect(workspace, Rules(budget=0))
    assert not past.has(gone)
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        add_artifact(tx, artifact)
    writer.release()
    assert np.array_equal(past.value(artifact.digest), grown)


def test_shared_cells_stay_with_the_last_value_that_needs_them(workspace: Workspace, past: Any) -> None:
    first = array(1, 4 * MIB)
    one = past.run(first, seconds=0.1)
    two = past.run(np.concatenate([first, array(2, MIB)]), seconds=50.0)
    before = occupied(workspace)
    found = collect(workspace, Rules(budget=before - 1))
    assert [value.digest for value, _ in found.values] in ([two], [one, two])  # one alone frees nothing
    assert found.after < before


def test_a_half_dead_segment_is_compacted(workspace: Workspace, past: Any) -> None:
    old = array(1, 8 * MIB)
    past.run(old, seconds=0.1)
    (segment,) = files(workspace)
    kept = past.run(old[: 2 * MIB], seconds=1000.0)
    assert files(workspace) == [segment]
    views = past.value(kept)
    found = collect(workspace, Rules(budget=3 * MIB))
    assert found.compacted == 1
    assert segment not in files(workspace)
    assert found.after < 2.1 * MIB
    assert np.array_equal(views, old[: 2 * MIB])
    assert np.array_equal(past.value(kept), old[: 2 * MIB])
    assert collect(workspace, Rules()).compacted == 0


def test_arrays_handed_out_outlive_what_they_came_from(workspace: Workspace, past: Any) -> None:
    digest = past.run(array(1))
    whole = past.value(digest)
    collect(workspace, Rules(budget=0))
    assert files(workspace) == []
    assert not past.has(digest)
    assert np.array_equal(whole, array(1))
    assert past.run(array(1)) == digest
    assert np.array_equal(past.value(digest), whole)


def test_values_inside_values_stay_with_them(workspace: Workspace, past: Any) -> None:
    parts = {"a": array(1), "b": [array(2), 5]}
    digest = past.run(parts, seconds=100.0)
    past.run(array(3), seconds=0.01)
    collect(workspace, Rules(budget=7 * MIB))
    loaded = past.value(digest)
    assert np.array_equal(loaded["a"], parts["a"])
    assert np.array_equal(loaded["b"][0], parts["b"][0])


def test_files_keep_the_content_that_their_listing_names(
    workspace: Workspace, past: Any, tmp_path: Path
) -> None:
    place = tmp_path / "made.bin"
    place.write_bytes(array(1).tobytes())
    with workspace.store.writer() as writer:
        artifact = formats.save(place, writer, value_fingerprint, written=lambda path: True)
        with workspace.database.transaction() as tx:
            cells.add(tx, writer.commit())
    needed = every_cell(artifact, workspace.store)
    listed, *content = needed
    assert b"".join(map(bytes, workspace.store.buffers(content))) == array(1).tobytes()
    assert len(content) > 3
    assert bytes(workspace.store.buffer([listed])).startswith(b'[["","file",')


def test_copies_of_files_go_when_nothing_runs(workspace: Workspace, past: Any) -> None:
    place = workspace.state_dir / "tmp" / "files" / "ab" / "folder"
    place.mkdir(parents=True)
    (place / "made.bin").write_bytes(b"copy")
    place.chmod(0o500)
    past.run(1, status="running")
    remove_copies(workspace)
    assert (place / "made.bin").read_bytes() == b"copy"
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE runs SET status = 'failed'")
    remove_copies(workspace)
    assert not (workspace.state_dir / "tmp" / "files").exists()
    assert not (workspace.state_dir / "tmp" / "unused").exists()


def test_strays_are_removed(workspace: Workspace, past: Any) -> None:
    """The file of a writer that was killed before it recorded it."""
    digest = past.run(array(1))
    writer = workspace.store.writer()
    formats.save(array(2), writer, value_fingerprint)
    writer.commit()
    collect(workspace, Rules())
    assert len(files(workspace)) == 2  # it might still be recorded
    writer.release()
    assert collect(workspace, Rules()).freed > 3 * MIB
    assert len(files(workspace)) == 1
    assert past.has(digest)


def test_a_value_without_all_its_cells_goes_with_the_reason(workspace: Workspace, past: Any) -> None:
    past.run(array(1))
    lost = holdings.cell_rows(workspace.database.query, workspace.database.damage)[1]
    workspace.store._index.forget([lost.digest])
    collect(workspace, Rules())
    assert past.dropped(0) == "removed by gc: 1 of its 3 cells are not in the store"
    assert files(workspace) == []


def test_a_damaged_index_stops_it(workspace: Workspace, past: Any) -> None:
    digest = past.run(array(1))
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE cells SET length = length - 1 WHERE offset = 4096")
    before = files(workspace)
    with pytest.raises(DamagedState, match="nothing can be removed safely"):
        collect(workspace, Rules(budget=0))
    assert files(workspace) == before
    assert past.dropped(0) is None
    assert not past.has(digest)


def test_a_dry_run_says_the_same_and_changes_nothing(workspace: Workspace, past: Any) -> None:
    for n in range(4):
        past.run(array(n), seconds=n)
    before = {path: path.stat() for path in files(workspace)}
    rules = Rules(budget=7 * MIB)
    expected = forecast(workspace, rules)
    assert {path: path.stat() for path in files(workspace)} == before
    assert [past.dropped(n) for n in range(4)] == [None] * 4
    done = collect(workspace, rules)
    assert [(v.digest, why) for v, why in done.values] == [(v.digest, why) for v, why in expected.values]
    assert abs(done.after - expected.after) < 10_000
    assert done.before == expected.before


def test_segment_numbers_are_not_given_twice(workspace: Workspace, past: Any) -> None:
    """Another process remembers segments by number."""
    index = SqliteCellIndex(workspace.database)
    past.run(array(1))
    cell = holdings.cell_rows(workspace.database.query, workspace.database.damage)[0]
    assert index.find([cell.digest])
    collect(workspace, Rules(budget=0))
    past.run(array(2))
    (new,) = {c.segment for c in holdings.cell_rows(workspace.database.query, workspace.database.damage)}
    known = [c.digest for c in holdings.cell_rows(workspace.database.query, workspace.database.damage)]
    assert {row.segment for row in index.find(known).values()} == {new}
