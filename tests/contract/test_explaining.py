"""Verdicts with reasons: what differs, old and new, or which run made what is reused."""

import pytest

PIPE = """
from lib.middle import scaled

RATE = 2

class Setting:
    bonus = 1

@step
def load(n: int) -> list:
    return list(range(n))

@step
def scale(values: list) -> list:
    return scaled(values)

@step
def rate(values: list) -> list:
    return [value * RATE + Setting.bonus for value in values]

@step
def total(values: list) -> int:
    return sum(values)

@pipeline
def work(n: int = 3) -> int:
    return total(rate(scale(load(n))))
"""
MIDDLE = "from lib.leaf import leaf\n\ndef scaled(values):\n    return [leaf(value) for value in values]\n"
LEAF = "def leaf(value):\n    # double it\n    return value + value\n"


@pytest.fixture
def story(project):
    project.pipe(PIPE)
    project.write({"lib/middle.py": MIDDLE, "lib/leaf.py": LEAF})
    assert set(project.run().steps.values()) == {"ran"}
    return project


def test_a_hit_names_the_run_that_made_the_value(story):
    """A hit names the run that made the value."""
    ended = story.run()
    assert set(ended.steps.values()) == {"cached"}
    assert {ended.reason(name) for name in ended.steps} == {"from run 1"}
    assert ended.kinds("total") == ["hit"]


def test_an_edited_helper_two_calls_away(story):
    """Edit a helper two calls away: exactly the steps that reach it run, and every line says why."""
    story.edit("value + value", "value + value + 1", "lib/leaf.py")
    plan, ended = story.plan(), story.run()
    assert ended.steps == {"load": "cached", "scale": "ran", "rate": "ran", "total": "ran"}
    assert plan.steps == {"load": "cached", "scale": "run", "rate": "unknown", "total": "unknown"}
    assert plan.reason("scale") == ended.reason("scale")
    assert "lib/leaf.py:leaf" in ended.reason("scale")
    assert ended.kinds("scale") == ["code"]
    assert ended.kinds("rate") == ["input"]
    told = story.mlops("why", "pipe.py", "scale")
    assert told.status == 0
    why = story.mlops("why", "scale")
    assert "lib/leaf.py" in why.out
    assert "-    return value + value" in why.out
    assert "+    return value + value + 1" in why.out


def test_downstream_of_identical_bytes_stays_cached(story):
    """Downstream steps whose inputs came out byte-identical stay cached."""
    story.edit("value + value", "2 * value", "lib/leaf.py")
    assert story.run().steps == {"load": "cached", "scale": "ran", "rate": "cached", "total": "cached"}


def test_comments_and_formatting_change_nothing(story):
    """Nothing re-runs because of a comment, formatting or an mtime."""
    story.edit("    # double it\n", "    # twice\n\n", "lib/leaf.py")
    story.edit("value + value", "(\n        value +\n        value)", "lib/leaf.py")
    story.edit("RATE = 2", "# the rate\nRATE = (2)")
    story.edit("    return sum(values)", '    """Add them."""\n    return sum(values)')
    assert set(story.run().steps.values()) == {"cached"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [("RATE = 2", "RATE = 3", "RATE"), ("bonus = 1", "bonus = 5", "Setting"), ("* RATE", "/ RATE", "rate")],
)
def test_constants_classes_and_bodies(story, old, new, named):
    """`why` says which function, constant or class in which file differs."""
    story.edit(old, new)
    ended = story.run()
    assert ended.steps == {"load": "cached", "scale": "cached", "rate": "ran", "total": "ran"}
    assert "pipe.py" in ended.reason("rate")
    assert named in ended.reason("rate")


def test_going_back_is_a_hit(story):
    """Edited, run, then reverted: the first result is still there."""
    story.edit("RATE = 2", "RATE = 3")
    story.run()
    story.edit("RATE = 3", "RATE = 2")
    ended = story.run()
    assert set(ended.steps.values()) == {"cached"}
    assert ended.reason("rate") == "from run 1"


def test_an_argument_with_old_and_new(story):
    """Which argument differs from the nearest earlier result, with old and new."""
    ended = story.run("-p", "n=4")
    assert ended.reason("load") == "argument n 3 → 4"
    (reason,) = next(s for s in ended.document["steps"] if s["name"] == "load")["reasons"]
    assert (reason["kind"], reason["before"], reason["after"], reason["run"]) == ("argument", "3", "4", 1)


def test_undeclared_files_and_variables(project):
    """Inputs nobody declared: files opened, absent files asked for, environment variables read."""
    project.write({"rates.txt": "2"})
    project.pipe("""
import os

@step
def look() -> list:
    return [
        open("rates.txt").read(), os.environ.get("MODE", "none"), os.path.exists("extra.txt"),
        sorted(os.listdir("folder")) if os.path.isdir("folder") else [],
    ]

@pipeline
def work() -> list:
    return look()
""")
    assert project.run().outputs == {"output": ["2", "none", False, []]}
    assert project.run(UNRELATED="1").steps == {"look": "cached"}
    project.write({"rates.txt": "3"})
    assert "rates.txt changed" in project.run().reason("look")
    assert "MODE" in project.run(MODE="fast").reason("look")
    assert project.run(MODE="fast").steps == {"look": "cached"}
    project.write({"extra.txt": ""})
    assert "extra.txt is new" in project.run().reason("look")
    project.write({"folder/a.txt": ""})
    assert project.run().outputs == {"output": ["3", "none", True, ["a.txt"]]}
    project.write({"folder/b.txt": ""})
    assert project.run().outputs == {"output": ["3", "none", True, ["a.txt", "b.txt"]]}
    assert project.run().steps == {"look": "cached"}


def test_why_of_the_last_run(story):
    """`mlops why [TARGET] [STEP]`: without target of the last run."""
    story.run("-p", "n=4")
    text = story.mlops("why")
    assert text.status == 0
    for name in ("load", "scale", "rate", "total"):
        assert name in text.out
    assert "3 → 4" in text.out
    document = story.mlops("why", "--json").document
    assert [step["name"] for step in document["steps"]] == ["load", "scale", "rate", "total"]
    one = story.mlops("why", "load")
    assert "3 → 4" in one.out
    ahead = story.mlops("why", "pipe.py", "load")
    assert "run 1" in ahead.out


def test_run_prints_one_line_per_step(story):
    """`mlops run` prints one line per step (status, reason, time, time saved) and a summary."""
    story.edit("RATE = 2", "RATE = 3")
    lines = story.mlops("run", "pipe.py").out.splitlines()
    named = {line.split()[0]: line.split()[1] for line in lines if line.startswith("  ") and "=" not in line}
    assert named == {"load": "cached", "scale": "cached", "rate": "ran", "total": "ran"}
    assert "2 ran" in lines[-1]
    assert "2 cached" in lines[-1]
