"""Stand-ins inside a structure whose content is known only by its digest, or only by its class."""


class Embedded:
    """A value known only by its digest; it counts as exactly that digest wherever it stands."""

    __slots__ = ("digest",)

    def __init__(self, digest: bytes) -> None:
        self.digest = digest


class ClassIdentity:
    """The class of an instance: by name in the digest of a value, followed as code in a code fingerprint."""

    __slots__ = ("subject",)

    def __init__(self, subject: type) -> None:
        self.subject = subject
