"""What the numbers were taken on; absolute times mean nothing without it, ratios little."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_LIBRARIES = ("numpy", "pyarrow", "pandas", "xxhash", "onnxruntime", "click", "joblib", "diskcache")
_PROGRAMS = (
    ("ninja", ["ninja", "--version"]),
    ("borg", ["borg", "--version"]),
    ("restic", ["restic", "version"]),
    ("DVC", ["dvc", "--version"]),
)


def description() -> dict[str, Any]:
    """Python, system, processor, memory, cores and the versions of what is compared."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "versions": {
            **{name: _version(name) for name in _LIBRARIES},
            **{name: _version_of_program(arguments) for name, arguments in _PROGRAMS},
        },
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


def _version_of_program(arguments: list[str]) -> str | None:
    try:
        told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(\.\d+)+", told)
    return found[0] if found else None
