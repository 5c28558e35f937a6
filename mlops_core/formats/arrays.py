"""``array/1``: NumPy arrays without objects; loaded as read-only maps, or private copy-on-write ones."""

import sys
from typing import TYPE_CHECKING, Any

from mlops_core.formats.cells import digests
from mlops_core.formats.draft import Draft

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "array/1"


def accepts(value: object, saving: "Saving") -> bool:
    """Exactly ``numpy.ndarray``: masked arrays, matrices and other subclasses hold more than their bytes."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) is not getattr(numpy, "ndarray", None):
        return False
    from mlops_core.engine.dtypes import is_plain

    dtype: Any = value.dtype  # type: ignore[attr-defined] # an exact array
    return is_plain(dtype) and not dtype.metadata


def save(value: Any, saving: "Saving", where: str) -> Draft:
    from mlops_core.engine._arrays import array_grid

    grid = array_grid(value, saving.sink)
    manifest: dict[str, object] = {
        "dtype": grid.dtype,
        "shape": list(grid.shape),
        "cells": [cell.hex() for cell in grid.cells],
    }
    return Draft(FORMAT, "numpy.ndarray", manifest, grid.nbytes, grid.digest)


def load(artifact: "Artifact", loading: "Loading") -> object:
    import numpy as np

    from mlops_core.engine._arrays import remember
    from mlops_core.engine.dtypes import read_dtype

    dtype = read_dtype(str(artifact.manifest["dtype"]))
    shape: Any = artifact.manifest["shape"]
    buffer = loading.source.buffer(digests(artifact.manifest["cells"]), writable=loading.writable)
    array = np.ndarray(tuple(shape), dtype, buffer)
    remember(array, artifact.digest)
    return array
