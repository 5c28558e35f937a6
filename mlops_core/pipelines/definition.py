"""What ``step`` and ``pipeline`` have in common: which objects they take, and how they stand for them.

Part of the start-up path: imports nothing that a bare interpreter has not loaded already.
"""

import sys

from mlops_core.errors import StepDefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any, Generic, ParamSpec, TypeVar

    from mlops_core.pipelines.pipeline import Pipeline
    from mlops_core.pipelines.step import Step

    AnyStep = Step[..., Any]
    AnyPipeline = Pipeline[..., Any]
    P = ParamSpec("P")
    R_co = TypeVar("R_co", covariant=True)
else:
    P = R_co = None

    class Generic:
        """Stands in for ``typing.Generic``, whose import a bare start cannot afford."""

        __class_getitem__ = classmethod(type(list[int]))


__all__ = ["Generic", "P", "R_co", "check_function", "derive", "is_found_by_name", "stand_for"]

# As in ``inspect``, which a bare interpreter has not loaded: coroutine, old-style coroutine, async generator.
_ASYNC = 0x80 | 0x100 | 0x200
_GENERATOR = 0x20


def check_function(function: "Any", word: str) -> "FunctionType":
    """``function`` itself, if it is a plain function, lambda or closure.

    Raises ``StepDefinitionError`` for anything else, for ``async def`` and for methods. A method is known
    by its qualified name: it is defined in a class body.
    """
    if type(function) is not type(check_function):
        raise StepDefinitionError(
            f"{_described(function)} cannot be a {word}: a {word} is a plain function.",
            hint=_instead(function, word),
        )
    name = function.__qualname__
    if function.__code__.co_flags & _ASYNC:
        raise StepDefinitionError(
            f"`{name}` is an `async def` and cannot be a {word}: a {word} is a plain function.",
            hint="Write a plain `def` that calls `asyncio.run(...)` inside.",
        )
    outside = name.rpartition(".")[0]
    if outside and not outside.endswith("<locals>"):
        raise StepDefinitionError(
            f"`{name}` is defined in a class body and cannot be a {word}: methods are not supported.",
            hint=f"Move the function out of the class `{outside}` and pass the object as an argument.",
        )
    if word == "pipeline" and function.__code__.co_flags & _GENERATOR:
        raise StepDefinitionError(
            f"`{name}` is a generator and cannot be a pipeline: its body would never run.",
            hint="Write `return` instead of `yield`.",
        )
    checked: Any = function  # a type checker does not follow the test above
    plain: FunctionType = checked
    return plain


def _described(function: object) -> str:
    kind = type(function)
    if kind is type:
        return f"The class `{getattr(function, '__qualname__', function)}`"
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    return f"`{name}` ({kind.__name__})" if isinstance(name, str) else f"{function!r} ({kind.__name__})"


def _instead(function: object, word: str) -> str:
    if isinstance(function, staticmethod | classmethod | property) or type(function).__name__ == "method":
        return "Move the function out of the class and pass the object as an argument."
    if hasattr(type(function), "__mlops_step__") or hasattr(type(function), "__mlops_pipeline__"):
        return "It is one already: use `.with_options(...)` to change its options."
    if isinstance(function, str):
        return f'A name is an option: write `@{word}(name="{function}")`.'
    if callable(function):
        return f"Write a function that calls it: `@{word}` over `def {_plain_name(function)}(...): ...`."
    return f"Write `@{word}` over a `def`, or `@{word}(option=...)`."


def _plain_name(function: object) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return name if isinstance(name, str) and name.isidentifier() else "run"


def stand_for(wrapper: "AnyStep | AnyPipeline", function: "FunctionType") -> None:
    """Give the wrapper what tools read off a function: name, module, doc, annotations."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(wrapper, name, getattr(function, name))


def is_found_by_name(wrapper: "AnyStep | AnyPipeline") -> bool:
    """Whether importing the module and following the qualified name gives this very object."""
    found: object = sys.modules.get(wrapper.__module__)
    for part in wrapper.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is wrapper


def derive(
    origin: "AnyStep | AnyPipeline", method: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> object:
    """What ``origin.with_options(...)`` or ``origin.partial(...)`` made, made again when unpickled."""
    return getattr(origin, method)(*args, **kwargs)
