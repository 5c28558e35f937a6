from collections.abc import Callable
from typing import Any, Final, TypeAlias, final

import numpy as np
import numpy.typing as npt

_Sink: TypeAlias = Callable[[bytes, tuple[memoryview, ...]], object]

CELL_BYTES: Final = 1048576

@final
class ArrayGrid:
    """The cells of an array, in C order, and the digest over dtype, shape and cells."""

    @property
    def digest(self) -> bytes: ...
    @property
    def cells(self) -> tuple[bytes, ...]: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def dtype(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...

def array_grid(array: npt.NDArray[Any], sink: _Sink | None = None) -> ArrayGrid:
    """The grid of a NumPy array of any strides and any dtype without objects.

    ``sink(digest, pieces)`` is called once for each cell, in order; the pieces, concatenated, are its bytes
    and hold them only during the call. Raises TypeError for other objects, for dtypes with objects or with
    strings stored elsewhere, and for subclasses of ``ndarray`` (they hold more than their bytes) other than
    ``memmap``.
    """

def array_digests(arrays: list[Any]) -> list[bytes | None]:
    """The digest of each of many exact arrays, as ``array_grid`` gives it; None for what it would refuse.

    Many short arrays are hashed in parallel here, as the columns of a frame are.
    """

def remember(array: npt.NDArray[Any], digest: bytes) -> None:
    """Note the digest of an exact array over memory of the store: it is not taken again while it lives there.

    Nothing is noted for an array over memory that can change.
    """

def native_digest(value: npt.NDArray[Any] | np.generic) -> bytes | None:
    """Digest of an exact array without objects, or of a NumPy scalar; None for whatever is more than that."""
