"""NumPy dtypes as text, and where their items have bytes that hold no value.

Only for dtypes whose items are plain bytes; metadata of a dtype is not part of its text.
"""

import importlib
import json
from typing import Any

import numpy as np

_PLAIN_KINDS = "biufcmMSUV"


def is_plain(dtype: np.dtype[Any]) -> bool:
    """Whether the bytes of an item are all there is to it: no objects, no strings stored elsewhere."""
    return not dtype.hasobject and (dtype.kind in _PLAIN_KINDS or dtype.isbuiltin == 2)


def dtype_text(dtype: np.dtype[Any]) -> str:
    """Text from which ``read_dtype`` makes the same dtype.

    ``dtype.str``; for structures the JSON of ``dtype.descr``; where that does not give the same dtype back
    (padding, alignment, overlapping fields, records) or does not exist (dtypes of other libraries), a JSON
    object.
    """
    if dtype.isbuiltin == 2:
        return _compact({"scalar": f"{dtype.type.__module__}:{dtype.type.__qualname__}"})
    if dtype.subdtype is not None:
        return _compact({"base": dtype_text(dtype.subdtype[0]), "shape": list(dtype.subdtype[1])})
    if dtype.names is None:
        return dtype.str
    return _descr_text(dtype) or _compact(_layout(dtype))


def _compact(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))


def _descr_text(dtype: np.dtype[Any]) -> str | None:
    """The JSON of ``descr`` if that says everything about the structure."""
    if dtype.isalignedstruct or dtype.type is not np.void or _has_foreign(dtype):
        return None
    try:
        text = _compact(dtype.descr)
        return text if _same(read_dtype(text), dtype) else None
    except (ValueError, TypeError):
        return None


def _has_foreign(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype of another library, or one that ``descr`` flattens, is among the fields."""
    if dtype.subdtype is not None:
        return _has_foreign(dtype.subdtype[0])
    fields = [dtype[name] for name in dtype.names or ()]
    special = dtype.isalignedstruct or issubclass(dtype.type, np.record)
    return special or dtype.isbuiltin == 2 or any(map(_has_foreign, fields))


def _same(left: np.dtype[Any], right: np.dtype[Any]) -> bool:
    return left == right and left.fields == right.fields


def _layout(dtype: np.dtype[Any]) -> dict[str, object]:
    """Everything that stands in a structured dtype."""
    fields = _fields(dtype)
    return {
        "names": list(dtype.names or ()),
        "formats": [dtype_text(field[0]) for field in fields],
        "offsets": [field[1] for field in fields],
        "titles": [field[2] if len(field) > 2 else None for field in fields],
        "itemsize": dtype.itemsize,
        "aligned": dtype.isalignedstruct,
        "record": issubclass(dtype.type, np.record),
    }


def _fields(dtype: np.dtype[Any]) -> list[tuple[Any, ...]]:
    """Of each field its dtype, its offset in bytes, and its title if it has one."""
    return [tuple(dtype.fields[name]) for name in dtype.names or ()] if dtype.fields else []


def read_dtype(text: str) -> np.dtype[Any]:
    """The dtype that ``dtype_text`` wrote down.

    ValueError or TypeError for other texts, ImportError where the library of a dtype is missing.
    """
    if not text.startswith(("[", "{")):
        return np.dtype(text)
    content = json.loads(text)
    if isinstance(content, list):
        return np.dtype(_descr(content))
    if "scalar" in content:
        module, _, name = content["scalar"].partition(":")
        scalar: type[np.generic] = getattr(importlib.import_module(module), name)
        return np.dtype(scalar)
    if "base" in content:
        return np.dtype((read_dtype(content["base"]), tuple(content["shape"])))
    return _from_layout(content)


def _descr(items: list[Any]) -> list[Any]:
    """JSON knows no tuples: a field is ``(name, type)`` or ``(name, type, shape)``, a list holds fields."""
    return [_field(*item) for item in items]


def _field(name: Any, kind: Any, shape: Any = None) -> tuple[Any, ...]:
    name = tuple(name) if isinstance(name, list) else name  # a title and a name
    kind = _descr(kind) if isinstance(kind, list) else kind
    return (name, kind) if shape is None else (name, kind, tuple(shape))


def _from_layout(layout: dict[str, Any]) -> np.dtype[Any]:
    fields: Any = {name: layout[name] for name in ("names", "offsets", "itemsize")}
    fields["formats"] = [read_dtype(text) for text in layout["formats"]]
    if any(title is not None for title in layout["titles"]):
        fields["titles"] = layout["titles"]
    dtype: np.dtype[Any] = np.dtype(fields, align=layout["aligned"])
    return np.dtype((np.record, dtype)) if layout["record"] else dtype


def padding(dtype: np.dtype[Any]) -> list[tuple[int, int]]:
    """Ranges (offset, length) of an item, in bytes, that hold no value: whatever lies there is no content."""
    holes: list[tuple[int, int]] = []
    end = 0
    for start, length in sorted(_content(dtype, 0)):
        if start > end:
            holes.append((end, start - end))
        end = max(end, start + length)
    if end < dtype.itemsize:
        holes.append((end, dtype.itemsize - end))
    return holes


def _content(dtype: np.dtype[Any], at: int) -> list[tuple[int, int]]:
    """Ranges (offset, length) that hold values, for an item that begins at ``at``."""
    if dtype.subdtype is not None:
        base = dtype.subdtype[0]
        if not padding(base):
            return [(at, dtype.itemsize)]
        starts = range(at, at + dtype.itemsize, base.itemsize)
        return [part for start in starts for part in _content(base, start)]
    if dtype.names is not None:
        return [part for field in _fields(dtype) for part in _content(field[0], at + field[1])]
    if dtype.char in "gG":
        return _long_double(dtype, at)
    return [(at, dtype.itemsize)]


def _long_double(dtype: np.dtype[Any], at: int) -> list[tuple[int, int]]:
    """x87 extended precision has 80 bits in 12 or 16 bytes; other processors' long doubles fill theirs."""
    size = np.dtype("g").itemsize
    used = 10 if np.finfo(np.longdouble).nmant == 63 else size
    first = 0 if dtype.isnative else size - used
    return [(at + start + first, used) for start in range(0, dtype.itemsize, size)]
