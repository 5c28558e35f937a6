"""Code inside sets: their order changes from process to process, and edges are numbered in order."""

from mlops_core.fingerprints.code.code_objects import is_code

_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})


def unordered_code(value: object, roots: tuple[str, ...]) -> list[object]:
    """Code that stands in sets inside ``value``, ordered by what it does rather than by its address."""
    found: list[object] = []
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, set | frozenset):
            found += _ordered(item, roots)
        elif isinstance(item, dict):
            pending += [v for v in item.values() if type(v) not in _PLAIN]
        elif isinstance(item, list | tuple):
            if not set(map(type, item)) <= _PLAIN:
                pending += item
        elif hasattr(item, "__dict__") and not is_code(item):
            pending += [v for v in vars(item).values() if type(v) not in _PLAIN]
    return found


def _ordered(items: set[object] | frozenset[object], roots: tuple[str, ...]) -> list[object]:
    from mlops_core.fingerprints.code import code_fingerprint

    code = [item for item in items if type(item) not in _PLAIN and is_code(item)]
    if len(code) < 2:
        return []
    return sorted(code, key=lambda item: code_fingerprint(item, roots).digest)
