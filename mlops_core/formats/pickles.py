"""``pickle/1``: all else, by pickle protocol 5 with large buffers out of band as cells of their own."""

import io
import pickle
import types
from typing import TYPE_CHECKING, Any

from mlops_core.errors import UnstorableValue
from mlops_core.formats import type_names
from mlops_core.formats.cells import digests, put_bytes
from mlops_core.formats.draft import Draft
from mlops_core.formats.nesting import flatten, rebuild
from mlops_core.formats.trouble import find_trouble

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.protocols import Sink
    from mlops_core.formats.saving import Saving

FORMAT = "pickle/1"
PROTOCOL = 5
#: Buffers of fewer bytes stay in the stream: a cell each would cost more than it saves.
_IN_BAND = 4096


def accepts(value: object, saving: "Saving") -> bool:
    return True


def save(value: object, saving: "Saving", where: str) -> Draft:
    buffers = _Buffers(saving.sink)
    stream = _dump(value, buffers, where)
    is_flat = stream is None
    if stream is None:
        buffers = _Buffers(saving.sink)
        stream = _dump_flat(value, buffers, where)
    manifest: dict[str, object] = {
        "cells": put_bytes(stream, saving.sink),
        "nbytes": len(stream),
        "buffers": buffers.entries,
    }
    if is_flat:
        manifest["flat"] = True
    nbytes = len(stream) + buffers.nbytes
    return Draft(FORMAT, type_names.display_name(type(value)), manifest, nbytes)


def load(artifact: "Artifact", loading: "Loading") -> object:
    """A fresh object; what was writable when it was pickled is a private copy-on-write map."""
    buffers = [
        loading.source.buffer(digests(entry["cells"]), writable=not entry["readonly"])
        for entry in artifact.manifest["buffers"]  # type: ignore[attr-defined] # a list, by the manifest's check
    ]
    stream = loading.source.buffer(digests(artifact.manifest["cells"]))
    value = _Unpickler(io.BytesIO(stream), buffers=buffers).load()
    return rebuild(value) if artifact.manifest.get("flat") else value


class _Buffers:
    """Takes large buffers out of the stream and makes cells of them."""

    def __init__(self, sink: "Sink") -> None:
        self.entries: list[dict[str, object]] = []
        self.nbytes = 0
        self.failure: BaseException | None = None
        self._sink = sink

    def __call__(self, buffer: pickle.PickleBuffer) -> bool:
        """True keeps the buffer in the stream."""
        try:
            raw = buffer.raw()
        except BufferError:  # not contiguous: only the stream can hold it
            return True
        if raw.nbytes < _IN_BAND:
            return True
        try:
            cells = put_bytes(raw, self._sink)
        except BaseException as error:
            self.failure = error
            raise
        self.entries.append({"cells": cells, "nbytes": raw.nbytes, "readonly": raw.readonly})
        self.nbytes += raw.nbytes
        return False


class _Pickler(pickle.Pickler):
    """Writes what ``__main__`` defines under the name by which other processes find it."""

    def reducer_override(self, item: Any) -> Any:
        if not isinstance(item, type | types.FunctionType) or item.__module__ != "__main__":
            return NotImplemented
        name = f"{type_names.stored_module('__main__')}:{item.__qualname__}"
        if name.startswith("__main__:"):
            return NotImplemented
        if not type_names.is_findable(item):
            raise pickle.PicklingError(
                f"Can't pickle {item!r}: it's not found as __main__.{item.__qualname__}"
            )
        return type_names.find, (name,)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        here = type_names.loaded_module(module)
        try:
            return super().find_class(here, name)
        except ModuleNotFoundError as error:
            raise type_names.missing_module(here, error) from error


def _dump(value: object, buffers: _Buffers, where: str) -> bytes | None:
    """The stream; None for a container that may be nested too deep for ``pickle``."""
    try:
        return _pickle(value, buffers)
    except (MemoryError, UnstorableValue):
        raise
    except Exception as error:
        if isinstance(error, RecursionError) and type(value) in (list, tuple, dict):
            return None
        raise _failure(value, error, buffers, where) from error


def _dump_flat(value: object, buffers: _Buffers, where: str) -> bytes:
    try:
        return _pickle(flatten(value), buffers)
    except (MemoryError, UnstorableValue):
        raise
    except Exception as error:
        raise _failure(value, error, buffers, where) from error


def _failure(value: object, error: Exception, buffers: _Buffers, where: str) -> BaseException:
    """What to raise: what the sink raised, or a sentence about the value."""
    return buffers.failure if buffers.failure is not None else _unstorable(value, error, where)


def _pickle(value: object, callback: Any) -> bytes:
    out = io.BytesIO()
    _Pickler(out, PROTOCOL, buffer_callback=callback).dump(value)
    return out.getvalue()


def _unstorable(value: object, error: Exception, where: str) -> UnstorableValue:
    trouble = find_trouble(value, where, _cannot_pickle)
    kind = type_names.display_name(type(trouble.value))
    return UnstorableValue(
        f"{trouble.where} is a {kind}, which cannot be stored: {trouble.error or error}",
        hint="return plain data, arrays, tables or importable classes; leave open files, locks, connections, "
        "lambdas and local classes out of what a step returns",
        path=trouble.where,
        type=kind,
    )


def _cannot_pickle(value: object) -> Exception | None:
    try:
        _pickle(value, lambda _: False)
    except Exception as error:
        return error
    return None
