"""Parameters of pipelines."""

import pytest

PIPE = """
import datetime, enum
from typing import Literal

class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"

@dataclass
class Options:
    depth: int
    rates: list[float]

@step
def show(x: object) -> str:
    return repr(x)

@pipeline
def work(x: {annotation}{default}) -> str:
    return show(x)
"""


@pytest.mark.parametrize(
    ("annotation", "given", "value"),
    [
        ("str", "1", "'1'"),
        ("bool", "yes", "True"),
        ("bool", "0", "False"),
        ("int", "1_000", "1000"),
        ("float", "1e3", "1000.0"),
        ("datetime.date", "2024-02-29", "datetime.date(2024, 2, 29)"),
        ("Colour", "RED", "<Colour.RED: 'r'>"),
        ("Colour", "b", "<Colour.BLUE: 'b'>"),
        ("Literal['a', 3]", "3", "3"),
        ("int | None", "null", "None"),
        ("int | str", "7", "7"),
        ("int | str", "x", "'x'"),
        ("list[int]", "1,2", "[1, 2]"),
        ("list[int]", "[1, 2]", "[1, 2]"),
        ("tuple[int, str]", '[1, "a"]', "(1, 'a')"),
        ("dict[str, float]", '{"a": 1}', "{'a': 1.0}"),
        ("Options", '{"depth": 3, "rates": [1]}', "Options(depth=3, rates=[1.0])"),
    ],
)  # fmt: skip
def test_conversion_by_the_annotation(project, annotation, given, value):
    """`-p NAME=VALUE` is converted by the annotation."""
    project.pipe(PIPE.format(annotation=annotation, default=""))
    assert project.run("-p", f"x={given}").outputs == {"output": value}


@pytest.mark.parametrize(
    ("default", "given", "value"), [("3", "4", "4"), ("'a'", "4", "'4'"), ("None", "4", "'4'")]
)
def test_unannotated_by_the_type_of_the_default(project, default, given, value):
    """Unannotated: by the type of the default, else text."""
    project.pipe(PIPE.format(annotation="X", default=f" = {default}").replace("x: X", "x"))
    assert project.run("-p", f"x={given}").outputs == {"output": value}


@pytest.mark.parametrize(
    ("annotation", "given", "told"),
    [
        ("int", "x=many", ["'x'", "many", "int"]),
        ("bool", "x=maybe", ["'x'", "maybe", "yes"]),
        ("Colour", "x=green", ["'x'", "green", "RED", "BLUE"]),
        ("Literal['a', 'b']", "x=c", ["'x'", "'c'", "a, b"]),
        ("int", "y=1", ["'y'", "x"]),
        ("list[int]", "x=1,a", ["x", "a"]),
    ],
)  # fmt: skip
def test_a_wrong_parameter_names_itself(project, annotation, given, told):
    """A wrong parameter names itself, what was given and what is allowed."""
    project.pipe(PIPE.format(annotation=annotation, default=""))
    ended = project.run("-p", given)
    assert ended.status == 2
    assert ended.error["code"] == "parameter"
    for part in told:
        assert part in ended.error["message"] + ended.error["hint"]


def test_a_missing_parameter(project):
    """A parameter without default that was not given is wrong use."""
    project.pipe(PIPE.format(annotation="int", default=""))
    ended = project.run()
    assert ended.status == 2
    assert "'x'" in ended.error["message"]


def test_parameters_of_mlops_toml(project):
    """Its pipeline parameters apply to `mlops run NAME`, never to a call in Python; every run shows where
    each value came from."""
    project.pipe(PIPE.format(annotation="int", default=" = 1"))
    project.write({"mlops.toml": '[pipelines.daily]\nentry = "pipe.py:work"\nparams = { x = 5 }\n'})
    assert project.run(target="daily").outputs == {"output": "5"}
    assert project.run().outputs == {"output": "1"}
    assert project.run("-p", "x=6", target="daily").outputs == {"output": "6"}
    assert project.script("from pipe import work\nprint(json.dumps(work()))").value == "1"
    assert "x=5 (mlops.toml)" in project.mlops("run", "daily").out
    assert "x=1 (default)" in project.mlops("run", "pipe.py").out
    assert "x=7 (command line)" in project.mlops("run", "pipe.py", "-p", "x=7").out


def test_an_unknown_key_of_mlops_toml(project):
    """An unknown key is an error with file, line and the nearest known key."""
    project.pipe(PIPE.format(annotation="int", default=" = 1"))
    project.write({"mlops.toml": '[project]\nname = "a"\n\n[pipelines.daily]\nentri = "pipe.py:work"\n'})
    ended = project.run()
    assert ended.status == 2
    assert "mlops.toml:5" in ended.error["message"]
    assert "entry" in ended.error["message"] + ended.error["hint"]


@pytest.mark.parametrize(
    ("call", "told"),
    [("work(1, 2)", "work"), ("work(y=1)", "y"), ("work()", "x"), ("show()", "x"), ("show(1, z=2)", "z")],
)
def test_calls_are_bound_as_python_binds(project, call, told):
    """Positional, keyword, default, keyword-only and variadic arguments are bound like Python binds them."""
    ended = project.script(PIPE.format(annotation="int", default="") + call)
    assert ended.status == 1
    assert "WrongArguments" in ended.err
    assert told in ended.err


def test_all_kinds_of_arguments(project):
    """Positional, keyword, default, keyword-only and variadic arguments are bound like Python binds them."""
    project.pipe("""
@step
def f(a, /, b, c=3, *rest, d, e=5, **more) -> list:
    return [a, b, c, list(rest), d, e, more]

@pipeline
def work() -> list:
    return [f(1, 2, d=4), f(1, b=2, d=4, c=3, e=5), f(1, 2, 3, 9, 8, d=4, a=7, z=6)]
""")
    ended = project.run()
    assert list(ended.outputs.values()) == [
        [1, 2, 3, [], 4, 5, {}], [1, 2, 3, [], 4, 5, {}], [1, 2, 3, [9, 8], 4, 5, {"a": 7, "z": 6}],
    ]  # fmt: skip
