"""Calls that make no sense where they are written, and what to write there instead."""

from typing import NoReturn

from mlops_core.config import mode
from mlops_core.errors import CallNotAllowed


def refuse_plan_inside(call: str) -> None:
    """Raise ``CallNotAllowed`` for a step's ``plan`` in a pipeline body or in a running step."""
    where = mode.current()
    if where in (mode.BUILDING, mode.RUNNING):
        raise CallNotAllowed(
            f"`{call}` was called inside a {_place(where)}: a plan is asked for from outside.",
            hint=f"Call `{call}(...)` in a script or a notebook, or type `mlops plan`.",
        )


def refuse_pipeline_inside(name: str, call: str) -> NoReturn:
    """Raise ``CallNotAllowed`` for a pipeline called, run or planned where it cannot be."""
    where = mode.current()
    if where == mode.BUILDING:
        raise CallNotAllowed(
            f"`{call}` was called inside a pipeline body: the run would start while the graph is built.",
            hint=f"Write `{name}(...)` there: its steps become part of this pipeline.",
        )
    raise CallNotAllowed(
        f"`{call}` was called inside a running step.",
        hint=f"Call `{name}(...)` in the pipeline body and pass what it returns to the step as an argument; "
        "inside a step write the plain function calls.",
    )


def refuse_outside_body(call: str, hint: str) -> None:
    """Raise ``CallNotAllowed`` unless a pipeline body is being built."""
    where = mode.current()
    if where != mode.BUILDING:
        raise CallNotAllowed(f"`{call}` was called {_outside(where)}, not in a pipeline body.", hint=hint)


def _place(where: str) -> str:
    return "pipeline body" if where == mode.BUILDING else "running step"


def _outside(where: str) -> str:
    return "inside a running step" if where == mode.RUNNING else "in plain Python"
