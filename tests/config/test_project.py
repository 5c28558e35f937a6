"""Where a project begins, and what its settings may say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.config.project import find_root, read_settings
from mlops_core.config.settings import PipelineSettings, Settings, StoreSettings
from mlops_core.config.toml_lines import key_lines
from mlops_core.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder three levels deep; nothing above ``tmp_path`` may count as a project."""
    monkeypatch.setenv("TMPDIR", str(tmp_path.parent))
    deep = tmp_path / "outer" / "inner" / "target"
    deep.mkdir(parents=True)
    return deep


def test_without_any_mark_it_is_the_folder_itself(folder: Path) -> None:
    assert find_root(folder) == folder


def test_the_nearest_mlops_toml(folder: Path) -> None:
    (folder.parents[1] / "mlops.toml").touch()
    assert find_root(folder) == folder.parents[1]
    (folder.parent / "mlops.toml").touch()
    assert find_root(folder) == folder.parent


def test_tool_mlops_in_pyproject(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'mlops-user'\n")
    (folder.parent / "pyproject.toml").write_text("[tool.mlops.project]\nname = 'x'\n")
    assert find_root(folder) == folder.parent


def test_a_state_folder(folder: Path) -> None:
    (folder.parent / ".mlops").mkdir()
    assert find_root(folder) == folder.parent


def test_a_file_called_like_the_state_folder_does_not_count(folder: Path) -> None:
    (folder.parent / ".mlops").touch()
    assert find_root(folder) == folder


@pytest.mark.parametrize("variable", ["HOME", "TMPDIR", "TEMP", "TMP"])
def test_home_and_temporary_folder_do_not_count_by_their_state(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (folder.parent / ".mlops").mkdir()
    monkeypatch.setenv(variable, str(folder.parent))
    assert find_root(folder) == folder
    (folder.parent / "mlops.toml").touch()
    assert find_root(folder) == folder.parent


@pytest.mark.parametrize("mark", [".git", "pyproject.toml"])
def test_git_and_pyproject_come_second(folder: Path, mark: str) -> None:
    (folder / mark).touch()
    assert find_root(folder) == folder
    (folder.parents[1] / "mlops.toml").touch()
    assert find_root(folder) == folder.parents[1]


def test_links_are_resolved(folder: Path, tmp_path: Path) -> None:
    (folder / "mlops.toml").touch()
    (tmp_path / "link").symlink_to(folder)
    assert find_root(tmp_path / "link") == folder


def test_a_pyproject_that_cannot_be_read_is_an_error_only_if_it_speaks_of_mlops(folder: Path) -> None:
    file = folder / "pyproject.toml"
    file.write_text("[tool\n")
    assert find_root(folder) == folder
    file.write_text("\n[tool.mlops\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml:2"):
        find_root(folder)


FULL = """
[project]
name = "acme"
[pipelines.bikes]
entry = "pipelines/bikes.py:bikes"
params = { depth = 6 }
[store]
budget = "20GiB"
remote = "s3://acme-ml/cache"
pickle = "signed"
[env.prod]
orchestrator = { to = "airflow", schedule = "0 2 * * *", dags = "s3://ops/dags" }
deployer = { to = "kserve", namespace = "ml" }
gates = ["r2 >= 0.8"]
"""


def written(folder: Path, text: str, name: str = "mlops.toml") -> Settings:
    (folder / name).write_text(text)
    return read_settings(folder)


def test_everything_the_contract_shows(folder: Path) -> None:
    settings = written(folder, FULL)
    assert settings.name == "acme"
    assert settings.pipelines == {"bikes": PipelineSettings("pipelines/bikes.py:bikes", {"depth": 6})}
    assert settings.store == StoreSettings(20 * 2**30, "s3://acme-ml/cache", "signed")
    assert settings.environments["prod"].deployer == {"to": "kserve", "namespace": "ml"}
    assert settings.environments["prod"].gates == ("r2 >= 0.8",)
    assert settings.file == folder / "mlops.toml"


def test_the_same_under_tool_mlops(folder: Path) -> None:
    inside = FULL.replace("\n[", "\n[tool.mlops.")
    settings = written(folder, inside, "pyproject.toml")
    assert settings == written_elsewhere(folder)._replace(file=folder / "pyproject.toml")


def written_elsewhere(folder: Path) -> Settings:
    (folder / "other").mkdir()
    return written(folder / "other", FULL)


def test_without_settings_the_folder_gives_the_name(folder: Path) -> None:
    assert read_settings(folder) == Settings("target", {}, StoreSettings(), {}, None)


def test_both_files_are_an_error_naming_both(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.mlops]\n")
    with pytest.raises(ConfigError) as caught:
        written(folder, "[project]\n")
    assert str(folder / "mlops.toml") in str(caught.value)
    assert str(folder / "pyproject.toml") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "key", "near"),
    [
        ("[storr]\n", "mlops.toml:1: unknown key 'storr' at the top", "storr", "'store'"),
        ("# a\n[store]\nbudgte = 1\n", "mlops.toml:3: unknown key 'budgte' in [store]", "budgte", "'budget'"),
        ("[project]\nNAME = 'x'\n", "mlops.toml:2", "NAME", "'name'"),
        (
            '[pipelines."a b"]\nentry = """\nx.py"""\nparms = {}\n',
            "mlops.toml:4: unknown key 'parms' in [pipelines.a b]",
            "parms",
            "'params'",
        ),
        (
            "pipelines.x = {entry = 'x.py',\n  entrie = 1}\n".replace("\n  ", " "),
            "mlops.toml:1",
            "entrie",
            "'entry'",
        ),
        ("[env.prod]\ngate = []\n", "mlops.toml:2: unknown key 'gate' in [env.prod]", "gate", "'gates'"),
        ("[datasets.raw]\n", "mlops.toml:1", "datasets", "Known keys"),
    ],
)
def test_an_unknown_key_is_an_error_with_place_and_nearest(
    folder: Path, text: str, where: str, key: str, near: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        written(folder, text)
    assert where in caught.value.message
    assert repr(key) in caught.value.message
    assert near in caught.value.hint
    assert caught.value.exit_status == 2


def test_an_unknown_key_of_pyproject_names_its_line_there(folder: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"pyproject\.toml:4: unknown key 'nam' in \[tool\.mlops\.project\]"
    ):
        written(folder, "[build-system]\nrequires = []\n[tool.mlops.project]\nnam = 1\n", "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project = 1\n", "mlops.toml:1: project must be a table"),
        ("[project]\n\nname = 1\n", "mlops.toml:3: project.name must be text"),
        ("[pipelines.x]\n", "mlops.toml:1: the pipeline 'x' has no entry"),
        ("[pipelines]\nx = 'a.py'\n", "mlops.toml:2: pipelines.x must be a table"),
        ("[pipelines.x]\nentry = 'a.py'\nparams = 3\n", "mlops.toml:3: pipelines.x.params must be a table"),
        ("[store]\npickle = 'alow'\n", "mlops.toml:2: pickle = 'alow' is unknown"),
        ("[store]\nbudget = '20 bananas'\n", "mlops.toml:2: '20 bananas' is no size"),
        ("[store]\nbudget = [1]\n", "mlops.toml:2: [1] is no size"),
        ("[env.p]\ngates = 'x'\n", "mlops.toml:2: gates must be a list"),
        ("[env.p]\ndeployer = {x = 1}\n", "mlops.toml:2: deployer does not say where to"),
        ("[store]\n[store]\n", "mlops.toml:2: this is no TOML"),
        ("a = \n", "mlops.toml:1: this is no TOML"),
    ],
)
def test_a_wrong_value_is_an_error_with_its_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        written(folder, text)
    assert message in caught.value.message


def test_a_file_that_is_no_utf8_is_an_error(folder: Path) -> None:
    (folder / "mlops.toml").write_bytes(b"[project]\nname = '\xff'\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_settings(folder)


def test_the_line_of_every_key() -> None:
    text = (
        'a.b = 1 # x = 2\n"c # d" = """\nx = 1\n\\"""\n"""\n[t."u.v"]\n'
        'list = [\n  1, # ]\n  {k = [2], l = "}"},\n]\n'
        "'w' = '''\n'x\n'''\nz = 1979-05-27 07:32:00\n[[arr]]\nq = 1\n[[arr]]\nq = 2\n"
    )
    assert key_lines(text) == {
        ("a",): 1,
        ("a", "b"): 1,
        ("c # d",): 2,
        ("t",): 6,
        ("t", "u.v"): 6,
        ("t", "u.v", "list"): 7,
        ("t", "u.v", "list", "k"): 9,
        ("t", "u.v", "list", "l"): 9,
        ("t", "u.v", "w"): 11,
        ("t", "u.v", "z"): 14,
        ("arr",): 15,
        ("arr", "q"): 16,
    }


KEYS = st.text("abcdefgh_-0123456789", min_size=1, max_size=6)
VALUES = st.recursive(
    st.sampled_from(["1", "'#]'", '"\\"}"', '"""a\n"b"\n"""', "true", "-1.5e3"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # c\n".join(items) + "]"),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_lines_are_right_whatever_stands_before(table: dict[str, str]) -> None:
    line, text, expected = 2, "[top]\n", {("top",): 1}
    for key, value in table.items():
        expected["top", key] = line
        text += f"{key} = {value}\n"
        line += value.count("\n") + 1
    assert key_lines(text) == expected
