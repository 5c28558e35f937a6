"""The interpreter."""

import platform
import sys

from mlops_core.cli.checks.check import BROKEN, OK, Check

LEAST = (3, 11)


def check(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Check:
    """Python's version and where it is."""
    text = f"{platform.python_implementation()} {'.'.join(map(str, version))} at {sys.executable}"
    if version[:2] < LEAST:
        return Check("python", BROKEN, text, f"Python {'.'.join(map(str, LEAST))} or newer is needed")
    return Check("python", OK, text)
