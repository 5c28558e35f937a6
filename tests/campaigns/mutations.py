"""Ways in which bytes go wrong: bits flip, pieces are cut, repeated, moved, overwritten, set to extremes."""

import random
from collections.abc import Callable

_EXTREMES = (b"\x00", b"\xff", b"\x7f", b"\x80")


def mutated(data: bytes, dice: random.Random) -> bytes:
    """``data`` with one to four things wrong; what comes out may by chance be the same."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = dice.choice(_WAYS)(data, dice)
    return data


def _flipped(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _overwritten(data: bytes, dice: random.Random) -> bytes:
    start, length = _piece(data, dice)
    return data[:start] + dice.randbytes(length) + data[start + length :]


def _extreme(data: bytes, dice: random.Random) -> bytes:
    """A number of 1 to 8 bytes becomes the least or the greatest there is, mostly where numbers stand."""
    width = dice.choice((1, 2, 4, 8))
    start = dice.randrange(len(data) // width + 1) * width
    return data[:start] + dice.choice(_EXTREMES) * width + data[start + width :]


def _removed(data: bytes, dice: random.Random) -> bytes:
    start, length = _piece(data, dice)
    return data[:start] + data[start + length :]


def _repeated(data: bytes, dice: random.Random) -> bytes:
    start, length = _piece(data, dice)
    return (
        data[: start + length]
        + data[start : start + length] * dice.choice((1, 1, 3, 600))
        + data[start + length :]
    )


def _moved(data: bytes, dice: random.Random) -> bytes:
    start, length = _piece(data, dice)
    piece, rest = data[start : start + length], data[:start] + data[start + length :]
    place = dice.randrange(len(rest) + 1)
    return rest[:place] + piece + rest[place:]


def _inserted(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.randbytes(dice.choice((1, 4, 64))) + data[place:]


def _piece(data: bytes, dice: random.Random) -> tuple[int, int]:
    """Start and length of a piece, a short one mostly."""
    start = dice.randrange(len(data) + 1)
    return start, min(dice.choice((1, 2, 4, 8, 16, 256, 4096)), len(data) - start)


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _cut,
    _overwritten,
    _extreme,
    _removed,
    _repeated,
    _moved,
    _inserted,
)
