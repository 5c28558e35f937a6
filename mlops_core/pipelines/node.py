"""One call of a step in a graph, and the conditions it stands under."""

from typing import TYPE_CHECKING, Any

from mlops_core.pipelines.options import StepOptions

if TYPE_CHECKING:
    from mlops_core.pipelines.step import Step


class Condition:
    """An expression (deferred or plain) that must come out True, or False where ``negated``."""

    __slots__ = ("expression", "negated")

    def __init__(self, expression: object, negated: bool) -> None:
        self.expression = expression
        self.negated = negated


class Node:
    """One call of a step, or one map of it.

    ``name`` is unique in the graph (``clean_2``), ``base`` is shared by all calls of the step (``clean``),
    ``position`` counts from 0. ``arguments`` are bound to parameters and hold deferred values inside lists,
    tuples and dicts only. ``mapped`` names the arguments that vary (``"xs[0]"`` for an item of ``*xs``), in
    the order of the call; ``product`` says that they vary independently. The node runs only if all
    ``conditions`` hold.
    """

    __slots__ = (
        "arguments",
        "base",
        "conditions",
        "mapped",
        "name",
        "options",
        "position",
        "product",
        "step",
    )

    def __init__(
        self,
        base: str,
        step: "Step[..., Any]",
        arguments: dict[str, object],
        *,
        position: int,
        mapped: tuple[str, ...] = (),
        product: bool = False,
        conditions: tuple[Condition, ...] = (),
    ) -> None:
        self.name = base  # numbered when the graph is complete
        self.base = base
        self.step = step
        self.options: StepOptions = step.options
        self.arguments = arguments
        self.mapped = mapped
        self.product = product
        self.conditions = conditions
        self.position = position

    def __repr__(self) -> str:
        return f"<node {self.name}>"
