"""``map`` and ``product``: one call per item of the arguments that vary."""

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_core.config import mode
from mlops_core.errors import MapMismatch, UsageError
from mlops_core.pipelines.binding import bind, call_arguments
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.operations import operand_text
from mlops_core.pipelines.runner import runner
from mlops_core.pipelines.signature import signature_of
from mlops_core.pipelines.step import Step

Arguments = dict[str, object]
_LISTED = "a list, a tuple, a range, a table (its batches) or a folder (its files)"


class _Varied:
    """Marks an argument that ``map`` itself was given, on its way through ``bind``."""

    __slots__ = ("order", "value")

    def __init__(self, order: int, value: object) -> None:
        self.order = order
        self.value = value


def call_map(step: Step[..., Any], args: tuple[object, ...], kwargs: Arguments, *, product: bool) -> Any:
    """``step.map(...)`` or ``step.product(...)``: deferred in a body, else a plain loop giving a list.

    Raises ``WrongArguments`` and ``MapMismatch``.
    """
    arguments, mapped = _bound(step, args, kwargs, "product" if product else "map")
    if mode.current() == mode.BUILDING:
        from mlops_core.pipelines.builder import current_builder

        for name in mapped:
            _check_listable(step.name, name, argument_at(step, arguments, name))
        return current_builder().add(step, arguments, mapped, product=product)
    call = runner().call if mode.current() == mode.PLAIN else _plain_call
    items = [items_of(argument_at(step, arguments, name), name, step.name) for name in mapped]
    calls = combined(step.name, dict(zip(mapped, items, strict=True)), product=product)
    return [call(step, *call_arguments(step, with_items(step, arguments, chosen))) for chosen in calls]


def combined(step_name: str, items: Mapping[str, list[object]], *, product: bool) -> list[dict[str, object]]:
    """The items of each call, by argument; the last argument varies fastest in a product.

    Raises ``MapMismatch`` where the lengths of a map differ.
    """
    if product:
        return [dict(zip(items, chosen, strict=True)) for chosen in itertools.product(*items.values())]
    lengths = {name: len(values) for name, values in items.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        raise MapMismatch(
            f"`{step_name}.map` varies its arguments together, but their lengths differ: {said}.",
            hint=f"What stays the same goes before: `{step_name}.partial(...).map(...)`. "
            f"For every combination: `{step_name}.product(...)`.",
            lengths=lengths,
        )
    return [dict(zip(items, chosen, strict=True)) for chosen in zip(*items.values(), strict=True)]


def items_of(value: Any, argument: str, step_name: str) -> list[object]:
    """The items of a mapped argument that is known.

    A table gives its batches, a folder its files sorted by name. Raises ``MapMismatch`` for anything that
    is not listed so.
    """
    _check_listable(step_name, argument, value)
    if isinstance(value, Path):
        if not value.is_dir():
            raise _not_listable(step_name, argument, f"{value} is no folder")
        files: list[Path] = [file for file in value.iterdir() if file.is_file()]
        files.sort(key=lambda file: file.name)
        return [*files]
    if _is_table(value):
        return list(value.to_batches())
    return list(value)


def argument_at(step: Step[..., Any], arguments: Mapping[str, Any], name: str) -> object:
    """The argument that an entry of ``Node.mapped`` names."""
    signature = signature_of(step.__wrapped__)
    if name in signature.positional or name in signature.keyword_only:
        return arguments[name]
    starred = _starred_index(name, signature.star)
    if starred is not None and signature.star is not None:
        return arguments[signature.star][starred]
    assert signature.double_star is not None
    return arguments[signature.double_star][name]


def with_items(step: Step[..., Any], arguments: Arguments, items: Mapping[str, object]) -> Arguments:
    """The arguments of one call of a map: those that vary replaced by their items."""
    signature = signature_of(step.__wrapped__)
    made: dict[str, Any] = dict(arguments)
    for name, item in items.items():
        starred = _starred_index(name, signature.star)
        if name in signature.positional or name in signature.keyword_only:
            made[name] = item
        elif starred is not None and signature.star is not None:
            values = list(made[signature.star])
            values[starred] = item
            made[signature.star] = tuple(values)
        elif signature.double_star is not None:
            made[signature.double_star] = {**made[signature.double_star], name: item}
    return made


def _bound(
    step: Step[..., Any], args: tuple[object, ...], kwargs: Arguments, word: str
) -> tuple[Arguments, tuple[str, ...]]:
    """All arguments, and the names of those that vary, in the order of the call."""
    if not args and not kwargs:
        raise UsageError(
            f"`{step.name}.{word}` was given nothing to vary.",
            hint=f"Write `{step.name}.{word}(argument=[...])`.",
        )
    order = itertools.count()
    varied_args = tuple(_Varied(next(order), value) for value in args)
    varied_kwargs: Arguments = {name: _Varied(next(order), value) for name, value in kwargs.items()}
    marked: dict[str, Any] = bind(step, *step.with_bound(varied_args, varied_kwargs))
    found: list[tuple[int, str]] = []
    signature = signature_of(step.__wrapped__)

    def unmarked(name: str, value: object) -> object:
        if not isinstance(value, _Varied):
            return value
        found.append((value.order, name))
        return value.value

    arguments: Arguments = {}
    for name, value in marked.items():
        if name == signature.star:
            arguments[name] = tuple(unmarked(f"{name}[{i}]", v) for i, v in enumerate(value))
        elif name == signature.double_star:
            arguments[name] = {key: unmarked(key, v) for key, v in value.items()}
        else:
            arguments[name] = unmarked(name, value)
    return arguments, tuple(name for _, name in sorted(found))


def _starred_index(name: str, star: str | None) -> int | None:
    found = re.fullmatch(rf"{re.escape(star)}\[(\d+)\]", name) if star else None
    return int(found[1]) if found else None


def _check_listable(step_name: str, argument: str, value: object) -> None:
    if not isinstance(value, list | tuple | range | Path | Deferred) and not _is_table(value):
        raise _not_listable(step_name, argument, f"{operand_text(value)} is of type `{type(value).__name__}`")


def _not_listable(step_name: str, argument: str, what: str) -> MapMismatch:
    return MapMismatch(
        f"The argument `{argument}` of a map of `{step_name}` cannot be listed: {what}.",
        hint=f"Give {_LISTED}. What stays the same goes before: `{step_name}.partial(...).map(...)`.",
        argument=argument,
    )


def _is_table(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "pyarrow" and hasattr(value, "to_batches")


def _plain_call(step: Step[..., Any], args: tuple[object, ...], kwargs: Arguments) -> object:
    return step.__wrapped__(*args, **kwargs)
