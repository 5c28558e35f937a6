"""Scenarios of edits, read from text files (README.md tells the format)."""

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
EDIT = re.compile("«([^»]*?)→([^»]*)»")
SECTION = re.compile(r"^--- (\S+)(?: -> (\S+))?(?: \((before|after)\))?\n", re.MULTILINE)
BEFORE, AFTER = 0, 1
FACES = ("pipeline", "call")
MAIN = """\
import json
from pathlib import Path

from mlops_core import pipeline
{imports}

@pipeline
def flow():
    return {call}

if __name__ == "__main__":
    print(json.dumps({call}, default=list))
"""


def side(text: str, which: int) -> str:
    """The text before or after its edits."""
    return EDIT.sub(lambda edit: edit[which + 1], text)


@dataclass(frozen=True)
class Scenario:
    """A project, an edit of it, and what must happen then."""

    group: str
    name: str
    directives: dict[str, list[str]]
    sections: list[tuple[str, str, str, str]]  # file, "before" or "after" or "", target of a link, text

    def one(self, directive: str, default: str, which: int = BEFORE) -> str:
        """The value of a directive that may stand once."""
        return side(self.directives.get(directive, [default])[0], which)

    def faces(self, position: int, full: bool) -> list[str]:
        """The faces through which it is tried: all, or each third one as a call (it takes twice the time)."""
        possible = self.one("faces", " ".join(FACES)).split()
        return possible if full else possible[-1:] if position % 3 == 0 else possible[:1]

    def expected(self, directive: str) -> list[str]:
        """The comma-separated parts of ``then`` or ``always``; empty without it."""
        found = self.directives.get(directive)
        return [part.strip() for part in found[0].split(",", 2)] if found else []

    def files(self, which: int) -> dict[str, str]:
        """Contents by path; that of a link begins with ``->``."""
        left_out = "after" if which == BEFORE else "before"
        found = {"mlops.toml": ""}
        for file, only, target, text in self.sections:
            if only != left_out:
                found[file] = f"-> {side(target, which)}" if target else side(text, which)
        if "main.py" not in found:
            words = {"imports": self.one("import", "from steps import *", which)}
            found["main.py"] = MAIN.format(call=self.one("call", "work(3)", which), **words)
        return {file: _with_imports(text) for file, text in found.items()}

    def environment(self, which: int) -> dict[str, str]:
        pairs = [side(text, which).partition("=") for text in self.directives.get("env", [])]
        return {name: value for name, _, value in pairs}


def _with_imports(text: str) -> str:
    return f"from mlops_core import step\n{text}" if re.search(r"\bstep\(|@step\b", text) else text


def read_scenarios(file: Path) -> list[Scenario]:
    """The scenarios of one file."""
    parts = re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]
    return [_scenario(file.stem, part) for part in parts]


def _scenario(group: str, text: str) -> Scenario:
    head, *rest = SECTION.split(text)
    name, _, *lines = head.splitlines()
    directives: dict[str, list[str]] = {}
    for line in filter(None, lines):
        key, _, value = line.partition(": ")
        directives.setdefault(key, []).append(value)
    sections = [(rest[i], rest[i + 2] or "", rest[i + 1] or "", rest[i + 3]) for i in range(0, len(rest), 4)]
    return Scenario(group, name, directives, sections)


SCENARIOS = [scenario for file in sorted(HERE.glob("scenarios/*.txt")) for scenario in read_scenarios(file)]
