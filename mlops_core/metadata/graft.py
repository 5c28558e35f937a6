"""Reading a database whose first pages are damaged: the schema is ours, so a new file has its pages, too.

SQLite finds every table through the schema, which begins on the first page; without that nothing can be read
although all rows are there. A file that was made by this version has its tables where a new one has them.
What is read this way is checked row by row like everything else: a graft that does not fit gives nothing.
Format: https://www.sqlite.org/fileformat2.html
"""

import os
import shutil
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mlops_core.metadata import schema
from mlops_core.metadata.connect import open_new
from mlops_core.metadata.schema import Schema

_PAGE = 4096
_INTERIOR = 5  # the kind of a table's page that leads to others
_HEADER = 100  # bytes of the file's header, on the first page


def grafted(damaged: str, place: str, wanted: Schema) -> None:
    """Make a copy of a damaged file at ``place`` (with its WAL) whose schema is that of a new file.

    Raises OSError, sqlite3.Error.
    """
    sound = _new_file(f"{place}.schema", wanted)
    shutil.copyfile(damaged, place)
    if os.path.exists(f"{damaged}-wal"):
        shutil.copyfile(f"{damaged}-wal", f"{place}-wal")
    with open(place, "r+b") as file:
        pages = os.fstat(file.fileno()).st_size // _PAGE
        for number in _schema_pages(sound):
            file.seek((number - 1) * _PAGE)
            file.write(sound[(number - 1) * _PAGE : number * _PAGE])
        # A size that counts, and no list of free pages: those of the new file are not this one's.
        file.seek(24)
        file.write(struct.pack(">IIII", 1, pages, 0, 0))
        file.seek(92)
        file.write(struct.pack(">I", 1))


def _new_file(place: str, wanted: Schema) -> bytes:
    with closing(open_new(place)) as fresh:
        schema.create(fresh, wanted)
    return Path(place).read_bytes()


def _schema_pages(data: bytes) -> Iterator[int]:
    """The numbers (from 1) of the pages that hold the schema."""
    waiting = [1]
    while waiting:
        number = waiting.pop()
        yield number
        start = (number - 1) * _PAGE
        page = data[start : start + _PAGE]
        head = _HEADER if number == 1 else 0
        if page[head] == _INTERIOR:
            (cells,) = struct.unpack_from(">H", page, head + 3)
            places = struct.unpack_from(f">{cells}H", page, head + 12)
            waiting += [struct.unpack_from(">I", page, place)[0] for place in places]
            waiting += struct.unpack_from(">I", page, head + 8)
