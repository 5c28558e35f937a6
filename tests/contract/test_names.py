"""Names and options of steps."""

import pytest

CLEAN = """
@step
def clean(x: int) -> int:
    return x
"""


def test_a_step_called_twice_is_numbered(project):
    """A step called twice in a pipeline is `clean`, `clean_2`, ...."""
    project.pipe(
        CLEAN
        + """
@pipeline
def work() -> list:
    return [clean(1), clean(2), clean(3)]
"""
    )
    assert list(project.run().steps) == ["clean", "clean_2", "clean_3"]


def test_a_taken_name_is_passed_over(project):
    """A name already taken, or belonging to another step of the pipeline, is passed over when numbering."""
    project.pipe(
        CLEAN
        + """
@step
def clean_2(x: int) -> int:
    return -x

@pipeline
def work() -> list:
    return [clean(1), clean(2), clean_2(3), clean.with_options(name="clean_3")(4), clean(5)]
"""
    )
    ended = project.run()
    assert list(ended.steps) == ["clean", "clean_4", "clean_2", "clean_3", "clean_5"]
    assert ended.outputs == {"0": 1, "1": 2, "2": -3, "3": 4, "4": 5}


def test_with_options_names_a_call(project):
    """`clean.with_options(name="clean_test")(table)` names a call."""
    project.pipe(
        CLEAN
        + """
@pipeline
def work() -> list:
    return [clean(1), clean.with_options(name="clean_test")(2)]
"""
    )
    assert list(project.run().steps) == ["clean", "clean_test"]


@pytest.mark.parametrize("command", ["run", "plan"])
def test_two_different_functions_under_one_name_are_an_error(project, command):
    """Two *different* functions under one name are an error; functions are different when their code or
    closure differs (not their identity): factory-made steps need `name=`."""
    project.pipe("""
def factory(n):
    @step
    def add(x: int) -> int:
        return x + n
    return add

@pipeline
def work() -> list:
    return [factory(1)(0), factory(2)(0)]

@pipeline
def same() -> list:
    return [factory(1)(0), factory(1)(1)]

@pipeline
def named() -> list:
    return [factory(1)(0), factory(2).with_options(name="add2")(0)]
""")
    ended = project.mlops(command, "pipe.py:work", "--json")
    assert ended.status == 2
    assert ended.error["code"] == "name_taken"
    assert "name=" in ended.error["hint"]
    assert project.run(target="pipe.py:same").outputs == {"0": 1, "1": 2}
    named = project.run(target="pipe.py:named")
    assert named.outputs == {"0": 1, "1": 2}
    assert list(named.steps) == ["add", "add2"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("@step(memroy='2GiB')\ndef f(): ...", "memroy"),
        ("@step(cache='soon')\ndef f(): ...", "cache"),
        ("@step(ignore=['y'])\ndef f(x): ...", "ignore"),
        ("@step(name='a b')\ndef f(x): ...", "name"),
        ("step(lambda x: x).with_options(nmae='f')", "nmae"),
        ("@pipeline(forse=['f'])\ndef f(): ...", "forse"),
    ],
)  # fmt: skip
def test_a_wrong_option_names_itself_and_what_is_allowed(project, body, told):
    """Options of a step are a fixed list; another is an error that names it."""
    project.pipe(body)
    ended = project.run()
    assert ended.status == 2
    assert ended.error["code"] == "step_option"
    assert told in ended.error["message"]


def test_with_options_takes_every_option_of_the_decorator(project):
    """`.with_options(...)` takes every option of the decorator, on steps and pipelines."""
    code = (
        CLEAN
        + """
@pipeline
def work() -> int:
    return clean(1)

changed = clean.with_options(
    name="c", cache="1d", ignore=["x"], version=2, depends=[clean], writable=["x"]
)
run = work.with_options(name="w", force=["clean"], jobs=1).run()
print(json.dumps([changed(1), run.outputs["output"], run.pipeline, run["clean"].reason]))
"""
    )
    assert project.script(code).value == [1, 1, "w", "forced"]


def test_ignore_leaves_an_argument_out_of_the_key(project):
    """Option `ignore`."""
    project.pipe("""
@step(ignore=["verbose"])
def f(x: int, verbose: bool) -> int:
    return x

@pipeline
def work(x: int = 1, verbose: bool = False) -> int:
    return f(x, verbose)
""")
    assert project.run().steps == {"f": "ran"}
    assert project.run("-p", "verbose=yes").steps == {"f": "cached"}
    assert project.run("-p", "x=2").steps == {"f": "ran"}


def test_version_and_depends_are_part_of_the_key(project):
    """Options `version` and `depends`."""
    project.pipe("""
TABLE = {"a": 1}

@step(version="1", depends=[TABLE])
def f() -> int:
    return 1

@pipeline
def work() -> int:
    return f()
""")
    assert project.run().steps == {"f": "ran"}
    assert project.run().steps == {"f": "cached"}
    project.edit('version="1"', 'version="2"')
    changed = project.run()
    assert changed.steps == {"f": "ran"}
    assert changed.kinds("f") == ["version"]
    project.edit('"a": 1', '"a": 2')
    assert project.run().steps == {"f": "ran"}
    project.edit('"a": 2', '"a": 1')
    project.edit('version="2"', 'version="1"')
    assert project.run().steps == {"f": "cached"}


def test_cache_false_runs_every_time(project):
    """Option `cache` (True | False | a time like "1d")."""
    project.pipe("""
@step(cache=False)
def now() -> int:
    return 1

@step
def after(x: int) -> int:
    return x

@pipeline
def work() -> int:
    return after(now())
""")
    assert project.run().steps == {"now": "ran", "after": "ran"}
    assert project.run().steps == {"now": "ran", "after": "cached"}


def test_a_cache_time_expires(project):
    """Option `cache` with a time: a result older than it is made anew."""
    project.pipe("""
@step(cache="1d")
def f() -> int:
    return 1

@pipeline
def work() -> int:
    return f()
""")
    assert project.run().steps == {"f": "ran"}
    assert project.run().steps == {"f": "cached"}
    project.edit('"1d"', '"0.000001s"')
    ended = project.run()
    assert ended.steps == {"f": "ran"}
    assert ended.kinds("f") == ["expired"]


@pytest.mark.parametrize("annotation", ["-> None", ""], ids=["annotated", "bare"])
def test_a_step_that_returns_none_runs_every_time(project, annotation):
    """A step annotated `-> None`, or unannotated and returning None, is run for what it does, every time."""
    project.pipe(f"""
@step
def publish(x: int) {annotation}:
    print("published")

@pipeline
def work(x: int = 1) -> None:
    publish(x)
""")
    for _ in range(3):
        ended = project.run()
        assert ended.steps == {"publish": "ran"}
        assert "published" in ended.err
        assert "returns nothing" in ended.reason("publish")


@pytest.mark.parametrize("annotation", ["-> None", ""], ids=["annotated", "bare"])
def test_unless_it_says_cache_true(project, annotation):
    """Unless it says `cache=True` (then: once per distinct inputs)."""
    project.pipe(f"""
@step(cache=True)
def publish(x: int) {annotation}:
    print("published")

@pipeline
def work(x: int = 1) -> None:
    publish(x)
""")
    assert project.run().steps == {"publish": "ran"}
    assert project.run().steps == {"publish": "cached"}
    assert project.run("-p", "x=2").steps == {"publish": "ran"}
    assert project.run().steps == {"publish": "cached"}


def test_none_from_a_step_that_may_return_something_is_a_value(project):
    """An annotated step that returns None is no step run for what it does."""
    project.pipe("""
@step
def find(x: int) -> int | None:
    return None

@pipeline
def work() -> object:
    return find(1)
""")
    assert project.run().outputs == {"output": None}
    assert project.run().steps == {"find": "cached"}
