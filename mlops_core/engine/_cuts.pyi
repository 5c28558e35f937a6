from typing_extensions import Buffer

#: Bytes of a cell: at least (but for the last of a file), about, at most.
LEAST: int
USUAL: int
MOST: int

def cut(data: Buffer, last: bool, /) -> list[tuple[int, bytes]]:
    """``(end, digest)`` of each cell at the beginning of a C-contiguous buffer.

    Where it is not the ``last`` of a file, what is shorter than the longest cell is left for the next call,
    which must begin with it: the cuts are those of the file as a whole.
    """
