"""Content of a function: canonical code, defaults, closure, attributes, and what its names stand for."""

import sys
from types import FunctionType
from typing import TYPE_CHECKING

from mlops_core.fingerprints.code import ownership, reflection
from mlops_core.fingerprints.code.canonical import canonical_code
from mlops_core.fingerprints.code.code_objects import is_code
from mlops_core.fingerprints.code.guards import MISSING, cell_content
from mlops_core.fingerprints.code.node import Place
from mlops_core.fingerprints.code.references import references
from mlops_core.fingerprints.code.uses import Uses

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

Tagged = tuple[object, ...]


def function_content(walk: "Walk", subject: object) -> Tagged:
    """Everything that counts of one function, as a structure of data and edges."""
    assert isinstance(subject, FunctionType)
    walk.guards.function(subject)
    if ownership.owner_of_function(subject) != ownership.OWN:
        return _foreign_wrapper(walk, subject)
    canonical = canonical_code(subject.__code__)
    _note_uses(walk, canonical.uses)
    walk.contents.append(canonical.content)
    return (
        "function/0",
        canonical.content,
        _defaults(walk, subject),
        tuple(_cell(walk, subject, i) for i in range(len(subject.__closure__ or ()))),
        references(walk, subject.__globals__, canonical.uses, walk.inside(subject.__code__.co_filename)),
    )


def _note_uses(walk: "Walk", uses: Uses) -> None:
    for name in uses.names():
        if name in reflection.ATTRIBUTES:
            walk.widen(f"reads {name}")
        elif name in reflection.NAMES_VISIBLE:
            walk.names_visible = True


def _defaults(walk: "Walk", function: FunctionType) -> tuple[object, ...]:
    attributes = vars(function)
    walk.guards.size(attributes)
    for value in (function.__defaults__, function.__kwdefaults__, attributes or None):
        walk.watch(value)
    return (function.__defaults__, function.__kwdefaults__, attributes)


def _cell(walk: "Walk", function: FunctionType, index: int) -> object:
    """A closure variable: code as itself, data as a constant of its own, so that it can be named."""
    code = function.__code__
    value = cell_content((function.__closure__ or ())[index])
    if value is MISSING:
        return ("empty cell",)
    if is_code(value):
        walk.watch(value)
        return value
    file = walk.inside(code.co_filename)
    label = f"{file}:{code.co_qualname} ({code.co_freevars[index]})"
    key = (id((function.__closure__ or ())[index]), "cell")
    return walk.edge(key, "constant", value, Place(label, file, code.co_firstlineno))


def _foreign_wrapper(walk: "Walk", function: FunctionType) -> Tagged:
    """A library's function around something: what it holds counts, its own code counts by version."""
    code, namespace = function.__code__, function.__globals__
    module = namespace.get("__name__")
    name = f"{module}.{code.co_qualname}"
    owner = ownership.owner_of_function(function)
    mark = walk.foreign(name, sys.modules.get(str(module)) if owner == ownership.DISTRIBUTION else None)
    registry = vars(function).get("registry")
    if code.co_qualname == "singledispatch.<locals>.wrapper" and registry is not None:
        walk.watch(registry)
        return ("singledispatch/0", mark, registry)
    cells = tuple(walk.held(cell_content(c)) for c in function.__closure__ or ())
    held = {n: walk.held(v) for n, v in vars(function).items()}
    return (
        "wrapper/0",
        mark,
        cells,
        held,
        walk.held(function.__defaults__),
        walk.held(function.__kwdefaults__),
    )
