"""Deferred values against outcomes: the artifact or plain value that stands for an expression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.pipelines import operations
from mlops_core.pipelines.deferred import Deferred, operation_of
from mlops_core.pipelines.node import Condition
from mlops_core.planning.outcomes import BLOCKED, SKIPPED, VALUE, Outcome, Unavailable


class WritableTree:
    """A resolved argument whose arrays are wanted as private copies (``writable(x)``)."""

    __slots__ = ("tree",)

    def __init__(self, tree: object) -> None:
        self.tree = tree


@dataclass(slots=True)
class Resolver:
    """Resolves expressions; ``load`` gives an artifact's value, ``reference`` finds an older artifact."""

    outcomes: Mapping[int, Outcome]
    load: Callable[[Artifact], object]
    reference: Callable[[bytes], Artifact]

    def tree(self, value: object) -> object:
        """The value with every deferred part, also in lists, tuples and dicts, replaced.

        Parts become artifacts or plain values. Raises ``Unavailable`` for the worst state met:
        blocked before skipped before unknown.
        """
        if isinstance(value, operations.Operation):
            return self.expression(value)
        if isinstance(value, Deferred):
            return self.tree(operation_of(value))
        if type(value) in (list, tuple):
            return type(value)(self._all(value))  # type: ignore[call-arg]
        if type(value) is dict:
            return dict(zip(value, self._all(value.values()), strict=True))
        return value

    def _all(self, values: Any) -> list[object]:
        found: list[object] = []
        worst: Unavailable | None = None
        for value in values:
            try:
                found.append(self.tree(value))
            except Unavailable as missing:
                worst = _worse(worst, missing)
        if worst is not None:
            raise worst
        return found

    def expression(self, operation: operations.Operation) -> object:
        """An artifact, a plain value, or a list of artifacts (a map's items)."""
        if isinstance(operation, operations.Output):
            return _value(self.outcomes[operation.node.position])
        if isinstance(operation, operations.Reference):
            return self.reference(operation.digest)
        if isinstance(operation, operations.Writable):
            return WritableTree(self.tree(operation.parent))
        if isinstance(operation, operations.Choice):
            return self._choice(operation)
        return self._part(operation)

    def _choice(self, choice: operations.Choice) -> object:
        for condition in choice.around:
            if not self.condition(condition):
                raise Unavailable(SKIPPED, f"{operations.condition_text(condition)} did not hold")
        return self.tree(choice.new if self.condition(choice.condition) else choice.old)

    def _part(self, operation: operations.Operation) -> object:
        """A part of a stored value by its own digest where it was stored in parts, else by evaluating."""
        if isinstance(operation, (operations.Item, operations.Attribute)):
            whole = self.tree(operation.parent)
            key = operation.name if isinstance(operation, operations.Attribute) else self.plain(operation.key)
            child = part_of(whole, key) if isinstance(whole, Artifact) else None
            if child is not None:
                return child
            return operation.evaluate(
                lambda v: self.loaded(whole) if v is operation.parent else self.plain(v)
            )
        return operation.evaluate(self.plain)

    def plain(self, value: object) -> Any:
        """The value itself, loaded where it is an artifact."""
        return self.loaded(self.tree(value))

    def loaded(self, tree: object) -> object:
        """A resolved tree with every artifact loaded."""
        if isinstance(tree, Artifact):
            return self.load(tree)
        if isinstance(tree, WritableTree):
            return self.loaded(tree.tree)
        if type(tree) in (list, tuple):
            return type(tree)(self.loaded(v) for v in tree)  # type: ignore[attr-defined,call-arg]
        if type(tree) is dict:
            return {k: self.loaded(v) for k, v in tree.items()}
        return tree

    def condition(self, condition: Condition) -> bool:
        """Whether the condition holds; raises ``ConditionTypeError`` where it is no bool."""
        return operations.holds(condition, self.plain)


def part_of(whole: Artifact, key: object) -> Artifact | None:
    """The child artifact under an index, key or field name, where the whole was stored in parts."""
    if whole.format.startswith(("list/", "tuple/", "namedtuple/")) and type(key) is int:
        parts = list(whole.children.values())
        return parts[key] if -len(parts) <= key < len(parts) else None
    by_name = whole.format.startswith(("dict/", "namedtuple/", "dataclass/"))
    return whole.children.get(key) if by_name and isinstance(key, str) else None


def _value(outcome: Outcome) -> object:
    if outcome.state != VALUE:
        raise Unavailable(outcome.state, outcome.because)
    if outcome.items is not None:
        return [_value(item) for item in outcome.items]
    return outcome.artifact


def _worse(first: Unavailable | None, second: Unavailable) -> Unavailable:
    order = (BLOCKED, SKIPPED)
    if first is None:
        return second
    for state in order:
        for one in (first, second):
            if one.state == state:
                return one
    return first
