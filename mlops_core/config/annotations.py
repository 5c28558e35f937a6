"""What an annotation means: text resolved, wrappers taken off, unions and literals taken apart."""

import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from types import FunctionType

#: Abstract kinds and the concrete type that a value given as text becomes.
CONCRETE: dict[object, type] = {
    Sequence: list,
    MutableSequence: list,
    Collection: list,
    Iterable: list,
    Mapping: dict,
    MutableMapping: dict,
    AbstractSet: set,
}


class UnresolvedAnnotationError(NameError):
    """The text of an annotation names something that its function cannot see."""


def resolve_annotation(annotation: object, function: Callable[..., object]) -> object:
    """``annotation`` of a parameter of ``function``, with text evaluated where the function stands.

    Raises ``UnresolvedAnnotationError`` where a name in it does not exist (an import under TYPE_CHECKING).
    """
    holder = types.SimpleNamespace(__annotations__={"parameter": annotation})
    namespace = getattr(function, "__globals__", {})
    try:
        hints = typing.get_type_hints(holder, namespace, _free_variables(function), include_extras=True)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise UnresolvedAnnotationError(str(error)) from error
    return hints["parameter"]


def unwrapped(annotation: object) -> object:
    """Without ``Annotated[...]``, ``Final[...]``, ``NewType`` and ``type`` aliases around it."""
    while True:
        if typing.get_origin(annotation) in {typing.Annotated, typing.Final}:
            annotation = typing.get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__  # type: ignore[attr-defined]  # Python 3.12 and later
        else:
            return annotation


def union_members(annotation: object) -> tuple[object, ...]:
    """The members of a union from left to right, empty for anything else."""
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return ()


def literal_options(annotation: object) -> tuple[object, ...]:
    """The options of a ``Literal``, empty for anything else."""
    return typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()


def allows_none(annotation: object) -> bool:
    """Whether None is a value of this annotation."""
    annotation = unwrapped(annotation)
    return annotation in {None, types.NoneType} or any(map(allows_none, union_members(annotation)))


def concrete_type(annotation: object) -> type | None:
    """The class to convert to (``list`` of ``Sequence[int]``), None where the annotation is no class."""
    origin = typing.get_origin(annotation) or annotation
    if origin in CONCRETE:
        return CONCRETE[origin]
    return origin if isinstance(origin, type) else None


def _free_variables(function: Callable[..., object]) -> dict[str, object]:
    if not isinstance(function, FunctionType) or function.__closure__ is None:
        return {}
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # a variable that is not assigned yet
            continue
    return found
