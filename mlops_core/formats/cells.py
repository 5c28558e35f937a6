"""Opaque bytes as cells of 1 MiB, the size in which arrays are cut, so that equal content is stored once."""

from collections.abc import Iterable, Iterator

from mlops_core.engine._hash import xxh3_128
from mlops_core.formats.protocols import Sink

CELL_BYTES = 1 << 20


def put_bytes(data: bytes | bytearray | memoryview, sink: Sink) -> list[str]:
    """Hand ``data`` to the sink cell by cell; the cells' digests as hexadecimal text."""
    view = memoryview(data).cast("B")
    pieces = (view[start : start + CELL_BYTES] for start in range(0, view.nbytes, CELL_BYTES))
    return list(put_pieces(pieces, sink))


def put_pieces(pieces: Iterable[bytes | memoryview], sink: Sink) -> Iterator[str]:
    """Hand each piece to the sink as one cell."""
    for piece in pieces:
        digest = xxh3_128(piece)
        sink(digest, (memoryview(piece),))
        yield digest.hex()


def digests(texts: object) -> list[bytes]:
    """The digests that a manifest lists as hexadecimal text."""
    return [bytes.fromhex(text) for text in texts]  # type: ignore[attr-defined] # a list, by the manifest's check
