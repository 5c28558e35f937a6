"""The compiled engine: hashing, canonical digests, mappings, the audit hook.

Its modules are built from ``ext/``. There is no second backend: digests must not depend on how the product
was installed, so where a compiled module is missing or does not load, importing anything from here raises
EngineMissing.
"""

import os
import sys
from _imp import extension_suffixes

from mlops_core.errors import EngineMissing

MODULES = ("_arrays", "_arrow", "_audit", "_cuts", "_hash", "_map", "_pack", "_scan", "_values")

HINT = (
    "pip install --force-reinstall mlops-embedded"
    "  (in a source tree: python setup.py build_ext --inplace; building needs a C compiler)"
)


def missing_modules(folder: str) -> list[str]:
    """The compiled modules that have no file in ``folder`` which this Python could load."""
    files, suffixes = set(os.listdir(folder)), extension_suffixes()
    return [name for name in MODULES if not any(name + suffix in files for suffix in suffixes)]


def require(folder: str) -> None:
    """Raise EngineMissing unless every compiled module lies in ``folder`` and the first one loads."""
    missing = missing_modules(folder)
    if missing:
        raise EngineMissing(
            f"mlops_core was installed without its compiled engine: {', '.join(missing)} cannot be found in"
            f" {folder} for Python {sys.version_info[0]}.{sys.version_info[1]}",
            hint=HINT,
            modules=tuple(missing),
        )
    try:
        from mlops_core.engine import _hash  # noqa: F401 # one build makes all: if it loads, they all do
    except EngineMissing:
        raise
    except ImportError as error:
        raise EngineMissing(
            f"the compiled engine does not fit this Python: {error}", hint=HINT, modules=("_hash",)
        ) from error


require(__path__[0])
