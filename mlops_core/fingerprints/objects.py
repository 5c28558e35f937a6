"""Objects that are neither builtin data nor code, as a tag and children for the digest of values."""

import copyreg
import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Final

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.embedded import Described as Tree

Tagged = tuple[str, tuple[object, ...]]
Described = bytes | Tagged
Walker = Callable[[object], Described | None]

# Top-level package of a type -> the module whose ``walk`` knows types of that package.
_WALKERS: Final = {
    "numpy": "numpy_objects", "pandas": "pandas_frames", "polars": "polars_frames", "pyarrow": "arrow_tables",
    "torch": "torch_tensors", "datetime": "standard", "pathlib": "standard", "enum": "standard",
    "decimal": "standard", "builtins": "standard", "collections": "standard", "types": "standard",
    "array": "standard", "re": "standard", "_io": "standard", "os": "standard", "typing": "standard",
    "_contextvars": "standard", "_struct": "standard",
}  # fmt: skip
# State of the process, not of the program: the type (and a name, where there is one) is all that counts.
_OPAQUE: Final = frozenset({
    "_thread.lock", "_thread.RLock", "_thread._local", "_thread._localdummy", "logging.Logger",
    "logging.RootLogger", "logging.Manager", "weakref.ReferenceType", "weakref.WeakKeyDictionary",
    "weakref.WeakValueDictionary", "weakref.WeakSet", "_weakrefset.WeakSet", "builtins.weakref",
    "builtins.weakproxy", "_queue.SimpleQueue", "concurrent.futures.thread.ThreadPoolExecutor",
    "logging.LoggerAdapter",
})  # fmt: skip
_HINT = "pass it as data (an array, plain values), or give its class a __mlops_fingerprint__ method"


def describe(value: object) -> Described:
    """Digest, or tag and children, of an object; raises ``UnfingerprintableValue``."""
    if type(value) is Tree:
        return (value.tag, value.parts)
    kind = type(value)
    custom = getattr(kind, "__mlops_fingerprint__", None)
    if custom is not None:
        return ("custom", (ClassIdentity(kind), custom(value)))
    if is_opaque(value):
        return ("opaque", (opaque_name(value),))
    for walk in _walkers_of(kind):
        found = walk(value)
        if found is not None:
            return found
    return reduced(value)


def is_opaque(value: object) -> bool:
    """Whether the state of the object is the process's own: locks, loggers, weak references, pools."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}" in _OPAQUE


def opaque_name(value: object) -> str:
    """What is left of an object whose state does not count: its type, and its name if it has one."""
    kind = type(value)
    name = getattr(value, "name", "")
    return f"{kind.__module__}.{kind.__qualname__} {name if isinstance(name, str) else ''}"


_found_walkers: dict[type, tuple[Walker, ...]] = {}


def _walkers_of(kind: type) -> tuple[Walker, ...]:
    found = _found_walkers.get(kind)
    if found is None:
        tops = (str(base.__module__).partition(".")[0] for base in kind.__mro__[:-1])
        names = dict.fromkeys(_WALKERS[top] for top in tops if top in _WALKERS)
        found = tuple(_load(name) for name in names)
        _found_walkers[kind] = found
    return found


def _load(name: str) -> Walker:
    module = importlib.import_module(f"mlops_core.fingerprints.walkers.{name}")
    walk: Walker = module.walk
    return walk


def reduced(value: object) -> Tagged:
    """Class and state as ``copyreg`` and ``__reduce_ex__`` give them, walked and never pickled."""
    kind = type(value)
    state = _reduce(value, kind)
    if isinstance(state, str):
        return ("global", (ClassIdentity(kind), state))
    function, arguments, *rest = state
    rest += [None] * (3 - len(rest))
    items = [list(part) if isinstance(part, Iterable) else None for part in rest[1:3]]
    return (
        "object",
        (ClassIdentity(kind), _rebuilder(function), _arguments(arguments), rest[0], *items),
    )


def _reduce(value: object, kind: type) -> str | tuple[object, ...]:
    reducer = copyreg.dispatch_table.get(kind)
    try:
        return reducer(value) if reducer is not None else value.__reduce_ex__(4)
    except Exception as error:
        name = f"{kind.__module__}.{kind.__qualname__}"
        raise UnfingerprintableValue(f"a {name} has no stable content ({error})", hint=_HINT) from error


def _rebuilder(function: object) -> str:
    """The function that would rebuild the object: its name, for its code is no part of the value."""
    return (
        f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__name__)}"
    )


def _arguments(arguments: object) -> tuple[object, ...]:
    assert isinstance(arguments, tuple)
    return tuple(ClassIdentity(a) if isinstance(a, type) else a for a in arguments)


def loaded(name: str) -> object:
    """A library's module if the process has it; values of its types exist only then."""
    return sys.modules[name]
