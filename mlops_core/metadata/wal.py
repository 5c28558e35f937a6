"""Damage in the middle of a WAL, told from an end that was never written whole.

SQLite reads a WAL up to the first frame that does not match its checksum and takes that for the end: right
after a power cut, but after a flipped bit every commit behind it is lost without a word. A frame behind the
first bad one that continues the checksum of its predecessor proves that the end was further on.
Format: https://www.sqlite.org/fileformat2.html#walformat
"""

import struct
from collections.abc import Iterator

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_WORD = 0xFFFFFFFF

Sums = tuple[int, int]


def damage(path: str) -> str:
    """What is wrong with the WAL beside the database at ``path``, as a sentence; empty where nothing is."""
    try:
        with open(path + "-wal", "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return ""
    if len(data) < _HEADER.size + _FRAME.size:
        return ""
    magic, _, page, _, *salts, first, second = _HEADER.unpack_from(data)
    order = {_LITTLE: "<", _BIG: ">"}.get(magic)
    if order is None or _sums((0, 0), data[:24], order) != (first, second):
        return "the header of its WAL is damaged: what it held is not read"
    good, last = _chain(data, page, tuple(salts), (first, second), order)
    if last < good:
        return ""
    return f"its WAL is damaged at frame {good + 1}: the {last - good + 1} frames from there on are not read"


def _chain(data: bytes, page: int, salts: tuple[int, ...], sums: Sums, order: str) -> tuple[int, int]:
    """How many frames from the first on are right, and the last frame (from 0) that was once part of it."""
    good, last, is_whole = 0, -1, True
    before = sums
    for number, (head, body, stored, found) in enumerate(_frames(data, page)):
        belongs = found == salts
        if is_whole and belongs and (sums := _sums(_sums(sums, head, order), body, order)) == stored:
            good += 1
        else:
            is_whole = False
            # Its predecessor's checksum as it is stored: a damaged frame breaks the chain, and it goes on.
            if belongs and _sums(_sums(before, head, order), body, order) == stored:
                last = number
        before = stored
    return good, last


def _frames(data: bytes, page: int) -> Iterator[tuple[bytes, bytes, Sums, tuple[int, int]]]:
    """Of every frame: the part of its header under the checksum, the page, the checksum, the salts."""
    size = _FRAME.size + page
    for start in range(_HEADER.size, len(data) - size + 1, size):
        _, _, salt_1, salt_2, sum_1, sum_2 = _FRAME.unpack_from(data, start)
        body = data[start + _FRAME.size : start + size]
        yield data[start : start + 8], body, (sum_1, sum_2), (salt_1, salt_2)


def _sums(sums: Sums, data: bytes, order: str) -> Sums:
    one, two = sums
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for even, odd in zip(words, words, strict=True):
        one = (one + even + two) & _WORD
        two = (two + odd + one) & _WORD
    return one, two
