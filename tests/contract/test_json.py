"""JSON and exit codes of the command line."""

import json

import pytest

STEPS = """
import collections, math

class Pair(NamedTuple):
    left: object
    right: object

@dataclass
class Box:
    content: object
    label: str = "box"

@step
def give(x: object) -> object:
    return x

@step
def number() -> float:
    return 1.5
"""
KEYS = ["schema", "run", "run_id", "pipeline", "status", "steps", "outputs", "metrics"]


def test_run_prints_one_object_with_all_keys(project):
    """`mlops run --json` prints one object, all keys always there; everything else is on stderr."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(x: int = 1) -> object:
    print("printed by the body")
    return give(x)
"""
    )
    ended = project.run()
    assert list(ended.document) == KEYS
    assert ended.document["schema"] == "mlops.run/1"
    assert (ended.document["run"], ended.document["pipeline"]) == (1, "work")
    assert "printed by the body" in ended.err
    (step,) = ended.document["steps"]
    assert list(step) == ["name", "status", "reason", "reasons", "seconds"]
    assert step["reason"]
    assert isinstance(step["reasons"], list)
    assert all(isinstance(reason["kind"], str) for reason in step["reasons"])
    assert isinstance(step["seconds"], float)


def test_on_failure_it_has_an_error(project):
    """On failure also `"error": {"code", "message", "hint"}`."""
    project.pipe(
        STEPS
        + """
@step
def fail() -> int:
    raise KeyError("lost")

@pipeline
def work() -> object:
    return give(fail())
"""
    )
    ended = project.run()
    assert ended.status == 1
    assert list(ended.document) == [*KEYS, "error"]
    assert list(ended.error) == ["code", "message", "hint"]
    assert "KeyError: 'lost'" in ended.error["message"]
    assert ended.document["run"] == 1
    assert ended.steps == {"fail": "failed", "give": "blocked"}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["missing.py"], 2),
        (["pipe.py:nothing"], 2),
        (["pipe.py", "-p", "y=1"], 2),
        (["pipe.py", "-p", "x=abc"], 2),
        (["pipe.py", "--no-such-option"], 2),
        (["broken.py"], 1),
        (["body.py"], 1),
    ],
    ids=str,
)  # fmt: skip
def test_where_nothing_could_start(project, words, status):
    """Where nothing could start, `"run": null, "steps": []`. Exit codes: 1 an exception from user code
    (import, body, step), 2 wrong use."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(x: int = 1) -> object:
    return give(x)
"""
    )
    project.write({"broken.py": "1 / 0\n"})
    project.pipe(
        """
@pipeline
def work() -> None:
    raise ValueError("in the body")
""",
        "body.py",
    )
    ended = project.mlops("run", *words, "--json")
    assert ended.status == status
    assert ended.document["run"] is None
    assert ended.document["steps"] == []
    assert set(KEYS) <= set(ended.document)
    assert ended.error["message"]


@pytest.mark.parametrize(
    ("returned", "names"),
    [
        ('{"a": give(1), 2: give(2)}', ["a", "2"]),
        ("Pair(give(1), 2)", ["left", "right"]),
        ("Box(give(1))", ["content", "label"]),
        ("(give(1), give(2))", ["0", "1"]),
        ("[give(1), 2]", ["0", "1"]),
        ("give(1)", ["output"]),
        ("give({'a': 1})", ["output"]),
        ("5", ["output"]),
        ("None", []),
        ("{}", []),
    ],
)  # fmt: skip
def test_outputs_are_named_by_what_the_body_returns(project, returned, names):
    """`outputs` are named by what the body itself returns while the graph is built, never by a step's value:
    a dict gives its keys, a NamedTuple or dataclass its fields, a tuple or list "0", "1", ..., anything else
    "output"; a body that returns nothing gives {}."""
    project.pipe(
        STEPS
        + f"""
@pipeline
def work() -> object:
    return {returned}
"""
    )
    assert list(project.run().outputs) == names


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("[1, 'a', None, True, {'b': 2.5}]", [1, "a", None, True, {"b": 2.5}]),
        ("math.nan", "NaN"),
        ("[math.inf, {'x': -math.inf}]", ["Infinity", {"x": "-Infinity"}]),
        ("10 ** 30", 10**30),
        ("'\\u00e4\\U0001f600'", "ä😀"),
    ],
)  # fmt: skip
def test_plain_values_stand_as_they_are(project, value, shown):
    """Plain JSON values up to 64 KiB stand as they are (NaN and infinities as the strings "NaN", "Infinity",
    "-Infinity")."""
    project.pipe(
        STEPS
        + f"""
@pipeline
def work() -> dict:
    return {{"step": give({value}), "plain": {value}}}
"""
    )
    for _ in range(2):
        assert project.run().outputs == {"step": shown, "plain": shown}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("np.arange(3)", "ndarray"),
        ("pa.table({'x': [1]})", "Table"),
        ("(1, 2)", "tuple"),
        ("{1: 2}", "dict"),
        ("Box(1)", "Box"),
        ("b'bytes'", "bytes"),
        ("'x' * 70_000", "str"),
        ("np.float64(1)", "float64"),
    ],
)  # fmt: skip
def test_anything_else_as_type_and_digest(project, value, kind):
    """Anything else as {"type", "digest"}."""
    project.pipe(
        STEPS
        + f"""
@pipeline
def work() -> object:
    return {{"output": give({value})}}
"""
    )
    shown = project.run().outputs["output"]
    assert set(shown) == {"type", "digest"}
    assert kind in shown["type"]
    assert shown["digest"].startswith("xxh3:")


def test_skipped_outputs_are_null(project):
    """Skipped ones as null."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> object:
    with when(False):
        return {"a": give(1), "b": [give(2)]}
"""
    )
    assert project.run().outputs == {"a": None, "b": None}


@pytest.mark.parametrize("returned", ["{give(1)}", "[{'a': {number}}]", "lambda: x", "Hider(x)"])
def test_a_deferred_value_hidden_anywhere_else_is_an_error(project, returned):
    """A deferred value hidden anywhere else in the returned object is an error."""
    project.pipe(
        STEPS
        + f"""
class Hider:
    def __init__(self, x):
        self.x = x

@pipeline
def work() -> object:
    x = number()
    return {returned.replace("{number}", "Hider(x)")}
"""
    )
    ended = project.run()
    assert ended.status == 2
    assert ended.error["code"] == "deferred_misuse"


def test_plan_prints_its_schema(project):
    """`mlops plan --json` prints {"schema", "pipeline", "steps": [{"name", "verdict", "reason", "reasons",
    "expected_seconds", "expected_memory", "expected_bytes"}]}."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(go: bool = False) -> object:
    with when(go):
        give(2)
    return give(give(1))
"""
    )
    keys = ["name", "verdict", "reason", "reasons", "expected_seconds", "expected_memory", "expected_bytes"]
    for _ in range(2):
        document = project.plan().document
        assert list(document) == ["schema", "pipeline", "steps"]
        assert (document["schema"], document["pipeline"]) == ("mlops.plan/1", "work")
        for step in document["steps"]:
            assert list(step) == keys
            assert step["verdict"] in ("cached", "run", "skip", "unknown")
            assert step["reason"]
            assert all(reason["kind"] for reason in step["reasons"])
        project.run()
    assert project.plan().steps == {"give": "skip", "give_2": "cached", "give_3": "cached"}


def test_runs_ls_prints_its_schema(project):
    """`mlops runs ls --json`; `mlops runs` alone is `runs ls`."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(x: int = 1) -> object:
    return give(x)
"""
    )
    project.run("-p", "x=3")
    document = project.mlops("runs", "ls", "--json").document
    assert list(document) == ["schema", "total", "runs"]
    assert (document["schema"], document["total"]) == ("mlops.runs/1", 1)
    (run,) = document["runs"]
    assert list(run) == [
        "run", "run_id", "pipeline", "status", "started", "seconds", "params", "metrics", "tags",
    ]  # fmt: skip
    assert (run["run"], run["params"], run["status"]) == (1, {"x": 3}, "succeeded")
    assert project.mlops("runs", "--json").document == document


@pytest.mark.parametrize(
    "words",
    [
        ["init", "made"],
        ["run", "pipe.py"],
        ["plan", "pipe.py"],
        ["why", "pipe.py", "give"],
        ["runs", "ls"],
        ["runs", "show", "1"],
        ["lineage", "1:give"],
        ["store", "status"],
        ["doctor"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_takes_json(project, words):
    """Every command takes `--json` (machine output on stdout, everything else on stderr)."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(x: int = 1) -> object:
    return give(x)
"""
    )
    project.run()
    ended = project.mlops(*words, "--json")
    assert ended.status == 0, ended.err
    assert json.loads(ended.out)["schema"].startswith("mlops.")
    text = project.mlops(*words, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in text.out + text.err
