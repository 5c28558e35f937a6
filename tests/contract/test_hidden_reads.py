"""What a step uses must be seen also where a memo or a thread stands in between."""

import json

MEMO = """
import json
from functools import lru_cache
from mlops_core import pipeline, step

@lru_cache
def config():
    return json.load(open("conf.json"))

config()  # read at import, before any step looks

@step
def first(x: int) -> int:
    return x * config()["factor"]

@step
def second(x: int) -> int:
    return x + config()["factor"]

@pipeline
def work() -> int:
    return second(first(10))
"""

THREADS = """
from concurrent.futures import ThreadPoolExecutor
from mlops_core import pipeline, step

@step
def square(x: int) -> int:
    return x * x

@step
def outer(n: int) -> list[int]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(square, range(n)))

@pipeline
def work() -> list[int]:
    return outer(3)
"""


def test_a_memo_does_not_hide_a_file_from_the_steps_that_use_it(project):
    """Files opened while a step runs are inputs of it, also those that ``functools.cache`` remembers."""
    project.write({"pipe.py": MEMO, "conf.json": json.dumps({"factor": 2})})
    assert project.run().outputs == {"output": 22}
    assert set(project.run().steps.values()) == {"cached"}
    project.write({"conf.json": json.dumps({"factor": 3})})
    ended = project.run()
    assert ended.outputs == {"output": 33}
    assert ended.steps == {"first": "ran", "second": "ran"}


def test_a_step_called_in_a_thread_of_a_running_step_is_the_plain_function(project):
    """Inside a running step a call of a step is the plain function."""
    project.write({"pipe.py": THREADS})
    first = project.run()
    assert first.outputs == {"output": [0, 1, 4]}
    assert list(first.steps) == ["outer"]
    again = project.run()
    assert again.steps == {"outer": "cached"}
    assert again.document["run"] == 2


def test_values_of_steps_outside_the_selection_are_no_outputs_of_the_run(project):
    """Steps that nobody selected needs are skipped, and what is skipped is null."""
    project.pipe(
        """
        @step
        def one() -> int:
            return 1

        @step
        def scores() -> Metrics:
            return {"accuracy": 0.9}

        @pipeline
        def pipe() -> dict[str, object]:
            return {"one": one(), "scores": scores()}
        """
    )
    project.run()
    ended = project.run("--only", "one")
    assert ended.outputs == {"one": 1, "scores": None}
    assert ended.document["metrics"] == {}


def test_a_file_of_a_returned_folder_goes_by_its_place_in_it(project):
    """A path that a step returns is keyed by name and content: one file more runs one item more."""
    project.pipe(
        """
        @step
        def parts(n: int) -> Path:
            folder = Path("parts")
            folder.mkdir(exist_ok=True)
            for i in range(n):
                (folder / f"{i}.txt").write_text(str(i))
            return folder

        @step
        def read(part: Path) -> str:
            return part.read_text()

        @pipeline
        def pipe(n: int = 2) -> list[str]:
            return read.map(parts(n))
        """
    )
    project.run()
    ended = project.run("-p", "n=3")
    assert ended.steps == {"parts": "ran", "read[0]": "cached", "read[1]": "cached", "read[2]": "ran"}
    assert ".mlops" not in ended.reason("read[2]")


def test_latest_is_the_newest_run_of_the_whole_pipeline(project):
    """``latest("pipe")`` is its newest succeeded run; one of selected steps has not all outputs."""
    project.pipe(
        """
        @step
        def one() -> int:
            return 1

        @step
        def two() -> int:
            return 2

        @pipeline
        def pipe() -> dict[str, object]:
            return {"one": one(), "two": two()}
        """
    )
    project.pipe(
        """
        @step
        def shown(n: int) -> int:
            return n

        @pipeline
        def other() -> int:
            return shown(latest("pipe").outputs["two"])
        """,
        "other.py",
    )
    project.run()
    assert project.run("--only", "one").outputs == {"one": 1, "two": None}
    assert project.run(target="other.py").outputs == {"output": 2}
