"""Every error is rendered once: code, message, hint, exit status."""

import errno
import inspect

import pytest

from mlops_core import errors
from mlops_core.cli import program
from mlops_core.cli.failures import Terminated, describe

CLASSES = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.MlopsError)
]


def failing(monkeypatch, error):
    def invoke(invocation):
        raise error

    monkeypatch.setattr(program, "_invoke", invoke)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_class_is_rendered(kind, cli, monkeypatch):
    failing(monkeypatch, kind("something is wrong", hint="mlops doctor"))
    ended = cli("run", "x")
    assert ended.status == kind.exit_status
    assert ended.out == ""
    assert ended.err == f"error {kind.code}: something is wrong\nhint: mlops doctor\n"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_class_is_json(kind, cli, monkeypatch):
    failing(monkeypatch, kind("something is wrong", hint="mlops doctor"))
    ended = cli("run", "x", "--json")
    assert ended.status == kind.exit_status
    assert ended.document == {
        "schema": "mlops.run/1",
        "run": None,
        "run_id": None,
        "pipeline": None,
        "status": "failed",
        "steps": [],
        "outputs": {},
        "metrics": {},
        "error": {"code": kind.code, "message": "something is wrong", "hint": "mlops doctor"},
    }


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (Terminated(), 143)])
def test_stopping_has_its_own_status(error, status, cli, monkeypatch):
    failing(monkeypatch, error)
    ended = cli("run", "x")
    assert ended.status == status
    assert ended.err.count("error ") == 1
    assert "Traceback" not in ended.err


def test_a_full_disk_is_a_limit_of_the_machine():
    failure = describe(OSError(errno.ENOSPC, "No space left on device", "/data/objects/x"))
    assert (failure.code, failure.exit_status) == ("disk_full", 4)
    assert "/data/objects/x" in failure.message


def test_an_error_of_ours_shows_its_whole_traceback(cli, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("division by zero"))
    ended = cli("run", "x")
    assert ended.status == 1
    assert "Traceback" in ended.err
    assert "error internal: ZeroDivisionError: division by zero" in ended.err
    assert "mlops doctor" in ended.err


def test_settings_that_are_no_toml_show_no_traceback(cli, tmp_path, monkeypatch):
    (tmp_path / "mlops.toml").write_text('[project]\nname = "a\x7f"\n')
    monkeypatch.chdir(tmp_path)
    ended = cli("runs", "ls")
    assert ended.status == 2
    assert ended.err.startswith("error config: mlops.toml:2: this is no TOML")


def test_wrong_options_are_wrong_use(cli):
    ended = cli("run", "x.py", "--froce", "a")
    assert ended.status == 2
    assert "--force" in ended.err
    assert "mlops run --help" in ended.err


def test_a_missing_target_is_wrong_use(cli):
    ended = cli("run")
    assert ended.status == 2
    assert "TARGET" in ended.err


def test_a_broken_pipe_below_is_silent(cli, monkeypatch):
    failing(monkeypatch, BrokenPipeError())
    ended = cli("runs", "ls")
    assert (ended.status, ended.err) == (0, "")
