"""From ``-p NAME=VALUE`` and ``mlops.toml`` to the arguments of a pipeline."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_core.config.nearest import suggestion
from mlops_core.errors import ParameterError

if TYPE_CHECKING:
    from mlops_core.pipelines.pipeline import Pipeline

COMMAND_LINE, SETTINGS = "-p", "mlops.toml"


@dataclass(frozen=True, slots=True)
class Arguments:
    """A pipeline to call: where, with what, and which parameter came from where."""

    root: Path
    pipeline: "Pipeline"
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


def collect(target: str, given: Sequence[str]) -> Arguments:
    """The pipeline that ``target`` names with its parameters converted.

    Raises TargetNotFound, AmbiguousTarget, UserCodeError, ConfigError, ParameterError.
    """
    from mlops_core.workspace.targets import load_pipeline, resolve_target

    texts = split_assignments(given)
    found = resolve_target(target, Path.cwd())
    pipeline = load_pipeline(found)
    signature = inspect.signature(pipeline.__wrapped__, eval_str=True)
    settings = {name: value for name, value in found.params.items() if name not in texts}
    values = convert_all(signature, texts, pipeline.name)
    values |= {
        name: anchored(value, found.root)
        for name, value in convert_all(signature, settings, pipeline.name).items()
    }
    origins = dict.fromkeys(settings, SETTINGS) | dict.fromkeys(texts, COMMAND_LINE)
    args, kwargs = as_call(signature, values)
    return Arguments(found.root, pipeline, args, kwargs, origins)


def split_assignments(given: Sequence[str]) -> dict[str, str]:
    """``["lr=0.1"]`` as a dict; of one name given twice the last counts."""
    texts: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ParameterError(
                f"-p {text!r} is not of the form NAME=VALUE", hint=f"write -p {name or 'NAME'}=VALUE"
            )
        texts[name] = value
    return texts


def convert_all(
    signature: inspect.Signature, values: Mapping[str, object], pipeline: str
) -> dict[str, object]:
    """Every value converted by its parameter's annotation, else by the type of its default."""
    from mlops_core.config.parameters import convert

    converted = {}
    for name, value in values.items():
        parameter = _parameter(signature, name, pipeline)
        default = parameter.default if parameter.kind is not parameter.VAR_KEYWORD else parameter.empty
        converted[name] = convert(name, value, parameter.annotation, default)
    return converted


def _parameter(signature: inspect.Signature, name: str, pipeline: str) -> inspect.Parameter:
    parameter = signature.parameters.get(name)
    if parameter is not None and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return parameter
    for catch_all in signature.parameters.values():
        if catch_all.kind is catch_all.VAR_KEYWORD:
            return catch_all
    known = [p.name for p in signature.parameters.values() if p.kind is not p.VAR_POSITIONAL]
    raise ParameterError(
        f"the pipeline {pipeline!r} has no parameter {name!r}",
        hint=suggestion(name, known, "parameters"),
        name=name,
    )


def as_call(
    signature: inspect.Signature, values: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The values as positional arguments (only where there is no other way) and keyword arguments."""
    kwargs = dict(values)
    args: list[object] = []
    for parameter in signature.parameters.values():
        if parameter.kind is not parameter.POSITIONAL_ONLY:
            break
        if parameter.name not in kwargs and parameter.default is parameter.empty:
            break
        args.append(kwargs.pop(parameter.name, parameter.default))
    return tuple(args), kwargs


def anchored(value: object, root: Path) -> object:
    """The value with relative paths in it made absolute: those of ``mlops.toml`` count from the root."""
    if isinstance(value, Path):
        return root / value
    if type(value) in (list, tuple):
        return type(value)(anchored(item, root) for item in value)  # type: ignore[attr-defined,call-arg]
    if type(value) is dict:
        return {key: anchored(item, root) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        inner = {f.name: anchored(getattr(value, f.name), root) for f in fields(value) if f.init}
        return replace(value, **inner)
    return value
