"""Arguments are bound to parameters as Python binds them, before the function is called."""

from types import FunctionType
from typing import Protocol

from mlops_core.errors import WrongArguments
from mlops_core.pipelines.signature import Signature, defaults_of, signature_of, text


class Bindable(Protocol):
    """A step or a pipeline, as far as binding needs it."""

    __wrapped__: FunctionType

    @property
    def name(self) -> str: ...


def bind(target: Bindable, args: tuple[object, ...], kwargs: dict[str, object]) -> dict[str, object]:
    """Parameter name to value, in the order of the signature, defaults applied.

    ``*args`` is a tuple and ``**kwargs`` a dict under their own names, also when empty. The arguments that
    ``partial`` gave are expected among ``args`` and ``kwargs``. Raises ``WrongArguments``.
    """
    function = target.__wrapped__
    signature = signature_of(function)
    given: dict[str, object] = dict(zip(signature.positional, args, strict=False))
    if signature.star is not None:
        given[signature.star] = args[len(signature.positional) :]
    elif len(args) > len(signature.positional):
        raise _wrong(target, f"takes {_count(len(signature.positional))} but {len(args)} were given")
    further = _bind_keywords(target, signature, given, kwargs)
    if signature.double_star is not None:
        given[signature.double_star] = further
    defaults = defaults_of(function, signature) if len(given) < len(signature.names) else {}
    return _complete(target, signature, given, defaults)


def _bind_keywords(
    target: Bindable, signature: Signature, given: dict[str, object], kwargs: dict[str, object]
) -> dict[str, object]:
    further: dict[str, object] = {}
    for name, value in kwargs.items():
        if name not in signature.by_keyword:
            if signature.double_star is None:
                raise _unexpected(target, signature, name)
            further[name] = value
        elif name in given:
            raise _wrong(target, f"got `{name}` twice: by position and by keyword", name)
        else:
            given[name] = value
    return further


def _complete(
    target: Bindable, signature: Signature, given: dict[str, object], defaults: dict[str, object]
) -> dict[str, object]:
    missing = [n for n in signature.names if n not in given and n not in defaults]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        raise _wrong(target, f"is missing the argument{'s' if len(missing) > 1 else ''} {names}", missing[0])
    return {name: given[name] if name in given else defaults[name] for name in signature.names}


def _unexpected(target: Bindable, signature: Signature, name: str) -> WrongArguments:
    if name in signature.positional:
        return _wrong(target, f"takes `{name}` by position only", name)
    import difflib

    near = difflib.get_close_matches(name, signature.names, n=1)
    guess = f" (did you mean `{near[0]}`?)" if near else ""
    return _wrong(target, f"takes no argument `{name}`{guess}", name)


def _wrong(target: Bindable, what: str, argument: str | None = None) -> WrongArguments:
    return WrongArguments(
        f"`{target.name}` {what}.",
        hint=f"It is called as `{target.name}({text(target.__wrapped__)})`.",
        step=target.name,
        argument=argument,
    )


def _count(number: int) -> str:
    if number == 0:
        return "no positional arguments"
    return f"{number} positional argument{'s' if number > 1 else ''}"


def call_arguments(
    target: Bindable, arguments: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The way back: ``args`` and ``kwargs`` with which the function gets exactly these arguments."""
    signature = signature_of(target.__wrapped__)
    args = [arguments[name] for name in signature.positional]
    if signature.star is not None:
        rest = arguments[signature.star]
        assert isinstance(rest, tuple | list)
        args.extend(rest)
    kwargs = {name: arguments[name] for name in signature.keyword_only}
    if signature.double_star is not None:
        further = arguments[signature.double_star]
        assert isinstance(further, dict)
        kwargs.update(further)
    return tuple(args), kwargs
