"""How wide text is on a terminal: cleaning, measuring, cutting, padding."""

ELLIPSIS = "…"


def clean(text: str) -> str:
    """The text as one line: control characters (line ends, escapes) become single spaces."""
    if text.isprintable():
        return text
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def char_width(char: str) -> int:
    """Columns of one character: 0 for combining marks, 2 for wide East Asian ones and emoji."""
    if char.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def display_width(text: str) -> int:
    """Columns that ``text`` takes."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def shorten(text: str, width: int) -> str:
    """``text`` cut to at most ``width`` columns; a cut is marked with an ellipsis."""
    if display_width(text) <= width:
        return text
    if width <= 0:
        return ""
    kept, used = [], 0
    for char in text:
        used += char_width(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ELLIPSIS


def pad(text: str, width: int, align: str = "<") -> str:
    """``text`` filled with spaces to ``width`` columns, to the left (``<``) or the right (``>``)."""
    spaces = " " * (width - display_width(text))
    return spaces + text if align == ">" else text + spaces
