"""``mlops init``."""

import os
import tomllib

import pytest


def test_init_makes_a_project(cli, folder):
    ended = cli("init", "demo", "--json")
    assert ended.status == 0
    assert ended.document["created"] == ["pipeline.py", "mlops.toml"]
    assert ended.document["kept"] == []
    assert "mlops run pipeline.py" in ended.document["next"]
    assert sorted(path.name for path in (folder / "demo").iterdir()) == ["mlops.toml", "pipeline.py"]
    settings = tomllib.loads((folder / "demo" / "mlops.toml").read_text())
    assert settings["pipelines"]["prices"]["entry"] == "pipeline.py:prices"
    compile((folder / "demo" / "pipeline.py").read_text(), "pipeline.py", "exec")


def test_init_again_changes_nothing(cli, folder):
    cli("init", "demo")
    (folder / "demo" / "pipeline.py").write_text("\ndef prices():\n    'mine'\n")
    (folder / "demo" / "mlops.toml").write_text("# mine\n")
    ended = cli("init", "demo", "--json")
    assert ended.document["created"] == []
    assert ended.document["kept"] == ["pipeline.py", "mlops.toml"]
    assert (folder / "demo" / "pipeline.py").read_text() == "\ndef prices():\n    'mine'\n"
    assert (folder / "demo" / "mlops.toml").read_text() == "# mine\n"


def test_settings_are_not_made_for_a_pipeline_that_is_not_ours(cli, folder):
    (folder / "mlops.toml").unlink()
    (folder / "pipeline.py").write_text("x = 1\n")
    assert cli("init", "--json").document["created"] == []
    assert sorted(path.name for path in folder.iterdir()) == ["pipeline.py"]


def test_settings_in_pyproject_stay_the_only_ones(cli, folder):
    (folder / "mlops.toml").unlink()
    (folder / "pyproject.toml").write_text('[tool.mlops.project]\nname = "x"\n')
    document = cli("init", "--json").document
    assert (document["created"], document["kept"]) == (["pipeline.py"], ["pyproject.toml"])
    assert not (folder / "mlops.toml").exists()


def test_init_here_needs_no_change_of_folder(cli, folder):
    (folder / "mlops.toml").unlink()
    out = cli("init").out
    assert "created  pipeline.py" in out
    assert "cd " not in out
    assert "  mlops run pipeline.py\n" in out


def test_a_file_in_the_way_is_wrong_use(cli, folder):
    (folder / "demo").write_text("")
    ended = cli("init", "demo")
    assert ended.status == 2
    assert "is a file" in ended.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(cli, folder):
    folder.chmod(0o500)
    try:
        ended = cli("init", "demo")
    finally:
        folder.chmod(0o700)
    assert ended.status == 2
    assert "cannot write" in ended.err
