"""Store what a step returned and record it: one segment, then one transaction.

The transaction also holds the step's row (``Along``): a finished step costs one, and the next begins without.
"""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from mlops_core import formats
from mlops_core.errors import DiskFull
from mlops_core.execution.disk_full import explained, remove_unrecorded
from mlops_core.execution.task import Along, Performed, StepTask
from mlops_core.files.space import is_full
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.files import path_digest
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats.artifact import Artifact, to_json
from mlops_core.formats.files import save_path
from mlops_core.metadata import artifacts, cells, code_parts, lineage, records
from mlops_core.metadata.records import RecordRow
from mlops_core.store import Written
from mlops_core.tracing.places import Places
from mlops_core.tracing.recorder import Recording
from mlops_core.workspace.workspace import Workspace


class Keeper:
    """Keeps the result of one step run: ``save`` writes the bytes, ``commit`` makes them count."""

    def __init__(self, workspace: Workspace, places: Places, task: StepTask, recording: Recording) -> None:
        self._workspace = workspace
        self._places = places
        self._task = task
        self._recording = recording
        self._writer = workspace.store.writer()
        self._saved: list[Artifact] = []
        self._restores: dict[str, list[str]] = {}
        self.returned: list[str] = []

    @property
    def artifact(self) -> Artifact:
        """What the result is stored as; there once it was saved."""
        return self._saved[0]

    def save(self, result: Any) -> None:
        """Write the value's new cells, and those of the destinations the step wrote.

        Raises ``UnstorableValue`` where no serializer takes the value, ``DiskFull``.
        """
        try:
            self._save(result)
        except OSError as error:
            if not is_full(error):
                raise
            raise self._full(error, getattr(result, "nbytes", 0)) from None

    def _full(self, error: OSError, nbytes: object = 0) -> DiskFull:
        """What it means that there is no room; what was written goes first, so that it counts as free."""
        needed = max(self._writer.size, nbytes if isinstance(nbytes, int) else 0)
        self.abort()
        return explained(self._workspace, needed, error)

    def _save(self, result: Any) -> None:
        artifact = formats.save(result, self._writer, value_fingerprint, embed=Embedded, written=self._wrote)
        self._saved.append(artifact)
        for name, path in self._task.destinations:
            if os.path.exists(path):
                stored = save_path(Path(path), self._writer)
                self._saved.append(stored)
                self._restores[name] = [stored.digest.hex(), path_digest(path).hex()]

    def _wrote(self, path: Path) -> bool:
        """Whether the step wrote a path that it returns: then its content is stored."""
        absolute = os.path.abspath(path)
        if not os.path.exists(absolute) or not self._recording.wrote(absolute):
            return False
        self.returned.append(absolute)
        return True

    def abort(self) -> None:
        """Forget what was written so far."""
        self._writer.abort()

    def commit(self, performed: Performed, flags: dict[str, object], now: float | None, along: Along) -> None:
        """Publish the segment, then cells, artifacts, lineage, record and ``along`` in one transaction.

        ``now`` is when the record was made, None where there is to be none. Raises ``DiskFull``, with nothing
        left of it.
        """
        try:
            written = self._writer.commit()
            performed.stored = written.nbytes
            with self._workspace.database.transaction() as tx:
                self._add_value(tx, written)
                if self._task.record is not None and now is not None:
                    self._add_record(tx, self._row(performed.seconds, flags, now))
                along(tx, performed)
        except OSError as error:
            self._writer.forget()
            if not is_full(error):
                raise
            remove_unrecorded(self._workspace)
            raise self._full(error) from None
        self._writer.release()

    def _add_value(self, tx: sqlite3.Connection, written: Written) -> None:
        task = self._task
        cells.add(tx, written)
        for artifact in self._saved:
            add_artifact(tx, artifact)
        inputs = [(n, _digest(d), t) for n, d, t in task.inputs]
        for output in (self.artifact, *self.artifact.children.values()):
            lineage.add_edges(tx, task.run_id, task.name, inputs, output.digest)

    def _add_record(self, tx: sqlite3.Connection, row: RecordRow) -> None:
        sources = self._task.code_sources
        code_parts.add(tx, [(d, label, file, source) for d, (label, file, source) in sources.items()])
        records.add(tx, row)

    def _row(self, seconds: float, flags: dict[str, object], now: float) -> RecordRow:
        task = self._task
        assert task.record is not None
        if self._restores:
            flags = {**flags, "restores": self._restores}
        trace = json.dumps([list(observation) for observation in self._recording.seen.trace])
        return RecordRow(
            id=0,
            key=task.record.key,
            output=self.artifact.digest,
            trace_json=trace,
            components_json=task.record.components_json,
            label=task.label,
            name=task.name,
            pipeline=task.pipeline,
            run_id=task.run_id,
            run_number=task.run_number,
            seconds=seconds,
            created=now,
            flags=json.dumps(flags),
        )


def add_artifact(tx: sqlite3.Connection, artifact: Artifact) -> None:
    """Record an artifact and, as artifacts of their own, its children."""
    artifacts.add(tx, artifact.digest, to_json(artifact), artifact.format, artifact.type, artifact.nbytes)
    for child in artifact.children.values():
        add_artifact(tx, child)


def _digest(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
