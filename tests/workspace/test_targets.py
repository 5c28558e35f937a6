"""What a target means, and what is said when it means nothing."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_core.errors import AmbiguousTarget, StepOptionError, TargetNotFound, UserCodeError
from mlops_core.workspace import modules
from mlops_core.workspace.targets import load_pipeline, resolve_target
from mlops_core.workspace.user_frames import user_traceback

Write = Callable[[str, str], Path]

#: A pipeline as this room knows it: by two attributes.
PIPELINE = """
class Pipeline:
    __mlops_pipeline__ = True
    def __init__(self, function):
        self.__wrapped__ = function
        self.name = function.__name__

def pipeline(function):
    return Pipeline(function)
"""
START = "from pipeline_class import pipeline\n"


#: A pipeline under a second name, which is the one that counts.
EXTRA = {"second": "main = second\n"}


def body(name: str) -> str:
    return f"@pipeline\ndef {name}(): pass\n"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The finder of the process as it was before: targets are loaded in this process."""
    monkeypatch.setattr(modules, "_finder", None)
    monkeypatch.setattr(modules, "_target_root", None)
    path, loaded = list(sys.path), set(sys.modules)
    yield
    modules._let_go()
    sys.path[:] = path
    for name in set(sys.modules) - loaded:
        del sys.modules[name]


@pytest.fixture
def classes(write: Write) -> None:
    write("pipeline_class.py", PIPELINE)


@pytest.mark.parametrize(
    ("text", "module", "name"),
    [
        ("pipe.py", "pipe", None),
        ("pipe.py:first", "pipe", "first"),
        ("sub/pipe.py", "sub.pipe", None),
        ("./sub/../pipe.py:x", "pipe", "x"),
        ("sub.pipe:first", "sub.pipe", "first"),
        ("pkg:first", "pkg", "first"),
    ],
)
def test_files_and_modules(write: Write, project: Path, text: str, module: str, name: str | None) -> None:
    for file in ("pipe.py", "sub/pipe.py", "pkg/__init__.py"):
        write(file, "")
    target = resolve_target(text, project)
    assert (target.module_name, target.pipeline_name) == (module, name)
    assert (target.root, target.params, target.origin) == (project, {}, text)
    assert target.file.is_file()


def test_a_file_is_looked_for_from_the_current_folder(write: Write, project: Path) -> None:
    write("sub/pipe.py", "")
    assert resolve_target("pipe.py", project / "sub").module_name == "sub.pipe"
    assert resolve_target(str(project / "sub" / "pipe.py"), Path("/")).module_name == "sub.pipe"


def test_a_module_is_looked_for_from_root_and_current_folder(write: Write, project: Path) -> None:
    write("sub/pipe.py", "")
    assert resolve_target("sub.pipe:x", project / "sub").module_name == "sub.pipe"
    assert resolve_target("pipe:x", project / "sub").module_name == "sub.pipe"


def test_the_root_is_that_of_the_target(write: Write, project: Path) -> None:
    write("inner/mlops.toml", "")
    write("inner/pipe.py", "")
    assert resolve_target("inner/pipe.py", project).root == project / "inner"
    assert resolve_target("inner.pipe:x", project).module_name == "pipe"


def test_a_link_to_the_project_changes_nothing(write: Write, project: Path, tmp_path: Path) -> None:
    write("pipe.py", "")
    (tmp_path / "link").symlink_to(project)
    target = resolve_target("pipe.py", tmp_path / "link")
    assert (target.root, target.file) == (project, project / "pipe.py")


def test_a_name_of_the_settings_with_its_parameters(write: Write, project: Path) -> None:
    write("mlops.toml", '[pipelines.bikes]\nentry = "sub/pipe.py:x"\nparams = { depth = 6 }\n')
    write("sub/pipe.py", "")
    target = resolve_target("bikes", project / "sub")
    assert (target.module_name, target.pipeline_name) == ("sub.pipe", "x")
    assert (target.params, target.origin) == ({"depth": 6}, "bikes")


def test_an_entry_may_be_a_module(write: Write, project: Path) -> None:
    write("mlops.toml", '[pipelines.bikes]\nentry = "sub.pipe:x"\n')
    write("sub/pipe.py", "")
    assert resolve_target("bikes", project).file == project / "sub" / "pipe.py"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("pip.py", "there is no file pip.py", "Did you mean pipe.py?"),
        ("other.py", "there is no file other.py", "Did you mean sub/other.py?"),
        ("sub/othr.py", "there is no file sub/othr.py", "Did you mean sub/other.py?"),
        ("zzz.py", "there is no file zzz.py", "pipe.py"),
        ("nowhere/x.py", "there is no file nowhere/x.py", "There is no folder"),
        ("folder.py", "folder.py is a folder", "A target is"),
        ("pipe", "neither a Python file nor a pipeline of mlops.toml", "Did you mean pipe.py?"),
        ("bike", "neither a Python file nor a pipeline of mlops.toml", "Did you mean 'bikes'?"),
        ("", "neither", "Known pipelines: bikes"),
        ("sub.nothing:x", "there is no module 'sub.nothing'", "A target is"),
    ],
)
def test_a_target_that_is_not_there(write: Write, project: Path, text: str, message: str, hint: str) -> None:
    write("mlops.toml", '[pipelines.bikes]\nentry = "pipe.py"\n')
    write("pipe.py", "")
    write("sub/other.py", "")
    (project / "folder.py").mkdir()
    with pytest.raises(TargetNotFound) as caught:
        resolve_target(text, project)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_status == 2


def test_an_entry_that_is_no_target(write: Write, project: Path) -> None:
    write("mlops.toml", '[pipelines.bikes]\nentry = "bikes"\n')
    with pytest.raises(TargetNotFound, match=r"the entry 'bikes' of the pipeline 'bikes'"):
        resolve_target("bikes", project)


@pytest.mark.parametrize(
    ("file", "names", "chosen"),
    [
        ("pipe.py", ["only"], "only"),
        ("pipe.py", ["first", "main"], "main"),
        ("pipe.py", ["first", "pipe"], "pipe"),
        ("pipe.py", ["pipe", "main"], "main"),
        ("my-pipe.py", ["first", "my_pipe"], "my_pipe"),
        ("pipe.py", ["first", "second"], "second"),
        ("pipe.py:first", ["first", "main"], "first"),
    ],
)
@pytest.mark.usefixtures("classes")
def test_which_pipeline_is_taken(
    write: Write, project: Path, file: str, names: list[str], chosen: str
) -> None:
    write(file.partition(":")[0], START + "".join(body(name) for name in names) + EXTRA.get(chosen, ""))
    assert load_pipeline(resolve_target(file, project)).name == chosen


@pytest.mark.usefixtures("classes")
def test_several_pipelines_and_no_name_are_listed(write: Write, project: Path) -> None:
    write("pipe.py", START + body("first") + body("second") + "again = first\n")
    with pytest.raises(AmbiguousTarget, match="several pipelines: first, second") as caught:
        load_pipeline(resolve_target("pipe.py", project))
    assert caught.value.hint == "Say which: mlops run pipe.py:first"
    assert caught.value.data["pipelines"] == ["first", "second"]


@pytest.mark.usefixtures("classes")
def test_imported_pipelines_count_where_there_is_no_own(write: Write, project: Path) -> None:
    write("lib.py", START + body("shared"))
    write("pipe.py", START + "from lib import shared\n" + body("own"))
    write("empty.py", "from lib import shared\n")
    assert load_pipeline(resolve_target("pipe.py", project)).name == "own"
    assert load_pipeline(resolve_target("empty.py", project)).name == "shared"


@pytest.mark.usefixtures("classes")
def test_a_pipeline_is_found_by_the_name_it_was_given(write: Write, project: Path) -> None:
    write("pipe.py", START + body("first") + body("second") + "first.name = 'daily'\n")
    assert load_pipeline(resolve_target("pipe.py:daily", project)).__wrapped__.__name__ == "first"


@pytest.mark.parametrize(
    ("name", "message"), [("frist", "there is no pipeline 'frist'"), ("helper", "'helper' is not a pipeline")]
)
@pytest.mark.usefixtures("classes")
def test_a_name_that_is_no_pipeline(write: Write, project: Path, name: str, message: str) -> None:
    write("pipe.py", START + body("first") + "def helper(): pass\n")
    with pytest.raises(TargetNotFound, match=message) as caught:
        load_pipeline(resolve_target(f"pipe.py:{name}", project))
    assert "Known pipelines of pipe.py: first." in caught.value.hint


def test_a_file_without_pipelines(write: Write, project: Path) -> None:
    write("pipe.py", "from unittest.mock import Mock\nanything = Mock()\n")
    with pytest.raises(TargetNotFound, match=r"pipe\.py has no pipeline") as caught:
        load_pipeline(resolve_target("pipe.py", project))
    assert "@pipeline" in caught.value.hint


def failing(project: Path, target: str = "pipe.py") -> UserCodeError:
    with pytest.raises(UserCodeError) as caught:
        load_pipeline(resolve_target(target, project))
    assert caught.value.exit_status == 1
    assert caught.value.__cause__ is not None
    return caught.value


def test_a_module_that_fails_shows_the_users_frames_only(write: Write, project: Path) -> None:
    write("lib.py", "def deep():\n    raise KeyError('gone')\n\ndeep()\n")
    write("pipe.py", "import lib\n")
    error = failing(project)
    text = user_traceback(error.__cause__)  # type: ignore[arg-type]
    assert "pipe.py could not be imported: KeyError: 'gone'" in error.message
    assert [line.split('"')[1] for line in text.splitlines() if line.startswith("  File")] == [
        str(project / "pipe.py"),
        str(project / "lib.py"),
        str(project / "lib.py"),
    ]
    assert text.endswith("KeyError: 'gone'\n")
    assert "raise KeyError('gone')" in text


def test_a_module_with_a_syntax_error_shows_the_line(write: Write, project: Path) -> None:
    file = write("pipe.py", "x = (\ny = 1\n")
    text = user_traceback(failing(project).__cause__)  # type: ignore[arg-type]
    assert f'File "{file}", line 1' in text
    assert "importlib" not in text
    assert "SyntaxError" in text


def test_a_missing_module_is_named(write: Write, project: Path) -> None:
    write("pipe.py", "import not_there_at_all\n")
    assert "No module named 'not_there_at_all'" in failing(project).message


def test_a_module_that_exits_is_an_error_of_the_user(write: Write, project: Path) -> None:
    write("pipe.py", "raise SystemExit\n")
    assert failing(project).message == "pipe.py could not be imported: SystemExit"


def test_errors_of_the_product_pass_through(write: Write, project: Path) -> None:
    write("pipe.py", "from mlops_core.errors import StepOptionError\nraise StepOptionError('no option x')\n")
    with pytest.raises(StepOptionError):
        load_pipeline(resolve_target("pipe.py", project))


def test_after_the_failure_is_mended_the_module_loads(write: Write, project: Path) -> None:
    write("pipeline_class.py", PIPELINE)
    write("pipe.py", "1 / 0\n")
    failing(project)
    write("pipe.py", START + body("first"))
    assert load_pipeline(resolve_target("pipe.py", project)).name == "first"
