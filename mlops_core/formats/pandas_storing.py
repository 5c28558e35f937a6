"""A frame that was taken apart, put into the store leaf by leaf."""

from typing import TYPE_CHECKING, Any

from mlops_core.engine.stand_ins import ClassIdentity, Described, Embedded
from mlops_core.formats.pandas_text import text_table

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.saving import Saving

_PLAIN = (type(None), bool, int)


def _is_empty(part: object) -> bool:
    return type(part) is dict and not part


class FrameWriter:
    """Stores leaves as ``children``, named by number, and says where in the tree they belong."""

    def __init__(self, saving: "Saving", where: str) -> None:
        self.children: dict[str, Artifact] = {}
        self._saving = saving
        self._where = where
        self._stand_ins: dict[int, object] = {}

    def put(self, part: Any) -> list[object]:
        """The manifest's entry for a part, after storing what is below it."""
        if type(part) is Described:
            return ["node", part.tag, [self.put(inner) for inner in part.parts]]
        if type(part) is list:
            return ["list", [self.put(inner) for inner in part]]
        if type(part) is ClassIdentity:
            return ["class", part.subject.__name__]
        if type(part) in _PLAIN or (type(part) is str and part.isascii()) or _is_empty(part):
            return ["plain", part]
        return self._leaf(part)

    def _leaf(self, part: Any) -> list[object]:
        name = str(len(self.children))
        text = text_table(part)
        artifact = self._saving.artifact(part if text is None else text, self._where)
        self.children[name] = artifact
        # The digest of objects is that of the objects, however they are stored.
        self._stand_ins[id(part)] = Embedded(artifact.digest) if text is None else part
        return ["leaf" if text is None else "text", name]

    def shadow(self, part: Any) -> object:
        """The tree with the digests of stored leaves in their places."""
        if type(part) is Described:
            return Described(part.tag, tuple(self.shadow(inner) for inner in part.parts))
        if type(part) is list:
            return [self.shadow(inner) for inner in part]
        return self._stand_ins.get(id(part), part)
