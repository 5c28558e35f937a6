"""Colour, which is never the only signal: every coloured thing is also a word."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES = {
    "ran": "32",
    "succeeded": "32",
    "ok": "32",
    "run": "32",
    "cached": "36",
    "running": "34",
    "skipped": "2",
    "skip": "2",
    "dim": "2",
    "unknown": "2",
    "failed": "31",
    "broken": "31",
    "error": "1;31",
    "blocked": "33",
    "cancelled": "33",
    "interrupted": "33",
    "warning": "33",
    "bold": "1",
    "added": "32",
    "removed": "31",
}


class Style:
    """Paints text, or leaves it alone."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def paint(self, text: str, kind: str) -> str:
        """``text`` in the colour of a status word (or ``bold``, ``dim``, ``error``)."""
        code = _CODES.get(kind)
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled and code and text else text


PLAIN = Style(enabled=False)


def wants_colour(is_terminal: bool, environ: "Mapping[str, str]") -> bool:
    """``NO_COLOR`` (not empty: https://no-color.org) wins, then ``FORCE_COLOR``, then the terminal."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"
