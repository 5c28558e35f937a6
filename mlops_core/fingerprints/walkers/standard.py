"""Values of the standard library that their pickled state would describe too loosely or too closely."""

import collections
import datetime
import enum
import os
import sys
import types
from pathlib import PurePath

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity

Tagged = tuple[str, tuple[object, ...]]
_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))


def walk(value: object) -> Tagged | None:
    """Description of an enum member, a moment, a path, a set of a subclass, a stream of the process; else None."""
    kind = type(value)
    identity = ClassIdentity(kind)
    if isinstance(value, enum.Enum):
        return _enum(value, identity)
    if isinstance(value, PurePath):
        return ("path", (kind.__name__, str(value)))
    if kind is datetime.datetime:
        return _datetime(value)
    if kind is datetime.time:
        return _time(value)
    if isinstance(value, set | frozenset):
        return ("set subclass", (identity, frozenset(value), getattr(value, "__dict__", None)))
    if isinstance(value, types.MappingProxyType):
        return ("mappingproxy", (dict(value),))
    if isinstance(value, collections.OrderedDict) and kind is collections.OrderedDict:
        return ("OrderedDict", (dict(value),))
    if isinstance(value, _VIEWS):
        return (kind.__name__, (list(value),))
    if isinstance(value, memoryview):
        return ("memoryview", (value.format, value.shape, value.tobytes()))
    return _process(value)


def _enum(member: enum.Enum, identity: ClassIdentity) -> Tagged:
    return ("enum", (identity, member.name, member.value))


def _datetime(value: object) -> Tagged:
    """Every field: pickles of old protocols and ISO text both drop ``fold``."""
    assert isinstance(value, datetime.datetime)
    date = (value.year, value.month, value.day)
    time = (value.hour, value.minute, value.second, value.microsecond, value.fold)
    return ("datetime", (*date, *time, value.tzinfo))


def _time(value: object) -> Tagged:
    assert isinstance(value, datetime.time)
    return ("time", (value.hour, value.minute, value.second, value.microsecond, value.fold, value.tzinfo))


def _process(value: object) -> Tagged | None:
    """Things of the process that code holds to look at or to write to."""
    if value is os.environ or value is getattr(os, "environb", None):
        return ("process", ("os.environ",))
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        if value is getattr(sys, name, None) and value is not None:
            return ("process", (f"sys.{name.strip('_')}",))
    if isinstance(value, types.GeneratorType | types.CoroutineType | types.FrameType):
        raise UnfingerprintableValue(
            f"a {type(value).__name__} has no stable content: it can be read only once",
            hint="pass the list of what it yields",
        )
    return None
