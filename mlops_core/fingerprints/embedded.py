"""Stand-ins that the digest of a value understands; they lie below, where formats can use them, too."""

from mlops_core.engine.stand_ins import ClassIdentity, Described, Embedded

__all__ = ["ClassIdentity", "Described", "Embedded"]
