"""Options are checked when they are written down: a wrong one never waits until the step runs."""

import copy
from collections.abc import Callable, Mapping

from mlops_core.errors import StepOptionError
from mlops_core.pipelines.options import PipelineOptions, StepOptions
from mlops_core.pipelines.signature import Signature

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def step_options(
    before: StepOptions, changes: Mapping[str, object], owner: str, signature: Signature
) -> StepOptions:
    """``before`` with ``changes``. Raises ``StepOptionError`` for an unknown option or a wrong value."""
    options = copy.copy(before)
    for option, value in changes.items():
        check = _STEP.get(option) or _unknown(option, _STEP, owner, "step")
        check(options, value, owner)
    for option in ("ignore", "writable"):
        _check_parameters(option, getattr(options, option), owner, signature)
    return options


def pipeline_options(
    before: PipelineOptions, changes: Mapping[str, object], owner: str, *, decorating: bool
) -> PipelineOptions:
    """The same for a pipeline; the decorator itself takes only ``name``, the rest belongs to a run."""
    known = {"name": _PIPELINE["name"]} if decorating else _PIPELINE
    options = copy.copy(before)
    for option, value in changes.items():
        check = known.get(option) or _unknown(option, known, owner, "pipeline")
        check(options, value, owner)
    return options


def seconds(text: str) -> float | None:
    """``"90s"``, ``"30m"``, ``"12h"``, ``"1d"``, ``"2w"`` in seconds; None for any other text."""
    number, unit = text[:-1].strip(), text[-1:]
    try:
        amount = float(number) * UNITS[unit]
    except (KeyError, ValueError):
        return None
    return amount if 0 < amount < float("inf") else None


def _unknown(option: str, known: Mapping[str, object], owner: str, kind: str) -> "_Check":
    import difflib

    near = difflib.get_close_matches(option, known, n=1)
    raise StepOptionError(
        f"The {kind} `{owner}` was given the option `{option}`, which does not exist. "
        f"Options of a {kind}: {', '.join(known)}.",
        hint=f"Did you mean `{near[0]}`?" if near else "",
        option=option,
        allowed=tuple(known),
        nearest=near[0] if near else None,
    )


def _wrong(owner: str, option: str, value: object, allowed: str) -> StepOptionError:
    return StepOptionError(
        f"The option `{option}` of `{owner}` is {value!r}; allowed is {allowed}.",
        option=option,
        value=value,
        allowed=allowed,
    )


def _name(options: StepOptions | PipelineOptions, value: object, owner: str) -> None:
    if not isinstance(value, str) or not value or any(c.isspace() or c in "[],:=/" for c in value):
        raise _wrong(owner, "name", value, "a text without spaces and without any of `[ ] , : = /`")
    options.name = value


def _cache(options: StepOptions, value: object, owner: str) -> None:
    age = seconds(value) if isinstance(value, str) else None
    if not isinstance(value, bool) and age is None:
        raise _wrong(owner, "cache", value, 'True, False or a time like "90s", "30m", "12h", "1d", "2w"')
    options.cache, options.max_age = (value, None) if isinstance(value, bool) else (True, age)


def _version(options: StepOptions, value: object, owner: str) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(owner, "version", value, "a text or a number")
    options.version = str(value)


def _depends(options: StepOptions, value: object, owner: str) -> None:
    options.depends = tuple(value) if isinstance(value, list | tuple) else (value,)


def _ignore(options: StepOptions, value: object, owner: str) -> None:
    options.ignore = _names(owner, "ignore", value, "the name of a parameter, or a list of such names")


def _writable(options: StepOptions, value: object, owner: str) -> None:
    options.writable = _names(owner, "writable", value, "the name of a parameter, or a list of such names")


def _force(options: PipelineOptions, value: object, owner: str) -> None:
    options.force = _names(owner, "force", value, "the name of a step, or a list of such names")


def _jobs(options: PipelineOptions, value: object, owner: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _wrong(owner, "jobs", value, "a whole number from 1")
    options.jobs = value


def _names(owner: str, option: str, value: object, allowed: str) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name for name in names):
        raise _wrong(owner, option, value, allowed)
    return tuple(names)


def _check_parameters(option: str, names: tuple[str, ...], owner: str, signature: Signature) -> None:
    if signature.double_star is not None:
        return  # any keyword may be a parameter
    for name in names:
        if name not in signature.names:
            allowed = f"one of its parameters ({', '.join(signature.names)})"
            raise _wrong(owner, option, name, allowed)


_Check = Callable[..., None]
_STEP: dict[str, _Check] = {
    "name": _name,
    "cache": _cache,
    "ignore": _ignore,
    "version": _version,
    "depends": _depends,
    "writable": _writable,
}
_PIPELINE: dict[str, _Check] = {"name": _name, "force": _force, "jobs": _jobs}
