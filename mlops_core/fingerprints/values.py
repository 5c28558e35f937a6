"""Digest of any Python value: typed, structural, equal in every process."""

from typing import NamedTuple

from mlops_core.engine._values import value_digest as _digest
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import code_fingerprint
from mlops_core.fingerprints.code.code_objects import is_code
from mlops_core.fingerprints.code.ownership import DISTRIBUTION, OWN, owner_of_class
from mlops_core.fingerprints.embedded import ClassIdentity, Embedded
from mlops_core.fingerprints.locate import path_inside
from mlops_core.fingerprints.names import class_name, project_root
from mlops_core.fingerprints.objects import Described, describe

_PLAIN = frozenset({type(None), bool, int, float, str, bytes})


class ValueFingerprint(NamedTuple):
    """Digest of a value, and the classes inside as ``module:qualname``: first-party ones, libraries' ones.

    The digest covers the names of classes and the state of their instances. Who uses the value adds the
    current code of ``classes`` and the versions behind ``libraries`` to its own key.
    """

    digest: bytes
    classes: tuple[str, ...]
    libraries: tuple[str, ...]


def value_digest(value: object) -> bytes:
    """16 bytes for any value; raises ``UnfingerprintableValue`` (with ``path``) where nothing is stable."""
    if type(value) in _PLAIN:
        return _digest(value, _refuse)
    return value_fingerprint(value).digest


def value_fingerprint(value: object) -> ValueFingerprint:
    """The digest with the classes found on the way."""
    resolver = _Resolver()
    try:
        digest = _digest(value, resolver.resolve)
    except UnfingerprintableValue as error:
        path = path_inside(value, resolver.last)
        where = f"at {path}: " if path else ""
        raise UnfingerprintableValue(where + error.message, hint=error.hint, path=path or "") from error
    return ValueFingerprint(digest, tuple(sorted(resolver.classes)), tuple(sorted(resolver.libraries)))


def _refuse(value: object) -> bytes:
    raise AssertionError(f"plain values need no help: {type(value)}")


class _Resolver:
    def __init__(self) -> None:
        self.classes: dict[str, None] = {}
        self.libraries: dict[str, None] = {}
        self.last: object = None  # what was being described when it failed
        self._kept: list[object] = []  # described children: their addresses must not be used again

    def resolve(self, item: object) -> Described:
        if type(item) is Embedded:
            return item.digest
        if type(item) is ClassIdentity:
            return self._identity(item.subject)
        self.last = item
        found = self._code(item) if is_code(item) else describe(item)
        self._kept.append((item, found))
        return found

    def _identity(self, subject: type) -> Described:
        owner = owner_of_class(subject)
        if owner == OWN:
            self.classes[class_name(subject)] = None
        elif owner == DISTRIBUTION:
            self.libraries[class_name(subject)] = None
        return ("class", (class_name(subject),))

    def _code(self, item: object) -> Described:
        """Code as a value: what it does, and the name that a consumer can see."""
        fingerprint = code_fingerprint(item, (project_root(),))
        name = class_name(item) if isinstance(item, type) else getattr(item, "__qualname__", "")
        return ("code", (Embedded(fingerprint.digest), str(name)))
