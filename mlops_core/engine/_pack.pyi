from typing_extensions import Buffer

def shuffle(data: Buffer, width: int, /) -> bytes:
    """The first bytes of all values of ``width`` bytes, then their second bytes, and so on.

    What is left behind the last whole value stays at the end. ValueError for a width below 1.
    """

def unshuffle(data: Buffer, width: int, /) -> bytes:
    """The way back from ``shuffle``."""
