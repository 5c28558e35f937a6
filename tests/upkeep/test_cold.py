"""What no run has used for a while is packed, by the command's rules, and is the same when it is loaded."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_core.clock import Clock
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.cold import pack, would_pack
from mlops_core.execution.upkeep.collect import collect, occupied
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.metadata import holdings
from mlops_core.workspace.workspace import Workspace, open_workspace

DAY = 86_400.0
MIB = 1 << 20


def array(seed: int, size: int = 300_000) -> Any:
    """Doubles that compress."""
    return np.random.default_rng(seed).integers(0, 1000, size).astype(float)


def age(workspace: Workspace, day: float) -> None:
    """Let all files be written on a day of the past."""
    for path in (workspace.state_dir / "objects").iterdir():
        os.utime(path, (1e9 + day * DAY,) * 2)


def codings(workspace: Workspace) -> list[int]:
    return [cell.coding for cell in holdings.cell_rows(workspace.database.query, workspace.database.damage)]


def test_cold_values_are_packed_and_come_back(
    workspace: Workspace, past: Any, clock: Callable[[float], Clock]
) -> None:
    digest = past.run(array(1), day=0)
    age(workspace, 0)
    before = occupied(workspace)
    expected = would_pack(workspace, 30 * DAY, clock(40))
    assert set(codings(workspace)) == {0}
    done = pack(workspace, 30 * DAY, clock(40))
    assert (done.cells, done.before) == (expected.cells, expected.before) == (3, 2_400_000)
    assert occupied(workspace) < before // 2
    assert done.after < occupied(workspace)
    assert 0 not in codings(workspace)
    assert scrub_store(workspace).faults == []
    assert np.array_equal(past.value(digest), array(1))
    assert set(codings(workspace)) == {0}
    assert pack(workspace, 30 * DAY, clock(41)).cells == 0  # it is new again
    assert np.array_equal(past.value(digest), array(1))


def test_what_is_warm_stays(workspace: Workspace, past: Any, clock: Callable[[float], Clock]) -> None:
    shared = np.concatenate([array(1, 131_072), array(2, 131_072)])
    past.run(shared, day=0)
    past.run(array(1, 131_072), day=35)
    past.run(array(3), day=0, status="running")
    leased = past.run(array(4), day=0)
    age(workspace, 0)
    with workspace.store.lease() as lease, lease.publishing([leased]):
        pass
    with workspace.store.lease() as lease:
        with lease.publishing([leased]):
            pass
        assert pack(workspace, 30 * DAY, clock(40)).cells == 1
    assert pack(workspace, 30 * DAY, clock(40)).cells == 3
    assert pack(workspace, 30 * DAY, clock(100)).cells == 1
    assert len([coding for coding in codings(workspace) if not coding]) == 3  # of the run that goes on


def test_young_files_stay(workspace: Workspace, past: Any, clock: Callable[[float], Clock]) -> None:
    past.run(array(1), day=0)
    age(workspace, 39)
    assert pack(workspace, 30 * DAY, clock(40)).cells == 0


def test_listings_are_read_without_unpacking_them(
    workspace: Workspace, past: Any, clock: Callable[[float], Clock], tmp_path: Path
) -> None:
    from mlops_core import formats
    from mlops_core.execution.keep import add_artifact
    from mlops_core.fingerprints.values import value_fingerprint
    from mlops_core.metadata import cells

    folder = tmp_path / "made"
    folder.mkdir()
    for n in range(200):
        (folder / f"file number {n}").write_bytes(b"content" * 1000)
    writer = workspace.store.writer()
    artifact = formats.save(folder, writer, value_fingerprint, written=lambda path: True)
    with workspace.database.transaction() as tx:
        cells.add(tx, writer.commit())
        add_artifact(tx, artifact)
    writer.release()
    past.run(array(1), day=0)
    with workspace.database.transaction() as tx:
        tx.execute("UPDATE step_runs SET output = ? WHERE 1", (artifact.digest,))
    age(workspace, 0)
    assert pack(workspace, DAY, clock(40)).cells > 0
    before = codings(workspace)
    collect(workspace, Rules())
    assert codings(workspace) == before


def test_a_packed_value_can_be_read_where_nothing_may_be_written(
    workspace: Workspace, past: Any, past_class: Any, clock: Callable[[float], Clock]
) -> None:
    digest = past.run(array(1), day=0)
    age(workspace, 0)
    pack(workspace, DAY, clock(40))
    before = sorted(os.listdir(workspace.state_dir / "objects"))
    with open_workspace(workspace.root, readonly=True) as readonly:
        assert np.array_equal(past_class(readonly).value(digest), array(1))
    assert sorted(os.listdir(workspace.state_dir / "objects")) == before


def test_half_dead_packed_segments_are_compacted(
    workspace: Workspace, past: Any, clock: Callable[[float], Clock]
) -> None:
    large = array(1, MIB)
    past.run(large, seconds=0.1)
    kept = past.run(large[:200_000], seconds=1000.0)
    age(workspace, 0)
    pack(workspace, DAY, clock(40))
    packed = occupied(workspace)
    done = collect(workspace, Rules(budget=packed // 2))
    assert done.compacted == 1
    assert done.after < packed // 3
    assert 0 not in codings(workspace)
    assert np.array_equal(past.value(kept), large[:200_000])


def test_growing_versions_are_packed_by_what_is_new_of_each(
    workspace: Workspace, past: Any, clock: Callable[[float], Clock]
) -> None:
    whole = array(1, 200_000)
    digests = [past.run(whole[: 100_000 + 10_000 * n], day=n) for n in range(11)]
    assert occupied(workspace) < 1.1 * whole.nbytes
    age(workspace, 0)
    pack(workspace, DAY, clock(100))
    assert occupied(workspace) < 0.4 * whole.nbytes
    assert scrub_store(workspace).faults == []
    collect(workspace, Rules(keep_last=1))
    assert [past.has(digest) for digest in digests] == [False] * 10 + [True]
    assert np.array_equal(past.value(digests[-1]), whole)
    assert scrub_store(workspace).faults == []


@pytest.mark.parametrize("setting", [True, False])
def test_the_command(setting: bool, root: Path, environment: dict[str, str]) -> None:
    import json
    import subprocess
    import sys

    def mlops(*words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "mlops_core", *words, "--json"],
            cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    (root / "pipe.py").write_text(
        "import numpy as np\nfrom mlops_core import pipeline, step\n"
        "@step\ndef base() -> np.ndarray:\n    return np.arange(400_000)\n"
        "@pipeline\ndef work():\n    return base()\n"
    )
    assert mlops("run", "pipe.py")[0] == 0
    assert mlops("store", "gc", "--unused-for", "1d")[0] == 2
    assert mlops("store", "gc")[1]["packed"] is None
    for path in (root / ".mlops" / "objects").iterdir():
        os.utime(path, (1e9, 1e9))
    words = ["--compress", "--unused-for", "0s"]
    if setting:
        (root / "mlops.toml").write_text('[store]\ncompress_after = "0s"\n')
        words = []
    _, dry = mlops("store", "gc", *words, "--dry-run")
    assert (dry["packed"]["cells"], dry["packed"]["after_bytes"]) == (4, None)
    status, done = mlops("store", "gc", *words)
    assert (status, done["packed"]["cells"]) == (0, 4)
    assert done["packed"]["after_bytes"] < done["packed"]["before_bytes"] == 3_200_000
    assert mlops("store", "status")[1]["packed_bytes"] == done["packed"]["after_bytes"]
    assert mlops("store", "verify")[1]["sound"]
    assert mlops("run", "pipe.py")[1]["steps"][0]["status"] == "cached"


def test_a_packed_file_is_unpacked_in_one_go(
    workspace: Workspace, clock: Callable[[float], Clock], tmp_path: Path
) -> None:
    from mlops_core.formats.files import restore_path, save_path
    from mlops_core.metadata import cells

    content = array(1).tobytes()
    (tmp_path / "made.bin").write_bytes(content)
    writer = workspace.store.writer()
    artifact = save_path(tmp_path / "made.bin", writer)
    with workspace.database.transaction() as tx:
        cells.add(tx, writer.commit())
    writer.release()
    age(workspace, 0)
    assert pack(workspace, DAY, clock(40)).cells > 3
    before = len(os.listdir(workspace.state_dir / "objects"))
    restore_path(artifact, workspace.store, tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == content
    assert len(os.listdir(workspace.state_dir / "objects")) == before + 1
