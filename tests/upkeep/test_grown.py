"""Versions that grow, through the whole of upkeep: what they share stays as long as one needs it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect, occupied
from mlops_core.execution.upkeep.repair import repair_store
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.metadata import holdings
from mlops_core.workspace.recovery import index_again
from mlops_core.workspace.workspace import Workspace

NOISE = np.random.default_rng(1).random(200_000)
VERSIONS = [NOISE[: 100_000 + 20_000 * n] for n in range(6)]


@pytest.fixture
def digests(past: Any) -> list[bytes]:
    """The versions, as results of one step."""
    return [past.run(version, day=n) for n, version in enumerate(VERSIONS)]


def grown(workspace: Workspace) -> list[Any]:
    return holdings.grown_rows(workspace.database.query, workspace.database.damage)


def test_versions_take_what_is_new(workspace: Workspace, past: Any, digests: list[bytes]) -> None:
    assert grown(workspace)
    assert occupied(workspace) < NOISE.nbytes + len(VERSIONS) * 3 * 4096
    for digest, version in zip(digests, VERSIONS, strict=True):
        assert np.array_equal(past.value(digest), version)
    assert scrub_store(workspace).faults == []


def test_the_newest_keeps_what_it_shares(workspace: Workspace, past: Any, digests: list[bytes]) -> None:
    found = collect(workspace, Rules(keep_last=1))
    assert len(found.values) == len(VERSIONS) - 1
    assert [past.has(digest) for digest in digests] == [False] * 5 + [True]
    assert np.array_equal(past.value(digests[-1]), VERSIONS[-1])
    assert scrub_store(workspace).faults == []
    assert collect(workspace, Rules(keep_last=1)).freed == 0
    collect(workspace, Rules(keep_last=0))
    assert os.listdir(workspace.state_dir / "objects") == []
    assert grown(workspace) == []


def test_the_oldest_keeps_nothing_of_the_others(
    workspace: Workspace, past: Any, digests: list[bytes]
) -> None:
    oldest = past.run(VERSIONS[0], seconds=1000.0, step="kept")
    collect(workspace, Rules(budget=VERSIONS[0].nbytes + 20_000))
    assert [past.has(digest) for digest in digests] == [True] + [False] * 5
    assert oldest == digests[0]
    assert occupied(workspace) < VERSIONS[0].nbytes + 20_000
    assert grown(workspace) == []


def test_a_version_that_a_writer_grows_from_stays(workspace: Workspace, past: Any) -> None:
    from mlops_core import formats
    from mlops_core.execution.keep import add_artifact
    from mlops_core.fingerprints.values import value_fingerprint
    from mlops_core.metadata import cells

    gone = past.run(VERSIONS[0])
    writer = workspace.store.writer()
    artifact = formats.save(VERSIONS[1], writer, value_fingerprint)
    written = writer.commit()
    assert written.grown
    collect(workspace, Rules(budget=0))
    assert not past.has(gone)
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        add_artifact(tx, artifact)
    writer.release()
    assert np.array_equal(past.value(artifact.digest), VERSIONS[1])


def test_an_index_that_was_lost_is_made_again(workspace: Workspace, past: Any, digests: list[bytes]) -> None:
    with workspace.database.transaction() as tx:
        for table in ("cells", "grown_cells", "segments"):
            tx.execute(f"DELETE FROM {table}")
    assert not any(map(past.has, digests))
    assert index_again(workspace.state_dir, workspace.database) > len(VERSIONS)
    for digest, version in zip(digests, VERSIONS, strict=True):
        assert np.array_equal(past.value(digest), version)


@pytest.mark.parametrize("change", ["parts = zeroblob(24)", "head = head + 1", "digest = randomblob(16)"])
def test_damaged_rows_are_made_again(
    workspace: Workspace, past: Any, digests: list[bytes], change: str
) -> None:
    with workspace.database.transaction() as tx:
        tx.execute(f"UPDATE grown_cells SET {change} WHERE digest = (SELECT min(digest) FROM grown_cells)")
    found = scrub_store(workspace)
    assert [fault.kind for fault in found.faults][:1] == ["row"]
    repair_store(workspace)
    assert scrub_store(workspace).faults == []
    for digest, version in zip(digests, VERSIONS, strict=True):
        assert np.array_equal(past.value(digest), version)


def test_damage_of_what_is_shared_costs_all_that_share_it(
    workspace: Workspace, past: Any, digests: list[bytes]
) -> None:
    first = min(grown(workspace), key=lambda row: len(row.parts)).parts[0].digest
    rows = holdings.cell_rows(workspace.database.query, workspace.database.damage)
    (shared,) = [row for row in rows if row.digest == first]
    path: Path = workspace.state_dir / "objects" / f"{shared.segment}.segment"
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[shared.offset + 5] ^= 1
    path.write_bytes(data)
    needing = [past.keys.index(r.key) for r in _records(workspace) if _needs(workspace, r.output, first)]
    assert len(needing) > 1
    lost = {value.digest for value in scrub_store(workspace).lost}
    assert lost == {digests[number] for number in needing}
    repair_store(workspace)
    assert scrub_store(workspace).faults == []
    for number, (digest, version) in enumerate(zip(digests, VERSIONS, strict=True)):
        assert past.has(digest) == (number not in needing)
        assert past.run(version) == digest
        assert np.array_equal(past.value(digest), version)


def _records(workspace: Workspace) -> list[Any]:
    from mlops_core.metadata import records

    keys = workspace.database.query("SELECT key FROM records")
    return [row for (key,) in keys for row in records.find(workspace.database, key)]


def _needs(workspace: Workspace, output: bytes, cell: bytes) -> bool:
    from mlops_core.execution.upkeep.reach import Reach
    from mlops_core.execution.upkeep.survey import survey

    seen = survey(workspace.database.query, Reach(workspace.database, workspace.store), ())
    return cell in seen.values[output].cells


def table(rows: int) -> pa.Table:
    return pa.table(
        {
            "id": pa.array(np.arange(rows)),
            "x": pa.array(NOISE[:rows], mask=np.arange(rows) % 7 == 3),
            "name": pa.array([f"name {n * 7919 % 10_007}" for n in range(rows)]),
            "list": pa.array([[n, n + 1] for n in range(rows)]),
        }
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
@given(lengths=st.lists(st.integers(0, 4000), min_size=2, max_size=6))
def test_tables_that_grow(
    make_workspace: Any, past_class: Any, tmp_path_factory: Any, lengths: list[int]
) -> None:
    with make_workspace(tmp_path_factory.mktemp("tables")) as workspace:
        past, rows, made = past_class(workspace), 10_000, []
        for more in lengths:
            rows += more
            made.append((past.run(table(rows)), rows))
        for digest, count in made:
            assert past.value(digest) == table(count)
        slack = len(lengths) * 10 * 3 * 4096  # a page or three for each buffer of each version
        assert occupied(workspace) < table(rows).nbytes + slack
