"""Deferred values lie in lists, tuples and dicts, at any depth: walking, copying, replacing them there.

Exactly those three types: whoever reads a graph has to find them there. Everything is walked with an own
work-list: depth and cycles do no harm.
"""

from collections.abc import Callable, Iterator, Sequence

from mlops_core.errors import DeferredMisuse
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.operations import Operation, Output, Reference, operation_of

_PLAIN = frozenset({str, bytes, int, float, bool, complex, type(None)})


def rebuilt(value: object, replace: Callable[[object], object]) -> object:
    """A copy of the containers of ``value`` with every leaf replaced; keys of dicts stay as they are.

    Tuples are made when their items are; lists and dicts are made empty and filled at the end, so a cycle
    (which always leads through one of them) comes out as the same cycle.
    """
    done: dict[int, object] = {}
    unfilled: list[list[object] | dict[object, object]] = []
    work = [value]
    while work:
        item = work[-1]
        if id(item) in done:
            work.pop()
        elif type(item) is tuple:
            missing = [child for child in item if id(child) not in done]
            work.extend(missing)
            if not missing:
                done[id(work.pop())] = tuple(done[id(child)] for child in item)
        elif isinstance(item, list | dict) and type(item) in (list, dict):
            done[id(work.pop())] = type(item)()
            unfilled.append(item)
            work.extend(_children(item))
        else:
            done[id(work.pop())] = replace(item)
    for item in unfilled:
        _fill(item, done)
    return done[id(value)]


def _fill(old: list[object] | dict[object, object], done: dict[int, object]) -> None:
    new = done[id(old)]
    if isinstance(old, list) and isinstance(new, list):
        new.extend(done[id(child)] for child in old)
    elif isinstance(old, dict) and isinstance(new, dict):
        new.update((key, done[id(child)]) for key, child in old.items())


def _children(item: object) -> Sequence[object]:
    """The items of a list or tuple, the values of a dict, nothing of anything else."""
    if isinstance(item, list | tuple) and type(item) in (list, tuple):
        return item
    return list(item.values()) if isinstance(item, dict) and type(item) is dict else ()


def leaves(value: object) -> Iterator[object]:
    """Every value in the containers of ``value`` that is no container itself; containers count once."""
    seen: set[int] = set()
    work = [value]
    while work:
        item = work.pop()
        if type(item) not in (list, tuple, dict):
            yield item
        elif id(item) not in seen:
            seen.add(id(item))
            work.extend(reversed(_children(item)))


def sources(value: object) -> Iterator[Output | Reference]:
    """The outputs and references that ``value`` is made of, in order, each once.

    Both sides of a choice count, and the conditions that decide it.
    """
    seen: set[int] = set()
    work = [value]
    while work:
        for leaf in [leaf for leaf in leaves(work.pop()) if operation_of(leaf) is not None]:
            operation = operation_of(leaf)
            if operation is None or id(operation) in seen:
                continue
            seen.add(id(operation))
            if isinstance(operation, Output | Reference):
                yield operation
            else:
                work.append(list(operation.operands()))


def snapshot(value: object, where: str) -> object:
    """``value`` as it is now, its lists, tuples and dicts copied; deferred values may lie in those only.

    Raises ``DeferredMisuse`` that begins with ``where`` for one that lies anywhere else.
    """
    return rebuilt(value, lambda leaf: _checked(leaf, where))


def _checked(leaf: object, where: str) -> object:
    if type(leaf) in _PLAIN or isinstance(leaf, Deferred | Operation):
        return leaf
    from mlops_core.pipelines.hidden import find_hidden

    hidden = operation_of(find_hidden(leaf))
    if hidden is None:
        return leaf
    kind = type(leaf).__name__
    raise DeferredMisuse(
        f"{where[0].upper()}{where[1:]} has the deferred value `{hidden.text()}` "
        f"hidden in an object of type `{kind}`, where it cannot be found when the run comes to it.",
        hint="Pass it on by itself or in a list, tuple or dict, and make the object inside the step.",
    )
