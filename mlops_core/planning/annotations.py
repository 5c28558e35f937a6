"""What a parameter's annotation says about paths given to it."""

from pathlib import Path, PurePath
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from mlops_core.pipelines.annotations import ContentOnly, Output

FILE, CONTENT, DESTINATION, TEXT, NONE = "file", "content", "destination", "text", "none"


def path_kinds(function: Any) -> dict[str, str]:
    """Parameter name -> ``file``, ``content``, ``destination``, ``text`` or ``none``.

    ``text`` marks parameters annotated ``str`` or ``PurePath``: a path given to them is not a file input.
    Annotations that cannot be resolved count as ``none``: paths are then recognised by their value.
    """
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception:  # an annotation is user code and may name what is only there for type checkers
        return {}
    return {name: _kind(hint) for name, hint in hints.items() if name != "return"}


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
