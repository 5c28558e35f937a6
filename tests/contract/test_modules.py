"""Modules and the project root."""

import pytest

PIPE = """
from mlops_core import pipeline, step

class Model:
    def __init__(self, x):
        self.x = x

@step
def fit(x: int) -> Model:
    return Model(x)

@step
def use(model: Model) -> list:
    return [type(model).__module__, isinstance(model, Model), model.x]

@pipeline
def work(x: int = 1) -> list:
    return use(fit(x))
"""


def test_a_module_has_one_name_its_path_from_the_root(project):
    """A first-party module has one name, its path from the root; `__name__` of a target is not
    `"__main__"`."""
    project.write({"flows/train.py": PIPE + "\nprint('name', __name__)\n"})
    ended = project.run(target="flows/train.py")
    assert "name flows.train" in ended.err
    assert ended.outputs == {"output": ["flows.train", True, 1]}


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_target_folder_and_root_are_on_the_path(project, options):
    """The target's folder and the root are on `sys.path`, and importing the same file under its short name
    gives the same module object, also when unpickling."""
    project.write({
        "flows/train.py": PIPE.replace("class Model", "import near, flows.near, far.away\nclass Model") + """

@step
def look() -> list:
    import sys, train, flows.train, flows.near
    return [near is flows.near, train is flows.train, train is sys.modules[__name__], far.away.VALUE]

@pipeline
def names() -> list:
    return look()
""",
        "flows/near.py": "VALUE = 1\n",
        "far/away.py": "VALUE = 2\n",
    })  # fmt: skip
    assert project.run(*options, target="flows/train.py:names").outputs == {"output": [True, True, True, 2]}
    ended = project.run(*options, target="flows/train.py:work")
    assert ended.outputs == {"output": ["flows.train", True, 1]}


@pytest.mark.parametrize("name", ["my-pipe.py", "2023 report.py", "class.py"])
def test_a_file_whose_name_is_no_identifier(project, name):
    """A file whose name is no identifier is imported under that name all the same."""
    project.write({f"flows/{name}": PIPE})
    module = "flows." + name.removesuffix(".py")
    for options in ((), ("--force", "use"), ("-j", "2", "--force", "use")):
        assert project.run(*options, target=f"flows/{name}").outputs == {"output": [module, True, 1]}


def test_a_script_the_command_and_a_worker_agree(project):
    """Classes and functions of a `__main__` script are fingerprinted and pickled under its one name, so
    `python pipe.py`, `mlops run pipe.py` and a worker agree."""
    guarded = (
        PIPE
        + """
if __name__ == "__main__":
    import json
    run = work.run()
    print(json.dumps([run.outputs["output"][1:], {s.name: s.status for s in run.steps}]))
"""
    )
    project.write({"pipe.py": guarded})
    ran, cached = {"fit": "ran", "use": "ran"}, {"fit": "cached", "use": "cached"}
    assert project.python("pipe.py").value == [[True, 1], ran]
    assert project.run().steps == cached
    assert project.run("-j", "2").steps == cached
    assert project.run("-j", "2", "-p", "x=2").steps == ran
    project.edit("x: int = 1", "x: int = 2")
    assert project.python("pipe.py").value == [[True, 2], cached]


def test_moving_a_step_keeps_its_hits(project):
    """A step's name and place are not in its key (its module's name is no behaviour)."""
    project.write(
        {
            "pipe.py": """
from mlops_core import pipeline, step

@step
def fit(x: int) -> int:
    return x + 1

@pipeline
def work() -> int:
    return fit(1)
"""
        }
    )
    assert project.run().steps == {"fit": "ran"}
    project.write({"flows/moved.py": (project.root / "pipe.py").read_text()})
    assert project.run(target="flows/moved.py").steps == {"fit": "cached"}


def test_steps_run_in_the_callers_working_directory(project):
    """Steps run in the caller's working directory."""
    project.write({"here/x": ""})
    project.pipe("""
import os

@step
def where() -> str:
    return os.getcwd()

@pipeline
def work() -> str:
    return where()
""")
    here = project.root / "here"
    for options in ((), ("-j", "2")):
        assert project.run(*options).outputs == {"output": str(project.root)}
        assert project.run(*options, target="../pipe.py", cwd=here).outputs == {"output": str(here)}


def test_a_target_by_module_and_by_name(project):
    """TARGET = FILE.py[:NAME] | package.module:NAME | a name from mlops.toml."""
    project.write({
        "flows/__init__.py": "",
        "flows/train.py": PIPE,
        "mlops.toml": '[pipelines.daily]\nentry = "flows/train.py:work"\n',
    })  # fmt: skip
    for target in ("flows/train.py", "flows/train.py:work", "flows.train:work", "daily"):
        ended = project.run(target=target)
        assert ended.outputs == {"output": ["flows.train", True, 1]}
        assert ended.document["pipeline"] == "work"
    assert set(ended.steps.values()) == {"cached"}


def test_several_pipelines_and_no_name(project):
    """`mlops run FILE.py` with several pipelines and no name says which there are (a pipeline called `main`,
    or named like the file, is taken)."""
    two = """
from mlops_core import pipeline, step

@step
def f() -> int:
    return 1

@pipeline
def one() -> int:
    return f()

@pipeline
def two() -> int:
    return f()
"""
    project.write({"flow.py": two})
    ended = project.run(target="flow.py")
    assert ended.status == 2
    assert "one, two" in ended.error["message"]
    for name in ("main", "flow"):
        project.write({"flow.py": two.replace("def two", f"def {name}")})
        assert project.run(target="flow.py").document["pipeline"] == name


def state_places(project) -> set[str]:
    """Where state folders were made, from the folder above the root."""
    above = project.root.parent
    return {str(path.parent.relative_to(above)) for path in above.rglob(".mlops")}


@pytest.mark.parametrize(
    ("marks", "root"),
    [
        (["project/a/mlops.toml"], "project/a"),
        (["project/a/pyproject.toml:[tool.mlops]\n", "project/.git/HEAD"], "project/a"),
        (["project/.git/HEAD"], "project"),
        (["project/a/pyproject.toml:[project]\n"], "project/a"),
        (["project/mlops.toml", "project/a/.git/HEAD"], "project"),
        (["project/a/.mlops/VERSION:1\n", "project/a/b/.git/HEAD"], "project/a"),
        ([], "project/a/b"),
    ],
)  # fmt: skip
def test_where_the_project_root_is(project, marks, root):
    """The project root is the nearest folder at or above the target that has `mlops.toml`, `[tool.mlops]` in
    pyproject.toml, or `.mlops/`; else the nearest with `.git` or pyproject.toml; else that folder itself."""
    (project.root / "mlops.toml").unlink()
    for mark in marks:
        name, _, text = mark.partition(":")
        project.write({f"../{name}": text})
    project.write({"a/b/pipe.py": PIPE})
    assert project.run(target="a/b/pipe.py").status == 0
    assert state_places(project) == {root}
    project.write({"a/b/script.py": "from pipe import work\nwork()\n"})
    assert project.python("a/b/script.py", cwd=project.root.parent).status == 0
    assert state_places(project) == {root}


def test_mlops_state_dir_puts_the_state_elsewhere(project, tmp_path):
    """`MLOPS_STATE_DIR` puts it elsewhere."""
    project.write({"pipe.py": PIPE})
    elsewhere = str(tmp_path / "elsewhere")
    assert project.run(MLOPS_STATE_DIR=elsewhere).status == 0
    assert not (project.root / ".mlops").exists()
    assert set(project.run("-j", "2", MLOPS_STATE_DIR=elsewhere).steps.values()) == {"cached"}
    assert set(project.run("-j", "2", "-p", "x=3", MLOPS_STATE_DIR=elsewhere).steps.values()) == {"ran"}
    assert not (project.root / ".mlops").exists()


def test_the_state_can_be_copied_and_moved(project, make_project):
    """`.mlops/` at the root is the state; it can be copied, moved."""
    import shutil

    project.write({"pipe.py": PIPE})
    project.run()
    other = make_project("other")
    shutil.copytree(project.root, other.root, dirs_exist_ok=True)
    assert set(other.run().steps.values()) == {"cached"}
    assert other.run("-p", "x=2").document["run"] == 3
