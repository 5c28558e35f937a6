"""Conditions."""

import pytest

STEPS = """
@step
def score(value: float) -> dict:
    return {"r2": value}

@step
def publish(what: object) -> str:
    return f"published {what}"

@step
def repair(what: object) -> str:
    return f"repaired {what}"

@step
def both(a: object, b: object = None) -> list:
    return [a, b]
"""
BRANCHES = (
    STEPS
    + """
@pipeline
def work(value: float = 0.9) -> dict:
    scores = score(value)
    with when(scores["r2"] >= 0.8) as good:
        new = publish("new")
    with good.otherwise():
        old = repair("old")
    return {"new": new, "old": old, "one": good.one_of(new, old), "plain": good.one_of(new, "nothing")}
"""
)


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_both_branches_and_one_of(project, options):
    """`with good.otherwise(): ...` is the other branch; `good.one_of(new, old)` is `new` where the condition
    held, else `old`; either may be a plain value. A pipeline returns a skipped step's value as None."""
    project.pipe(BRANCHES)
    held = project.run(*options)
    assert held.steps == {"score": "ran", "publish": "ran", "repair": "skipped"}
    assert held.outputs == {
        "new": "published new", "old": None, "one": "published new", "plain": "published new",
    }  # fmt: skip
    failed = project.run("-p", "value=0.5", *options)
    assert failed.steps == {"score": "ran", "publish": "skipped", "repair": "ran"}
    assert failed.outputs == {"new": None, "old": "repaired old", "one": "repaired old", "plain": "nothing"}
    assert failed.kinds("publish") == ["condition"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('scores["r2"] >= 0.8', True),
        ('scores["r2"] != scores["r2"]', False),
        ('flag(True)', True),
        ('flag(False)', False),
        ("True", True),
        ("False", False),
        ('(scores["r2"] > 0) & (scores["r2"] < 0.5)', False),
        ('(scores["r2"] > 1) | flag(True)', True),
        ('~flag(True)', False),
        ("npflag()", True),
    ],
)  # fmt: skip
def test_a_condition_is_a_comparison_or_a_bool(project, condition, holds):
    """`with when(c) as good:` takes a comparison, or a deferred or plain bool."""
    project.pipe(
        STEPS
        + f"""
@step
def flag(value: bool) -> bool:
    return value

@step
def npflag():
    return np.float64(3.0) > 2

@pipeline
def work() -> object:
    scores = score(0.9)
    with when({condition}):
        return publish(1)
"""
    )
    assert project.run().outputs == {"output": "published 1" if holds else None}


@pytest.mark.parametrize("value", ["1", "'yes'", "None", "0.5", "[True]"])
def test_a_condition_of_another_type_fails_the_run(project, value):
    """Another type fails the run."""
    project.pipe(
        STEPS
        + f"""
@step
def other() -> object:
    return {value}

@step
def first() -> int:
    return 1

@pipeline
def work() -> None:
    first()
    with when(other()):
        publish(1)
"""
    )
    ended = project.run()
    assert ended.status == 1
    assert ended.document["status"] == "failed"
    assert "not as a bool" in ended.error["message"]
    assert ended.steps["first"] == "ran"
    assert project.run().steps["first"] == "cached"


def test_a_plain_value_of_another_type_is_refused_too(project):
    """Another type fails the run: a plain value is known at once."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> None:
    with when("yes"):
        publish(1)
"""
    )
    ended = project.run()
    assert ended.status == 1
    assert ended.document["status"] == "failed"
    assert "not as a bool" in ended.error["message"]


def test_the_body_of_a_with_always_executes(project):
    """The body of a `with` always executes while the graph is built; plain Python in it is not
    conditional."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> None:
    scores = score(0.1)
    with when(scores["r2"] >= 0.8):
        print("the body executes", file=sys.stderr)
        publish(1)
"""
    )
    ended = project.run()
    assert "the body executes" in ended.err
    assert ended.steps == {"score": "ran", "publish": "skipped"}


def test_otherwise_and_one_of_keep_the_conditions_around(project):
    """`otherwise` and `one_of` keep the conditions around `good`'s own `when`, wherever they are written."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(outer: bool = True, inner: bool = True) -> dict:
    with when(outer):
        with when(inner) as good:
            new = publish("new")
    with good.otherwise():
        old = repair("old")
    return {"new": new, "old": old, "one": good.one_of(new, old), "plain": good.one_of(1, 2)}
"""
    )
    assert project.run("-p", "inner=no").outputs == {
        "new": None, "old": "repaired old", "one": "repaired old", "plain": 2,
    }  # fmt: skip
    outside = project.run("-p", "outer=no", "-p", "inner=no")
    assert outside.outputs == {"new": None, "old": None, "one": None, "plain": None}
    assert outside.steps == {"publish": "skipped", "repair": "skipped"}


def test_a_condition_made_from_a_skipped_value_skips_both_branches(project):
    """A condition made from a skipped value skips both branches."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> dict:
    with when(False):
        scores = score(0.9)
    with when(scores["r2"] > 0.5) as good:
        new = publish(1)
    with good.otherwise():
        old = repair(1)
    return {"new": new, "old": old, "one": good.one_of(new, old)}
"""
    )
    ended = project.run()
    assert ended.steps == {"score": "skipped", "publish": "skipped", "repair": "skipped"}
    assert ended.outputs == {"new": None, "old": None, "one": None}


def test_a_step_given_a_skipped_value_is_skipped(project):
    """A step given a value that a condition skipped is skipped."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> dict:
    with when(False):
        a = score(1.0)
    direct, nested, part = both(a), both([{"deep": (a,)}]), both(1, a["r2"])
    return {"direct": direct, "nested": nested, "part": part, "whole": [a, 1]}
"""
    )
    ended = project.run()
    assert set(ended.steps.values()) == {"skipped"}
    assert ended.outputs == {"direct": None, "nested": None, "part": None, "whole": None}
    assert all(ended.reason(name) for name in ended.steps)


def test_a_map_under_a_condition(project):
    """A step given a skipped value is skipped: a map has one row then."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(go: bool = False) -> list:
    with when(go):
        published = publish.map([1, 2])
    return both.map(published)
"""
    )
    ended = project.run()
    assert ended.steps == {"publish": "skipped", "both": "skipped"}
    assert ended.outputs == {"output": None}
    assert list(project.run("-p", "go=yes").steps) == ["publish[0]", "publish[1]", "both[0]", "both[1]"]
