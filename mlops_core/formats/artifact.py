"""A stored value as metadata: what it is, and which cells hold it."""

import json
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.errors import DamagedState

_KIND = b"artifact/1\0"
_HEAD = '{"check":"'
_BODY = len(_HEAD) + 32 + len('",')


class Artifact(NamedTuple):
    """A value in the store.

    ``digest`` is the fingerprint of the value, ``format`` names how it is stored (``"array/1"``), ``type``
    is the value's type for people, ``manifest`` what the format needs to load it (JSON-able, cells as
    hexadecimal text), ``nbytes`` the bytes of its cells, ``classes`` the first-party classes in it as
    ``"module:qualname"``, ``libraries`` those of distributions, ``children`` the artifacts that it is
    composed of, in order.
    """

    digest: bytes
    format: str
    type: str
    manifest: dict[str, object]
    nbytes: int
    classes: tuple[str, ...] = ()
    children: "dict[str, Artifact]" = {}  # noqa: RUF012 - never changed: artifacts are values
    libraries: tuple[str, ...] = ()


def to_json(artifact: Artifact) -> str:
    """The artifact as a JSON object whose first member is a checksum over the rest and the digest."""
    body = json.dumps(_plain(artifact), separators=(",", ":"))
    return f'{_HEAD}{_check(artifact.digest, body)}",{body[1:]}'


def from_json(digest: bytes, text: str) -> Artifact:
    """The artifact that ``to_json`` wrote; DamagedState where the text or the digest is not the one."""
    body = "{" + text[_BODY:]
    if text[:_BODY] != f'{_HEAD}{_check(digest, body)}",':
        raise DamagedState(
            f"the record of the artifact {digest.hex()} is damaged: its checksum does not fit",
            hint="it is written anew by the next run that needs it",
            artifact=digest,
        )
    return _artifact(json.loads(body))


def _check(digest: bytes, body: str) -> str:
    return xxh3_128(_KIND + digest + body.encode("utf-8", "surrogatepass")).hex()


def _plain(artifact: Artifact) -> dict[str, object]:
    return {
        "digest": artifact.digest.hex(),
        "format": artifact.format,
        "type": artifact.type,
        "manifest": artifact.manifest,
        "nbytes": artifact.nbytes,
        "classes": list(artifact.classes),
        "libraries": list(artifact.libraries),
        "children": {name: _plain(child) for name, child in artifact.children.items()},
    }


def _artifact(plain: dict[str, object]) -> Artifact:
    values = dict(plain)
    values["digest"] = bytes.fromhex(str(plain["digest"]))
    for names in ("classes", "libraries"):
        values[names] = tuple(plain[names])  # type: ignore[arg-type] # the checksum fits: to_json wrote it
    children: dict[str, dict[str, object]] = plain["children"]  # type: ignore[assignment] # as above
    values["children"] = {name: _artifact(child) for name, child in children.items()}
    return Artifact(**values)  # type: ignore[arg-type] # as above
