"""The stand-in for a value that is known only when the run has come to it."""

from collections.abc import Callable, Iterator
from typing import NoReturn

from mlops_core.errors import DeferredMisuse
from mlops_core.pipelines import structure
from mlops_core.pipelines.hints import UNKNOWN, bare
from mlops_core.pipelines.misuse import misuse, refused
from mlops_core.pipelines.operations import (
    And,
    Attribute,
    Carrier,
    Comparison,
    Item,
    Not,
    Operation,
    Or,
    operation_of,
)

__all__ = ["Deferred", "operation_of"]


class Deferred(Carrier):
    """A value that is not there yet.

    It may be passed on, indexed, read by attribute where the annotation has fields, unpacked where it has
    a length, and compared. Everything else raises ``DeferredMisuse`` at once and says what to write.
    """

    __slots__ = ()
    # NumPy's operators then leave `array > deferred` and the like to the methods below.
    __array_ufunc__ = None

    def __init__(self, operation: Operation) -> None:
        object.__setattr__(self, "_operation", operation)

    def __repr__(self) -> str:
        return f"<deferred {self._operation.text()}>"

    # --- what it can do ---

    def __getitem__(self, key: object) -> "Deferred":
        from mlops_core.pipelines.containers import snapshot

        annotation = self._operation.annotation()
        known = structure.length(annotation)
        if known is not None and isinstance(key, int) and not -known <= key < known:
            raise misuse(
                self._operation,
                f"has {known} items by its annotation, and no item {key}",
                "Mend the index, or the annotation of the step.",
            )
        return Deferred(Item(self._operation, snapshot(key, f"the key of `{self._operation.text()}`")))

    def __getattr__(self, name: str) -> "Deferred":
        readable = structure.fields(self._operation.annotation())
        if readable is not None and name in readable:
            return Deferred(Attribute(self._operation, name))
        if name.startswith("_"):  # tools ask for `__wrapped__`, `_repr_html_` and the like
            raise AttributeError(name)
        raise _no_attribute(self._operation, name, readable)

    def __iter__(self) -> "Iterator[Deferred]":
        length = structure.length(self._operation.annotation())
        if length is None:
            raise refused(self._operation, "iterate")
        return iter([Deferred(Item(self._operation, index)) for index in range(length)])

    def __len__(self) -> int:
        length = structure.length(self._operation.annotation())
        if length is None:
            raise refused(self._operation, "length")
        return length

    def __copy__(self) -> "Deferred":
        return self

    def __deepcopy__(self, memo: object) -> "Deferred":
        return self

    def __eq__(self, other: object) -> "Deferred":  # type: ignore[override]
        return _compared("==", self, other)

    def __ne__(self, other: object) -> "Deferred":  # type: ignore[override]
        return _compared("!=", self, other)

    def __lt__(self, other: object) -> "Deferred":
        return _compared("<", self, other)

    def __le__(self, other: object) -> "Deferred":
        return _compared("<=", self, other)

    def __gt__(self, other: object) -> "Deferred":
        return _compared(">", self, other)

    def __ge__(self, other: object) -> "Deferred":
        return _compared(">=", self, other)

    def __and__(self, other: object) -> "Deferred":
        return _joined(And, self, other)

    def __rand__(self, other: object) -> "Deferred":
        return _joined(And, other, self)

    def __or__(self, other: object) -> "Deferred":
        return _joined(Or, self, other)

    def __ror__(self, other: object) -> "Deferred":
        return _joined(Or, other, self)

    def __invert__(self) -> "Deferred":
        _check_joinable(self, self)
        return Deferred(Not(self))

    # --- what it cannot do, beyond the table below ---

    def __bool__(self) -> bool:
        raise refused(self._operation, "truth")

    def __hash__(self) -> int:
        raise refused(self._operation, "hash")

    def __str__(self) -> str:
        raise refused(self._operation, "text")

    def __format__(self, spec: str) -> str:
        raise refused(self._operation, "text")

    def __setattr__(self, name: str, value: object) -> None:
        raise refused(self._operation, "change")

    def __delattr__(self, name: str) -> None:
        raise refused(self._operation, "change")

    def __reduce_ex__(self, protocol: object) -> str:
        raise refused(self._operation, "pickle")


_REFUSED = {
    "contains": "contains",
    "call": "call",
    "setitem delitem": "change",
    "bytes": "bytes",
    "fspath": "path",
    "int float complex index round trunc floor ceil": "number",
    "array array_interface array_struct dataframe": "array",
    "arrow_array arrow_c_array arrow_c_stream arrow_c_schema": "array",
    "mlops_fingerprint": "fingerprint",
    "enter exit": "enter",
    "await": "await",
    "neg pos abs divmod rdivmod": "arithmetic",
    "add sub mul truediv floordiv mod pow matmul lshift rshift xor": "arithmetic",
    "radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul rlshift rrshift rxor": "arithmetic",
}


def _refusal(use: str) -> Callable[..., NoReturn]:
    def refuse(self: Deferred, /, *_: object, **__: object) -> NoReturn:
        raise refused(self._operation, use)

    return refuse


for _names, _use in _REFUSED.items():
    for _name in _names.split():
        _attribute = _refusal(_use)
        is_data = _name in ("array_interface", "array_struct")
        setattr(Deferred, f"__{_name}__", property(_attribute) if is_data else _attribute)


def _compared(op: str, left: Deferred, right: object) -> Deferred:
    from mlops_core.pipelines.containers import snapshot

    where = f"what `{left._operation.text()}` is compared with"
    return Deferred(Comparison(op, left, snapshot(right, where)))


def _joined(kind: type[And], left: object, right: object) -> Deferred:
    deferred = left if isinstance(left, Deferred) else right
    assert isinstance(deferred, Deferred)
    for side in (left, right):
        _check_joinable(side, deferred)
    return Deferred(kind(left, right))


def _check_joinable(side: object, deferred: Deferred) -> None:
    """A bool, a comparison, or a deferred value that may turn out a bool by its annotation."""
    operation = operation_of(side)
    if operation is None:
        joinable = isinstance(side, bool)
    else:
        joinable = isinstance(operation, Comparison) or bare(operation.annotation()) in (bool, UNKNOWN)
    if not joinable:
        raise refused(operation or deferred._operation, "joined")


def _no_attribute(operation: Operation, name: str, readable: tuple[str, ...] | None) -> DeferredMisuse:
    if readable is None:
        return misuse(
            operation,
            f"has no attribute `{name}`: its annotation is no NamedTuple and no dataclass",
            f"Annotate the step with a NamedTuple or a dataclass that has `{name}`, or write a step that "
            f"reads it: `@step` over `def read(value): return value.{name}`.",
        )
    return misuse(
        operation,
        f"has no attribute `{name}` by its annotation; there are: {', '.join(readable)}",
        "Mend the name, or write a step that reads it.",
    )
