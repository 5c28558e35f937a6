"""Selecting steps: --only, --from, --until, --force."""

import pytest

CHAIN = """
@step
def load(n: int) -> int:
    return n

@step
def clean(x: int) -> int:
    return x + 1

@step
def train(x: int, depth: int) -> int:
    return x * depth

@step
def other() -> int:
    return 0

@pipeline
def work(n: int = 1) -> list:
    x = clean(load(n))
    return [train.partial(x).map(depth=[2, 3]), clean(x), other()]
"""
ALL = ["load", "clean", "train[0]", "train[1]", "clean_2", "other"]


@pytest.fixture
def chain(project):
    project.pipe(CHAIN)
    return project


def rows(ended) -> str:
    """Statuses by their first letters, in the order of ``ALL``."""
    return " ".join(status[0] for status in ended.steps.values())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--force", "train"], "c c r r c c"),
        (["--force", "train[1]"], "c c c r c c"),
        (["--force", "clean"], "c r c c r c"),
        (["--force", "clean_2"], "c c c c r c"),
        (["--force", "load", "--force", "other"], "r c c c c r"),
    ],
    ids=str,
)  # fmt: skip
def test_force_by_base_and_by_full_name(chain, options, expected):
    """A base name means all its calls and items, a full name one of them."""
    chain.run()
    ended = chain.run(*options)
    assert list(ended.steps) == ALL
    assert rows(ended) == expected
    planned = chain.plan(*options).steps  # what is below a step that would run is unknown yet
    for name, status in ended.steps.items():
        verdict = planned.get(name) or planned[name.partition("[")[0]]
        assert verdict in ({"ran": "run", "cached": "cached"}[status], "unknown")
    assert "run" in planned.values()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--only", "other"], {"other": "ran", "load": "skipped", "clean": "skipped"}),
        (["--until", "clean"], {"load": "ran", "clean": "ran", "clean_2": "ran", "other": "skipped"}),
        (["--until", "load"], {"load": "ran", "clean": "skipped", "other": "skipped"}),
        (["--from", "load"], {"load": "ran", "clean": "ran", "train[1]": "ran", "other": "skipped"}),
        (["--from", "clean", "--until", "clean", "--from", "load"], {"load": "ran", "clean_2": "ran"}),
    ],
    ids=str,
)  # fmt: skip
def test_steps_that_nobody_selected_needs_are_skipped(chain, options, expected):
    """Steps that nobody selected needs are `skipped`."""
    ended = chain.run(*options)
    assert ended.status == 0, ended.err
    assert expected.items() <= ended.steps.items()
    for name, status in ended.steps.items():
        if status == "skipped":
            assert ended.reason(name) == "not selected"
            assert ended.kinds(name) == ["selection"]


def test_values_outside_the_selection_come_from_the_cache(chain):
    """Values of steps outside the selection come from the cache (`cached`)."""
    chain.run("--until", "clean")
    ended = chain.run("--only", "train")
    assert ended.steps == {
        "load": "skipped", "clean": "cached", "train[0]": "ran", "train[1]": "ran",
        "clean_2": "skipped", "other": "skipped",
    }  # fmt: skip
    assert chain.plan("--only", "train").steps == {
        "load": "skip", "clean": "cached", "train[0]": "cached", "train[1]": "cached",
        "clean_2": "skip", "other": "skip",
    }  # fmt: skip


@pytest.mark.parametrize("options", [["--only", "train"], ["--from", "train"]], ids=str)
def test_one_that_is_not_there_fails_before_anything_runs(chain, options):
    """One that is not there fails before anything runs and names the `--from` to use."""
    for _ in range(2):
        ended = chain.run(*options)
        assert ended.status == 2
        assert ended.error["code"] == "not_in_cache"
        assert "--from clean" in ended.error["hint"] or "--from load" in ended.error["hint"]
        assert ended.document["run"] is None
        assert ended.document["steps"] == []
    assert chain.mlops("runs", "--json").document["total"] == 0
    words = ended.error["hint"].split()
    used = chain.run("--from", words[words.index("--from") + 1].strip(".,;`"))
    assert used.status == 0 or "--from load" in used.error["hint"]


def test_one_item_of_a_map(chain):
    """A full name means one of the items."""
    ended = chain.run("--until", "train[1]")
    assert ended.steps == {
        "load": "ran", "clean": "ran", "train[0]": "skipped", "train[1]": "ran",
        "clean_2": "skipped", "other": "skipped",
    }  # fmt: skip
    only = chain.run("--only", "train[0]")
    assert only.steps["train[0]"] == "ran"
    assert only.steps["train[1]"] == "skipped"


def test_an_item_outside_the_selection_whose_value_is_needed(chain):
    """Values of steps outside the selection come from the cache: items of a map, too."""
    chain.edit("clean(x), other()]", "other(), total(train.partial(x).map(depth=[2, 4]))]")
    chain.edit("@pipeline", "@step\ndef total(xs: list) -> int:\n    return sum(xs)\n\n\n@pipeline")
    missing = chain.run("--from", "train_2[1]", "--from", "load", "--until", "clean")
    assert missing.status == 0, missing.err
    refused = chain.run("--from", "train_2[1]")
    assert refused.status == 2
    assert "train_2[0]" in refused.error["message"]
    chain.run("--only", "train_2[0]")
    ended = chain.run("--from", "train_2[1]")
    assert ended.steps["train_2[0]"] == "cached"
    assert ended.steps["train_2[1]"] == "ran"
    assert ended.steps["total"] == "ran"
    assert ended.steps["train[0]"] == "skipped"


@pytest.mark.parametrize("option", ["--only", "--from", "--until", "--force"])
def test_an_unknown_step_is_an_error(chain, option):
    """Exit code 2: an unknown step."""
    ended = chain.run(option, "trian")
    assert ended.status == 2
    assert ended.error["code"] == "step_not_found"
    assert "'train'" in ended.error["hint"]
    assert chain.plan(option, "trian").status == 2


def test_an_item_that_is_not_there_is_an_error(chain):
    """A full name means one of the items: one that does not exist is an unknown step."""
    ended = chain.run("--force", "train[9]")
    assert ended.status == 2
    assert ended.error["code"] == "step_not_found"
