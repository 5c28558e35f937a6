"""Classes inside argument values: their current code is part of the key.

First-party classes count by the fingerprint of their code, those of libraries by the version of their
distribution; no library is imported to learn it.
"""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import class_fingerprint
from mlops_core.fingerprints.code.distributions import pin_of_path

GONE = "gone"


def current_classes(
    classes: Iterable[str], libraries: Iterable[str], roots: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """(class as ``module:qualname``, digest of its code) and (package, version), each sorted."""
    packages = sorted({name.partition(":")[0].partition(".")[0] for name in libraries})
    own = tuple((name, _code(name, roots)) for name in sorted(classes))
    return own + tuple((package, _version(package)) for package in packages)


def _code(name: str, roots: tuple[str, ...]) -> str:
    try:
        return class_fingerprint(name, roots).digest.hex()
    except (ImportError, AttributeError, UnfingerprintableValue):
        return GONE


@cache
def _version(package: str) -> str:
    spec = find_spec(package)
    if spec is None or not spec.origin:
        return GONE
    return ", ".join(f"{name} {version}" for name, version in pin_of_path(spec.origin))
