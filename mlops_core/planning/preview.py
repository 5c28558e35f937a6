"""A value in a few characters, for reasons and tables."""

from mlops_core.formats.artifact import Artifact

LONGEST = 60
PLAIN = (bool, int, float, complex, str, bytes, type(None))


def preview(value: object) -> str:
    """Plain values as Python writes them, cut; everything else by its type, with lengths."""
    if isinstance(value, Artifact):
        return f"{value.type.rpartition('.')[2]} {value.digest.hex()[:8]}"
    if isinstance(value, PLAIN) or _is_small(value):
        return cut(repr(value))
    if isinstance(value, (list, tuple, dict, set, frozenset, range)):
        return f"{type(value).__name__} of {len(value)}"
    if hasattr(value, "__fspath__"):
        return cut(str(value))
    shape = getattr(value, "shape", None)
    name = getattr(value, "__qualname__", None) or type(value).__name__
    return cut(f"{name} {tuple(shape)}" if isinstance(shape, tuple) else str(name))


def cut(text: str) -> str:
    """At most ``LONGEST`` characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _is_small(value: object) -> bool:
    if type(value) in (list, tuple):
        return len(value) <= 6 and all(isinstance(v, PLAIN) for v in value)  # type: ignore[arg-type,attr-defined]
    return type(value) is dict and len(value) <= 4 and all(isinstance(v, PLAIN) for v in value.values())
