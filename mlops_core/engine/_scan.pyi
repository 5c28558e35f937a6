from collections.abc import Collection
from typing import final

from typing_extensions import Buffer

_Signature = tuple[int, int, int, int]
_Found = tuple[bytes, str, _Signature, int, bytes | None]

@final
class StatTable:
    """Digests of files by path and stat signature, on top of what a file of an earlier table holds.

    A signature is ``(size in bytes, mtime in ns, ctime in ns, inode)``. Not for two threads at once without
    the GIL: every method keeps it.
    """

    def __init__(self, base: Buffer | None = None) -> None:
        """Over the content of a file that ``packed`` gave; ValueError where its header is damaged."""

    @property
    def pending(self) -> int:
        """How many digests were put that the file does not hold."""

    def get(self, path: bytes, signature: _Signature, /) -> bytes | None:
        """The digest that the file had when it had this signature, or None."""

    def put(self, path: bytes, signature: _Signature, digest: bytes, /) -> None:
        """Remember 16 bytes of digest; an earlier one of the same path is replaced."""

    def take_over(self, other: StatTable, /) -> None:
        """Add what was put into another table and is not in its file; what was put into this one stays."""

    def packed(self) -> bytes:
        """The content of a new file with everything in it."""

    def patches(self) -> list[tuple[int, bytes]] | None:
        """``(offset, bytes)`` to write into the present file instead; None where it must be made anew."""

@final
class Tree:
    """One folder with everything below, as it was when it was scanned; links are followed.

    Everything inside runs in several threads without the GIL. One Python thread at a time may use a tree.
    """

    def __new__(cls, path: bytes, *, left_out: bytes = b"", threads: int = 0) -> Tree:
        """Scan; entries named ``left_out`` do not count. ``threads`` 0: one for each processor, and
        more where the disk is waited for.

        Raises OSError naming the file that cannot be looked at, and what a signal handler raises.
        """

    @property
    def changed(self) -> bool:
        """Whether a file became a folder, or the other way round, while it was scanned: scan again."""

    @property
    def devices(self) -> frozenset[int]:
        """``st_dev`` of all file systems that files lie on."""

    def recall(self, table: StatTable, always: Collection[int] = (), small: int = 0, /) -> None:
        """Look up digests, but not of files of fewer than ``small`` bytes on the devices ``always``."""

    def hash(self) -> int:
        """Read the files that have no digest yet; returns their number. Raises OSError naming the file."""

    def remember(self, table: StatTable, latest: int, always: Collection[int] = (), small: int = 0, /) -> int:
        """Put what ``hash`` read into the table; returns how many.

        Left out are files that changed while they were read, that last changed after ``latest`` (ns of Unix
        time), and those that ``recall`` would not look up.
        """

    def digest(self) -> bytes:
        """Digest over all names and contents; RuntimeError where files have not been read."""

    def entries(self) -> list[_Found]:
        """``(path below the top, kind, signature, st_dev, text of the link or None)`` of everything.

        Kinds: file, special, folder, link (to nothing), loop (a link to a folder that it lies in), gone.
        """
