"""Stand-ins inside a structure: what is known only by its digest, by its class, or told as its parts."""


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


class Described:
    """A value told as a tag and its parts, which are values again; it counts as what they say."""

    __slots__ = ("parts", "tag")

    def __init__(self, tag: str, parts: tuple[object, ...]) -> None:
        self.tag = tag
        self.parts = parts
