"""Pipeline parameters on their way into the body: bound, and paths among them resolved at once.

Relative paths from ``-p`` and from Python calls are against the current folder, those from
defaults and ``mlops.toml`` against the project root.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_core.pipelines.binding import bind, call_arguments
from mlops_core.pipelines.pipeline import Pipeline
from mlops_core.planning.annotations import FILE, NONE, path_kinds
from mlops_core.planning.arguments import defaults_of

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

    Raises ``WrongArguments`` where the call does not fit the signature.
    """
    function = pipeline.__wrapped__
    shown = bind(pipeline, args, dict(kwargs))
    kinds, defaults = path_kinds(function), defaults_of(function)
    resolved: dict[str, object] = {}
    for name, value in shown.items():
        from_root = origins.get(name) in FROM_ROOT or (name in defaults and defaults[name] is value)
        resolved[name] = _path(value, kinds.get(name, NONE), root if from_root else Path.cwd())
    return Parameters(call_arguments(pipeline, resolved), shown)


def _path(value: object, kind: str, base: Path) -> object:
    if isinstance(value, str) and kind == FILE:
        value = Path(value)
    if not isinstance(value, Path) or value.is_absolute() or base == Path.cwd():
        return value
    return base / value
