"""A power cut at any moment, with any of what the disk may lose then: nothing wrong comes of it.

What a file system may do to what was not synced: lose it, keep a part, keep its length and not its bytes,
keep the file under its earlier name. The WAL may end anywhere after its last sync, and hold zeros there.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_core.execution.running import plan_pipeline, run_pipeline
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.store import store, trust, writer
from mlops_core.workspace.workspace import open_workspace
from tests.durability.conftest import Event, Recorded, by_size_and_time, numbers, work

SEGMENT_FATES = ("whole", "lost", "cut", "zeros", "zero tail", "not renamed", "empty")


class Cut(NamedTuple):
    """Where the power went, in 1/1,000 of all events, and what the disk made of what it did not have."""

    moment: int
    fates: list[str]
    where: int
    wal: int
    hole: bool


CUTS = st.builds(
    Cut,
    st.integers(0, 1000),
    st.lists(st.sampled_from(SEGMENT_FATES), min_size=8, max_size=8),
    st.integers(0, 999),
    st.integers(0, 1000),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)  # runs of a pipeline
@given(CUTS)
def test_after_a_power_cut_the_next_run_is_right(recorded: Recorded, cut: Cut) -> None:
    events = recorded.events[: 1 + cut.moment * (len(recorded.events) - 1) // 1000]
    with disk_after(recorded, events, cut) as root, signatures_that_copies_keep():
        workspace = open_workspace(root)
        with workspace:
            planned = {s.name: s.reason for s in plan_pipeline(workspace, work).steps}
            run = run_pipeline(workspace, work)
            assert run.status == "succeeded", run.error
            expected = numbers.__wrapped__(5)
            assert np.array_equal(run.outputs["last"], expected)
            assert run.outputs["total"] == sum(int(numbers.__wrapped__(n).sum()) for n in (2, 3, 4, 5))
            status = {one.name: one.status for one in run.steps}
            assert all(status[name] == "cached" for name in on_the_disk(events)), (status, planned)
            assert all(one.reason for one in run.steps)
            scrub_store(workspace)  # what is left of lost files is named, not stumbled over
            again = run_pipeline(workspace, work)
            assert {one.status for one in again.steps} == {"cached"}


def on_the_disk(events: list[Event]) -> tuple[str, ...]:
    """The steps that were finished when the last batch began to go to the disk."""
    synced = [number for number, event in enumerate(events) if event.call == "journal"]
    return events[synced[-1]].steps if synced else ()


@contextmanager
def signatures_that_copies_keep() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLOPS_STATE_DIR", raising=False)
        for module in (store, trust, writer):
            patch.setattr(module, "stat_signature", by_size_and_time)
        yield


@contextmanager
def disk_after(recorded: Recorded, events: list[Event], cut: Cut) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(recorded.root, root)
        (root / ".mlops" / "mlops.db-shm").unlink(missing_ok=True)
        _cut_segments(root / ".mlops", events, cut)
        _cut_wal(root / ".mlops" / "mlops.db-wal", events, cut)
        yield root


def _cut_segments(state: Path, events: list[Event], cut: Cut) -> None:
    named = {Path(event.target).name: event for event in events if event.call == "rename"}
    synced = {Path(event.path).name for event in events if event.call == "sync"}
    folder_synced = max((n for n, e in enumerate(events) if e.call == "sync_folder"), default=-1)
    for number, path in enumerate(sorted((state / "objects").iterdir())):
        if path.name not in named:  # it came later
            path.unlink()
            continue
        name_is_safe = events.index(named[path.name]) < folder_synced
        if not (path.name in synced and name_is_safe):
            _damage(path, cut.fates[number % len(cut.fates)], cut.where, path.name in synced, name_is_safe)


def _damage(path: Path, fate: str, where: int, bytes_are_safe: bool, name_is_safe: bool) -> None:
    """What a disk may make of a file; neither its time nor, with zeros, its length gives it away."""
    status = path.stat()
    place = status.st_size * where // 1000
    path.chmod(0o644)
    if fate in ("lost", "not renamed") and not name_is_safe:
        temporary = path.parents[1] / "tmp" / f"1-{path.name[:12]}.segment.tmp"
        path.unlink() if fate == "lost" else path.rename(temporary)
        return
    if not bytes_are_safe:
        if fate in ("cut", "empty"):
            os.truncate(path, place if fate == "cut" else 0)
        elif fate in ("zeros", "zero tail"):
            kept = path.read_bytes()[: place if fate == "zero tail" else 0]
            path.write_bytes(kept + bytes(status.st_size - len(kept)))
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _cut_wal(path: Path, events: list[Event], cut: Cut) -> None:
    there = events[-1].wal
    safe = max((event.wal for event in events if event.call == "journal"), default=0)
    kept = safe + (there - safe) * cut.wal // 1000
    with path.open("r+b") as file:
        file.truncate(kept)
        if cut.hole and kept > safe:
            file.seek(safe + (kept - safe) * cut.where // 1000)
            file.write(bytes(min(512, kept - file.tell())))
