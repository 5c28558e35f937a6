"""A store and its database against a dictionary, as a state machine of many steps.

Values of all kinds that share parts are stored, loaded, held, removed by gc, damaged and repaired, while the
workspace is opened again and again. A value is right, or missing with an error that says so; without damage
it is missing only where a record says that gc removed it.
"""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mlops_core import fingerprint
from mlops_core.engine.digest import to_text
from mlops_core.errors import DamagedState
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect
from mlops_core.execution.upkeep.repair import repair_store
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.metadata import records
from mlops_core.workspace.workspace import open_workspace
from tests.upkeep.conftest import Past

HELP = "a long state machine of store and database against a dictionary"
_ROW = 1000
steps_taken = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--steps", type=int, default=60, help="the most of one example")


def run(options: argparse.Namespace) -> int:
    """Hypothesis prints the shortest way to what it finds."""
    run_state_machine_as_test(
        seed(options.seed)(type("Seeded", (Machine,), {})),
        settings=settings(
            max_examples=options.examples,
            stateful_step_count=options.steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"model: seed {options.seed}, {options.examples} examples, {steps_taken} steps, nothing found")
    return 0


def array(start: int, rows: int) -> Any:
    """Arrays of the same start begin alike."""
    return (np.arange(rows * _ROW, dtype=np.int64) * (start + 1)).reshape(rows, _ROW)


def table(start: int, rows: int, inserted: int, columns: int) -> pa.Table:
    """Tables of the same start share columns and rows, before and after those inserted in the middle."""
    middle = rows * 500
    number = np.arange(2 * middle, dtype=np.int64) * (start + 1)
    number = np.insert(number, middle, -np.arange(inserted))
    named = {f"c{column}": number + column for column in range(columns)}
    return pa.table({**named, "text": [f"t{n % 1000}" for n in number]})


_values = st.one_of(
    st.builds(array, st.integers(0, 2), st.integers(0, 400)),
    st.builds(table, st.integers(0, 2), st.integers(0, 150), st.sampled_from([0, 1, 77]), st.integers(0, 3)),
    st.builds(lambda n: {"a": [n, None, "x" * n]}, st.integers(0, 6000)),
    st.builds(lambda n: b"y" * n, st.sampled_from([0, 1, 4095, 4096, 3_000_000])),
    st.builds(lambda n, m: [array(0, n), {"m": m}], st.integers(0, 200), st.integers(0, 3)),
    st.builds(lambda n: {n, f"a set of {n}"}, st.integers(0, 5)),
)


class Machine(RuleBasedStateMachine):
    """``model`` is what was recorded: fingerprint by key of the record and digest."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="mlops-model-"))
        (self.root / "mlops.toml").touch()
        self.workspace = open_workspace(self.root)
        self.past = Past(self.workspace)
        self.model: dict[bytes, tuple[bytes, str]] = {}
        self.held: list[tuple[Any, str]] = []
        self.damaged = False

    @rule(target=made, value=_values, seconds=st.sampled_from([0.01, 1.0, 100.0]), returned=st.booleans())
    def store(self, value: object, seconds: float, returned: bool) -> bytes:
        digest = self.past.run(value, seconds=seconds, status="succeeded", returned=returned)
        self.model[self.past.keys[-1]] = (digest, fingerprint(value))
        return digest

    @rule(digest=made)
    def load(self, digest: bytes) -> None:
        self._right(digest)

    @rule(digest=made)
    def hold(self, digest: bytes) -> None:
        """Somebody keeps an array or a table over a stored value."""
        if self.past.has(digest):
            value = self.past.value(digest)
            if isinstance(value, np.ndarray | pa.Table):
                self.held.append((value, _content(value)))

    @rule(
        budget=st.none() | st.sampled_from([0, 5000, 1 << 20, 5 << 20]),
        keep=st.none() | st.integers(0, 2),
    )
    def collect(self, budget: int | None, keep: int | None) -> None:
        collect(self.workspace, Rules(budget, None, keep))

    @rule(place=st.integers(0, 2**40), bit=st.integers(0, 7), which=st.integers(0, 2**20))
    def damage(self, place: int, bit: int, which: int) -> None:
        """Flip one bit of one segment, whose stat signature changes with it. Held maps would see it, too."""
        files = sorted((self.workspace.state_dir / "objects").glob("*"))
        if not files or self.held:
            return
        path = files[which % len(files)]
        content = bytearray(path.read_bytes())
        content[place % len(content)] ^= 1 << bit
        path.chmod(0o600)
        path.write_bytes(content)
        self.damaged = True

    @rule()
    def repair(self) -> None:
        repair_store(self.workspace)
        assert not scrub_store(self.workspace).faults

    @rule()
    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = open_workspace(self.root)
        self.past.workspace = self.workspace

    @invariant()
    def count(self) -> None:
        global steps_taken
        steps_taken += 1

    @invariant()
    def what_was_handed_out_is_the_same(self) -> None:
        for value, content in self.held:
            assert _content(value) == content

    def teardown(self) -> None:
        """At the end everything that was recorded is right or missed with a reason."""
        for key, (digest, _) in self.model.items():
            if records.find(self.workspace.database, key):
                self._right(digest)
            elif not self.damaged:
                row = next(iter(records.of_key(self.workspace.database, key)), None)
                assert row is not None
                assert row.dropped == "removed by gc"
        self.held.clear()
        self.workspace.close()
        shutil.rmtree(self.root)

    def _right(self, digest: bytes) -> None:
        try:
            value = self.past.value(digest)
        except DamagedState:
            is_recorded = any(
                made == digest and records.find(self.workspace.database, key)
                for key, (made, _) in self.model.items()
            )
            assert self.damaged or not is_recorded, "a value is missing, and nothing was damaged"
            return
        wanted = next(text for made, text in self.model.values() if made == digest)
        assert to_text(digest) == wanted
        assert fingerprint(_copied(value)) == wanted


def _copied(value: object) -> object:
    """Memory of its own, so that nothing is recognised as coming from the store."""
    if isinstance(value, pa.Table):
        return pa.table(
            [
                pa.concat_arrays([pa.array(chunk.to_pylist(), chunk.type) for chunk in c.chunks])
                for c in value.columns
            ],
            schema=value.schema,
        )
    return value.copy() if isinstance(value, np.ndarray) else value


def _content(value: Any) -> str:
    return fingerprint(_copied(value))
