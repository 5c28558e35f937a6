"""Steps in worker processes are watched like those in the process itself: one finds what the other stored."""

from collections.abc import Callable
from typing import Any

import pytest

FILES = {
    "parts.py": """\
    import functools
    import os

    class Scale:
        by = 2

        def of(self, v):
            return v * self.by

    @functools.lru_cache
    def number():
        with open("data.txt") as file:
            return int(file.read())

    def shift():
        return int(os.environ.get("SHIFT", "0"))
    """,
    "main.py": """\
    import os

    from mlops_core import pipeline
    from parts import Scale, number, shift

    @step
    def reads(x: int) -> int:
        return x * number()

    @step
    def reads_too(x: int) -> int:
        return x * number() + 1

    @step
    def shifts(x: int) -> int:
        return x + shift()

    @step
    def scales(x: int) -> int:
        return Scale().of(x)

    @step
    def lists(x: int) -> int:
        return x * len(os.listdir("in"))

    @step
    def makes(x: int) -> object:
        return Scale()

    @step
    def uses(scale: object, x: int) -> int:
        return scale.of(x)

    @pipeline
    def flow():
        return reads(3), reads_too(3), shifts(3), scales(3), lists(3), uses(makes(3), 3)
    """,
    "data.txt": "2",
    "in/a.txt": "1",
}
ALL = {"reads", "reads_too", "shifts", "scales", "lists", "makes", "uses"}
EDITS: list[tuple[str, Callable[[Any], object], set[str]]] = [
    ("a file", lambda p: (p.root / "data.txt").write_text("5"), {"reads", "reads_too"}),
    ("a folder", lambda p: (p.root / "in" / "b.txt").write_text("1"), {"lists"}),
    ("a variable", lambda p: p.scenario.directives.update(env=["SHIFT=1"]), {"shifts"}),
    ("a class", lambda p: p.edit("parts.py", "v * self.by", "v + self.by"), {"scales", "makes", "uses"}),
    ("a comment", lambda p: p.edit("parts.py", "class Scale", "# scale\nclass Scale"), set()),
]


@pytest.mark.parametrize(
    ("jobs", "other_jobs"), [("2", "1"), ("1", "2")], ids=["workers first", "workers later"]
)
def test_workers_see_what_the_process_sees(jobs: str, other_jobs: str, written: Callable[..., Any]) -> None:
    project = written(FILES, "pipeline")
    assert project.ran("-j", jobs) == ALL
    assert project.ran("-j", other_jobs) == set()
    for what, edit, expected in EDITS:
        edit(project)
        assert project.ran("-j", jobs) == expected, what
        assert project.ran("-j", other_jobs) == set(), what
