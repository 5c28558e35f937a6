"""Where the store keeps its files inside the state folder."""

import os
from typing import NamedTuple

from mlops_core.store.layout import SUFFIX


class Places(NamedTuple):
    """Folders of a store: segments, files being written, and damaged files kept as evidence."""

    objects: str
    temporary: str
    damaged: str

    def segment(self, segment: str) -> str:
        """The path of a segment's file."""
        return os.path.join(self.objects, segment + SUFFIX)

    def make(self) -> None:
        """Create the folders that writing needs."""
        os.makedirs(self.objects, exist_ok=True)
        os.makedirs(self.temporary, exist_ok=True)


def places(folder: str | os.PathLike[str]) -> Places:
    """The places of the store in a state folder; nothing is created."""
    root = os.fspath(folder)
    return Places(os.path.join(root, "objects"), os.path.join(root, "tmp"), os.path.join(root, "damaged"))
