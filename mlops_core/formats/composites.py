"""``tuple/1 list/1 dict/1 namedtuple/1 dataclass/1``: containers whose parts are artifacts of their own.

A container becomes a composite only where that pays: where a part is large or a format of its own serves it
better. Everything else is one JSON text or one pickle.
"""

from typing import TYPE_CHECKING, Any

from mlops_core.formats import parts
from mlops_core.formats.draft import Draft
from mlops_core.formats.type_names import class_name, display_name, find
from mlops_core.formats.weight import has_heavy_part

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

#: Containers of more parts, or deeper ones, are stored whole.
_MOST_PARTS = 1000
_DEEPEST = 50


def accepts(value: object, saving: "Saving") -> bool:
    kind = parts.kind_of(value)
    if kind is None or saving.depth >= _DEEPEST or saving.is_inside(value):
        return False
    return len(parts.parts_of(kind, value)) <= _MOST_PARTS and has_heavy_part(value, saving)


def save(value: object, saving: "Saving", where: str) -> Draft:
    kind = parts.kind_of(value)
    if kind is None:
        raise TypeError(f"{display_name(type(value))} is no container")
    with saving.inside(value):
        children = {
            part.name: saving.artifact(part.value, where + part.suffix)
            for part in parts.parts_of(kind, value)
        }
    manifest: dict[str, object] = {}
    if kind in ("namedtuple", "dataclass"):
        manifest["class"] = class_name(type(value))
    nbytes = sum(child.nbytes for child in children.values())
    shadow = saving.shadow(kind, value, children)
    return Draft(f"{kind}/1", display_name(type(value)), manifest, nbytes, children=children, shadow=shadow)


def load(artifact: "Artifact", loading: "Loading") -> object:
    kind = artifact.format.partition("/")[0]
    values = {name: loading.value(child) for name, child in artifact.children.items()}
    cls: Any = find(str(artifact.manifest["class"])) if "class" in artifact.manifest else None
    return parts.rebuild(kind, cls, values)
