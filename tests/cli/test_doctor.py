"""``mlops doctor`` and its checks."""

import sys
from importlib.metadata import Distribution, PathDistribution

import pytest

from mlops_core.cli.checks import distribution, engine, libraries, python, sqlite, state
from mlops_core.cli.checks.check import Check
from mlops_core.cli.commands import doctor


def test_a_healthy_machine(cli, folder):
    ended = cli("doctor", "--json")
    assert ended.status == 0
    document = ended.document
    assert document["healthy"] is True
    names = [check["name"] for check in document["checks"]]
    assert {"python", "numpy", "pyarrow", "onnxruntime", "sqlite", "state folder", "disk"} <= set(names)
    assert any(name.startswith("engine ") for name in names)
    assert not (folder / ".mlops").exists()


def test_the_text_says_the_same(cli, folder):
    ended = cli("doctor")
    assert ended.status == 0
    assert "everything that is needed works" in ended.out


def test_something_broken_is_named_with_the_way_out(cli, folder, monkeypatch):
    broken = Check("engine hash", "broken", "no such file", "pip install it")
    monkeypatch.setattr(doctor, "every_check", lambda: [broken])
    ended = cli("doctor")
    assert ended.status == 4
    assert "broken: engine hash" in ended.out
    assert "engine hash: pip install it" in ended.out
    error = cli("doctor", "--json").document["error"]
    assert error == {"code": "unhealthy", "message": "broken: engine hash", "hint": "pip install it"}


def test_an_old_python():
    assert python.check((3, 10, 4)).state == "broken"
    assert python.check((3, 11, 0)).state == "ok"


def test_a_missing_engine_module():
    (check,) = engine.checks(["_no_such_module"])
    assert check.state == "broken"
    assert "compiler" in check.advice
    assert engine.checks([])[0].state == "broken"


def test_every_compiled_module_is_looked_at():
    assert engine.names()
    assert all(name.startswith("_") for name in engine.names())


def test_a_library_that_is_not_installed():
    (check,) = libraries.checks({"no-such-distribution": "no_such_module"})
    assert (check.state, check.advice) == ("broken", "pip install no-such-distribution")


def test_a_library_that_does_not_load(tmp_path, monkeypatch):
    (tmp_path / "torn_library.py").write_text("raise OSError('libtorn.so: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (check,) = libraries.checks({"click": "torn_library"})
    assert check.state == "broken"
    assert "libtorn.so" in check.found
    assert "torn_library" not in sys.modules


@pytest.mark.parametrize(
    ("version", "state", "word"),
    [
        ((3, 37, 2), "broken", "3.37.2"),
        ((3, 40, 1), "ok", "WAL-reset guarded"),
        ((3, 44, 5), "ok", "guarded"),
        ((3, 44, 6), "ok", "fixed"),
        ((3, 50, 6), "ok", "guarded"),
        ((3, 50, 7), "ok", "fixed"),
        ((3, 51, 2), "ok", "guarded"),
        ((3, 51, 3), "ok", "fixed"),
    ],
)
def test_sqlite(version, state, word):
    check = sqlite.check(version)
    assert check.state == state
    assert word in check.found


def made(tmp_path, name: str, *files: str) -> Distribution:
    info = tmp_path / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return PathDistribution(info)


def test_a_distribution_over_our_import_name(tmp_path):
    other = made(tmp_path, "mlops-core", "mlops_core/__init__.py")
    (check,) = distribution.foreign([other])
    assert check.state == "broken"
    assert check.name == "mlops-core"
    assert "pip uninstall mlops-core" in check.advice


def test_other_distributions_and_our_own_are_no_trouble(tmp_path):
    innocent = made(tmp_path, "numpy", "numpy/__init__.py")
    ours = made(tmp_path, "mlops_embedded", "mlops_core/__init__.py")
    assert distribution.foreign([innocent, ours]) == []


def test_little_room_is_a_warning(tmp_path):
    assert state.disk_check(tmp_path, 1 << 20).state == "warning"
    assert state.disk_check(tmp_path, 1 << 40).state == "ok"


def test_a_state_folder_under_a_file_is_broken(tmp_path):
    (tmp_path / "file").write_text("")
    assert state.folder_check(tmp_path / "file" / ".mlops").state == "broken"


def test_wrong_settings_are_found(cli, folder):
    (folder / "mlops.toml").write_text("[projekt]\n")
    ended = cli("doctor", "--json")
    assert ended.status == 4
    (check,) = [check for check in ended.document["checks"] if check["state"] == "broken"]
    assert "projekt" in check["found"]
