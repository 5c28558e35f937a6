"""What a deferred value cannot do while the graph is built, and what to write instead."""

from mlops_core.errors import DeferredMisuse
from mlops_core.pipelines.operations import Operation

_CONDITION = (
    "Write `with when(condition):` around the calls that depend on it. Join comparisons with `&`, `|`, `~`, "
    "each in parentheses: `(x > 1) & (x < 5)` instead of `1 < x < 5`. Other plain Python belongs in a step."
)
_COMPUTE = "Write a step that computes it and call it here: `@step` over `def compute(value): return ...`."
_PLURAL = (
    "Annotate the step with a type of known length (`-> tuple[A, B]` or a NamedTuple) to unpack it, call "
    "another step for each item with `other.map(value)`, or pass the whole value to a step."
)

# kind of use: (what it cannot do, what to write)
USES: dict[str, tuple[str, str]] = {
    "truth": ("decide an `if`, `and`, `or`, `not`, `in` or chained comparison", _CONDITION),
    "contains": (
        "be searched with `in`",
        "Write a step that looks it up and returns a bool, and use that in `with when(...):`.",
    ),
    "joined": (
        "be joined with `&`, `|` or `~`: those join conditions, and this is none",
        "Put each comparison in parentheses: `(x > 1) & (y < 5)`. To compute with the values write a step.",
    ),
    "arithmetic": ("be computed with", _COMPUTE),
    "call": (
        "be called",
        "Pass it to a step that calls it: `@step` over `def apply(function, value): return function(value)`.",
    ),
    "hash": (
        "be a key of a dict or an item of a set",
        "Use it in a list, in a tuple or as a value of a dict.",
    ),
    "text": (
        "become text (`str`, an f-string, `format`, `print`)",
        "Write a step that makes the text and call it here: `@step` over "
        "`def describe(value): return f'{value}'`.",
    ),
    "number": ("become a number (`int`, `float`, `complex`, `round`, an index)", _COMPUTE),
    "bytes": ("become bytes", _COMPUTE),
    "array": (
        "become an array or a table",
        "Pass it to a step: there it is the array itself, and a list of them is a list of arrays.",
    ),
    "path": ("be opened as a path", "Pass it to a step and open the file there."),
    "iterate": ("be iterated or unpacked: its annotation does not give its length", _PLURAL),
    "length": ("be measured with `len`: its annotation does not give its length", _PLURAL),
    "change": (
        "be changed",
        "Write a step that returns the changed value, and go on with what its call returns.",
    ),
    "pickle": ("be pickled", "Pass it to a step as an argument instead."),
    "fingerprint": ("be fingerprinted", "Pass it to a step as an argument instead."),
    "enter": (
        "be entered with `with`",
        "Open and close it inside one step. For conditions: `with when(value):`.",
    ),
    "await": ("be awaited", "Steps are plain functions: use what the call returned as it is."),
}


def refused(operation: Operation, use: str) -> DeferredMisuse:
    """The error for a use of the value that needs it to be known."""
    what, hint = USES[use]
    return misuse(operation, f"cannot {what}", hint)


def misuse(operation: Operation, what: str, hint: str) -> DeferredMisuse:
    """The error for a deferred value; ``what`` goes on from "it ..."."""
    return DeferredMisuse(
        f"`{operation.text()}` is not known while the graph is built, so it {what}.",
        hint=hint,
        value=operation.text(),
    )
