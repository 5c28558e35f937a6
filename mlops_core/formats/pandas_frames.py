"""``pandas/1``: frames, series and indexes by column, so that versions of a frame share what is equal.

A frame is a tree whose leaves are artifacts of their own: arrays, Arrow tables, and what only pickle knows.
Loaded, its columns are private copy-on-write maps: fresh for each consumer, and free to be changed.
"""

import sys
from typing import TYPE_CHECKING, Any

from mlops_core.formats.draft import Draft
from mlops_core.formats.pandas_storing import FrameWriter
from mlops_core.formats.pandas_text import text_objects
from mlops_core.formats.type_names import display_name, missing_library

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "pandas/1"


def accepts(value: object, saving: "Saving") -> bool:
    """Exactly pandas' own classes; a subclass holds more than its columns."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not type(value).__module__.startswith("pandas"):
        return False
    if not hasattr(pandas, "DataFrame") or saving.is_inside(value):
        return False
    from mlops_core.engine.pandas_trees import is_known

    return is_known(value)


def save(value: Any, saving: "Saving", where: str) -> Draft:
    from mlops_core.engine.pandas_trees import take_apart

    with saving.inside(value):
        writer = FrameWriter(saving, where)
        tree = take_apart(value)
        manifest: dict[str, object] = {"tree": writer.put(tree)}
    manifest["rows"] = len(value)
    if type(value).__name__ in ("DataFrame", "Series"):
        labels = value.columns if value.ndim == 2 else [value.name]
        manifest["columns"] = [{"name": str(label)} for label in labels]
    nbytes = sum(child.nbytes for child in writer.children.values())
    kind = display_name(type(value))
    return Draft(FORMAT, kind, manifest, nbytes, children=writer.children, shadow=writer.shadow(tree))


def load(artifact: "Artifact", loading: "Loading") -> object:
    try:
        import pandas  # type: ignore[import-untyped]  # noqa: F401 - what is put together below needs it
    except ModuleNotFoundError as error:
        raise missing_library(artifact.type, "pandas") from error
    from mlops_core.engine.pandas_trees import put_together

    own = loading.changeable()
    values = {name: own.value(child) for name, child in artifact.children.items()}
    return put_together(_part(artifact.manifest["tree"], values))


def _part(entry: Any, values: dict[str, object]) -> object:
    """What an entry of the manifest stands for."""
    from mlops_core.engine.stand_ins import Described

    kind, content = entry[0], entry[1]
    if kind == "node":
        return Described(content, tuple(_part(inner, values) for inner in entry[2]))
    if kind == "list":
        return [_part(inner, values) for inner in content]
    if kind == "text":
        return text_objects(values[content])
    if kind == "leaf":
        return values[content]
    return dict(content) if type(content) is dict else content
