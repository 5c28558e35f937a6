"""What a format gives back when it has stored a value; saving adds the digest and makes it an artifact."""

from typing import NamedTuple

from mlops_core.formats.artifact import Artifact


class Draft(NamedTuple):
    """``digest`` is given where storing computed the value's digest on the way; ``shadow`` is a value of
    equal digest that is cheaper to fingerprint (a container whose parts are known by digest)."""

    format: str
    type: str
    manifest: dict[str, object]
    nbytes: int
    digest: bytes | None = None
    children: dict[str, Artifact] = {}  # noqa: RUF012 - never changed
    shadow: object = None
