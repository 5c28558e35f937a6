"""Collections against a dictionary: a value is right, or a miss with a reason, never wrong."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.cold import pack
from mlops_core.execution.upkeep.collect import collect, occupied
from mlops_core.metadata import records
from mlops_core.workspace.workspace import open_workspace

CELL = 1 << 20
Past: Any = None


def content(start: int, cells: int, tail: int) -> Any:
    """Arrays that share cells with others of the same start."""
    pieces = [np.full(CELL, (start + n) % 251, np.uint8) for n in range(cells)]
    return np.concatenate([*pieces, np.full(tail, start % 251, np.uint8)])


class Machine(RuleBasedStateMachine):
    """``model`` is what was recorded, by key: the value and its digest."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        (self.root / "mlops.toml").touch()
        self.workspace = open_workspace(self.root)
        self.past = Past(self.workspace)
        self.model: dict[bytes, tuple[bytes, Any]] = {}
        self.held: list[tuple[Any, Any]] = []
        self.lease = self.workspace.store.lease()
        self.leased: set[bytes] = set()

    @rule(
        target=made,
        start=st.integers(0, 5),
        cells=st.integers(0, 3),
        tail=st.sampled_from([0, 1, 5000]),
        seconds=st.sampled_from([0.01, 1.0, 100.0]),
        day=st.integers(0, 50),
        returned=st.booleans(),
        recorded=st.booleans(),
    )
    def run(self, returned: bool, **how: Any) -> bytes:
        value = content(how["start"], how["cells"], how["tail"])
        digest: bytes = self.past.run(
            value,
            seconds=how["seconds"],
            day=how["day"],
            recorded=how["recorded"],
            status="succeeded",
            returned=returned,
        )
        if how["recorded"]:
            self.model[self.past.keys[-1]] = (digest, value)
        return digest

    @rule(
        budget=st.none() | st.sampled_from([0, 5000, CELL, 3 * CELL]),
        age=st.none() | st.sampled_from([1.0, 20 * 86_400.0]),
        keep=st.none() | st.integers(0, 2),
    )
    def collect(self, budget: int | None, age: float | None, keep: int | None) -> None:
        found = collect(self.workspace, Rules(budget, age, keep))
        assert found.after == occupied(self.workspace)
        if budget is not None and keep is None:
            assert found.after <= max(budget, found.protected + 10_000)

    @rule()
    def pack(self) -> None:
        """Everything is packed that nobody uses; the next look at it unpacks it."""
        pack(self.workspace, 0)

    @rule(digest=made)
    def hold(self, digest: bytes) -> None:
        """Somebody keeps an array over a stored value."""
        if self.past.has(digest):
            value = self.past.value(digest)
            self.held.append((value, np.array(value)))

    @rule(digest=made)
    def take(self, digest: bytes) -> None:
        """A run takes a value over."""
        with self.lease.publishing([digest]):
            if self.past.has(digest):
                self.leased.add(digest)

    @rule()
    def let_go(self) -> None:
        self.lease.release()
        self.lease, self.leased = self.workspace.store.lease(), set()

    @rule()
    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = open_workspace(self.root)
        self.past.workspace = self.workspace

    @invariant()
    def right_or_missed_with_a_reason(self) -> None:
        for key, (digest, value) in self.model.items():
            if records.find(self.workspace.database, key):
                assert np.array_equal(self.past.value(digest), value)
            else:
                row = next(iter(records.of_key(self.workspace.database, key)), None)
                assert row is not None
                assert row.dropped == "removed by gc"

    @invariant()
    def what_was_handed_out_is_the_same(self) -> None:
        for value, copy in self.held:
            assert np.array_equal(value, copy)

    @invariant()
    def what_is_leased_is_there(self) -> None:
        assert all(map(self.past.has, self.leased))

    def teardown(self) -> None:
        self.held.clear()
        self.lease.release()
        self.workspace.close()
        shutil.rmtree(self.root)


def test_the_store_against_a_dictionary(past_class: Any) -> None:
    global Past
    Past = past_class
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
