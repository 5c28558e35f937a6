"""Refuse a run that cannot fit on the disk, before its first step runs."""

import os
from collections.abc import Iterable, Sequence

from mlops_core.config.sizes import size_text
from mlops_core.errors import NotEnoughDisk
from mlops_core.execution.disk_full import would_free
from mlops_core.execution.expectation import expected
from mlops_core.execution.planner import plan_graph
from mlops_core.execution.session import Session
from mlops_core.files.space import free_bytes
from mlops_core.pipelines.graph import Graph
from mlops_core.pipelines.node import Node
from mlops_core.planning.decide import Decider
from mlops_core.planning.plan import PlannedStep
from mlops_core.planning.selection import Selection
from mlops_core.planning.verdict import RUN, UNKNOWN

#: Bytes kept free for the database and whoever else writes: at most this much, or this part of the disk.
_RESERVE, _RESERVE_PART = 32 << 20, 64


def check_room(decider: Decider, graph: Graph, selection: Selection) -> None:
    """Raises ``NotEnoughDisk`` where what the graph's steps stored before does not fit any more.

    Asked when a step is about to run, so a run with nothing to do never comes here. First all steps are
    added up, whatever their verdict; only where those do not fit is the graph planned, to tell which of them
    would run. A step without history counts as nothing. Disks that cannot be asked are not checked.
    """
    try:
        room = _room(decider.workspace.state_dir)
    except OSError:
        return
    if _most(decider, graph.nodes) <= room:
        return
    session = Session(decider.workspace, decider.cache, decider.pipeline)
    plan, _ = plan_graph(session, graph, selection)
    steps = [step for step in plan.steps if step.verdict in (RUN, UNKNOWN)]
    if sum(step.expected_bytes or 0 for step in steps) > room:
        raise _refusal(decider, steps, room)


def _room(folder: str | os.PathLike[str]) -> int:
    place = os.path.abspath(folder)
    disk = os.statvfs(place)
    return free_bytes(place) - min(_RESERVE, disk.f_blocks * disk.f_frsize // _RESERVE_PART)


def _most(decider: Decider, nodes: Iterable[Node]) -> int:
    return sum(expected(decider.workspace.database, node, node.name).stored or 0 for node in nodes)


def _refusal(decider: Decider, steps: Sequence[PlannedStep], room: int) -> NotEnoughDisk:
    workspace = decider.workspace
    needed = sum(step.expected_bytes or 0 for step in steps)
    largest = max(steps, key=lambda step: step.expected_bytes or 0)
    unknown = [step.name for step in steps if step.expected_bytes is None]
    text = (
        f"the run would store about {size_text(needed)} and may use {size_text(max(room, 0))} of the disk of"
        f" {workspace.state_dir} (most of it for {largest.name}: {size_text(largest.expected_bytes or 0)})"
    )
    if unknown:
        text += f"; not counted, because they never ran: {', '.join(unknown[:5])}"
    return NotEnoughDisk(
        text,
        hint=f"{would_free(workspace)}; or make room on the disk, or keep the state on a larger one:"
        " MLOPS_STATE_DIR=/some/folder",
        needed=needed,
        free=room,
        unknown=unknown,
    )
