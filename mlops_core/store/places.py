"""Where the store keeps its files inside the state folder."""

import os
from typing import NamedTuple

from mlops_core.store.layout import SUFFIX


class Places(NamedTuple):
    """Folders of a store: segments, files being written, and damaged files kept as evidence.

    ``lock`` is the file by which users of what is stored and upkeep exclude each other.
    """

    objects: str
    temporary: str
    damaged: str
    lock: str

    def segment(self, segment: str) -> str:
        """The path of a segment's file."""
        return os.path.join(self.objects, segment + SUFFIX)

    def are_made(self) -> bool:
        """Whether files can be written: nobody has removed the folder for them."""
        return os.path.isdir(self.temporary) and os.path.isdir(self.objects)

    def make(self) -> None:
        """Create the folders that writing needs."""
        os.makedirs(self.objects, exist_ok=True)
        os.makedirs(self.temporary, exist_ok=True)
        os.makedirs(os.path.dirname(self.lock), exist_ok=True)


def places(folder: str | os.PathLike[str]) -> Places:
    """The places of the store in a state folder; nothing is created."""
    root = os.fspath(folder)
    below = (("objects",), ("tmp",), ("damaged",), ("locks", "reuse"))
    return Places(*(os.path.join(root, *parts) for parts in below))
