"""The pipeline that a target means, out of those in its module."""

import importlib
from types import ModuleType
from typing import Any

from mlops_core.config.nearest import suggestion
from mlops_core.errors import AmbiguousTarget, MlopsError, TargetNotFound, UserCodeError
from mlops_core.workspace.modules import import_file, use_root
from mlops_core.workspace.names import name_of_file
from mlops_core.workspace.resolving import Target

MAIN_PIPELINE = "main"


def load_pipeline(target: Target) -> Any:
    """Import the target's module and give its ``Pipeline``.

    Raises ``UserCodeError`` where the module fails (``__cause__`` is what it raised), ``TargetNotFound``
    and ``AmbiguousTarget`` with what there is. Errors that the product itself raised pass through.
    """
    module = load_module(target)
    pipelines = pipelines_of(module)
    if target.pipeline_name is not None:
        return _named(target, module, pipelines)
    if len({id(pipeline) for pipeline in pipelines.values()}) == 1:
        return next(iter(pipelines.values()))
    for name in (MAIN_PIPELINE, target.file.stem, target.file.stem.replace("-", "_")):
        if name in pipelines:
            return pipelines[name]
    raise _unclear(target, pipelines)


def load_module(target: Target) -> ModuleType:
    """Import the target's module under its canonical name. Raises ``UserCodeError``."""
    try:
        if name_of_file(str(target.file), str(target.root)) is None:
            use_root(target.root)
            return importlib.import_module(target.module_name)  # installed: not the project's own
        return import_file(target.file, target.root)
    except MlopsError:
        raise
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        raise UserCodeError(
            f"{target.file.name} could not be imported: {kind}: {error}" if str(error) else
            f"{target.file.name} could not be imported: {kind}",
            hint="The traceback shows where; the file runs the same way under plain Python.",
            file=str(target.file),
        ) from error  # fmt: skip


def pipelines_of(module: ModuleType) -> dict[str, Any]:
    """The pipelines in a module by name: its own, or where it has none, those it imported."""
    found = {name: value for name, value in vars(module).items() if is_pipeline(value)}
    own = {name: value for name, value in found.items() if value.__wrapped__.__module__ == module.__name__}
    return own or found


def is_pipeline(value: object) -> bool:
    """Whether a value is a pipeline (the class says so, not the object: a mock would say anything)."""
    return getattr(type(value), "__mlops_pipeline__", False) is True


def _named(target: Target, module: ModuleType, pipelines: dict[str, Any]) -> Any:
    name = str(target.pipeline_name)
    value = vars(module).get(name)
    if is_pipeline(value):
        return value
    for pipeline in pipelines.values():
        if pipeline.name == name:
            return pipeline
    what = f"{name!r} is not a pipeline" if name in vars(module) else f"there is no pipeline {name!r}"
    raise TargetNotFound(
        f"{what} in {target.file.name}",
        hint=suggestion(name, pipelines, f"pipelines of {target.file.name}"),
        target=target.origin,
        pipelines=list(pipelines),
    )


def _unclear(target: Target, pipelines: dict[str, Any]) -> TargetNotFound | AmbiguousTarget:
    file = target.file.name
    if not pipelines:
        hint = "Decorate the function that calls the steps with @pipeline."
        return TargetNotFound(f"{file} has no pipeline", hint=hint, target=target.origin, pipelines=[])
    names = _first_names(pipelines)
    return AmbiguousTarget(
        f"{file} has several pipelines: {', '.join(names)}",
        hint=f"Say which: mlops run {target.origin}:{names[0]}",
        target=target.origin,
        pipelines=names,
    )


def _first_names(pipelines: dict[str, Any]) -> list[str]:
    """Each pipeline once: a second name for the same object is left out."""
    seen: dict[int, str] = {}
    for name, pipeline in pipelines.items():
        seen.setdefault(id(pipeline), name)
    return list(seen.values())
