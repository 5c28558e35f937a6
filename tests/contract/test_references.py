"""References to runs, steps and values."""

import pytest

PIPES = """
@step
def train(x: int) -> list:
    return [x] * 3

@pipeline
def digits(x: int = 1) -> list:
    return train(x)

@pipeline
def other() -> list:
    return train(5)
"""


@pytest.fixture
def runs(project):
    project.pipe(PIPES)
    project.run(target="pipe.py:digits")
    project.run("-p", "x=2", target="pipe.py:digits")
    project.run(target="pipe.py:other")
    return project


@pytest.mark.parametrize(("reference", "number"), [("1", 1), ("latest", 3), ("digits/latest", 2)])
def test_references_to_runs(runs, reference, number):
    """`42`, `latest` (the newest run of any status), `digits/latest`."""
    assert runs.mlops("runs", "show", reference, "--json").document["run"] == number


def test_latest_is_of_any_status(project):
    """`latest` (the newest run of any status)."""
    project.pipe(PIPES.replace("[x] * 3", "[1 / x]"))
    project.run(target="pipe.py:digits")
    assert project.run("-p", "x=0", target="pipe.py:digits").status == 1
    assert project.mlops("runs", "show", "latest", "--json").document["run"] == 2


def test_references_to_steps_and_digests(runs):
    """`42:train`, a digest with its prefix (8 digits or more suffice)."""
    step = runs.mlops("lineage", "1:train", "--json")
    assert step.status == 0, step.err
    digest = runs.script("print(json.dumps(fingerprint([2, 2, 2])))").value
    for text in (digest, digest[: len("xxh3:") + 8]):
        found = runs.mlops("lineage", text, "--json")
        assert found.status == 0, found.err
        assert "train" in found.out


@pytest.mark.parametrize("reference", ["99", "nobody/latest", "1:trian", "xxh3:00000000", "xxh3:12"])
def test_a_reference_to_nothing_is_wrong_use(runs, reference):
    """Exit code 2: a reference that points at nothing."""
    ended = runs.mlops("lineage", reference, "--json")
    assert ended.status == 2
    assert ended.error["message"]
