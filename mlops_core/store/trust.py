"""Whether a segment's file may be used as it is, or has to be read and checked first.

A file whose stat signature is the one recorded when it was written or last verified is used. Any other is
checked as a whole, once; cells that turn out damaged are taken out of the index, so that they are written
anew, and the file stays where it is.
"""

import os
from collections.abc import Iterable, Mapping, Sequence

from mlops_core.engine.cells import CellRow
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.files.signature import stat_signature
from mlops_core.store.check import cell_holds, check_segment
from mlops_core.store.index import CellIndex
from mlops_core.store.places import Places

Signature = tuple[int, int, int, int]
HINT = "it is written anew by the next run that needs it; the damaged file is kept"


class Trust:
    """Opens segments for reading, after checking those that are not as they were recorded."""

    def __init__(self, places: Places, index: CellIndex) -> None:
        self._places = places
        self._index = index
        self._recorded: dict[str, Signature] = {}
        self._checked: dict[str, tuple[Signature, frozenset[CellRow]]] = {}
        self._written: dict[str, Signature] = {}

    def wrote(self, segment: str, signature: Signature) -> None:
        """This process has written a segment, which is not known to be on the disk yet."""
        self._written[segment] = signature

    def doubt(self, segments: Iterable[str]) -> None:
        """Check these again before they are used."""
        for segment in segments:
            self._written.pop(segment, None)
            self._recorded.pop(segment, None)
            self._checked.pop(segment, None)

    def open(self, segment: str, cells: Sequence[CellRow]) -> tuple[int, Signature]:
        """Descriptor of a segment in which ``cells`` are right, and the signature it had when that was found.

        Raises MissingCell where the file is gone (it may have been compacted: the index knows), DamagedState
        (attributes ``cell``, ``segment``) where the bytes of one of the cells are not its own.
        """
        try:
            descriptor = os.open(self._places.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise _missing(cells[0]) from None
        try:
            signature = stat_signature(os.fstat(descriptor))  # first: a change during the check must show
            damaged = self._damaged(descriptor, signature, segment, cells)
            if damaged:
                self._index.forget(damaged, segment)
                raise damage_of(next(cell for cell in cells if cell.digest in damaged))
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor, signature

    def reopen(self, segment: str, signature: Signature) -> int | None:
        """Descriptor of a segment that still has a signature; None where it has not, or is gone."""
        try:
            descriptor = os.open(self._places.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        if stat_signature(os.fstat(descriptor)) == signature:
            return descriptor
        os.close(descriptor)
        return None

    def hold(self, segment: str, cells: Sequence[CellRow]) -> bool:
        """Whether the bytes of cells are in a segment and right."""
        try:
            os.close(self.open(segment, cells)[0])
        except DamagedState:
            return False
        return True

    def _damaged(
        self, descriptor: int, signature: Signature, segment: str, cells: Sequence[CellRow]
    ) -> set[bytes]:
        """Those of ``cells`` whose bytes are wrong."""
        size = signature[0]
        beyond = {cell.digest for cell in cells if cell.offset + cell.room > size}
        if beyond or signature == self._written.get(segment) or self._is_recorded(segment, signature):
            return beyond
        is_checked = self._checked.get(segment, (None,))[0] == signature
        if not is_checked and not self._check(descriptor, segment, signature):
            return {cell.digest for cell in cells if not cell_holds(descriptor, cell)}
        right = self._checked[segment][1]
        return {cell.digest for cell in cells if cell not in right}

    def _is_recorded(self, segment: str, signature: Signature) -> bool:
        """Whether a segment was right when it had this signature, as far as the index knows."""
        if self._recorded.get(segment) != signature:
            try:
                self._recorded[segment] = self._index.segment(segment).signature
            except LookupError:
                return False
        return self._recorded[segment] == signature

    def _check(self, descriptor: int, segment: str, signature: Signature) -> bool:
        """Check a whole segment; False where its own table is damaged, so that cells are checked singly.

        It is brought to the disk first: else its signature could outlive its bytes in a power cut.
        """
        is_on_disk = _synced(descriptor)
        check = check_segment(descriptor, segment)
        if not check.cells or stat_signature(os.fstat(descriptor)) != signature:
            return False
        self._index.forget(check.damaged, segment)
        right = frozenset(cell for cell in check.cells if cell.digest not in check.damaged)
        self._checked[segment] = (signature, right)
        if is_on_disk:
            self._index.verified(segment, signature)
        return True


def _synced(descriptor: int) -> bool:
    """Whether the disk has the file; a medium that refuses is not this reader's trouble."""
    try:
        os.fsync(descriptor)
    except OSError:
        return False
    return True


def _missing(cell: CellRow) -> MissingCell:
    return MissingCell(
        f"the segment {cell.segment} is gone, and with it the cell {cell.digest.hex()}",
        hint="it is written anew by the next run that needs it",
        cell=cell.digest,
        segment=cell.segment,
    )


def damage_of(cell: CellRow) -> DamagedState:
    """The error that names a damaged cell."""
    return DamagedState(
        f"the cell {cell.digest.hex()} in the segment {cell.segment} is damaged: "
        "its bytes have another digest",
        hint=HINT,
        cell=cell.digest,
        segment=cell.segment,
    )


def close_all(descriptors: Mapping[str, int]) -> None:
    """Close the files of segments."""
    for descriptor in descriptors.values():
        os.close(descriptor)
