"""From deferred values to values, once the outputs they are made of are known."""

from collections.abc import Callable

from mlops_core.pipelines import operations
from mlops_core.pipelines.containers import rebuilt
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.node import Condition
from mlops_core.pipelines.operations import Operation, Output, Reference, Skipped, operation_of

Known = Callable[[Output | Reference], object]


def evaluate(value: object, known: Known) -> object:
    """``value`` with every deferred value in it replaced; its containers are copies.

    ``known`` gives the value of an output or reference, or raises ``Skipped`` for one that a condition
    skipped, which then comes out here. A choice asks for the chosen side alone. Raises
    ``ConditionTypeError`` and whatever the user's values raise when they are indexed or compared.
    """
    return rebuilt(value, lambda leaf: _leaf(leaf, known))


def evaluate_output(value: object, known: Known) -> object:
    """The same for what a pipeline returns: a skipped value is None."""

    def leaf_or_none(leaf: object) -> object:
        try:
            return _leaf(leaf, known)
        except Skipped:
            return None

    return rebuilt(value, leaf_or_none)


def holds(condition: Condition, known: Known) -> bool:
    """Whether the condition lets its block run. Raises ``ConditionTypeError`` and ``Skipped``."""
    return operations.holds(condition, lambda value: evaluate(value, known))


def _leaf(leaf: object, known: Known) -> object:
    if not isinstance(leaf, Deferred | Operation):
        return leaf
    operation = operation_of(leaf)
    if isinstance(operation, Output | Reference):
        return known(operation)
    assert operation is not None
    return operation.evaluate(lambda value: evaluate(value, known))
