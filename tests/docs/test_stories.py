"""Every page that shows code or commands tells the truth: its blocks run, and print what the page says."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

VARYING = (
    (re.compile(r"\b\d+(\.\d+)? (µs|ms|s|min|h)\b"), "TIME"),
    (re.compile(r"\bxxh3:[0-9a-f]{8,32}\b|(?<![.\w])[0-9a-f]{12,32}\b"), "DIGEST"),
    (re.compile(r" +"), " "),
)
IMPORT = 'import runpy, sys; runpy.run_path(sys.argv[1], run_name="imported")'
Shell = Callable[[str], tuple[int, str]]


def test_a_page_tells_the_truth(story: Any, root: Path, tmp_path: Path, shell: Shell) -> None:
    leftovers = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(root / "examples", tmp_path / "examples", ignore=leftovers)
    (tmp_path / ".git").mkdir()  # like a clone: the project begins here
    for block in story.blocks:
        untrue = _try(block, tmp_path, shell)
        if untrue:
            pytest.fail(f"{story.name}, line {block.line}: {untrue}", pytrace=False)


class UntrueError(Exception):
    """A block that does not do what the page says."""


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise UntrueError(otherwise)


def _try(block: Any, project: Path, shell: Shell) -> str:
    """What is untrue about a block, or ''."""
    try:
        _carry_out(block, project, shell)
    except UntrueError as error:
        return str(error)
    return ""


def _carry_out(block: Any, project: Path, shell: Shell) -> None:
    if block.language == "diff":
        _edit(project / _named(block), block.text)
    elif block.language == "toml":
        _save(project / _named(block), block.text)
    elif block.language == "python":
        _program(block, project, shell)
    elif block.language == "console":
        for command, expected in commands(block.text):
            _command(command, expected, shell)


def _named(block: Any) -> str:
    _hold(block.file is not None, "the block does not name its file in its first line")
    return str(block.file)


def _save(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _program(block: Any, project: Path, shell: Shell) -> None:
    file = block.file or f"block_{block.line}.py"
    _save(project / file, block.text)
    status, printed = shell(f"python {file}" if block.file is None else f"python -c '{IMPORT}' {file}")
    _hold(status == 0, f"the program ended with exit status {status}:\n{printed}")


def _edit(file: Path, text: str) -> None:
    lines = text.splitlines()[1:]
    old = "\n".join(line[1:] for line in lines if line[:1] != "+")
    new = "\n".join(line[1:] for line in lines if line[:1] != "-")
    before = file.read_text(encoding="utf-8")
    _hold(before.count(old) == 1, f"the lines to edit stand {before.count(old)} times in {file.name}")
    file.write_text(before.replace(old, new), encoding="utf-8")


def _command(command: str, expected: list[str], shell: Shell) -> None:
    status, printed = shell(command)
    fails = any(line.startswith("error ") for line in expected)
    _hold((status != 0) == fails, f"$ {command}\nended with exit status {status}:\n{printed}")
    said = "\n".join(expected)
    _hold(agrees(expected, printed.splitlines()), f"$ {command}\nprints:\n{printed}\nthe page says:\n{said}")


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that it should print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.rstrip("\n").splitlines()


def agrees(expected: list[str], printed: list[str]) -> bool:
    """Whether the lines are those expected; ``...`` alone on a line stands for any number of lines."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == "..." else _line_pattern(line) + r"\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(steady(line) + "\n" for line in printed)) is not None


def _line_pattern(line: str) -> str:
    return r"[^\n]*".join(re.escape(part) for part in steady(line).split("..."))


def steady(line: str) -> str:
    """The line without what differs from run to run."""
    for varying, word in VARYING:
        line = varying.sub(word, line)
    return line.strip()


def test_what_differs_from_run_to_run_does_not_count() -> None:
    shown = ["  load   ran   no earlier result   5.7 s", "output  model  bytes xxh3:46df471e"]
    printed = ["  load     ran   no earlier result   12 ms", "output  model  bytes xxh3:00ff00ff"]
    assert agrees(shown, printed)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "...", "d"], ["a", "b", "c", "d"], True),
        (["a", "...", "d"], ["a", "d"], True),
        (["a ... d"], ["a b c d"], True),
        (["a"], ["a", "b"], False),
        (["load ran"], ["load cached"], False),
        (["1.5 ran"], ["2.5 ran"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_all_else_counts(expected: list[str], printed: list[str], same: bool) -> None:
    assert agrees(expected, printed) is same


def test_commands_and_their_output_are_told_apart() -> None:
    text = "$ mlops run a.py\na · run 1\n\n1 ran\n$ mlops runs\n"
    assert list(commands(text)) == [("mlops run a.py", ["a · run 1", "", "1 ran"]), ("mlops runs", [])]


def test_an_edit_must_fit(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1\ny = 2\n")
    _edit(file, "--- a.py\n x = 1\n-y = 2\n+y = 3\n")
    assert file.read_text() == "x = 1\ny = 3\n"
    with pytest.raises(UntrueError, match="0 times"):
        _edit(file, "--- a.py\n-z = 1\n+z = 2\n")
