"""The parameters of a plain function, read off its code object.

``inspect`` would say the same, at the price of its import on every start.
"""

import weakref
from types import CodeType, FunctionType

_STAR, _DOUBLE_STAR = 0x04, 0x08


class Signature:
    """Parameter names by how they bind.

    ``positional`` in order, the first ``positional_only`` of them by position alone; ``keyword_only``;
    ``star`` and ``double_star`` are the names of ``*args`` and ``**kwargs``, or None; ``names`` is all.
    """

    __slots__ = (
        "by_keyword",
        "double_star",
        "keyword_only",
        "names",
        "positional",
        "positional_only",
        "star",
    )

    def __init__(self, code: CodeType) -> None:
        names, count, only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
        self.positional = names[:count]
        self.positional_only = code.co_posonlyargcount
        self.keyword_only = names[count : count + only]
        rest = iter(names[count + only :])
        self.star = next(rest) if code.co_flags & _STAR else None
        self.double_star = next(rest) if code.co_flags & _DOUBLE_STAR else None
        self.by_keyword = frozenset(names[self.positional_only : count + only])
        star = (self.star,) if self.star is not None else ()
        double_star = (self.double_star,) if self.double_star is not None else ()
        self.names = self.positional + star + self.keyword_only + double_star


_known: "weakref.WeakKeyDictionary[FunctionType, tuple[CodeType, Signature]]" = weakref.WeakKeyDictionary()


def signature_of(function: FunctionType) -> Signature:
    """The signature of the function as it is now (its code may have been replaced since the last look)."""
    code = function.__code__
    known = _known.get(function)
    if known is not None and known[0] is code:
        return known[1]
    made = Signature(code)
    _known[function] = (code, made)
    return made


def defaults_of(function: FunctionType, signature: Signature) -> dict[str, object]:
    """Parameter name to default value, as they are now."""
    positional = function.__defaults__ or ()
    names = signature.positional
    defaults: dict[str, object] = dict(zip(names[len(names) - len(positional) :], positional, strict=True))
    defaults.update(function.__kwdefaults__ or {})
    return defaults


def text(function: FunctionType) -> str:
    """The parameters as one writes them, for messages: ``table, *, depth=6``."""
    signature = signature_of(function)
    defaults = defaults_of(function, signature)

    def shown(name: str) -> str:
        return f"{name}={defaults[name]!r:.40}" if name in defaults else name

    parts = [shown(name) for name in signature.positional]
    if signature.positional_only:
        parts.insert(signature.positional_only, "/")
    if signature.star or signature.keyword_only:
        parts.append(f"*{signature.star or ''}")
    parts += [shown(name) for name in signature.keyword_only]
    if signature.double_star:
        parts.append(f"**{signature.double_star}")
    return ", ".join(parts)
