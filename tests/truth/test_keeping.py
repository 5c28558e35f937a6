"""What is kept stays true: damage is a miss, errors are not kept, one of two processes computes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAYLOAD = """\
@step
def work(x: int) -> bytes:
    return b"payload." * 5000 + str(x).encode()
"""
MAIN = """\
import json

from mlops_core import pipeline
from steps import *

@pipeline
def flow():
    return work(3)

if __name__ == "__main__":
    value = work(3)
    print(json.dumps(value if not isinstance(value, bytes) else [len(value), value[-20:].decode()]))
"""


def damaged(how: Callable[[Path], object], project: Any) -> int:
    """Damage every file of the store that holds the payload; how many there were."""
    found = [file for file in (project.root / ".mlops" / "objects").rglob("*") if file.is_file()]
    found = [file for file in found if b"payload.payload." in file.read_bytes()]
    for file in found:
        file.chmod(0o644)
        how(file)
    return len(found)


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[data.index(b"payload.") + 700] ^= 1
    file.write_bytes(data)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


@pytest.mark.parametrize("how", [flip, cut, Path.unlink], ids=["one bit", "cut in half", "gone"])
@pytest.mark.parametrize("face", ["pipeline", "call"])
def test_a_damaged_value_is_computed_again(how: Any, face: str, written: Callable[..., Any]) -> None:
    project = written({"steps.py": PAYLOAD, "main.py": MAIN}, face)
    first = project.said()
    assert project.said().status == "cached"
    assert damaged(how, project) == 1
    again = project.said()
    # a pipeline's run loads only what somebody reads: its outputs are shown by digest
    if face == "call":
        assert again.status == "ran", again
        assert again.value == first.value
        assert project.said().status == "cached"


@pytest.mark.parametrize("how", [flip, cut, Path.unlink], ids=["one bit", "cut in half", "gone"])
def test_a_damaged_input_is_computed_again(how: Any, written: Callable[..., Any]) -> None:
    reader = (
        PAYLOAD.replace("def work", "def up")
        + "@step\ndef work(value: bytes) -> list:\n    return [len(value)]\n"
    )
    main = MAIN.replace("work(3)", "work(up(3))")
    project = written({"steps.py": reader, "main.py": main}, "pipeline")
    first = project.said()
    assert damaged(how, project) == 1
    project.edit("steps.py", "[len(value)]", "[len(value)] * 1")
    again = project.said()
    assert (again.status, again.value) == ("ran", first.value)
    assert project.said().status == "cached"


@pytest.mark.parametrize("face", ["pipeline", "call"])
def test_an_exception_is_not_kept(face: str, written: Callable[..., Any]) -> None:
    source = """\
    from pathlib import Path

    @step
    def work(x: int) -> int:
        if Path("broken").exists():
            raise ValueError("broken")
        return x
    """
    project = written({"steps.py": source, "main.py": MAIN, "broken": ""}, face)
    with pytest.raises(AssertionError, match="broken"):
        project.said()
    (project.root / "broken").unlink()
    assert project.said().status == "ran"
    assert project.said().status == "cached"


def test_code_that_was_edited_after_its_import_is_not_taken_for_the_new_one(
    written: Callable[..., Any],
) -> None:
    source = "@step\ndef work(x: int) -> int:\n    return x + 1\n"
    late = MAIN.replace("    value", "    exec(open('late.py').read())\n    value")
    edit = "import pathlib; p = pathlib.Path('steps.py'); p.write_text(p.read_text().replace('+ 1', '+ 2'))"
    project = written({"steps.py": source, "main.py": late, "late.py": edit}, "call")
    assert project.said().value == 4
    second = project.said()
    assert (second.status, second.value) == ("ran", 5)
    assert project.said().status == "cached"


@pytest.mark.parametrize("face", ["pipeline", "call"])
def test_of_two_processes_one_computes(face: str, written: Callable[..., Any]) -> None:
    waiting = """\
    import os

    @step
    def work(x: int) -> int:
        return x + len(os.read(GATE, 1))

    GATE, READY = 0, 2

    def ready():
        os.write(READY, b"r")
    """
    main = MAIN.replace("    return", "    ready()\n    return").replace(
        "    value", "    ready()\n    value", 1
    )
    project = written({"steps.py": waiting, "main.py": main}, face)
    words = ["-m", "mlops_core", "run", "main.py:flow"] if face == "pipeline" else ["main.py"]
    gate, open_gate = os.pipe()
    ready, say_ready = os.pipe()
    where: Any = {"cwd": project.root, "env": project.environment(), "stdin": gate}
    where |= {"stdout": subprocess.DEVNULL, "stderr": say_ready}
    started = [subprocess.Popen([sys.executable, *words], **where) for _ in range(2)]
    os.close(say_ready)
    with open(ready, "rb", buffering=0) as both:
        assert both.read(1) + both.read(1) == b"rr"
        os.close(open_gate)  # whoever executes the step has waited for this
        both.readall()
    os.close(gate)
    assert [process.wait(60) for process in started] == [0, 0]
    steps = [step for run in ("1", "2") for step in project.shown(run)["steps"]]
    assert sorted(step["status"] for step in steps) == ["cached", "ran"]


def test_what_a_caller_does_to_a_result_stays_with_the_caller(written: Callable[..., Any]) -> None:
    source = "@step\ndef work(x: int) -> list:\n    return [x]\n"
    main = """\
    import json
    from steps import *

    first = work(3)
    first.append(99)
    print(json.dumps(work(3)))
    """
    project = written({"steps.py": source, "main.py": main}, "call")
    assert json.loads(project.printed("main.py")) == [3]
    assert json.loads(project.printed("main.py")) == [3]
