"""Pipelines and runs."""

import re

import pytest

BIKES = """
class Scores(NamedTuple):
    r2: float
    mae: float

@step
def load(n: int) -> int:
    return n

@step
def fit(x: int) -> dict:
    if x < 0:
        raise ValueError("x is negative")
    return {"x": x}

@step
def score(model: dict) -> Metrics:
    return {"r2": model["x"] / 10, "count": 3}

@pipeline
def bikes(n: int = 5) -> dict:
    model = fit(load(n))
    return {"model": model, "scores": score(model)}
"""


def test_a_call_runs_and_returns_what_the_body_returned_as_values(project):
    """`bikes(...)` runs and returns what the body returned, as values."""
    code = (
        BIKES
        + """
@pipeline
def pair() -> tuple:
    return load(1), [fit(2), 3]

@pipeline
def named() -> Scores:
    return Scores(load(1), 2.0)

@pipeline
def nothing() -> None:
    load(1)

print(json.dumps([bikes(n=7), pair(), type(named()).__name__, nothing(), bikes(n=7)["model"]]))
"""
    )
    scores = {"r2": 0.7, "count": 3}
    model = {"x": 7}
    assert project.script(code).value == [
        {"model": model, "scores": scores}, [1, [{"x": 2}, 3]], "Scores", None, model,
    ]  # fmt: skip


def test_a_call_raises_the_steps_own_exception_with_a_note(project):
    """It and cached calls raise the step's own exception, with a note naming step and run."""
    code = (
        BIKES
        + """
notes = []
for call in (lambda: bikes(-1), lambda: fit(-2)):
    try:
        call()
    except ValueError as error:
        notes.append([type(error).__name__, str(error), *error.__notes__])
print(json.dumps(notes))
"""
    )
    (pipeline_error, call_error) = project.script(code).value
    assert pipeline_error[:2] == call_error[:2] == ["ValueError", "x is negative"]
    assert "fit" in pipeline_error[2]
    assert "run 1" in pipeline_error[2]
    assert "fit" in call_error[2]
    assert "run 2" in call_error[2]


def test_run_returns_a_run_also_a_failed_one_and_plan_a_plan(project):
    """`bikes.run(...)` returns a `Run`, also a failed one; `bikes.plan(...)` a `Plan`."""
    code = (
        BIKES
        + """
from mlops_core import Plan, Run
plan, run, failed = bikes.plan(), bikes.run(5), bikes.run(n=-1)
again = bikes.plan()
print(json.dumps([
    isinstance(plan, Plan), isinstance(run, Run), run.status, failed.status,
    [[s.name, s.verdict] for s in plan.steps], again["fit"].verdict, {s.name: s.status for s in failed.steps},
]))
"""
    )
    assert project.script(code).value == [
        True, True, "succeeded", "failed",
        [["load", "run"], ["fit", "unknown"], ["score", "unknown"]], "cached",
        {"load": "ran", "fit": "failed", "score": "blocked"},
    ]  # fmt: skip


def test_a_pipeline_called_in_another_body_is_inlined(project):
    """A pipeline called in another body is inlined: its steps are named `bikes.load`, it returns deferred
    values."""
    project.pipe(
        BIKES
        + """
@pipeline
def outer(n: int = 1) -> list:
    first, second = bikes(n), bikes(n + 1)
    return [fit(first["model"]["x"]), second["scores"]["r2"], load(3)]
"""
    )
    ended = project.run(target="pipe.py:outer")
    assert list(ended.steps) == [
        "bikes.load", "bikes.fit", "bikes.score",
        "bikes.load_2", "bikes.fit_2", "bikes.score_2", "fit", "load",
    ]  # fmt: skip
    assert ended.outputs == {"0": {"x": 1}, "1": 0.2, "2": 3}
    assert set(project.run("-p", "n=1", target="pipe.py:bikes").steps.values()) == {"cached"}


def test_a_pipeline_that_calls_itself_is_a_cycle(project):
    """One that calls itself is the error "cycle"."""
    project.pipe("""
@pipeline
def inner() -> object:
    return outer()

@pipeline
def outer() -> object:
    return inner()
""")
    ended = project.run(target="pipe.py:outer")
    assert ended.status == 2
    assert ended.error["code"] == "cycle"
    assert "outer -> inner -> outer" in ended.error["message"]


LATEST = (
    BIKES
    + """
@step
def predict(model: dict, x: int) -> int:
    return model["x"] * x

@pipeline
def use(x: int = 2) -> int:
    return predict(latest("bikes").outputs["model"], x)

@pipeline
def careful() -> object:
    found = latest("bikes", default=None)
    return load(0) if found is None else predict(found.outputs["model"], 1)
"""
)


def test_latest_is_the_newest_succeeded_run(project):
    """`latest("bikes")` is its newest *succeeded* run, found while the graph is built; `.outputs["model"]` of
    it is a tracked reference, not loaded; without such a run it raises, or gives
    `latest("bikes", default=None)`."""
    project.pipe(LATEST)
    none = project.run(target="pipe.py:use")
    assert none.status == 2
    assert none.error["code"] == "reference_not_found"
    assert "bikes" in none.error["message"]
    assert project.run(target="pipe.py:careful").outputs == {"output": 0}
    project.run(target="pipe.py:bikes")
    assert project.run("-p", "n=-1", target="pipe.py:bikes").status == 1
    assert project.run(target="pipe.py:use").outputs == {"output": 10}
    assert project.run(target="pipe.py:careful").outputs == {"output": 5}
    assert project.run(target="pipe.py:use").steps == {"predict": "cached"}
    project.run("-p", "n=6", target="pipe.py:bikes")
    newer = project.run(target="pipe.py:use")
    assert newer.outputs == {"output": 12}
    lineage = project.mlops("lineage", "latest:predict")
    assert "fit" in lineage.out


def test_latest_raises_for_an_output_that_is_not_there(project):
    """`.outputs["model"]` of a run without such an output raises."""
    project.pipe(LATEST.replace('outputs["model"], x', 'outputs["modle"], x'))
    project.run(target="pipe.py:bikes")
    ended = project.run(target="pipe.py:use")
    assert ended.status == 2
    assert "'modle'" in ended.error["message"] or "`modle`" in ended.error["message"]


def test_what_a_run_has(project):
    """`Run`: `.id` (UUIDv7) `.number` (from 1) `.status .steps .outputs .params .metrics .seconds`. A step
    run: `.status`, `.reason`, `.reasons`, `.arguments`, `.seconds`, `.peak_memory`, `.output` (loaded when
    touched)."""
    code = (
        BIKES
        + """
run = bikes.run(n=4)
fit_run = run["fit"]
print(json.dumps({
    "id": run.id, "number": run.number, "status": run.status, "steps": [s.name for s in run.steps],
    "outputs": {name: run.outputs[name] for name in run.outputs}, "params": run.params,
    "metrics": run.metrics, "seconds": run.seconds,
    "step": [fit_run.status, fit_run.reason, fit_run.reasons, fit_run.arguments, fit_run.output],
    "times": [fit_run.seconds >= 0, fit_run.peak_memory is None or fit_run.peak_memory > 0],
}))
"""
    )
    found = project.script(code).value
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found["id"])
    assert (found["number"], found["status"], found["steps"]) == (1, "succeeded", ["load", "fit", "score"])
    assert found["outputs"] == {"model": {"x": 4}, "scores": {"r2": 0.4, "count": 3}}
    assert found["params"] == {"n": 4}
    assert found["metrics"] == {"r2": 0.4, "count": 3}
    assert found["seconds"] > 0
    status, reason, reasons, arguments, output = found["step"]
    assert (status, output) == ("ran", {"x": 4})
    assert reason
    assert reasons[0]["kind"] == "first_run"
    assert list(arguments) == ["x"]
    assert found["times"] == [True, True]


def test_run_numbers_count_from_one_in_a_project(project):
    """`.number` (from 1, for people, local)."""
    project.pipe(BIKES)
    assert [project.run("-p", f"n={n}").document["run"] for n in (1, 1, -1, 2)] == [1, 2, 3, 4]


def test_statuses_of_what_a_failure_leaves(project):
    """`blocked`: something upstream failed; `cancelled`: ready, but not started because the run ended."""
    project.pipe(
        BIKES
        + """
@pipeline
def work() -> list:
    a = load(1)
    bad = fit(-1)
    return [a, score(bad), load(2), score(score(bad))]
"""
    )
    ended = project.run(target="pipe.py:work")
    assert ended.steps == {
        "load": "ran", "fit": "failed", "score": "blocked", "load_2": "cancelled",
        "score_2": "blocked", "score_3": "blocked",
    }  # fmt: skip
    assert "fit" in ended.reason("score")
    assert ended.reason("load_2")
    shown = project.mlops("runs", "show", "1", "--json")
    assert shown.steps == ended.steps


def test_a_result_that_another_process_made_while_we_waited(project):
    """`cached` is also a result that another process made while we waited."""
    project.pipe("""
import time

@step
def slow(x: int) -> int:
    Path("started").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    Path("started").unlink()
    return x

@pipeline
def work() -> int:
    return slow(1)
""")
    code = """
import subprocess, time
words = [sys.executable, "-m", "mlops_core", "run", "pipe.py", "--json"]
first = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
while not Path("started").exists():
    assert first.poll() is None
    time.sleep(0.01)
second = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
second.stderr.readline()  # it has begun
Path("go").touch()
outs = [json.loads(p.communicate()[0]) for p in (first, second)]
print(json.dumps([[s["status"], s["reason"]] for o in outs for s in o["steps"]]))
"""
    (first, _), (second, reason) = project.script(code).value
    assert (first, second) == ("ran", "cached")
    assert "run 1" in reason


METRICS = """
@step
def one(x: int) -> Metrics:
    return {"a": 1.0, "b": float(x)}

@step
def two() -> Metrics:
    return {"b": 3.0, "c": float("nan")}

@step
def other() -> dict:
    return {"d": 4.0}

@pipeline
def work(x: int = 2) -> list:
    return [two(), one(x), other()]

@pipeline
def mapped() -> list:
    return one.map([1, 2])
"""


def test_metrics(project):
    """A step annotated `-> Metrics` logs what it returns. Where several steps log one name, the last in
    pipeline order stands under the plain name, and each under `STEP.name`; a cached step's count, too."""
    project.pipe(METRICS)
    expected = {"a": 1.0, "b": 2.0, "c": "NaN", "two.b": 3.0, "one.b": 2.0}
    for _ in range(2):
        ended = project.run(target="pipe.py:work")
        assert ended.document["metrics"] == expected
    assert set(ended.steps.values()) == {"cached"}
    shown = project.mlops("runs", "ls", "--json").document["runs"][0]
    assert shown["metrics"] == expected
    assert project.run(target="pipe.py:mapped").document["metrics"] == {
        "a": 1.0, "one[0].a": 1.0, "one[1].a": 1.0, "b": 2.0, "one[0].b": 1.0, "one[1].b": 2.0,
    }  # fmt: skip


def test_fingerprint_is_public(project):
    """`fingerprint(value) -> str`: the digest used for arguments and outputs, hexadecimal with its algorithm
    as prefix."""
    project.pipe("""
@step
def make() -> np.ndarray:
    return np.arange(10)

@pipeline
def work() -> np.ndarray:
    return make()
""")
    digest = project.run().outputs["output"]["digest"]
    code = """
values = [np.arange(10), np.arange(10)[::-1][::-1], 1]
print(json.dumps([fingerprint(value) for value in values]))
"""
    array, view, number = project.script(code).value
    assert array == view == digest
    assert re.fullmatch("xxh3:[0-9a-f]{32}", number)
    assert number != array


def test_public_names(project):
    """The public names that concern running and explaining."""
    names = ["step", "pipeline", "when", "fingerprint", "latest", "writable"]
    names += ["ContentOnly", "Output", "Metrics", "Run", "Plan", "Step", "Pipeline"]
    code = f"""
import mlops_core
print(json.dumps([name for name in {names!r} if not hasattr(mlops_core, name)]))
"""
    assert project.script(code).value == []


@pytest.mark.parametrize("target", ["run", "plan"])
def test_an_unknown_step_of_a_run_or_plan(project, target):
    """Asking for a step that is not there names the steps that are."""
    code = (
        BIKES
        + f"""
try:
    bikes.{target}()["fti"]
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""
    )
    name, message = project.script(code).value
    assert name == "StepNotFound"
    assert "fit" in message
