"""The arrays behind pandas' columns that cannot be taken apart into cells: sparse ones, other people's."""

from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.walkers.table import Described


def describe_array(array: Any) -> Described:
    """Description of any extension array by its elements, or through Arrow where it knows how."""
    if isinstance(array, pd.arrays.SparseArray):
        return _sparse(array)
    convert = getattr(array, "__arrow_array__", None)
    if convert is None:
        return ("extension column", (ClassIdentity(type(array)), str(array.dtype), list(array)))
    return ("extension column", (ClassIdentity(type(array)), str(array.dtype), convert()))


def _sparse(array: Any) -> Described:
    places, values = np.asarray(array.sp_index.indices), np.asarray(array.sp_values)
    return ("sparse", (str(array.dtype), len(array), array.fill_value, places, values))
