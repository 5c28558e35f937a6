"""``json/1``: None, bool, int, float, str, and lists and dicts of them, exact types only."""

import json
from typing import TYPE_CHECKING

from mlops_core.formats.cells import digests, put_bytes
from mlops_core.formats.draft import Draft

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "json/1"
#: Deeper values go to the next format: the JSON reader recurses.
_DEEPEST = 100
#: Python refuses to read integers of more digits than a limit that may be set down to 640 of them.
_LARGEST_BITS = 2000
#: Texts up to this many bytes stand in the manifest and need no cell.
_INLINE = 4096


def accepts(value: object, saving: "Saving") -> bool:
    """Whether JSON gives the value back exactly.

    A container met twice (or inside itself) is refused: JSON would make two of it.
    """
    seen: set[int] = set()
    level = [value]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for item in level:
            if not _accepts_one(item, seen, below):
                return False
        if not below:
            return True
        level = below
    return False


def _accepts_one(item: object, seen: set[int], below: list[object]) -> bool:
    kind = type(item)
    if item is None or kind is bool or kind is float:
        return True
    if kind is int:
        return bool(item.bit_length() <= _LARGEST_BITS)  # type: ignore[attr-defined] # an int
    if kind is str:
        return _is_text(item)
    if (kind is not list and kind is not dict) or id(item) in seen:
        return False
    seen.add(id(item))
    if isinstance(item, dict):
        below.extend(item.values())
        return all(type(key) is str and _is_text(key) for key in item)
    below.extend(item)  # type: ignore[arg-type] # an exact list
    return True


def _is_text(text: object) -> bool:
    """Lone surrogates are no Unicode text; two in a row would come back as one character."""
    try:
        text.encode()  # type: ignore[attr-defined] # an exact str
    except UnicodeEncodeError:
        return False
    return True


def save(value: object, saving: "Saving", where: str) -> Draft:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    data = text.encode()
    manifest: dict[str, object] = (
        {"text": text} if len(data) <= _INLINE else {"cells": put_bytes(data, saving.sink)}
    )
    return Draft(FORMAT, type(value).__name__ if value is not None else "None", manifest, len(data))


def load(artifact: "Artifact", loading: "Loading") -> object:
    text = artifact.manifest.get("text")
    if text is None:
        text = str(loading.source.buffer(digests(artifact.manifest["cells"])), "utf-8")
    return json.loads(str(text))
