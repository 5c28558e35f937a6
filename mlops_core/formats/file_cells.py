"""The content of a file as cells, cut where the content says so: bytes put in move the cells near them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mlops_core.engine._cuts import MOST, cut
from mlops_core.formats.protocols import Sink

#: Bytes read at once: while the cells of one block are written, the next one is read and cut.
BLOCK = 8 * MOST

ReadInto = Callable[[memoryview], int | None]


class Block(NamedTuple):
    """Bytes of a file that begin with a cell; ``cells`` are those that are certain, with their ends."""

    data: memoryview
    cells: list[tuple[int, bytes]]
    is_last: bool


def put_file(read_into: ReadInto, expected: int, sink: Sink) -> tuple[tuple[str, ...], int]:
    """Hand a file to the sink cell by cell; the cells' digests as hexadecimal text, and their bytes together.

    ``read_into`` fills the beginning of a buffer and says how far, 0 at the end of the file, which is
    ``expected`` after so many bytes.
    """
    digests: list[str] = []
    size = 0
    for block in _ahead(_blocks(read_into, expected)):
        start = 0
        for end, digest in block.cells:
            sink(digest, (block.data[start:end],))
            digests.append(digest.hex())
            start = end
        size += start
    return tuple(digests), size


def _blocks(read_into: ReadInto, expected: int) -> Iterator[Block]:
    """The blocks of a file; each is valid until the one after the next is asked for."""
    buffer = memoryview(bytearray(min(expected + 1, BLOCK)))
    spare = memoryview(b"")
    filled = _fill(buffer, read_into)
    while True:
        is_last = filled < buffer.nbytes
        cells = cut(buffer[:filled], is_last)
        yield Block(buffer[:filled], cells, is_last)
        if is_last:
            return
        kept = buffer[cells[-1][0] if cells else 0 : filled]
        buffer, spare = spare if spare.nbytes == BLOCK else memoryview(bytearray(BLOCK)), buffer
        buffer[: kept.nbytes] = kept
        filled = kept.nbytes + _fill(buffer[kept.nbytes :], read_into)


def _fill(buffer: memoryview, read_into: ReadInto) -> int:
    """Fill a buffer as far as the file goes: a raw read may give less than asked although there is more."""
    filled = 0
    while filled < buffer.nbytes and (more := read_into(buffer[filled:])):
        filled += more
    return filled


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks; where there are several, another thread makes the next one meanwhile."""
    block = next(blocks)
    if block.is_last:
        yield block
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        while not block.is_last:
            coming = pool.submit(next, blocks)
            yield block
            block = coming.result()
        yield block
