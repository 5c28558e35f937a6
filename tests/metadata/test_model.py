"""Records and runs against plain dicts, whatever the order of what is done to them."""

import tempfile
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mlops_core.metadata import records, runs
from mlops_core.metadata.database import Database
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.runs import RunRow

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
REAL = st.floats(allow_nan=False)
KEYS = st.sampled_from([bytes([n]) * 16 for n in range(3)])
PIPELINES = st.sampled_from(["a", "b"])
STATUSES = st.sampled_from(["succeeded", "failed", "cancelled"])


class Metadata(RuleBasedStateMachine):
    started = Bundle("started")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.db = Database.open(self.folder.name)
        self.runs: list[RunRow] = []
        self.records: list[RecordRow] = []

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @rule(target=started, pipeline=PIPELINES, at=REAL, params=TEXT)
    def start(self, pipeline: str, at: float, params: str) -> str:
        id = f"run {len(self.runs)}"
        row = RunRow(id, -1, pipeline, params, "running", at, None, params, None, None, None, "{}", "1::")
        with self.db.transaction() as tx:
            number = runs.start(tx, row)
        self.runs.append(row._replace(number=len(self.runs) + 1))
        assert number == len(self.runs)
        return id

    @rule(id=started, status=STATUSES, seconds=REAL, outputs=st.none() | TEXT)
    def finish(self, id: str, status: str, seconds: float, outputs: str | None) -> None:
        with self.db.transaction() as tx:
            runs.finish(tx, id, status, seconds, outputs)
        self.runs = [
            r._replace(status=status, seconds=seconds, outputs_json=outputs) if r.id == id else r
            for r in self.runs
        ]

    @rule(key=KEYS, output=KEYS, text=TEXT, real=REAL, failing=st.booleans())
    def record(self, key: bytes, output: bytes, text: str, real: float, failing: bool) -> None:
        row = RecordRow(0, key, output, text, text, text, text, text, text, 1, real, real, text)
        try:
            with self.db.transaction() as tx:
                id = records.add(tx, row)
                if failing:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return
        assert all(id > known.id for known in self.records)
        self.records.append(row._replace(id=id))

    @rule(data=st.data(), reason=TEXT)
    def drop(self, data: st.DataObject, reason: str) -> None:
        if not self.records:
            return
        chosen = data.draw(st.integers(0, len(self.records) - 1))
        with self.db.transaction() as tx:
            records.drop(tx, self.records[chosen].id, reason)
        if self.records[chosen].dropped is None:  # the first reason stands
            self.records[chosen] = self.records[chosen]._replace(dropped=reason)

    @rule(checkpoint=st.booleans())
    def reopen(self, checkpoint: bool) -> None:
        if checkpoint:
            self.db.checkpoint()
        self.db.close()
        self.db = Database.open(self.folder.name)

    @rule(key=KEYS)
    def find(self, key: bytes) -> None:
        usable = [row for row in self.records if row.key == key and row.dropped is None]
        assert records.find(self.db, key) == usable[::-1]

    @rule(pipeline=st.none() | PIPELINES, status=st.none() | STATUSES, limit=st.integers(1, 5))
    def list(self, pipeline: str | None, status: str | None, limit: int) -> None:
        fitting = [r for r in self.runs if pipeline in {None, r.pipeline} and status in {None, r.status}]
        assert runs.listing(self.db, pipeline, status, limit) == (len(fitting), fitting[::-1][:limit])
        assert runs.newest(self.db, pipeline, status) == (fitting[-1] if fitting else None)

    @invariant()
    def every_row_is_there(self) -> None:
        assert [runs.get(self.db, row.number) for row in self.runs] == self.runs
        assert [records.get(self.db, row.id) for row in self.records] == self.records
        assert len(self.db.damage) == 0


TestMetadata = Metadata.TestCase
TestMetadata.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
_: Callable[..., object] = TestMetadata
