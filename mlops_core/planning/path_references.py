"""Returned paths that their step did not write: nothing of them is stored, consumers read the file itself.

Such a path travels as a value. A consumer is keyed like for any file input, so stored values that hold
paths are put in place of their artifact before keys are made.
"""

from collections.abc import Callable
from pathlib import PurePath

from mlops_core.formats.artifact import Artifact

HOLDERS = ("list", "tuple", "dict")


def with_references(tree: object, load: Callable[[Artifact], object]) -> object:
    """The resolved argument with every artifact that holds paths replaced by its value."""
    if isinstance(tree, Artifact):
        return _value_or_artifact(tree, load)
    if type(tree) in (list, tuple):
        return type(tree)(with_references(item, load) for item in tree)  # type: ignore[attr-defined,call-arg]
    if type(tree) is dict:
        return {k: with_references(v, load) for k, v in tree.items()}
    return tree


def _value_or_artifact(artifact: Artifact, load: Callable[[Artifact], object]) -> object:
    if not may_hold_paths(artifact):
        return artifact
    value = load(artifact)
    return value if holds_paths(value) else artifact


def may_hold_paths(artifact: Artifact) -> bool:
    """Whether an artifact is a path, or a pickled container or composite that may hold one."""
    if artifact.children:
        return any(may_hold_paths(child) for child in artifact.children.values())
    return artifact.format == "pickle/1" and (artifact.type.startswith("pathlib") or artifact.type in HOLDERS)


def holds_paths(value: object) -> bool:
    """Whether a value is a path, or a list, tuple or dict with one in it."""
    if isinstance(value, PurePath):
        return True
    if type(value) in (list, tuple):
        return any(holds_paths(item) for item in value)  # type: ignore[attr-defined]
    return type(value) is dict and any(holds_paths(item) for item in value.values())
