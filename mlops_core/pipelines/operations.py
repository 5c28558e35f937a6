"""What a deferred value stands for: a step's output, or something read off, compared or chosen.

Operations are immutable and know their annotation, their text for people, what they are made of, and
how to come to a value once that is known. ``ask`` in ``evaluate`` gives the value of any object that
may hold deferred values, and may raise where one of them is not to be had.
"""

import operator
from collections.abc import Callable
from typing import Any

from mlops_core.errors import ConditionTypeError
from mlops_core.pipelines import structure
from mlops_core.pipelines.hints import UNKNOWN
from mlops_core.pipelines.node import Condition, Node

Ask = Callable[[object], Any]

COMPARISONS: dict[str, Callable[[Any, Any], object]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Operation:
    """Base of all operations."""

    __slots__ = ()

    def annotation(self) -> object:
        """What is known of the type of the value."""
        return UNKNOWN

    def text(self) -> str:
        """The value as one would write it, for messages."""
        raise TypeError(f"{type(self).__name__} has no text")

    def operands(self) -> tuple[object, ...]:
        """The values that this one is made of, deferred or plain."""
        return ()

    def evaluate(self, ask: Ask) -> object:
        """The value, from those of the operands; the kinds without one are for who evaluates the graph."""
        raise TypeError(f"{self.text()} has no value of its own")


class Carrier:
    """What carries an operation through user code; ``Deferred`` is the one there is."""

    __slots__ = ("_operation",)

    _operation: Operation


def operation_of(value: object) -> Operation | None:
    """The operation behind a deferred value; None for a plain one."""
    if isinstance(value, Operation):
        return value
    return value._operation if isinstance(value, Carrier) else None


class Output(Operation):
    """What a step of this graph returns; of a map, the list of what its items return."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def annotation(self) -> object:
        from mlops_core.pipelines.return_types import return_annotation

        returned = return_annotation(self.node.step)
        return structure.list_of(returned) if self.node.mapped else returned

    def text(self) -> str:
        return self.node.name


class Reference(Operation):
    """A named output of an earlier run: tracked, not loaded. ``digest`` is 16 bytes."""

    __slots__ = ("digest", "name", "pipeline", "run_id", "run_number")

    def __init__(self, run_id: str, run_number: int, pipeline: str, name: str, digest: bytes) -> None:
        self.run_id = run_id
        self.run_number = run_number
        self.pipeline = pipeline
        self.name = name
        self.digest = digest

    def text(self) -> str:
        return f'latest("{self.pipeline}").outputs["{self.name}"]'


class Item(Operation):
    """``parent[key]``; the key may hold deferred values."""

    __slots__ = ("key", "parent")

    def __init__(self, parent: Operation, key: object) -> None:
        self.parent = parent
        self.key = key

    def annotation(self) -> object:
        return structure.item(self.parent.annotation(), self.key)

    def text(self) -> str:
        return f"{self.parent.text()}[{operand_text(self.key)}]"

    def operands(self) -> tuple[object, ...]:
        return (self.parent, self.key)

    def evaluate(self, ask: Ask) -> object:
        return ask(self.parent)[ask(self.key)]


class Attribute(Operation):
    """``parent.name``."""

    __slots__ = ("name", "parent")

    def __init__(self, parent: Operation, name: str) -> None:
        self.parent = parent
        self.name = name

    def annotation(self) -> object:
        return structure.field(self.parent.annotation(), self.name)

    def text(self) -> str:
        return f"{self.parent.text()}.{self.name}"

    def operands(self) -> tuple[object, ...]:
        return (self.parent,)

    def evaluate(self, ask: Ask) -> object:
        return getattr(ask(self.parent), self.name)


class Writable(Operation):
    """The same value, deferred or a plain array; arrays in it as private copy-on-write ones."""

    __slots__ = ("parent",)

    def __init__(self, parent: object) -> None:
        self.parent = parent

    def annotation(self) -> object:
        return operand_annotation(self.parent)

    def text(self) -> str:
        return operand_text(self.parent)

    def operands(self) -> tuple[object, ...]:
        return (self.parent,)


class Comparison(Operation):
    """``left op right``, where ``op`` is one of ``COMPARISONS``."""

    __slots__ = ("left", "op", "right")

    def __init__(self, op: str, left: object, right: object) -> None:
        self.op = op
        self.left = left
        self.right = right

    def text(self) -> str:
        return f"{operand_text(self.left)} {self.op} {operand_text(self.right)}"

    def operands(self) -> tuple[object, ...]:
        return (self.left, self.right)

    def evaluate(self, ask: Ask) -> object:
        return COMPARISONS[self.op](ask(self.left), ask(self.right))


class And(Operation):
    """Both; neither is left out, so a skipped one is noticed on either side."""

    __slots__ = ("left", "right")
    sign = "&"

    def __init__(self, left: object, right: object) -> None:
        self.left = left
        self.right = right

    def annotation(self) -> object:
        return bool

    def text(self) -> str:
        return f"({operand_text(self.left)}) {self.sign} ({operand_text(self.right)})"

    def operands(self) -> tuple[object, ...]:
        return (self.left, self.right)

    def evaluate(self, ask: Ask) -> object:
        left, right = truth(ask(self.left), self.left), truth(ask(self.right), self.right)
        return left and right


class Or(And):
    """At least one."""

    __slots__ = ()
    sign = "|"

    def evaluate(self, ask: Ask) -> object:
        left, right = truth(ask(self.left), self.left), truth(ask(self.right), self.right)
        return left or right


class Not(Operation):
    """The opposite."""

    __slots__ = ("operand",)

    def __init__(self, operand: object) -> None:
        self.operand = operand

    def annotation(self) -> object:
        return bool

    def text(self) -> str:
        return f"~({operand_text(self.operand)})"

    def operands(self) -> tuple[object, ...]:
        return (self.operand,)

    def evaluate(self, ask: Ask) -> object:
        return not truth(ask(self.operand), self.operand)


class Choice(Operation):
    """``new`` where the condition holds, else ``old``; only the chosen one is asked for.

    ``around`` are the conditions around the ``when`` that decides: where one of them does not hold, the
    value is skipped.
    """

    __slots__ = ("around", "condition", "new", "old")

    def __init__(self, around: tuple[Condition, ...], condition: Condition, new: object, old: object) -> None:
        self.around = around
        self.condition = condition
        self.new = new
        self.old = old

    def annotation(self) -> object:
        found = [operand_annotation(side) for side in (self.new, self.old)]
        return found[0] if found[0] == found[1] else UNKNOWN

    def text(self) -> str:
        return f"one_of({operand_text(self.new)}, {operand_text(self.old)})"

    def operands(self) -> tuple[object, ...]:
        conditions = (*self.around, self.condition)
        return (*(condition.expression for condition in conditions), self.new, self.old)


def holds(condition: Condition, ask: Ask) -> bool:
    """Whether the condition lets its body run. Raises ``ConditionTypeError``."""
    value = truth(ask(condition.expression), condition.expression)
    return value is not condition.negated


def truth(value: object, expression: object) -> bool:
    """``value`` as a bool. Raises ``ConditionTypeError`` unless it is one, Python's or NumPy's."""
    if isinstance(value, bool):
        return value
    kind = type(value)
    if kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_"):
        return bool(value)
    raise ConditionTypeError(
        f"The condition `{operand_text(expression)}` came out as {kind.__name__}, not as a bool.",
        hint="Compare it in the pipeline body, e.g. `with when(value > 0):`, or return a bool from the step.",
    )


def condition_text(condition: Condition) -> str:
    """The condition for people, e.g. ``evaluate["r2"] >= 0.8`` or ``not (evaluate["r2"] >= 0.8)``."""
    text = operand_text(condition.expression)
    return f"not ({text})" if condition.negated else text


def operand_text(value: object) -> str:
    """A deferred or plain value for people, cut where it gets long."""
    operation = operation_of(value)
    if operation is not None:
        return operation.text()
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def operand_annotation(value: object) -> object:
    """The annotation of a deferred value, the type of a plain one."""
    operation = operation_of(value)
    return type(value) if operation is None else operation.annotation()
