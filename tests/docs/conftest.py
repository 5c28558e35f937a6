"""The pages of the documentation, their fenced blocks, and a place where they are tried.

A page is one story: its blocks run from the top to the bottom in one temporary project, which starts with
a copy of ``examples/``. What a block means stands behind its opening fence:

- ``python``: a program that must end well; one whose first line is ``# some/file.py`` is saved under that
  name for later blocks and only imported.
- ``toml``: a file, named likewise in its first line.
- ``diff``: an edit of a file that is there, named in its first line (``--- some/file.py``).
- ``console``: commands after ``$``, each followed by what it prints. ``...`` stands for anything: as a whole
  line for lines, inside a line for text. Times, digests and runs of spaces need not agree. A command
  must succeed, unless its output shows a line ``error CODE: ...``. An indented block that begins with ``$``
  is one, too.

Other blocks are only read.
"""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import mlops_core.cli

ROOT = Path(__file__).parents[2]
PACKAGE = Path(mlops_core.cli.__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"^```(?P<language>\w*)\n(?P<fenced>.*?)^```$|^(?P<indented>    \$ [^\n]*\n(?:(?:    [^\n]*)?\n)+)",
    re.MULTILINE | re.DOTALL,
)
PROGRAM = "import sys; from mlops_core.cli.entry import main; sys.exit(main())"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and the line of the page where the text begins."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that the block stands for, named in its first line."""
        named = re.match(r"(?:#|---) ([\w./-]+\.\w+)$", self.text.partition("\n")[0])
        return named[1] if named else None


@dataclass(frozen=True)
class Page:
    """One page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        text = self.text
        return [_block(text, found) for found in BLOCK.finditer(text)]


def _block(text: str, found: re.Match[str]) -> Block:
    if found["indented"] is not None:
        shown = textwrap.dedent(found["indented"]).rstrip("\n") + "\n"
        return Block("console", shown, text.count("\n", 0, found.start()) + 1)
    return Block(found["language"], found["fenced"], text.count("\n", 0, found.start("fenced")) + 1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    pages = [Page(path) for path in PAGES]
    if "story" in metafunc.fixturenames:
        pages = [p for p in pages if any(b.language in ("python", "console") for b in p.blocks)]
        metafunc.parametrize("story", pages, ids=lambda page: page.name)
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages, ids=lambda page: page.name)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder with README.md and docs/ in it."""
    return ROOT


@pytest.fixture(scope="session")
def package() -> Path:
    """The folder of ``mlops_core``: in the tree, or installed."""
    return PACKAGE


@pytest.fixture(scope="session")
def read_page() -> Callable[[str], Page]:
    """A page by its name."""
    return lambda name: Page(ROOT / name)


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the commands ``mlops`` and ``python``, which use what this process imports."""
    folder = tmp_path_factory.mktemp("bin")
    installed = Path(sys.executable).with_name("mlops")
    python = shlex.quote(sys.executable)
    command = shlex.quote(str(installed)) if installed.exists() else f"{python} -c {shlex.quote(PROGRAM)}"
    for name, program in (("mlops", command), ("python", python)):
        (folder / name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def shell(words: Path, tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Run one line in the project; its exit status, and what it printed on both streams."""
    left_out = ("FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {
        "PATH": f"{words}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(PACKAGE.parent),
        "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def run(line: str) -> tuple[int, str]:
        ended = subprocess.run(
            ["/bin/sh", "-c", line], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        return ended.returncode, ended.stdout

    return run
