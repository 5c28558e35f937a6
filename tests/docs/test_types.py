"""To a type checker a deferred value is the value it stands for: README and examples under ``--strict``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mypy import api

CONFIG = """
[mypy]
strict = True
follow_imports = silent
[mypy-pyarrow.*,sklearn.*,skl2onnx.*,onnxruntime.*]
ignore_missing_imports = True
"""


def test_the_readme_and_the_examples_are_typed(
    read_page: Callable[[str], Any], root: Path, tmp_path: Path
) -> None:
    programs = [b for b in read_page("README.md").blocks if b.language == "python" and b.file]
    assert programs
    for block in programs:
        (tmp_path / block.file).write_text(block.text)
    for example in (root / "examples").glob("*.py"):
        (tmp_path / example.name).write_text(example.read_text())
    (tmp_path / "mypy.ini").write_text(CONFIG)
    files = [str(file) for file in tmp_path.glob("*.py")]
    out, err, status = api.run([f"--config-file={tmp_path / 'mypy.ini'}", f"--cache-dir={tmp_path}", *files])
    assert (status, err) == (0, ""), out
