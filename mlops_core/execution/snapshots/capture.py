"""Take a snapshot of a run that had nothing to do, for the next one of the same command line."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlops_core.execution.loading import stored_cells
from mlops_core.execution.run import Run
from mlops_core.execution.snapshots import conditions, request, snapshot_file, surroundings
from mlops_core.execution.snapshots.watch import Watch, codes
from mlops_core.execution.unit import Unit
from mlops_core.files.signature import path_signature
from mlops_core.fingerprints.volumes import is_unreliable
from mlops_core.metadata import runs, schema
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.statefile import NAME
from mlops_core.tracing.look import OF_PATHS
from mlops_core.tracing.places import Places
from mlops_core.workspace.workspace import Workspace

Condition = tuple[str, str, str, tuple[int, int, int, int] | None]
#: Larger files than this are not read again for an answer: their stat signature has to be trusted.
LARGE = 1 << 20
_YOUNG_NS = 60 * 10**9


class Unsettled(Exception):  # noqa: N818 - control flow, never shown
    """Something changes while the run looks at it, or has changed just now: no snapshot this time."""


class Snapshot:
    """A snapshot that is not kept yet."""

    def __init__(self, content: dict[str, Any], state_dir: str, name: str) -> None:
        self._content = content
        self._state_dir = state_dir
        self._name = name

    def keep(self, shown: dict[str, object]) -> None:
        """Write it with what is to be printed, once the database is closed: its file stays as it is then."""
        self._content["shown"] = shown
        self._content["database"] = path_signature(os.path.join(self._state_dir, NAME))
        path = os.path.join(self._state_dir, request.FOLDER, self._name)
        with suppress(OSError):  # a full disk: the next run goes the normal way, too
            snapshot_file.write(path, self._content)


def take(workspace: Workspace, watch: Watch, run: Run, target: str, pipeline: Any) -> Snapshot | None:
    """The snapshot of a run of the file ``target``, None where there is none of such a run."""
    units = watch.units
    if not all(_is_settled(unit) for unit in units):
        return None
    if watch.obstacles(pipeline):
        return None
    try:
        content = Capture(workspace, watch).content(run, target)
    except Unsettled:
        return None
    return Snapshot(content, str(workspace.state_dir), watch.name)


@dataclass(slots=True)
class Capture:
    """Collects what the result of one run depends on. Raises ``Unsettled`` where it does not stand still."""

    workspace: Workspace
    watch: Watch
    found: dict[tuple[str, str], Condition] = field(default_factory=dict)

    def content(self, run: Run, target: str) -> dict[str, Any]:
        """The content of the snapshot (docs/formats/snapshots.md), but for what is printed."""
        self._collect(target)
        return self._assembled(run, self.watch.units)

    def _collect(self, target: str) -> None:
        root = str(self.workspace.root)
        places = Places(root, str(self.workspace.state_dir))
        for kind, path in (*surroundings.of_project(target, root), *surroundings.of_imports()):
            self._look(kind, path)
        self._look("file", str(self.workspace.state_dir / "VERSION"))
        for file in surroundings.own_files():
            self._look("file", file)
        for part in {part for code in codes(self.watch.units) for part in code.parts}:
            if part.file and os.path.isfile(places.path(part.file)):
                self._look("file", places.path(part.file))
        for recording in self.watch.seen:
            for kind, name, seen in recording.trace:
                self._expect(kind, name, seen, places)
        for unit in self.watch.units:
            self._unit(unit, places)

    def _unit(self, unit: Unit, places: Places) -> None:
        """What the step's own inputs and destinations are, and what its result was seen to depend on."""
        record = unit.verdict.record if unit.verdict is not None else None
        if record is not None:
            for kind, name, seen in json.loads(record.trace_json):
                self._expect(kind, name, seen, places)
        if unit.bound is None:
            return
        for given in unit.bound.files.inputs:
            if not given.path.startswith(os.path.join(str(self.workspace.state_dir), "")):
                self._content(given.path, given.digest)
        stored = json.loads(record.flags).get("restores", {}) if record is not None else {}
        for name, path in unit.bound.files.destinations:
            if name in stored:
                self._content(path, stored[name][1])

    def _content(self, path: str, digest: str) -> None:
        self._add("tree" if os.path.isdir(path) else "file", path, digest)

    def _expect(self, kind: str, name: str, seen: str, places: Places) -> None:
        """An observation made by the run. The current folder and the code of classes are looked at anyway."""
        if kind in ("env", "environ"):
            self.found[kind, name] = (kind, name, seen, None)
        elif kind not in ("folder", "class"):
            self._add(kind, places.path(name), seen)

    def _look(self, kind: str, path: str) -> None:
        """What the run has looked at without taking it down: as it is now, unless it changed since."""
        if (kind, path) in self.found:
            return
        signature = path_signature(path)
        if signature is not None and kind != "probe" and max(signature[1:3]) >= self.watch.started:
            raise Unsettled(path)
        seen = conditions.file_as_seen(path) if kind == "file" else OF_PATHS[kind](path)
        self._add(kind, path, seen)

    def _add(self, kind: str, path: str, seen: str) -> None:
        known = self.found.get((kind, path))
        if known is not None and known[2] != seen:
            raise Unsettled(path)
        if known is None:
            self.found[kind, path] = (kind, path, seen, self._signature(kind, path))

    def _signature(self, kind: str, path: str) -> tuple[int, int, int, int] | None:
        """The stat signature that may stand for the content, None where it may not."""
        if kind not in ("file", "imports"):
            return None
        try:
            found = os.stat(path)
        except OSError:
            return None
        signature = path_signature(path)
        settled = max(found.st_mtime_ns, found.st_ctime_ns) <= self.watch.started - _YOUNG_NS
        if settled and not (is_unreliable(found.st_dev) and found.st_size < LARGE):
            return signature
        if kind == "file" and found.st_size > LARGE:
            raise Unsettled(path)
        return None

    def _assembled(self, run: Run, units: list[Unit]) -> dict[str, Any]:
        row = runs.get(self.workspace.database, run.id)
        assert row is not None
        ages = [
            (unit.verdict.record.created, unit.node.options.max_age)
            for unit in units
            if unit.verdict and unit.verdict.record
        ]
        return {
            "conditions": list(self.found.values()),
            "segments": self._segments(units),
            "removals": self.watch.removals,
            "newest_record": self.watch.newest_record,
            "keys": frozenset(unit.verdict.key.digest for unit in units if unit.verdict and unit.verdict.key),
            "latest": self.watch.latest,
            "schema": schema.VERSION,
            "made": self.watch.started / 1e9,
            "expires": min((created + age for created, age in ages if age is not None), default=None),
            "row": _row(row),
            "steps": [(s.name, s.status, s.reason, s.saved_seconds) for s in run.steps],
        }

    def _segments(self, units: list[Unit]) -> list[tuple[str, tuple[int, int, int, int] | None]]:
        """The segment files that hold the results, as they are now."""
        artifacts = {
            u.outcome.artifact.digest: u.outcome.artifact for u in units if u.outcome and u.outcome.artifact
        }
        cells = list(
            dict.fromkeys(cell for artifact in artifacts.values() for cell in stored_cells(artifact))
        )
        return [(path, path_signature(path)) for path in self.workspace.store.files_of(cells)]


def _is_settled(unit: Unit) -> bool:
    """Reused, or left out because of a condition; what was not selected says nothing of itself."""
    return all(reason["kind"] in ("hit", "condition") for reason in unit.step_run.reasons)


def _row(row: RunRow) -> dict[str, object]:
    """The columns of the run to record: those of its own are filled in then."""
    own = {
        "id": "",
        "number": 0,
        "started": 0.0,
        "seconds": 0.0,
        "process": "",
        "same_as": row.same_as or row.id,
    }
    return {**row._asdict(), **own}
