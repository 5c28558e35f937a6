"""Bad input: one clear message with the way out and its exit code, and nothing lost."""

import os
import sqlite3
import subprocess
import sys

import pytest

PIPE = """
@step
def load(n: int) -> int:
    return n

@step
def fit(x: int) -> int:
    if x < 0:
        raise ValueError("x is negative")
    return x

@pipeline
def work(n: int = 1) -> int:
    return fit(load(n))
"""


def told_once(ended) -> None:
    """One message, and no frame of the product in it."""
    assert ended.err.count("error ") == 1, ended.err
    assert os.path.join("mlops_core", "") not in ended.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["pip.py"], "target_not_found", "pipe.py"),
        (["pipe.py:wrok"], "target_not_found", "work"),
        (["nothing.here:work"], "target_not_found", "nothing"),
        (["no-such-name"], "target_not_found", "no-such-name"),
        (["pipe.py", "--only", "lod"], "step_not_found", "load"),
        (["pipe.py", "-p", "m=1"], "parameter", "parameters: n"),
        (["pipe.py", "-p", "n=one"], "parameter", "'one'"),
        (["empty.py"], "target_not_found", "no pipeline"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "plan"])
def test_unknown_targets_steps_and_parameters(project, command, words, code, told):
    """Exit code 2, wrong use: unknown target, step or parameter, bad value."""
    project.pipe(PIPE)
    project.write({"empty.py": "x = 1\n"})
    ended = project.mlops(command, *words, "--json")
    assert ended.status == 2
    assert ended.error["code"] == code
    assert told in ended.error["message"] + ended.error["hint"]
    told_once(ended)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_library\n", "No module named 'no_such_library'"),
        ("def f(:\n", "SyntaxError"),
        ("import broken_helper\n", "ZeroDivisionError"),
        ("raise SystemExit(3)\n", "SystemExit"),
    ],
)
def test_a_module_that_fails_to_import(project, text, told):
    """Exit code 1: an exception from user code (import); the traceback shows the user's frames."""
    project.write({"pipe.py": text, "broken_helper.py": "def go():\n    return 1 / 0\n\ngo()\n"})
    ended = project.run()
    assert ended.status == 1
    assert ended.error["code"] == "user_code_failed"
    assert told in ended.err
    told_once(ended)
    if "helper" in text:
        assert "broken_helper.py" in ended.err
        assert "line 2, in go" in ended.err


def test_a_body_that_raises(project):
    """Exit code 1: an exception from user code (body)."""
    project.pipe(
        PIPE
        + """
def deep():
    raise LookupError("in the body")

@pipeline
def bad() -> None:
    load(1)
    deep()
"""
    )
    ended = project.run(target="pipe.py:bad")
    assert ended.status == 1
    assert ended.error["code"] == "user_code_failed"
    assert "in deep" in ended.err
    told_once(ended)
    assert not (project.root / ".mlops").exists() or project.mlops("runs", "--json").document["total"] == 0


def test_a_step_that_raises_keeps_what_was_finished(project):
    """A step that raises: the traceback shows the user's frames, earlier steps stay cached, and running again
    goes on from there."""
    project.pipe(PIPE)
    for statuses in ({"load": "ran", "fit": "failed"}, {"load": "cached", "fit": "failed"}):
        ended = project.run("-p", "n=-1")
        assert ended.status == 1
        assert ended.steps == statuses
        assert ended.error["code"] == "step_failed"
        assert "'fit'" in ended.error["message"]
        assert "ValueError: x is negative" in ended.error["message"]
        assert 'raise ValueError("x is negative")' in ended.err
        told_once(ended)
    project.edit("if x < 0:", "if x < -5:")
    mended = project.run("-p", "n=-1")
    assert mended.steps == {"load": "cached", "fit": "ran"}
    assert mended.status == 0


@pytest.mark.parametrize("way", ["sys.exit(3)", "raise MemoryError", "raise KeyboardInterrupt", "exec('(')"])
def test_steps_that_end_in_unusual_ways(project, way):
    """A step that leaves the program, or runs out of memory, is a failed or stopped run, never a crash."""
    project.pipe(PIPE.replace('raise ValueError("x is negative")', way))
    ended = project.run("-p", "n=-1")
    assert ended.status == (130 if "Interrupt" in way else 1)
    assert ended.document["steps"][0]["status"] == "ran"
    assert project.run("-p", "n=-1").steps["load"] == "cached"


def test_two_different_steps_of_one_name(project):
    """Two different steps of one name: exit code 2, and both places are named."""
    project.pipe("@step\ndef load(n: int) -> int:\n    return -n\n", "other.py")
    project.pipe(
        PIPE
        + """
import other

@pipeline
def both() -> list:
    return [load(1), other.load(1)]
"""
    )
    ended = project.run(target="pipe.py:both")
    assert ended.status == 2
    assert ended.error["code"] == "name_taken"
    assert "pipe.py" in ended.error["message"]
    assert "other.py" in ended.error["message"]
    told_once(ended)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("if x > 1: load(2)", "when"),
        ("x and load(2)", "&"),
        ("for part in x: load(part)", "map"),
        ("x + 1", "step"),
        ("f'{x}'", "step"),
        ("len(x)", "step"),
        ("load({x})", "list"),
        ("load(lambda: x)", "argument"),
    ],
)
def test_misuse_of_a_deferred_value(project, code, told):
    """Exit code 2: misuse of a deferred value; it says what to write."""
    project.pipe(
        PIPE
        + f"""
@pipeline
def bad() -> None:
    x = load(1)
    {code}
"""
    )
    ended = project.run(target="pipe.py:bad")
    assert ended.status == 2
    assert ended.error["code"] == "deferred_misuse"
    assert told in ended.error["message"] + ended.error["hint"]
    assert "pipe.py" in ended.err
    assert "in bad" in ended.err
    told_once(ended)
    assert ended.document["run"] is None


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ("open(__file__)", ()),
        ("[1, {'a': (lambda: (yield))()}]", ()),
        ("sys._getframe()", ()),
        ("[open(__file__)]", ("-j", "2")),
    ],
    ids=["file", "generator", "frame", "workers"],
)
def test_a_value_that_cannot_be_stored(project, value, options):
    """A value that cannot be stored fails its step and names type and place; what was finished stays."""
    project.pipe(
        PIPE
        + f"""
@step
def bad(x: int) -> object:
    return {value}

@pipeline
def keep() -> object:
    return bad(load(1))
"""
    )
    ended = project.run(*options, target="pipe.py:keep")
    assert ended.status == 1
    assert ended.steps == {"load": "ran", "bad": "failed"}
    assert "UnstorableValue" in ended.error["message"]
    assert ended.error["hint"]
    told_once(ended)
    assert project.run(target="pipe.py:keep").steps == {"load": "cached", "bad": "failed"}
    called = project.script(f"@step\ndef bad() -> object:\n    return {value}\n\nbad()")
    assert called.status == 1
    assert "UnstorableValue" in called.err


def test_an_argument_that_has_no_digest_runs_and_says_why(project):
    """Unknown state that cannot be fingerprinted: run, and say why."""
    project.pipe(
        PIPE
        + """
@step
def use(x: object) -> int:
    return 1

@pipeline
def odd() -> int:
    return use(sys._getframe())
"""
    )
    for _ in range(2):
        ended = project.run(target="pipe.py:odd")
        assert ended.steps == {"use": "ran"}
        assert "fingerprint" in ended.reason("use")


def test_a_file_in_the_place_of_the_state_folder(project):
    """A read-only project folder: a clear message with MLOPS_STATE_DIR as the way out, exit code 2."""
    project.pipe(PIPE)
    (project.root / ".mlops").write_text("in the way")
    ended = project.run()
    assert ended.status == 2
    assert ended.error["code"] == "state_not_writable"
    assert "MLOPS_STATE_DIR" in ended.error["hint"]
    told_once(ended)
    assert (project.root / ".mlops").read_text() == "in the way"
    assert project.run(MLOPS_STATE_DIR="elsewhere").status == 0


# Permissions do not bind root: without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH they do.
AS_ANYBODY = """
import ctypes, os, sys
PR_CAPBSET_DROP = 24
for capability in (1, 2):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "mlops_core", *sys.argv[1:]])
"""


@pytest.fixture
def as_anybody(project):
    """Calls the command in the project's folder, which cannot be written, with permissions that bind."""

    def call(*words: str, **changed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", AS_ANYBODY, *words]
        environment = project.environment | changed
        return subprocess.run(
            command, cwd=project.root, env=environment, capture_output=True, text=True, check=False
        )

    project.root.chmod(0o555)
    yield call
    project.root.chmod(0o755)


def test_a_read_only_project_folder(project, as_anybody, tmp_path):
    """A read-only project folder can be planned, and run with the state elsewhere."""
    project.root.chmod(0o755)
    project.pipe(PIPE)
    project.root.chmod(0o555)
    refused = as_anybody("run", "pipe.py")
    assert refused.returncode == 2, refused.stderr
    assert "error state_not_writable:" in refused.stderr
    assert "MLOPS_STATE_DIR" in refused.stderr
    assert as_anybody("plan", "pipe.py").returncode == 0
    assert as_anybody("run", "pipe.py", MLOPS_STATE_DIR=str(tmp_path / "state")).returncode == 0


@pytest.mark.parametrize("words", [("run", "pipe.py"), ("plan", "pipe.py"), ("runs",), ("why",)], ids=str)
def test_a_state_from_a_newer_version(project, words):
    """State from a newer version is refused plainly: exit code 2, and nothing of it is changed."""
    project.pipe(PIPE)
    project.run()
    (project.root / ".mlops/VERSION").write_text("99\n")
    before = sorted((p, p.stat().st_mtime_ns) for p in (project.root / ".mlops").rglob("*"))
    ended = project.mlops(*words, "--json")
    assert ended.status == 2
    assert ended.error["code"] == "newer_state"
    assert "pip install --upgrade mlops-embedded" in ended.error["hint"]
    assert before == sorted((p, p.stat().st_mtime_ns) for p in (project.root / ".mlops").rglob("*"))
    script = project.script("from pipe import work\nwork()")
    assert script.status == 1
    assert "NewerState" in script.err


def test_a_database_from_a_newer_version(project):
    """State from a newer version: the database carries a version of its own."""
    project.pipe(PIPE)
    project.run()
    connection = sqlite3.connect(project.root / ".mlops/mlops.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    ended = project.run()
    assert ended.status == 2
    assert ended.error["code"] == "newer_state"


def test_a_broken_pipe(project, command):
    """A broken pipe does not stop the run: its reader went away, its work is kept."""
    project.pipe(PIPE)
    read, write = os.pipe()
    os.close(read)
    words = [*command, "run", "pipe.py"]
    done = subprocess.run(
        words, cwd=project.root, env=project.environment, stdout=write, stderr=write, check=False
    )
    os.close(write)
    assert done.returncode == 0
    assert project.run().steps == {"load": "cached", "fit": "cached"}


def test_it_never_prompts(project):
    """Never prompts when stdin is no terminal; a step that reads from it gets nothing."""
    project.pipe(PIPE.replace("return n", "return len(sys.stdin.read()) + n"))
    assert project.run().outputs == {"output": 1}
