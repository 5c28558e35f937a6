"""Where inside a value something is, for error messages."""

from collections.abc import Iterator


def path_inside(value: object, wanted: object) -> str:
    """Path such as ``[2]['model'].state`` from ``value`` to ``wanted``; empty if there is none."""
    pending: list[tuple[object, str]] = [(value, "")]
    seen: set[int] = set()
    while pending:
        item, path = pending.pop(0)
        if item is wanted:
            return path
        if id(item) in seen or isinstance(item, type):
            continue
        seen.add(id(item))
        pending += ((child, path + step) for child, step in _children(item))
    return ""


def _children(item: object) -> Iterator[tuple[object, str]]:
    if isinstance(item, dict):
        for key, value in item.items():
            yield value, f"[{key!r}]"
    elif isinstance(item, list | tuple):
        for index, value in enumerate(item):
            yield value, f"[{index}]"
    elif isinstance(item, set | frozenset):
        for value in item:
            yield value, "{...}"
    for name, value in list(getattr(item, "__dict__", {}).items()):
        yield value, f".{name}"
    for base in type(item).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            if hasattr(item, name):
                yield getattr(item, name), f".{name}"
