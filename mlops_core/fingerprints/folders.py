"""The digest of a folder: a Merkle tree over names and contents.

The pre-image of a folder is ``b"folder/0\\0"`` and, for each entry in the order of the bytes of its name, a
word (``file``, ``folder``, ``link`` to nothing, ``loop`` to a folder that the link lies in) with a zero
byte, the length of the name (4 bytes, big-endian), the name, and a digest: of the file as ``file_digest``
gives it, of the folder, or of the text of the link. Changing this invalidates every user's cache.
"""

import errno
import os

from mlops_core.clock import Clock
from mlops_core.engine._scan import StatTable, Tree
from mlops_core.fingerprints.trust import SMALL, latest_trusted, now_ns
from mlops_core.fingerprints.volumes import is_unreliable

STATE_FOLDER = ".mlops"
_ATTEMPTS = 5


def folder_digest(path: str, table: StatTable | None, clock: Clock) -> bytes:
    """Digest of the folder at an absolute path; without a table every file is read.

    Raises OSError naming the file that cannot be read, or the folder where it does not keep still.
    """
    for _ in range(_ATTEMPTS):
        tree = Tree(os.fsencode(path), left_out=os.fsencode(STATE_FOLDER))
        if not tree.changed:
            _read(tree, table, clock)
        if not tree.changed:
            return tree.digest()
    raise OSError(errno.EBUSY, "folders in it keep becoming files while it is read", path)


def _read(tree: Tree, table: StatTable | None, clock: Clock) -> None:
    """Give all files a digest: a remembered one where that is trusted, else by reading them."""
    always = [device for device in tree.devices if is_unreliable(device)]
    if table is not None:
        tree.recall(table, always, SMALL)
    before = now_ns(clock)
    if tree.hash() and table is not None:
        tree.remember(table, latest_trusted(before, now_ns(clock)), always, SMALL)
