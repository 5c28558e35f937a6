"""What a step's return annotation says about it."""

from typing import Any

from mlops_core.pipelines.annotations import LogsMetrics
from mlops_core.pipelines.hints import annotation_of, is_none, marks
from mlops_core.pipelines.step import Step


def return_annotation(step: Step[..., Any]) -> object:
    """The return annotation, resolved; ``UNKNOWN`` where there is none to be had."""
    return annotation_of(step.__wrapped__, "return")


def is_annotated(step: Step[..., Any]) -> bool:
    """Whether the step says anything about what it returns."""
    return "return" in step.__wrapped__.__annotations__


def returns_none(step: Step[..., Any]) -> bool:
    """Whether the step is annotated ``-> None``: it is run for what it does."""
    return is_none(return_annotation(step))


def returns_metrics(step: Step[..., Any]) -> bool:
    """Whether the step is annotated ``-> Metrics``: what it returns is logged."""
    return LogsMetrics in marks(return_annotation(step))
