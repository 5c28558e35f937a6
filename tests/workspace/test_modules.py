"""One file, one module: under its path from the root, its short name, and as ``__main__``."""

import os
import pathlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.workspace.names import file_of_name, is_installed, name_of_file

Write = Callable[[str, str], Path]
Run = Callable[..., str]

MODEL = "class Model:\n    pass\n"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("bikes.py", "bikes"),
        ("pipelines/bikes.py", "pipelines.bikes"),
        ("pkg/__init__.py", "pkg"),
        ("my-file.py", "my-file"),
        ("2024 runs/v1.2.py", "2024 runs.v1%2E2"),
        ("src/pkg/mod.py", "src.pkg.mod"),
        (".venv/lib/python3.11/site-packages/x.py", None),
        ("notes.txt", None),
        ("__init__.py", None),
    ],
)
def test_the_name_is_the_path_from_the_root(write: Write, project: Path, path: str, name: str | None) -> None:
    file = str(write(path, ""))
    assert name_of_file(file, str(project)) == name
    if name is not None:
        assert file_of_name(name, str(project)) == file


def test_a_file_outside_has_no_name_and_a_link_inside_has_one(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "other.py"
    outside.touch()
    assert name_of_file(str(outside), str(project)) is None
    (project / "linked.py").symlink_to(outside)
    assert name_of_file(str(project / "linked.py"), str(project)) == "linked"


def test_the_standard_library_and_the_tests_runner_are_installed() -> None:
    assert is_installed(str(pytest.__file__))
    assert is_installed(str(pathlib.__file__))
    assert not is_installed(__file__)


def test_a_target_is_not_called_main(write: Write, load: Run) -> None:
    write("pipelines/bikes.py", "name = __name__\n")
    assert (
        load("pipelines/bikes.py", "print(module.name, module.__name__)") == "pipelines.bikes pipelines.bikes"
    )


def test_the_short_name_gives_the_same_module(write: Write, load: Run) -> None:
    write("pipelines/lib.py", MODEL)
    write("pipelines/bikes.py", "import lib\nfrom lib import Model\nimport pipelines.lib as long\n")
    code = "print(module.lib is module.long, module.Model is module.long.Model, module.lib.__name__)"
    assert load("pipelines/bikes.py", code) == "True True pipelines.lib"


def test_the_order_of_the_two_names_does_not_matter(write: Write, load: Run) -> None:
    write("pipelines/lib.py", MODEL)
    write("pipelines/bikes.py", "import pipelines.lib as long\nimport lib\n")
    assert load("pipelines/bikes.py", "print(module.lib is module.long)") == "True"


def test_the_spec_of_the_module_stays_its_own(write: Write, load: Run) -> None:
    write("pipelines/lib.py", "")
    write("pipelines/bikes.py", "import lib\n")
    assert load("pipelines/bikes.py", "print(module.lib.__spec__.name)") == "pipelines.lib"


def test_the_target_itself_under_its_short_name(write: Write, load: Run) -> None:
    write("pipelines/lib.py", "import bikes\n")
    write("pipelines/bikes.py", "import lib\n" + MODEL)
    assert load("pipelines/bikes.py", "import bikes; print(bikes is module is module.lib.bikes)") == "True"


def test_unpickling_by_the_short_name(write: Write, load: Run) -> None:
    write("pipelines/bikes.py", MODEL)
    code = "import pickle; print(pickle.loads(b'cbikes\\nModel\\n.') is module.Model)"
    assert load("pipelines/bikes.py", code) == "True"


def test_unpickling_imports_by_the_long_name(write: Write, load: Run) -> None:
    write("pipelines/lib.py", MODEL)
    write("pipelines/bikes.py", "")
    code = "import pickle; print(pickle.loads(b'cpipelines.lib\\nModel\\n.'))"
    assert load("pipelines/bikes.py", code) == "<class 'pipelines.lib.Model'>"


def test_a_circular_import_through_both_names(write: Write, load: Run) -> None:
    write("p/a.py", "import b\nvalue = 1\nlate = lambda: b.read()\n")
    write("p/b.py", "import p.a\nfrom a import __name__ as name\nread = lambda: p.a.value\n")
    assert load("p/a.py", "print(module.late(), module.b.name)") == "1 p.a"


@pytest.mark.parametrize("path", ["my-file.py", "my folder/2nd.py", "v1.2/run.1.py"])
def test_a_name_that_is_no_identifier(write: Write, load: Run, path: str) -> None:
    write(path, MODEL)
    code = (
        "import pickle, sys\n"
        "data = pickle.dumps(module.Model())\n"
        "for name in [n for n in sys.modules if n.partition('.')[0] == module.__name__.partition('.')[0]]:\n"
        "    del sys.modules[name]\n"
        "print(type(pickle.loads(data)).__name__, canonical_name(module) == module.__name__)"
    )
    assert load(path, code) == "Model True"


def test_a_file_of_a_package_is_imported_as_such(write: Write, load: Run) -> None:
    write("pkg/__init__.py", "started = True\n")
    write("pkg/sub/__init__.py", "")
    write("pkg/sub/lib.py", "value = 3\n")
    write("pkg/sub/pipe.py", "from . import lib\nfrom .. import started\nfrom .lib import value\n")
    code = "print(module.__name__, module.__package__, module.value, module.started)"
    assert load("pkg/sub/pipe.py", code) == "pkg.sub.pipe pkg.sub 3 True"


def test_a_package_that_imports_its_own_target(write: Write, load: Run) -> None:
    write("pkg/__init__.py", "from .pipe import value\n")
    write("pkg/pipe.py", "value = 3\n")
    assert load("pkg/pipe.py", "import pkg; print(pkg.pipe is module, pkg.value)") == "True 3"


def test_relative_imports_in_a_folder_without_init(write: Write, load: Run) -> None:
    write("p/lib.py", "")
    write("p/a.py", "from . import lib\nimport lib as short\n")
    assert load("p/a.py", "print(module.lib is module.short)") == "True"


def test_a_module_is_an_attribute_of_its_folder(write: Write, load: Run) -> None:
    write("p/a.py", "value = 3\n")
    assert load("p/a.py", "import p.a; print(p.a.value)") == "3"


def test_a_folder_with_a_file_of_its_own_name(write: Write, load: Run) -> None:
    write("digits/digits.py", "import other\n" + MODEL)
    write("digits/other.py", "import digits\nimport digits.more\n")
    write("digits/more.py", "value = 3\n")
    code = (
        "import digits\n"
        "print(digits is module is module.other.digits, module.__name__, canonical_name(module.other),"
        " digits.more.value)"
    )
    assert load("digits/digits.py", code) == "True digits.digits digits.other 3"


def test_a_package_with_a_file_of_its_own_name(write: Write, load: Run) -> None:
    write("digits/__init__.py", "package = True\n")
    write("digits/digits.py", "import digits\n")
    code = "print(module.digits.package, module.__name__, module.digits.digits is module)"
    assert load("digits/digits.py", code) == "True digits.digits True"


def test_a_package_below_the_target_under_its_short_name(write: Write, load: Run) -> None:
    write("app/lib/__init__.py", "")
    write("app/lib/deep.py", MODEL)
    write("app/main.py", "from lib.deep import Model\nimport app.lib.deep\nimport lib.deep as short\n")
    code = "print(module.app.lib.deep is module.short, module.Model.__module__)"
    assert load("app/main.py", code) == "True app.lib.deep"


def test_the_folder_goes_before_the_root_as_for_a_script(write: Write, load: Run, python: Run) -> None:
    write("lib.py", "place = 'root'\n")
    write("p/lib.py", "place = 'folder'\n")
    write("p/a.py", "import lib\nprint(lib.place)\n")
    assert load("p/a.py", "") == python("p/a.py") == "folder"


def test_a_module_at_the_root_is_found_from_a_folder(write: Write, load: Run) -> None:
    write("lib.py", "value = 3\n")
    write("p/a.py", "import lib\n")
    assert load("p/a.py", "print(module.lib.value)") == "3"


def test_a_module_that_fails_leaves_nothing_behind(write: Write, load: Run) -> None:
    write("a.py", "")
    write("bad.py", "1 / 0\n")
    code = (
        "import sys\n"
        "for _ in range(2):\n"
        f"    try: import_file(Path({'bad.py'!r}).absolute(), Path('.').absolute())\n"
        "    except ZeroDivisionError: print('bad' in sys.modules)"
    )
    assert load("a.py", code) == "False\nFalse"


def test_a_name_that_another_module_has_is_refused(write: Write, load: Run) -> None:
    write("a.py", "")
    write("time.py", "")
    code = (
        "try: import_file(Path('time.py').absolute(), Path('.').absolute())\n"
        "except ValueError as error: print(error.code, error.hint)"
    )
    assert load("a.py", code) == "usage Rename the file."


def test_reload_still_reloads(write: Write, load: Run) -> None:
    write("p/lib.py", "import sys\nsys.count = getattr(sys, 'count', 0) + 1\n")
    write("p/a.py", "import lib\n")
    code = "import importlib, sys; print(importlib.reload(module.lib) is module.lib, sys.count)"
    assert load("p/a.py", code) == "True 2"


def test_third_party_modules_pass_through(write: Write, load: Run) -> None:
    write("a.py", "import xxhash\n")
    assert load("a.py", "print(canonical_name(module.xxhash), canonical_name(__import__('json')))") == (
        "xxhash json"
    )


def test_an_edit_within_the_same_second_is_seen(write: Write, load: Run) -> None:
    write("a.py", "import lib\nprint(lib.value)\n")
    second = 1_700_000_000 * 10**9
    for value in (1, 2):  # same size, same second: Python's own check cannot tell the two
        os.utime(write("lib.py", f"value = {value}\n"), ns=(second, second + value))
        assert load("a.py", "") == str(value)


def test_another_root_lets_the_first_one_go(write: Write, load: Run, project: Path, tmp_path: Path) -> None:
    write("pipe.py", "import lib\n")
    write("lib.py", "value = 1\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "pipe.py").write_text("import lib\n")
    (other / "lib.py").write_text("value = 2\n")
    code = (
        "import sys\n"
        f"second = import_file(Path({str(other / 'pipe.py')!r}), Path({str(other)!r}))\n"
        f"print(module.lib.value, second.lib.value, {str(project)!r} in sys.path)"
    )
    assert load("pipe.py", code) == "1 2 False"


ALIAS = "from mlops_core.workspace.modules import alias_main, canonical_name\nimport sys, pickle\n"


def test_a_script_is_known_under_its_own_name(write: Write, python: Run) -> None:
    write(
        "p/pipe.py",
        ALIAS + MODEL + "print(alias_main())\nimport p.pipe, pipe\n"
        "print(p.pipe is pipe is sys.modules['__main__'], canonical_name(pipe), __name__)\n"
        "print(pickle.loads(b'cp.pipe\\nModel\\n.') is Model)\n",
    )
    assert python("p/pipe.py") == "p.pipe\nTrue p.pipe __main__\nTrue"


def test_a_helper_that_imports_the_running_script_gets_it(write: Write, python: Run) -> None:
    write("lib.py", "def get():\n    import pipe\n    return pipe.Model\n")
    write("pipe.py", ALIAS + MODEL + "import lib\nalias_main()\nprint(lib.get() is Model)\n")
    assert python("pipe.py") == "True"


def test_lower_rooms_learn_the_name_of_the_script(write: Write, python: Run) -> None:
    write(
        "p/pipe.py",
        ALIAS + "from mlops_core.fingerprints.names import module_name\n"
        "from mlops_core.formats.type_names import stored_module\n"
        "alias_main()\nprint(module_name(__name__), stored_module(__name__), module_name('json'))\n",
    )
    assert python("p/pipe.py") == "p.pipe p.pipe json"


def test_a_module_run_with_m(write: Write, python: Run) -> None:
    write("pkg/__init__.py", "")
    write("pkg/tool.py", ALIAS + "print(alias_main())\n")
    assert python("-m", "pkg.tool") == "pkg.tool"


def test_without_a_file_main_keeps_its_name(project: Path, python: Run) -> None:
    code = "from mlops_core.workspace.modules import *\nprint(alias_main(), program_root())"
    assert python("-c", code) == f"__main__ {project}"


def test_the_root_of_a_program_is_that_of_its_script(
    write: Write, project: Path, python: Run, tmp_path: Path
) -> None:
    file = write("p/a.py", "from mlops_core.workspace.modules import program_root\nprint(program_root())\n")
    assert python(str(file), cwd=tmp_path) == str(project)


def test_an_installed_command_is_no_project(write: Write, project: Path, python: Run) -> None:
    write(
        "test_a.py", "from mlops_core.workspace.modules import *\ndef test_a():\n    print(program_root())\n"
    )
    assert f"{project}\n" in python("-m", "pytest", "-qs", "-p", "no:cacheprovider", "test_a.py")


def test_the_project_of_a_loaded_target_is_the_programs(
    write: Write, load: Run, project: Path, tmp_path: Path
) -> None:
    write(
        "p/pipe.py",
        "from mlops_core.workspace.modules import alias_main, program_root\nname = alias_main()\n",
    )
    write("p/lib.py", MODEL)
    code = (
        f"import os\nos.chdir({str(tmp_path)!r})\n"
        "import lib\nprint(module.name, module.program_root(), lib.__name__, module.alias_main())"
    )
    assert load("p/pipe.py", code) == f"__main__ {project} p.lib __main__"


def test_a_session_without_a_file_uses_the_project_of_the_folder(
    write: Write, project: Path, python: Run
) -> None:
    write("lib/steps.py", "")
    (project / "sub").mkdir()
    code = ALIAS + "alias_main()\nimport lib.steps\nprint(canonical_name(lib.steps))"
    assert python("-c", code, cwd=project / "sub") == "lib.steps"
