"""The names that the rooms above use, in one place."""

from mlops_core.execution.explain import Explanation, why
from mlops_core.execution.history import load_run
from mlops_core.execution.lineage import Lineage, lineage
from mlops_core.execution.listener import Listener
from mlops_core.execution.options import RunOptions
from mlops_core.execution.run import Run, StepRun
from mlops_core.execution.running import plan_pipeline, run_pipeline

__all__ = [
    "Explanation",
    "Lineage",
    "Listener",
    "Run",
    "RunOptions",
    "StepRun",
    "lineage",
    "load_run",
    "plan_pipeline",
    "run_pipeline",
    "why",
]
