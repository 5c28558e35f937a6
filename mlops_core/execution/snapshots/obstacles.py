"""Why a run cannot be answered from a snapshot, whatever stays the same."""

from types import FunctionType

from mlops_core.execution.snapshots.reach import Reach, own_modules
from mlops_core.fingerprints.code import CodeFingerprint
from mlops_core.tracing.recorder import Seen


def obstacles(seen: list[Seen], pipeline: FunctionType, codes: list[CodeFingerprint]) -> list[str]:
    """Sentences, the telling one first; none where nothing is in the way.

    ``seen`` are the recordings of importing and building, ``codes`` the fingerprints of the steps.
    """
    reach = Reach()
    for module in own_modules():
        reach.module(module)
    reach.value(pipeline)
    reasons = [f"importing the code or building the graph may use {what}" for what in reach.found]
    reasons += [text for recording in seen for text in _of_recording(recording)]
    reasons += [widened for code in codes for widened in code.widened]
    reasons += [
        f"{name} has no version: it is no installed distribution"
        for code in codes for name, version in code.pins if version.startswith("files ")
    ]  # fmt: skip
    return list(dict.fromkeys(reasons))


def _of_recording(seen: Seen) -> list[str]:
    what = {
        "writes files": seen.writes, "talks to the network": seen.connected,
        "uses a database": seen.databases, "starts other processes": seen.started_processes,
        "does what cannot be taken down": seen.lost, "reads what changes meanwhile": seen.changed,
    }  # fmt: skip
    return [f"importing the code or building the graph {does}" for does, found in what.items() if found]
