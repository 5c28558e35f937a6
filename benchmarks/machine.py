"""What the numbers were taken on; absolute times mean nothing without it, ratios little."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_LIBRARIES = ("numpy", "pyarrow", "xxhash", "click", "joblib", "diskcache")


def description() -> dict[str, Any]:
    """Python, system, processor, cores and the versions of the libraries compared."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "versions": {name: _version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
