"""Values for JSON documents, which know neither NaN nor infinities."""

import math
from typing import Any


def finite(value: Any) -> Any:
    """The value with NaN and infinities, also nested ones, as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    return value
