"""``when``: calls in its block run only if the condition holds."""

from contextlib import AbstractContextManager

from mlops_core.pipelines.builder import current_builder
from mlops_core.pipelines.containers import snapshot
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.node import Condition
from mlops_core.pipelines.operations import Choice
from mlops_core.pipelines.places import refuse_outside_body


class When:
    """A condition, as a context manager: ``with when(c) as good:``; its block always executes."""

    __slots__ = ("_around", "_condition", "_entered")

    def __init__(self, around: tuple[Condition, ...], condition: Condition) -> None:
        self._around = around
        self._condition = condition
        self._entered: list[AbstractContextManager[None]] = []

    def __enter__(self) -> "When":
        builder = current_builder()
        conditions = (*self._around, self._condition)
        builder.check_own([each.expression for each in conditions], "the condition of `when`")
        block = builder.under(conditions)
        block.__enter__()
        self._entered.append(block)
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.pop().__exit__(None, None, None)

    def otherwise(self) -> "When":
        """The other branch, under the conditions around this ``when``, wherever it is written."""
        return When(self._around, Condition(self._condition.expression, not self._condition.negated))

    def one_of(self, new: object, old: object) -> Deferred:
        """``new`` where the condition held, else ``old``; either may be a plain value."""
        sides = [
            snapshot(value, f"the argument `{name}` of `one_of`")
            for name, value in (("new", new), ("old", old))
        ]
        choice = Choice(self._around, self._condition, *sides)
        current_builder().check_own(choice, "what `one_of` chooses from")
        return Deferred(choice)

    def __bool__(self) -> bool:
        from mlops_core.errors import DeferredMisuse

        raise DeferredMisuse(
            "`when(...)` decides nothing in an `if`: its condition is not known while the graph is built.",
            hint="Write `with when(condition):`, and `with good.otherwise():` for the other branch.",
        )


def when(condition: object) -> When:
    """Calls in the ``with`` block run only if ``condition`` (a comparison, a deferred or plain bool) holds.

    Raises ``CallNotAllowed`` outside a pipeline body.
    """
    refuse_outside_body("when", "The value is known there: write a plain `if`.")
    builder = current_builder()
    expression = snapshot(condition, "the condition of `when`")
    builder.check_own(expression, "the condition of `when`")
    return When(builder.conditions, Condition(expression, negated=False))
