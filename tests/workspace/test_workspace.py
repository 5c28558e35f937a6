"""The state folder and the workspace that joins what is in it."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_core.errors import ConfigError, DamagedState, NewerState, StateNotWritable
from mlops_core.workspace import state
from mlops_core.workspace.workspace import (
    Workspace,
    current_workspace,
    open_workspace,
    set_current_workspace,
)

Write = Callable[[str, str], Path]
Run = Callable[..., str]


@pytest.fixture
def workspace(project: Path) -> Iterator[Workspace]:
    with open_workspace(project) as opened:
        yield opened


def test_the_folder_is_made_with_everything_in_it(workspace: Workspace, project: Path) -> None:
    folder = project / ".mlops"
    assert workspace.state_dir == folder
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "VERSION").read_text() == "1\n"
    assert "It can be copied and moved" in (folder / "README.txt").read_text()
    assert all((folder / name).is_dir() for name in ("locks", "objects", "tmp"))
    assert (folder / "mlops.db").is_file()


def test_it_joins_settings_database_store_and_stat_cache(write: Write, project: Path) -> None:
    write("mlops.toml", "[project]\nname = 'acme'\n")
    with open_workspace(project) as workspace:
        assert workspace.root == project
        assert workspace.settings.name == "acme"
        assert workspace.database.query("SELECT 1") == [(1,)]
        assert workspace.store.status().cells == 0
        workspace.stat_cache.put("a.csv", (1, 2, 3, 4), b"d" * 16, 0)
    with open_workspace(project) as again:
        assert again.stat_cache.get("a.csv", (1, 2, 3, 4)) == b"d" * 16


def test_opening_again_leaves_the_users_changes(workspace: Workspace, project: Path) -> None:
    readme = project / ".mlops" / "README.txt"
    readme.write_text("mine")
    open_workspace(project).close()
    assert readme.read_text() == "mine"


def test_what_is_missing_is_made_again(workspace: Workspace, project: Path) -> None:
    workspace.close()
    (project / ".mlops" / "locks").rename(project / "locks")
    (project / ".mlops" / ".gitignore").unlink()
    open_workspace(project).close()
    assert (project / ".mlops" / "locks").is_dir()
    assert (project / ".mlops" / ".gitignore").is_file()


def test_closing_twice_does_nothing_more(workspace: Workspace) -> None:
    workspace.close()
    workspace.close()


def test_reading_creates_nothing(project: Path) -> None:
    with open_workspace(project, readonly=True) as workspace:
        assert workspace.database.query("SELECT count(*) FROM runs") == [(0,)]
    assert not (project / ".mlops").exists()


@pytest.mark.parametrize("given", ["elsewhere/state", "{tmp}/state", "~/state"])
def test_the_state_may_be_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MLOPS_STATE_DIR", given.format(tmp=tmp_path))
    expected = {
        "elsewhere/state": project / "elsewhere" / "state",
        "{tmp}/state": tmp_path / "state",
        "~/state": tmp_path / "home" / "state",
    }[given]
    with open_workspace(project) as workspace:
        assert workspace.state_dir == expected
    assert (expected / "mlops.db").is_file()
    assert not (project / ".mlops").exists()


def test_a_project_that_cannot_be_written_says_the_way_out(project: Path) -> None:
    (project / ".mlops").write_text("a file where the folder should be")
    with pytest.raises(StateNotWritable) as caught:
        open_workspace(project)
    assert str(project / ".mlops") in caught.value.message
    assert "MLOPS_STATE_DIR" in caught.value.hint
    assert caught.value.exit_status == 2


def test_a_refused_folder_is_the_same_error(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(path: object, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(state.os, "makedirs", refusing)
    with pytest.raises(StateNotWritable, match="Permission denied"):
        open_workspace(project)
    assert not (project / ".mlops").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder(project: Path) -> None:
    project.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(StateNotWritable, match="Permission denied"):
            open_workspace(project)
    finally:
        project.chmod(stat.S_IRWXU)


def test_an_existing_folder_that_may_not_be_written(
    workspace: Workspace, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state.os, "access", lambda path, mode: False)
    with pytest.raises(StateNotWritable, match="may not be written by this user"):
        open_workspace(project)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_newer_version_is_refused(workspace: Workspace, project: Path, readonly: bool) -> None:
    (project / ".mlops" / "VERSION").write_text("2\n")
    with pytest.raises(NewerState) as caught:
        open_workspace(project, readonly=readonly)
    assert "newer version" in caught.value.message
    assert "pip install --upgrade mlops-embedded" in caught.value.hint


@pytest.mark.parametrize("text", ["", "one", "1.5", "-1"])
def test_a_version_that_cannot_be_read_is_damage(workspace: Workspace, project: Path, text: str) -> None:
    (project / ".mlops" / "VERSION").write_text(text)
    with pytest.raises(DamagedState) as caught:
        open_workspace(project)
    assert caught.value.exit_status == 5


def test_wrong_settings_are_found_before_anything_is_made(write: Write, project: Path) -> None:
    write("mlops.toml", "[storr]\n")
    with pytest.raises(ConfigError):
        open_workspace(project)
    assert not (project / ".mlops").exists()


def test_the_workspace_of_the_process_can_be_given(workspace: Workspace) -> None:
    set_current_workspace(workspace)
    try:
        assert current_workspace() is workspace
    finally:
        set_current_workspace(None)


def test_a_script_has_the_workspace_of_its_project_once(write: Write, project: Path, python: Run) -> None:
    write(
        "p/pipe.py",
        "import os, sys\nfrom mlops_core.workspace.workspace import current_workspace\n"
        "first = current_workspace()\n"
        "print(first.root, first is current_workspace(), 'p.pipe' in sys.modules, flush=True)\n"
        "if os.fork() == 0:\n"
        "    print(current_workspace() is first, flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n",
    )
    assert python("p/pipe.py") == f"{project} True True\nFalse"
