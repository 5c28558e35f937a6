"""The outputs of a pipeline are named by what its body returns while the graph is built."""

import copy
from collections.abc import Callable, Mapping

from mlops_core.errors import DeferredMisuse, UsageError
from mlops_core.pipelines.containers import snapshot
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.structure import dataclass_fields

Rebuild = Callable[[list[object]], object]


class Outputs:
    """``leaves``: name to value, deferred or plain; and how to come back from values to the object returned.

    A dict gives its keys, a NamedTuple or dataclass its fields, a tuple or list ``"0"``, ``"1"``, ...,
    anything else ``"output"``; None gives nothing.
    """

    __slots__ = ("_rebuild", "leaves")

    def __init__(self, leaves: dict[str, object], rebuild: Rebuild) -> None:
        self.leaves = leaves
        self._rebuild = rebuild

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the body."""
        return tuple(self.leaves)

    @classmethod
    def of(cls, returned: object, pipeline: str) -> "Outputs":
        """The outputs in what a body returned.

        Raises ``DeferredMisuse`` for a deferred value hidden anywhere but in lists, tuples and dicts, and
        ``UsageError`` for two keys of one text.
        """
        named, rebuild = _parts(returned, pipeline)
        return cls(
            {name: snapshot(value, f"the output `{name}` of `{pipeline}`") for name, value in named.items()},
            rebuild,
        )

    def rebuild(self, values: Mapping[str, object]) -> object:
        """The object that the body returned, with these values in the places of the named ones."""
        return self._rebuild([values[name] for name in self.leaves])


def _parts(returned: object, pipeline: str) -> tuple[dict[str, object], Rebuild]:
    if returned is None:
        return {}, lambda _: None
    if isinstance(returned, Deferred):
        return {"output": returned}, lambda values: values[0]
    if isinstance(returned, dict):
        return _of_dict(returned, pipeline)
    if type(returned) in (list, tuple) or _is_named_tuple(returned):
        return _of_sequence(returned)
    names = None if isinstance(returned, type) else dataclass_fields(type(returned))
    if names is not None:
        return _of_dataclass(returned, names, pipeline)
    return {"output": returned}, lambda values: values[0]


def _of_dict(returned: dict[object, object], pipeline: str) -> tuple[dict[str, object], Rebuild]:
    keys = list(returned)
    named = {str(key): value for key, value in returned.items()}
    if len(named) < len(keys):
        twice = next(str(key) for key in keys if sum(str(key) == str(other) for other in keys) > 1)
        raise UsageError(
            f"`{pipeline}` returns a dict with two keys that are called `{twice}`.",
            hint="Outputs are named by the text of the keys: make them differ.",
        )
    return named, lambda values: _filled_dict(returned, dict(zip(keys, values, strict=True)))


def _filled_dict(shape: dict[object, object], values: dict[object, object]) -> object:
    if type(shape) is dict:
        return values
    filled = copy.copy(shape)  # an OrderedDict, a defaultdict, a class of the user's
    filled.update(values)
    return filled


def _is_named_tuple(value: object) -> bool:
    return isinstance(value, tuple) and hasattr(type(value), "_fields")


def _of_sequence(returned: object) -> tuple[dict[str, object], Rebuild]:
    assert isinstance(returned, tuple | list)
    fields = getattr(type(returned), "_fields", None)
    names = fields if fields is not None else [str(index) for index in range(len(returned))]
    make: Rebuild = type(returned) if fields is None else type(returned)._make  # type: ignore[union-attr]
    return dict(zip(names, returned, strict=True)), make


def _of_dataclass(
    returned: object, names: tuple[str, ...], pipeline: str
) -> tuple[dict[str, object], Rebuild]:
    _check_no_others(returned, names, pipeline)

    def rebuild(values: list[object]) -> object:
        filled = copy.copy(returned)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(filled, name, value)  # frozen ones, too
        return filled

    return {name: getattr(returned, name) for name in names}, rebuild


def _check_no_others(returned: object, names: tuple[str, ...], pipeline: str) -> None:
    """Raise ``DeferredMisuse`` for a deferred value in an attribute that is no field."""
    for name, value in getattr(returned, "__dict__", {}).items():
        if name in names:
            continue
        if isinstance(value, Deferred):
            raise DeferredMisuse(
                f"The attribute `{name}` of what `{pipeline}` returns is deferred, but it is no field.",
                hint=f"Make `{name}` a field of the dataclass `{type(returned).__name__}`.",
            )
        snapshot(value, f"the attribute `{name}` of what `{pipeline}` returns")
