"""The public ``fingerprint``: the digest that arguments and outputs are known by."""

from mlops_core.engine.digest import to_text
from mlops_core.fingerprints.values import value_digest


def fingerprint(value: object) -> str:
    """The digest of a value as text, its algorithm first: ``"xxh3:"`` and 32 hexadecimal digits.

    Equal content gives an equal digest, in every process and on every machine. Raises
    ``UnfingerprintableValue`` naming the place inside ``value`` that has no stable digest.
    """
    return to_text(value_digest(value))
