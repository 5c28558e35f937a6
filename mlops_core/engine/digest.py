"""Digests as text: ``xxh3:`` and 32 hexadecimal digits, for 16 bytes."""

PREFIX = "xxh3:"


def to_text(digest: bytes) -> str:
    """Public text of a digest; ValueError unless it has 16 bytes."""
    if len(digest) != 16:
        raise ValueError(f"a digest has 16 bytes, not {len(digest)}")
    return PREFIX + digest.hex()


def from_text(text: str) -> bytes:
    """The digest that ``to_text`` wrote; ValueError for anything else."""
    digits = text.removeprefix(PREFIX)
    if len(digits) != 32 or digits == text or digits.strip("0123456789abcdef"):
        raise ValueError(f"{text!r} is not a digest: {PREFIX} and 32 hexadecimal digits are expected")
    return bytes.fromhex(digits)
