"""Targets of the command line: from text to a file, from the file to its pipeline."""

from mlops_core.workspace.choosing import load_pipeline
from mlops_core.workspace.resolving import Target, resolve_target

__all__ = ["Target", "load_pipeline", "resolve_target"]
