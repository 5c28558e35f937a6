"""Code fingerprints of steps, kept for the process and re-checked by their guards."""

from collections.abc import Callable
from typing import Any

from mlops_core.fingerprints.code import CodeFingerprint, code_fingerprint

_kept: dict[int, tuple[object, CodeFingerprint]] = {}


def step_code(function: Callable[..., Any], roots: tuple[str, ...]) -> CodeFingerprint:
    """The fingerprint of the code that would run now.

    Raises ``UnfingerprintableValue`` where the code reaches state that has no stable digest.
    """
    kept = _kept.get(id(function))
    if kept is not None and kept[0] is function and kept[1].guards.hold():
        return kept[1]
    fresh = code_fingerprint(function, roots)
    _kept[id(function)] = (function, fresh)
    return fresh
