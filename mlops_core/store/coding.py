"""How packed cells lie in a file: compressed, fixed-width values by bytes of equal rank first.

A coding is a number: 0 as it is; else 1 (zstd) + 256 times the width in bytes by which the bytes were put in
order before (0: not at all). What is stored is the zstd frame and the first 8 bytes of its XXH3-128: not
every bit of a frame counts for what comes out, and every bit of a file is under a checksum.
"""

from typing import TYPE_CHECKING

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine._pack import shuffle, unshuffle

if TYPE_CHECKING:
    from pyarrow import Codec

ZSTD = 1
CHECK_BYTES = 8
#: Widths of values that are tried; 1 is not at all.
WIDTHS = (1, 2, 4, 8)
_LEVEL = 3
#: Bytes from the middle of a cell by which the width is chosen, and whether it is worth it.
_SAMPLE_BYTES = 32 << 10
#: What is packed takes at most this part of its bytes.
_WORTHWHILE = 0.95


def encoded(data: bytes | memoryview) -> tuple[bytes, int]:
    """``(stored bytes, coding)``; b"" and 0 where compressing saves too little."""
    codec = _codec()
    view = memoryview(data)
    sample, width = min((len(_frame(_sample(view), width, codec)), width) for width in WIDTHS)
    if sample > _WORTHWHILE * _sample(view).nbytes:
        return b"", 0
    frame, coding = _frame(view, width, codec), ZSTD + 256 * (width if width > 1 else 0)
    stored = frame + _check(frame)
    if len(stored) > _WORTHWHILE * view.nbytes or decoded(stored, coding, view.nbytes) != data:
        return b"", 0
    return stored, coding


def decoded(stored: bytes | memoryview, coding: int, length: int) -> bytes:
    """The cell's bytes. ValueError where the stored ones are damaged or the coding is unknown."""
    if coding & 0xFF != ZSTD or coding >> 16:
        raise ValueError(f"the coding {coding} is unknown")
    view = memoryview(stored)
    frame, check = view[:-CHECK_BYTES], view[-CHECK_BYTES:]
    if _check(frame) != check:
        raise ValueError("a packed cell does not match its checksum")
    try:
        data: bytes = _codec().decompress(frame, decompressed_size=length, asbytes=True)
    except OSError as error:
        raise ValueError(f"a packed cell cannot be unpacked: {error}") from None
    return unshuffle(data, coding >> 8) if coding >> 8 else data


def _sample(data: memoryview) -> memoryview:
    start = max(0, (data.nbytes - _SAMPLE_BYTES) // 2) // 64 * 64
    return data[start : start + _SAMPLE_BYTES]


def _frame(data: bytes | memoryview, width: int, codec: "Codec") -> bytes:
    frame: bytes = codec.compress(shuffle(data, width) if width > 1 else data, asbytes=True)
    return frame


def _check(frame: bytes | memoryview) -> bytes:
    return xxh3_128(frame)[:CHECK_BYTES]


def _codec() -> "Codec":
    from pyarrow import Codec

    return Codec("zstd", compression_level=_LEVEL)
