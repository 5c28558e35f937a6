"""The line on which each key of a TOML file stands: ``tomllib`` gives values, but no places.

The text was already accepted by ``tomllib``, so this scanner looks only for the ends of things.
"""

import re

Keys = tuple[str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))[ \t]*')
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[Keys, int]:
    """Each key's way from the top (tables included) to its line, from 1; of doubled ways the first."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.lines: dict[Keys, int] = {}

    def document(self) -> None:
        table: Keys = ()
        while self.blank():
            if self.text[self.place] == "[":
                self.place += 2 if self.text.startswith("[[", self.place) else 1
                table = self.key(())
                self.place = self.text.find("]", self.place)
                self.place += 2 if self.text.startswith("]]", self.place) else 1
            else:
                self.pair(table)

    def blank(self) -> bool:
        """Skips blanks and comments; whether anything is left."""
        match = _BLANK.match(self.text, self.place)
        self.place = match.end() if match else self.place
        return self.place < len(self.text)

    def key(self, above: Keys) -> Keys:
        line = self.text.count("\n", 0, self.place) + 1
        while match := _KEY.match(self.text, self.place):
            above = (*above, next(group for group in match.groups() if group is not None))
            self.lines.setdefault(above, line)
            self.place = match.end()
            if not self.text.startswith(".", self.place):
                break
            self.place += 1
        return above

    def pair(self, table: Keys) -> None:
        keys = self.key(table)
        self.place = self.text.index("=", self.place) + 1
        self.value(keys)

    def value(self, keys: Keys) -> None:
        self.blank()
        opening = self.text[self.place]
        if opening in "[{":
            self.collection(keys, "]" if opening == "[" else "}")
        else:
            match = _STRING.match(self.text, self.place) or _BARE.match(self.text, self.place)
            self.place = match.end() if match else len(self.text)

    def collection(self, keys: Keys, closing: str) -> None:
        self.place += 1
        while self.blank() and self.text[self.place] != closing:
            if self.text[self.place] == ",":
                self.place += 1
            elif closing == "]":
                self.value(keys)
            else:
                self.pair(keys)
        self.place += 1
