"""The commands on a real project, each as a process of its own."""

import json
import os
import subprocess
import sys

import pytest

PIPELINE = """\
import sys

from mlops_core import Metrics, pipeline, step

FACTOR = 2


def scaled(values):
    return [FACTOR * value for value in values]


@step
def load(count: int) -> list:
    print("loading")
    return scaled(range(count))


@step
def score(values: list, limit: float) -> Metrics:
    if sum(values) > 1000:
        raise ValueError("too much of it")
    return {"sum": float(sum(values)), "limit": limit}


@pipeline
def work(count: int = 3, limit: float = 0.5) -> dict:
    values = load(count)
    return {"values": values, "scores": score(values, limit)}


@pipeline
def other() -> None:
    load(1)
"""
STATUS = {"ran", "cached", "skipped", "failed", "blocked", "cancelled"}


@pytest.fixture
def project(folder):
    (folder / "pipe.py").write_text(PIPELINE)
    (folder / "mlops.toml").write_text('[pipelines.daily]\nentry = "pipe.py:work"\nparams = { count = 4 }\n')
    return folder


def statuses(document) -> dict[str, str]:
    return {step["name"]: step["status"] for step in document["steps"]}


def test_init_then_run_as_it_says(mlops, folder):
    (folder / "mlops.toml").unlink()
    for command in mlops("init", "--json").document["next"]:
        words = command.split()
        assert words[0] == "mlops"
        ended = mlops(*words[1:])
        assert ended.status == 0, ended.err
    assert statuses(mlops("run", "prices", "--json").document) == {
        "load": "cached",
        "fit": "ran",
        "evaluate": "ran",
    }


def test_run_twice_then_ask(mlops, project):
    first = mlops("run", "pipe.py:work", "--json")
    assert first.status == 0, first.err
    document = first.document
    assert list(document) == [
        "schema", "run", "run_id", "pipeline", "status", "steps", "outputs", "metrics",
    ]  # fmt: skip
    assert (document["schema"], document["run"], document["pipeline"]) == ("mlops.run/1", 1, "work")
    assert document["status"] == "succeeded"
    assert document["metrics"] == {"sum": 6.0, "limit": 0.5}
    assert document["outputs"]["values"] == [0, 2, 4]
    assert statuses(document) == {"load": "ran", "score": "ran"}
    assert "loading" in first.err
    second = mlops("run", "pipe.py:work", "--json").document
    assert statuses(second) == {"load": "cached", "score": "cached"}
    assert all(step["reason"] and step["reasons"][0]["kind"] for step in second["steps"])
    text = mlops("run", "pipe.py:work")
    assert text.out.splitlines()[0] == "work · run 3"
    assert "2 cached" in text.out.splitlines()[-1]
    assert text.err == ""


def test_where_parameters_come_from(mlops, project):
    out = mlops("run", "daily", "-p", "limit=0.9").out
    assert "count=4 (mlops.toml)" in out
    assert "limit=0.9 (command line)" in out
    assert "count=3 (default)" in mlops("run", "pipe.py:work").out


def test_runs_are_listed_and_shown(mlops, project):
    assert mlops("runs", "--json").document == {"schema": "mlops.runs/1", "total": 0, "runs": []}
    assert not (project / ".mlops").exists()
    mlops("run", "pipe.py:work")
    mlops("run", "pipe.py:other")
    mlops("run", "pipe.py:work", "-p", "count=2000")
    document = mlops("runs", "ls", "--json").document
    assert [(run["run"], run["pipeline"], run["status"]) for run in document["runs"]] == [
        (3, "work", "failed"),
        (2, "other", "succeeded"),
        (1, "work", "succeeded"),
    ]
    assert set(document["runs"][0]) == {
        "run", "run_id", "pipeline", "status", "started", "seconds", "params", "metrics", "tags",
    }  # fmt: skip
    assert document["runs"][0]["params"] == {"count": 2000, "limit": 0.5}
    listed = mlops("runs", "ls", "work", "failed").out.splitlines()
    assert [line.split()[:3] for line in listed[1:]] == [["3", "work", "failed"]]
    assert mlops("runs", "ls", "count=3", "--json").document["total"] == 1
    limited = mlops("runs", "ls", "--limit", "1")
    assert len(limited.out.splitlines()) == 2
    assert "1 of 3 runs" in limited.err
    shown = mlops("runs", "show", "3").out
    assert "count = 2000 (command line)" in shown
    assert "failed" in shown
    assert "too much of it" in shown
    assert mlops("runs", "show", "1", "--json").document["metrics"]["sum"] == 6.0
    assert mlops("runs", "show", "77").status == 2


def test_a_failing_step_shows_the_users_frames(mlops, project):
    ended = mlops("run", "pipe.py:work", "-p", "count=2000")
    assert ended.status == 1
    assert 'raise ValueError("too much of it")' in ended.err
    assert "pipe.py" in ended.err
    assert os.path.join("mlops_core", "") not in ended.err
    assert ended.err.count("error step_failed:") == 1
    assert "run 1" in ended.err
    assert "hint:" in ended.err
    again = mlops("run", "pipe.py:work", "-p", "count=2000", "--json")
    assert again.status == 1
    assert statuses(again.document) == {"load": "cached", "score": "failed"}
    assert again.document["error"]["code"] == "step_failed"
    assert again.document["status"] == "failed"


def test_a_failing_step_in_a_worker_shows_them_too(mlops, project):
    ended = mlops("run", "pipe.py:work", "-p", "count=2000", "-j", "2")
    assert ended.status == 1
    assert 'raise ValueError("too much of it")' in ended.err


def test_plan_runs_nothing(mlops, project):
    planned = mlops("plan", "pipe.py:work", "--json")
    assert planned.status == 0, planned.err
    assert "loading" not in planned.err
    assert [(step["name"], step["verdict"]) for step in planned.document["steps"]] == [
        ("load", "run"),
        ("score", "unknown"),
    ]
    mlops("run", "pipe.py:work")
    out = mlops("plan", "pipe.py:work", "--force", "load").out.splitlines()
    assert out[0].split() == ["step", "verdict", "reason", "time", "memory"]
    assert out[1].split()[:2] == ["load", "run"]
    assert out[-1].startswith("work: 1 to run")


def test_why_names_the_function_and_shows_its_difference(mlops, project):
    mlops("run", "pipe.py:work")
    (project / "pipe.py").write_text(PIPELINE.replace("FACTOR * value", "FACTOR * value + 1"))
    ended = mlops("why", "pipe.py:work", "load")
    assert ended.status == 0, ended.err
    assert "scaled" in ended.out
    mlops("run", "pipe.py:work")
    out = mlops("why", "load").out
    assert "scaled" in out
    assert "-    return [FACTOR * value for value in values]" in out
    assert "+    return [FACTOR * value + 1 for value in values]" in out
    document = mlops("why", "--json").document
    assert [step["name"] for step in document["steps"]] == ["load", "score"]
    assert mlops("why", "laod").status == 2


def test_lineage_goes_both_ways(mlops, project):
    mlops("run", "pipe.py:work")
    out = mlops("lineage", "1:load").out
    assert "made from:" in out
    assert "count = 3" in out
    assert "score" in out.split("used by:")[1]
    document = mlops("lineage", "latest", "--json").document
    assert {"schema", "what", "up", "down"} <= set(document)
    assert mlops("lineage", "nothing.csv").status == 2


def test_store_status(mlops, project):
    mlops("run", "pipe.py:work")
    document = mlops("store", "status", "--json").document
    assert document["folder"] == str(project / ".mlops")
    assert document["database_bytes"] > 0
    assert "state     " in mlops("store", "status").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "pip.py"), "pipe.py"),
        (("run", "pipe.py"), "work, other"),
        (("run", "pipe.py:wrok"), "'work'"),
        (("run", "dayly"), "'daily'"),
        (("run", "daily", "-p", "cuont=1"), "'count'"),
        (("run", "daily", "-p", "count=many"), "'many'"),
        (("run", "daily", "-p", "count"), "NAME=VALUE"),
        (("run", "daily", "--force", "laod"), "'load'"),
        (("run", "daily", "--only", "laod"), "'load'"),
        (("run", "daily", "-j", "0"), "'-j'"),
        (("plan", "daily", "--until", "laod"), "'load'"),
    ],
    ids=" ".join,
)
def test_wrong_use_says_what_is_near(mlops, project, arguments, told):
    ended = mlops(*arguments, "--json")
    assert ended.status == 2
    assert ended.err.count("error ") == 1
    assert told in ended.err
    assert ended.document["error"]["code"]
    assert ended.document["steps"] == []


def test_a_module_that_does_not_import_shows_where(mlops, project):
    (project / "pipe.py").write_text("def f():\n    return missing\n\nf()\n")
    ended = mlops("run", "pipe.py")
    assert ended.status == 1
    assert "line 2, in f" in ended.err
    assert "NameError" in ended.err
    assert os.path.join("mlops_core", "") not in ended.err


def test_a_reader_that_goes_away_does_not_stop_the_run(project, environment, command, mlops):
    read, write = os.pipe()
    os.close(read)
    try:
        words = [*command, "run", "pipe.py:other"]
        done = subprocess.run(words, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    assert mlops("runs", "--json").document["runs"][0]["status"] == "succeeded"


def test_a_worker_cannot_print_into_the_document(mlops, project):
    ended = mlops("run", "pipe.py:work", "-j", "2", "--json")
    assert json.loads(ended.out)["status"] == "succeeded"
    assert "loading" in ended.err


def test_a_state_that_cannot_be_written_can_be_planned_but_not_run(mlops, project):
    nowhere = "/proc/nowhere"
    planned = mlops("plan", "daily", "--json", MLOPS_STATE_DIR=nowhere)
    assert planned.status == 0, planned.err
    assert planned.document["steps"][0]["verdict"] == "run"
    ended = mlops("run", "daily", MLOPS_STATE_DIR=nowhere)
    assert ended.status == 2
    assert "error state_not_writable:" in ended.err
    assert "MLOPS_STATE_DIR" in ended.err


def test_a_current_folder_that_is_gone(environment, command, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    words = " ".join(f"'{word}'" for word in command)
    script = f'cd "{gone}" && rmdir "{gone}" && {words} runs ls'
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "current folder does not exist" in done.stderr


def test_a_newer_state_is_refused(mlops, project):
    mlops("run", "daily")
    (project / ".mlops" / "VERSION").write_text("99\n")
    for words in (("run", "daily"), ("runs", "ls"), ("plan", "daily"), ("store", "status")):
        ended = mlops(*words)
        assert ended.status == 2
        assert "error newer_state:" in ended.err


def test_python_dash_m_is_the_command(environment, project):
    words = [sys.executable, "-m", "mlops_core", "run", "daily", "--json"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["status"] == "succeeded"
