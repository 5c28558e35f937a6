"""What a parameter's annotation says about paths given to it."""

from contextlib import suppress
from functools import cache
from pathlib import Path, PurePath
from types import FunctionType
from typing import Annotated, Any, get_args, get_origin

from mlops_core.config.annotations import UnresolvedAnnotationError, resolve_annotation
from mlops_core.pipelines.annotations import ContentOnly, Output

FILE, CONTENT, DESTINATION, TEXT, NONE = "file", "content", "destination", "text", "none"


@cache
def path_kinds(function: FunctionType) -> dict[str, str]:
    """Parameter name -> ``file``, ``content``, ``destination``, ``text`` or ``none``.

    ``text`` marks parameters annotated ``str`` or ``PurePath``: a path given to them is not a file input.
    An annotation that cannot be resolved is left out: paths are then recognised by their value.
    """
    kinds: dict[str, str] = {}
    for name, annotation in function.__annotations__.items():
        if name != "return":
            with suppress(UnresolvedAnnotationError):
                kinds[name] = _kind(resolve_annotation(annotation, function))
    return kinds


def _kind(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        plain, *marks = get_args(hint)
        if ContentOnly in marks:
            return CONTENT
        return DESTINATION if Output in marks else _kind(plain)
    if hint in (str, PurePath):
        return TEXT
    options = get_args(hint) or (hint,)
    return FILE if any(isinstance(o, type) and issubclass(o, Path) for o in options) else NONE
