"""The parameters of a pipeline from the command line, ``mlops.toml`` and its own defaults."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from mlops_core.config.annotations import UnresolvedAnnotationError, resolve_annotation
from mlops_core.config.nearest import suggestion
from mlops_core.config.parameters import convert
from mlops_core.errors import ParameterError

Origin = Literal["command line", "mlops.toml", "default"]
COMMAND_LINE: Origin = "command line"
SETTINGS: Origin = "mlops.toml"
DEFAULT: Origin = "default"


def bind_parameters(
    pipeline_function: Callable[..., Any],
    texts: Mapping[str, str],
    settings_params: Mapping[str, object],
    *,
    root: Path | None = None,
) -> tuple[dict[str, object], dict[str, Origin]]:
    """The value of each parameter and where it came from, in the order of the signature.

    The command line goes before ``mlops.toml``, which goes before the default. With ``root``, relative
    paths from ``mlops.toml`` and from defaults are made absolute below it; those of the command line count
    from the current folder and stay as written. Raises ``ParameterError``.
    """
    function: Callable[..., Any] = getattr(pipeline_function, "__wrapped__", pipeline_function)
    signature = inspect.signature(function)
    given = {**settings_params, **texts}
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    for name, parameter in _parameters(signature, given, function.__name__):
        origin = COMMAND_LINE if name in texts else SETTINGS if name in given else DEFAULT
        value = _value(function, name, parameter, given, origin)
        values[name] = value if origin == COMMAND_LINE or root is None else below(value, root)
        origins[name] = origin
    return values, origins


def below(value: object, root: Path) -> object:
    """``value`` with the relative paths in it, also nested ones, made absolute below ``root``."""
    if isinstance(value, Path):
        return root / value
    if type(value) in (list, tuple):
        return type(value)(below(item, root) for item in value)  # type: ignore[call-arg, attr-defined]
    if type(value) is dict:
        return {key: below(item, root) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        return dataclasses.replace(value, **{name: below(getattr(value, name), root) for name in fields})
    return value


def _parameters(
    signature: inspect.Signature, given: Mapping[str, object], pipeline: str
) -> list[tuple[str, inspect.Parameter]]:
    """Each parameter that gets a value; names that only ``**kwargs`` takes follow, sorted."""
    named, catch_all = {}, None
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            catch_all = parameter
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            named[name] = parameter
    others = sorted(name for name in given if name not in named)
    if others and catch_all is None:
        raise ParameterError(
            f"the pipeline {pipeline!r} has no parameter {others[0]!r}",
            hint=suggestion(others[0], named, "parameters"),
            name=others[0],
            given=given[others[0]],
            allowed=list(named),
        )
    return [*named.items(), *((name, catch_all) for name in others if catch_all is not None)]


def _value(
    function: Callable[..., Any],
    name: str,
    parameter: inspect.Parameter,
    given: Mapping[str, object],
    origin: Origin,
) -> object:
    if name not in given:
        if parameter.default is parameter.empty:
            raise ParameterError(
                f"the parameter {name!r} of {function.__name__!r} has no value",
                hint=f"Give it one: -p {name}=VALUE",
                name=name,
            )
        return _default(function, parameter)
    try:
        return convert(name, given[name], _annotation(function, name, parameter), parameter.default)
    except ParameterError as error:
        if origin == SETTINGS:
            error.hint = f"It stands in mlops.toml. Change it there, or give -p {name}=VALUE."
        raise


def _default(function: Callable[..., Any], parameter: inspect.Parameter) -> object:
    """The default; text for a parameter annotated ``Path`` becomes a path, as in a call."""
    if not isinstance(parameter.default, str):
        return parameter.default
    try:
        annotation = resolve_annotation(parameter.annotation, function)
    except UnresolvedAnnotationError:
        return parameter.default
    return Path(parameter.default) if annotation is Path else parameter.default


def _annotation(function: Callable[..., Any], name: str, parameter: inspect.Parameter) -> object:
    if parameter.annotation is parameter.empty:
        return parameter.empty
    try:
        return resolve_annotation(parameter.annotation, function)
    except UnresolvedAnnotationError as error:
        raise ParameterError(
            f"the annotation of parameter {name!r} ({parameter.annotation}) cannot be resolved: {error}",
            hint="Import what it names in the module itself, not only for the type checker.",
            name=name,
        ) from error
