"""Whether a container holds something that deserves an artifact of its own."""

from typing import TYPE_CHECKING

from mlops_core.formats import arrays, bytes_values, files, pandas_frames, parts, polars_frames, tables

if TYPE_CHECKING:
    from mlops_core.formats.saving import Saving

#: Bytes up to this many are light.
_LIGHT_BYTES = 4096
#: A container with more values than this is not searched further: it is stored whole.
_MOST_VISITED = 10_000
#: What models of the usual libraries have: scikit-learn and its like, PyTorch, ONNX, XGBoost.
_MODEL_METHODS = ("predict", "transform", "state_dict", "SerializeToString", "save_model")


def has_heavy_part(value: object, saving: "Saving") -> bool:
    """Whether a part of the container, at any depth, is heavy."""
    waiting = [value]
    seen: set[int] = set()
    while waiting and len(seen) <= _MOST_VISITED:
        container = waiting.pop()
        if id(container) in seen:
            continue
        seen.add(id(container))
        for part in parts.parts_of(parts.kind_of(container) or "tuple", container):
            if is_heavy(part.value, saving):
                return True
            if parts.kind_of(part.value) is not None:
                waiting.append(part.value)
    return False


def is_heavy(value: object, saving: "Saving") -> bool:
    """An array, a table, a frame, a model, a stored file, or many bytes."""
    if bytes_values.accepts(value, saving):
        return len(value) > _LIGHT_BYTES  # type: ignore[arg-type] # bytes or bytearray
    if any(room.accepts(value, saving) for room in (arrays, tables, polars_frames, pandas_frames, files)):
        return True
    cls = type(value)
    top = cls.__module__.partition(".")[0]
    return top != "builtins" and any(callable(getattr(cls, name, None)) for name in _MODEL_METHODS)
