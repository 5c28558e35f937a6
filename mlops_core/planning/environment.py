"""What of the machine enters every key: the interpreter, and the variables that C code reads with getenv().

Libraries read these without Python seeing it, so they count always, with the user's values. Patch releases
of Python and every other variable do not count.
"""

import os
import sys
from functools import cache, lru_cache

PINNED = (
    "TZ", "LANG", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LANGUAGE",
    "PYTHONUTF8", "PYTHONIOENCODING",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
    "CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "XLA_FLAGS",
)  # fmt: skip
_ENCODED = tuple(map(os.fsencode, PINNED))


@cache
def interpreter() -> tuple[tuple[str, str], ...]:
    """Implementation, minor version, optimisation level and machine, as (name, value) pairs."""
    return (
        ("python", f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"),
        ("optimize", str(sys.flags.optimize)),
        ("platform", f"{sys.platform} {os.uname().machine}"),
    )


def pins() -> tuple[tuple[str, str], ...]:
    """The interpreter and the pinned variables that are set, as (name, value) pairs.

    The same object as long as nothing changes: every cached call asks.
    """
    variables = os.environ._data  # type: ignore[attr-defined]  # a plain dict of bytes: no recording, no decoding
    return _named(tuple(map(variables.get, _ENCODED)))


@lru_cache(maxsize=16)
def _named(values: tuple[bytes | None, ...]) -> tuple[tuple[str, str], ...]:
    found = [
        (name, os.fsdecode(value)) for name, value in zip(PINNED, values, strict=True) if value is not None
    ]
    return (*interpreter(), *found)
