"""The checksum of a database row.

The seal of a row is XXH3-128 of ``b"TABLE/0"`` and Python's ``ascii`` of the tuple of its columns, which is
typed, unambiguous and the same in every version. Changing this invalidates every user's cache.
"""

from mlops_core.engine._hash import xxh3_128


def seal(table: str, columns: tuple[object, ...]) -> bytes:
    """The seal of a row whose values have the form in which SQLite gives them back (16 bytes)."""
    return xxh3_128(f"{table}/0{columns!a}".encode("ascii"))
