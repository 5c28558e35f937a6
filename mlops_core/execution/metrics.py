"""Metrics of a run: what the steps annotated ``-> Metrics`` returned."""

import numbers
from typing import Any

from mlops_core.execution.loading import Loader
from mlops_core.execution.unit import Unit
from mlops_core.planning.outcomes import VALUE


def collected(units: list[Unit], loader: Loader, logs: Any) -> dict[str, float]:
    """Metrics of finished units in pipeline order; ``logs(step)`` says whether a step logs what it returns.

    The last stands under the plain name; where several steps log one name, each also under ``STEP.name``.
    """
    logged: dict[str, list[tuple[str, float]]] = {}
    for unit in units:
        if logs(unit.node.step) and unit.outcome is not None and unit.outcome.state == VALUE:
            for name, value in _values(unit, loader).items():
                logged.setdefault(name, []).append((unit.name, value))
    found: dict[str, float] = {}
    for name, entries in logged.items():
        found[name] = entries[-1][1]
        if len(entries) > 1:
            found.update({f"{step}.{name}": value for step, value in entries})
    return found


def _values(unit: Unit, loader: Loader) -> dict[str, float]:
    assert unit.outcome is not None
    assert unit.outcome.artifact is not None
    value = loader.value(unit.outcome.artifact)
    if not isinstance(value, dict):
        return {}
    return {str(k): float(v) for k, v in value.items() if isinstance(v, numbers.Real)}
