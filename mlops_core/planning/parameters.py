"""Pipeline parameters on their way into the body: bound, and paths among them resolved at once.

Contract 1.6: relative paths from ``-p`` and from Python calls are against the current folder, those from
defaults and ``mlops.toml`` against the project root.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_core.pipelines.pipeline import Pipeline
from mlops_core.planning.annotations import FILE, NONE, path_kinds

FROM_ROOT = ("mlops.toml", "default")


@dataclass(frozen=True, slots=True)
class Parameters:
    """``call``: args and kwargs for the body; ``shown``: every parameter by name, as the run records it."""

    call: tuple[tuple[object, ...], dict[str, object]]
    shown: dict[str, object]


def resolved_parameters(
    pipeline: Pipeline[..., Any],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    root: Path,
    origins: Mapping[str, str],
) -> Parameters:
    """Bind what was given, apply defaults, and make relative paths absolute where the folder is not the root.

    A call that does not fit the signature is left to the pipeline, whose error names it.
    """
    function = pipeline.__wrapped__
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return Parameters((args, dict(kwargs)), {})
    given = set(bound.arguments)
    bound.apply_defaults()
    kinds = path_kinds(function)
    shown = dict(bound.arguments)
    for name, value in bound.arguments.items():
        from_root = name not in given or origins.get(name) in FROM_ROOT
        bound.arguments[name] = _path(value, kinds.get(name, NONE), root if from_root else Path.cwd())
    return Parameters((bound.args, bound.kwargs), shown)


def _path(value: object, kind: str, base: Path) -> object:
    if isinstance(value, str) and kind == FILE:
        value = Path(value)
    if not isinstance(value, Path) or value.is_absolute() or base == Path.cwd():
        return value
    return base / value
