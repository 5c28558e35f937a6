"""What the project's code can reach while it is imported and the graph is built: is it different each time?

The code of modules runs from the top; of the functions in them only those run that are called, and those are
among the ones whose names are read by what runs. The rule errs on the side of "it may".
"""

import builtins
import sys
from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from mlops_core.execution.snapshots.fickle import is_fickle, is_fickle_attribute, is_fickle_text
from mlops_core.fingerprints.code.canonical import own_uses
from mlops_core.fingerprints.code.code_objects import is_step
from mlops_core.fingerprints.code.effects import is_native_reader
from mlops_core.fingerprints.code.ownership import OWN, owner_of_class, owner_of_function, owner_of_module

_LOCALS = 2  # CO_NEWLOCALS (inspect): set for functions, not for the bodies of modules and classes
_MOST_ITEMS = 1000
_HASHING = frozenset({"__hash__", "__eq__"})


class Reach:
    """Walks on from what it is given; ``found`` says what was met and where: ``date.today (pipe.py:3)``."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self._waiting: list[tuple[CodeType, dict[str, Any]]] = []
        self._seen: set[int] = set()
        self._kept: list[object] = []  # so that no address is used again

    def module(self, module: ModuleType) -> None:
        """The code that runs when the module is imported; one without a file was made by code that runs."""
        if getattr(module, "__file__", None) is None:
            return
        loader = getattr(module.__spec__, "loader", None)
        try:
            code = loader.get_code(module.__spec__.name)  # type: ignore[union-attr]
        except (AttributeError, ImportError, OSError, SyntaxError):
            code = None
        if code is None:
            self.found[f"{module.__name__}, whose code cannot be read"] = None
        else:
            self._code(code, vars(module))
            self._walk()

    def value(self, value: object) -> None:
        """What runs when the value is called."""
        self._follow(value)
        self._walk()

    def _walk(self) -> None:
        while self._waiting:
            self._execute(*self._waiting.pop())

    def _code(self, code: CodeType, namespace: dict[str, Any]) -> None:
        if id(code) not in self._seen:
            self._seen.add(id(code))
            self._kept.append(code)
            self._waiting.append((code, namespace))

    def _execute(self, code: CodeType, namespace: dict[str, Any]) -> None:
        uses, constants = own_uses(code)
        for chain in uses.chains:
            self._chain(chain, code, namespace)
        names = [*uses.attributes, *(name for chain in uses.local_chains for name in chain[1:])]
        self._note([name for name in names if is_fickle_attribute(name)], code)
        for statement in uses.imports:
            wanted = [f"{statement.module}.{name}" for name, _ in statement.bindings]
            self._note([name for name in wanted if code.co_flags & _LOCALS and is_fickle(name)], code)
        for constant in constants:
            if isinstance(constant, CodeType):
                self._nested(constant, code, namespace)
            elif is_fickle_text(constant):
                self._note([repr(constant)], code)

    def _note(self, names: list[str], code: CodeType) -> None:
        file = code.co_filename.rpartition("/")[2]
        self.found.update(dict.fromkeys(f"{name} ({file}:{code.co_firstlineno})" for name in names))

    def _nested(self, code: CodeType, outer: CodeType, namespace: dict[str, Any]) -> None:
        """Bodies of classes run, functions in functions may; those of a module when somebody calls them."""
        is_function = code.co_flags & _LOCALS and not code.co_name.startswith("<")
        in_function = outer.co_flags & _LOCALS
        known = outer.co_name != "<module>" or _is_kept(namespace.get(code.co_name), code)
        if in_function or not is_function or not known:
            self._code(code, namespace)

    def _chain(self, chain: tuple[str, ...], code: CodeType, namespace: dict[str, Any]) -> None:
        name, *rest = chain
        if name not in namespace:
            if code.co_name not in _HASHING and hasattr(builtins, name) and is_fickle(f"builtins.{name}"):
                self._note([name], code)
            return
        value, dotted = namespace[name], name
        while isinstance(value, ModuleType) and rest:
            dotted = f"{value.__name__}.{rest[0]}"
            value = vars(value).get(rest.pop(0))
        if any(is_fickle(name) or is_native_reader(name) for name in (dotted, _full_name(value))):
            self._note([dotted], code)
        self._note([".".join(chain) for name in rest if is_fickle_attribute(name)], code)
        self._follow(value)

    def _follow(self, value: object) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._kept.append(value)
        for reached in _called_by(value):
            if isinstance(reached, FunctionType):
                self._function(reached)
            else:
                self._follow(reached)

    def _function(self, function: FunctionType) -> None:
        if owner_of_function(function) != OWN:
            return
        self._code(function.__code__, function.__globals__)
        for cell in function.__closure__ or ():
            try:
                self._follow(cell.cell_contents)
            except ValueError:  # not filled yet
                continue


def _called_by(value: Any) -> Iterator[object]:
    """Functions, and things that hold some, which a call of the value or of its methods can reach."""
    if is_step(value):
        if hasattr(type(value), "__mlops_pipeline__"):
            yield value.__wrapped__  # the body of a pipeline called in this one; a step runs later
    elif isinstance(value, FunctionType):
        yield value
        yield getattr(value, "__wrapped__", None)
    elif isinstance(value, type):
        if owner_of_class(value) == OWN:
            yield from (*vars(value).values(), *value.__mro__[1:], type(value))
    elif isinstance(value, MethodType | classmethod | staticmethod):
        yield value.__func__
    elif isinstance(value, property):
        yield from (value.fget, value.fset, value.fdel)
    elif isinstance(value, partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from list(value)[:_MOST_ITEMS]
    elif isinstance(value, dict):
        yield from list(value.values())[:_MOST_ITEMS]
    elif not isinstance(value, ModuleType):
        yield from (type(value), (getattr(value, "__dict__", None) or {}).get("__wrapped__"))


def _full_name(value: object) -> str:
    """``time.time`` for a function imported by its name, ``random.Random.random`` for a bound method."""
    owner = getattr(value, "__self__", None)
    if owner is None or isinstance(owner, ModuleType):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    return f"{type(owner).__module__}.{type(owner).__qualname__}.{getattr(value, '__name__', '')}"


def _is_kept(value: Any, code: CodeType) -> bool:
    """Whether the function of this code is what its name stands for, behind decorators that only wrap."""
    for _ in range(20):
        if isinstance(value, FunctionType):
            own = value.__code__
            if (own.co_name, own.co_firstlineno) == (code.co_name, code.co_firstlineno):
                return True
        following = getattr(value, "__wrapped__", None) or getattr(value, "__func__", None)
        if following is None:
            return False
        value = following
    return False


def own_modules() -> list[ModuleType]:
    """The project's modules that are imported now; the program itself is the command line's."""
    found = {
        name: m for name, m in list(sys.modules.items()) if isinstance(m, ModuleType) and name != "__main__"
    }
    return [module for module in found.values() if owner_of_module(module) == OWN]
