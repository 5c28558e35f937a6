"""Values of the standard library that their pickled state would describe too loosely or too closely."""

import contextvars
import datetime
import enum
import os
import struct
import sys
import types
from collections import OrderedDict
from pathlib import PurePath
from typing import Any

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def walk(value: object) -> Described | None:
    """Description of an enum member, a moment, a path, a view, a stream of the process; else None."""
    return first_of(_TABLE, value) or _process(value)


def _enum(member: enum.Enum) -> Described:
    return ("enum", (ClassIdentity(type(member)), member.name, member.value))


def _path(value: PurePath) -> Described:
    return ("path", (type(value).__name__, str(value)))


def _datetime(value: datetime.datetime) -> Described | None:
    """Every field: pickles of old protocols and ISO text both drop ``fold``."""
    if type(value) is not datetime.datetime:
        return None
    date = (value.year, value.month, value.day)
    time = (value.hour, value.minute, value.second, value.microsecond, value.fold)
    return ("datetime", (*date, *time, value.tzinfo))


def _time(value: datetime.time) -> Described | None:
    if type(value) is not datetime.time:
        return None
    return ("time", (value.hour, value.minute, value.second, value.microsecond, value.fold, value.tzinfo))


def _set(value: set[object] | frozenset[object]) -> Described:
    state = getattr(value, "__dict__", None)
    return ("set subclass", (ClassIdentity(type(value)), frozenset(value), state))


def _proxy(value: types.MappingProxyType[object, object]) -> Described:
    return ("mappingproxy", (dict(value),))


def _ordered(value: OrderedDict[object, object]) -> Described | None:
    return ("OrderedDict", (dict(value),)) if type(value) is OrderedDict else None


def _view(value: Any) -> Described:
    return (type(value).__name__, (list(value),))


def _memory(value: memoryview) -> Described:
    return ("memoryview", (value.format, value.shape, value.tobytes()))


def _context_variable(value: contextvars.ContextVar[object]) -> Described:
    """Its name and what code would get from it now: what was set, else its default."""
    try:
        return ("ContextVar", (value.name, True, value.get()))
    except LookupError:
        return ("ContextVar", (value.name, False, None))


def _struct(value: struct.Struct) -> Described:
    return ("Struct", (value.format,))


def _refuse(value: object) -> Described:
    raise UnfingerprintableValue(
        f"a {type(value).__name__} has no stable content: it can be read only once",
        hint="pass the list of what it yields",
    )


def _process(value: object) -> Described | None:
    """Things of the process that code holds to look at or to write to."""
    if value is os.environ or value is getattr(os, "environb", None):
        return ("process", ("os.environ",))
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        if value is not None and value is getattr(sys, name, None):
            return ("process", (f"sys.{name.strip('_')}",))
    return None


_TABLE: Table = (
    (enum.Enum, _enum),
    (PurePath, _path),
    (datetime.datetime, _datetime),
    (datetime.time, _time),
    ((set, frozenset), _set),
    (types.MappingProxyType, _proxy),
    (OrderedDict, _ordered),
    ((type({}.keys()), type({}.values()), type({}.items())), _view),
    (memoryview, _memory),
    (contextvars.ContextVar, _context_variable),
    (struct.Struct, _struct),
    ((types.GeneratorType, types.CoroutineType, types.FrameType), _refuse),
)
