"""Whether two functions are one and the same step: by code and by what they close over, not by identity.

A cell of a notebook that runs again makes a new function of the same code; a factory makes functions
of the same code that differ in their closures.
"""

from types import CodeType, FunctionType

from mlops_core.errors import UnfingerprintableValue

_SCALARS = frozenset({str, bytes, int, bool, type(None)})


def are_same(one: FunctionType, other: FunctionType) -> bool:
    """Same code in the same module, same defaults, same closure by content."""
    if one is other:
        return True
    if one.__globals__ is not other.__globals__ or _code(one.__code__) != _code(other.__code__):
        return False
    pairs = zip(_held(one), _held(other), strict=True)
    return all(_equal(left, right) for left, right in pairs)


def _code(code: CodeType) -> tuple[object, ...]:
    """What the code does: without file, lines, and with constants told apart by type."""
    constants = tuple(_code(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, code.co_exceptiontable, constants, counts, names)


def _held(function: FunctionType) -> list[object]:
    """Defaults and closure; an empty cell counts as itself."""
    cells = [_content(cell) for cell in function.__closure__ or ()]
    return [function.__defaults__, function.__kwdefaults__, *cells]


def _content(cell: object) -> object:
    try:
        return cell.cell_contents  # type: ignore[attr-defined]
    except ValueError:
        return cell


def _equal(left: object, right: object) -> bool:
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if type(left) in _SCALARS:
        return left == right
    if isinstance(left, FunctionType) and isinstance(right, FunctionType):
        return are_same(left, right)
    from mlops_core.fingerprints.values import value_digest

    try:
        return bool(value_digest(left) == value_digest(right))
    except UnfingerprintableValue:
        return False  # they cannot be told apart from different ones
