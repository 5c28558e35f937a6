"""The run loop: prepare what is ready, start what must run, finish what ended, until nothing is left."""

from collections import deque
from dataclasses import dataclass, field

from mlops_core.execution.disk_guard import check_room
from mlops_core.execution.executors import Executor, Pending
from mlops_core.execution.finish import Finisher
from mlops_core.execution.order import Order
from mlops_core.execution.preparation import Preparation, combined
from mlops_core.execution.redo import UNUSABLE, makers
from mlops_core.execution.run import BLOCKED, CANCELLED, FAILED, RUNNING, SKIPPED, WAITING, Run
from mlops_core.execution.unit import Unit
from mlops_core.pipelines.graph import Graph, upstream
from mlops_core.pipelines.node import Node
from mlops_core.planning.outcomes import BLOCKED as OUTCOME_BLOCKED
from mlops_core.planning.outcomes import Outcome
from mlops_core.planning.selection import LEFT_OUT


@dataclass(slots=True)
class Loop:
    """Carries out one graph. ``units`` are in pipeline order, as the run lists them."""

    graph: Graph
    run: Run
    roles: dict[int, str]
    preparation: Preparation
    executor: Executor
    finisher: Finisher
    outcomes: dict[int, Outcome]
    units: dict[int, list[Unit]] = field(default_factory=dict)
    waiting: deque[Unit] = field(default_factory=deque)
    running: dict[Pending, Unit] = field(default_factory=dict)
    failed: bool = False
    has_started: bool = False
    order: Order = field(init=False)

    def __post_init__(self) -> None:
        self.order = Order(self.graph)

    def go(self) -> None:
        """Run to the end; a failed step stops new starts, what runs is finished."""
        while True:
            self._start_what_is_ready()
            if not self.running:
                break
            self._collect()
        self._close()

    def _start_what_is_ready(self) -> None:
        while not self.failed and self.executor.free():
            if self.waiting:
                self._start(self.waiting.popleft())
            elif (node := self.order.next()) is not None:
                self._prepare(node)
            else:
                break

    def _prepare(self, node: Node) -> None:
        units = self._units(node)
        if units is None:
            return
        self.units[node.position] = []
        for unit in units:
            role = self.preparation.selection.role(self.graph, self.roles, node, unit.name)
            self.units[node.position].append(unit)
            if unit.step_run.status != FAILED and not self.finisher.settle(unit, role):
                self.waiting.append(unit)
        self._finish_node(node)

    def _units(self, node: Node) -> list[Unit] | None:
        """The node's step runs; a condition, a map or an indexed value that goes wrong fails the step.

        None where a value it needs has to be made again first.
        """
        try:
            return self.preparation.units(node)
        except Exception as error:
            if isinstance(error, UNUSABLE) and self._redo(node, error):
                return None
            unit = self.preparation.placeholder(node)
            self.finisher.failed(unit, error)
            self.failed = True
            return [unit]

    def _start(self, unit: Unit) -> None:
        if not self.has_started:
            check_room(self.preparation.decider, self.graph, self.preparation.selection)
            self.has_started = True
        unit.step_run.status = RUNNING
        self.finisher.started(unit)
        task = unit.task(self.run.id, self.run.number or 0, self.run.pipeline)
        try:
            future = self.executor.submit(task, self.finisher.along(unit))
        except BaseException:
            self.finisher.unrecorded(unit)
            raise
        self.running[future] = unit
        if future.done():
            self._collect()

    def _collect(self) -> None:
        for future in self.executor.wait(set(self.running)):
            unit, performed = self.running.pop(future), future.result()
            if unit.replaced:
                continue  # its node is prepared anew, and finds what this one recorded
            if performed.unusable is not None and self._redo(unit.node, performed.unusable):
                continue
            self.finisher.performed(unit, performed)
            self.failed = self.failed or unit.step_run.status == FAILED
            self._finish_node(unit.node)

    def _redo(self, node: Node, error: BaseException) -> bool:
        """Run the steps again whose reused values do not load, then prepare the node anew; False: no such."""
        sources = [unit for source in upstream(node) for unit in self.units.get(source.position, ())]
        again = makers(sources, error)
        for unit in again:
            self.finisher.discard(unit, error)
            self.outcomes.pop(unit.node.position, None)
            self.order.unfinished(unit.node)
            self.waiting.append(unit)
        if again:
            self.waiting = deque(unit for unit in self.waiting if unit.node is not node)
            for unit in self.units.pop(node.position, ()):
                unit.replaced = True
            self.order.again(node)
        return bool(again)

    def _finish_node(self, node: Node) -> None:
        units = self.units[node.position]
        if all(unit.outcome is not None for unit in reversed(units)):  # the last ones end last
            self.outcomes[node.position] = combined(node, units)
            self.order.finished(node)

    def _close(self) -> None:
        """Give every step that never came to its turn a final status: blocked or cancelled."""
        for node in self.graph.nodes:
            if node.position not in self.units:
                self._never_reached(node)
        for units in self.units.values():
            for unit in units:
                if unit.step_run.status == RUNNING:
                    self.finisher.ended(unit, CANCELLED, "interrupted")
                elif unit.step_run.status == WAITING:
                    self.finisher.ended(unit, CANCELLED, "the run ended before it started")

    def _never_reached(self, node: Node) -> None:
        failed = [s.name for s in upstream(node) if self._went_wrong(s)]
        unit = self.preparation.placeholder(node)
        self.units[node.position] = [unit]
        if self.roles[node.position] == LEFT_OUT:
            self.finisher.ended(unit, SKIPPED, "not selected")
        elif failed:
            self.finisher.ended(unit, BLOCKED, f"{failed[0]} did not succeed")
        else:
            self.finisher.ended(unit, CANCELLED, "the run ended before it started")
        self.outcomes[node.position] = unit.outcome or Outcome(
            OUTCOME_BLOCKED, because=f"{node.name} did not run"
        )

    def _went_wrong(self, node: Node) -> bool:
        """Whether a step failed, or was blocked by one that did."""
        return any(unit.step_run.status in (FAILED, BLOCKED) for unit in self.units.get(node.position, []))

    def interrupted(self) -> None:
        """Ctrl-C: nothing more starts; what ran and what waited is cancelled."""
        self.failed = True
        self.executor.close()
        for unit in self.running.values():
            self.finisher.ended(unit, CANCELLED, "interrupted")
        self.running.clear()
        self._close()
