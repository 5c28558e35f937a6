"""What a call does."""

TWICE = """
@step
def twice(x: int) -> int:
    print("twice runs")
    return 2 * x
"""
WORK = (
    TWICE
    + """
@pipeline
def work() -> int:
    return twice(twice(1))
"""
)
FILL = """
@step
def fill(a: np.ndarray, items: list) -> list:
    print("fill runs")
    items.append(float(a.sum()))
    try:
        a[0] = 7
    except ValueError:
        items.append("read-only")
    return items
"""


def test_in_a_body_a_call_is_always_deferred(project):
    """In a pipeline body a call of a step is always deferred."""
    project.pipe(
        TWICE
        + """
@pipeline
def work() -> int:
    value = twice(1)
    print(isinstance(value, int), file=sys.stderr)
    return twice(value)
"""
    )
    ended = project.run()
    assert ended.err.splitlines()[0] == "False"
    assert ended.outputs == {"output": 4}
    assert list(ended.steps) == ["twice", "twice_2"]


def test_inside_a_running_step_a_call_is_the_plain_function(project):
    """Inside a running step a call of a step is the plain function."""
    project.pipe(
        TWICE
        + """
@step
def outer(x: int) -> int:
    return twice(x) + twice(x)

@pipeline
def work() -> int:
    return outer(3)
"""
    )
    ended = project.run()
    assert ended.steps == {"outer": "ran"}
    assert ended.outputs == {"output": 12}
    assert ended.err.count("twice runs") == 2


def test_inside_a_running_step_map_and_product_are_plain_loops(project):
    """`.map` and `.product` are plain loops there, their result a list of values."""
    project.pipe("""
@step
def add(x: int, y: int = 0) -> int:
    return x + y

@step
def outer() -> list:
    return [add.map([1, 2], [10, 20]), add.product(x=[1, 2], y=[0, 5]), add.partial(1).map(y=range(2))]

@pipeline
def work() -> list:
    return outer()
""")
    assert project.run().outputs == {"output": [[11, 22], [1, 6, 2, 7], [1, 2]]}


def test_under_cache_off_a_call_is_the_plain_function(project):
    """Under `MLOPS_CACHE=off` a call is the plain function."""
    code = (
        TWICE
        + """
twice(3)
print(json.dumps([twice(3), twice.map([1, 2]), twice.product(x=[4])]))
"""
    )
    ended = project.script(code, MLOPS_CACHE="off")
    assert ended.value == [6, [2, 4], [8]]
    assert ended.out.count("twice runs") == 5
    assert not (project.root / ".mlops").exists()


def test_anywhere_else_it_is_a_cached_call_that_returns_the_value(project):
    """Anywhere else it is a cached call that returns the value."""
    code = TWICE + "print(json.dumps([twice(3), twice(3), twice(x=3)]))"
    first = project.script(code)
    assert first.value == [6, 6, 6]
    assert first.out.count("twice runs") == 1
    again = project.script(code)
    assert again.value == [6, 6, 6]
    assert "twice runs" not in again.out


def test_a_cached_map_gives_a_list_of_values(project):
    """A map outside a pipeline: cached calls, their results in a list."""
    code = TWICE + "print(json.dumps([twice.map([1, 2, 1]), twice.product(x=[1, 2])]))"
    ended = project.script(code)
    assert ended.value == [[2, 4, 2], [2, 4]]
    assert ended.out.count("twice runs") == 2


def test_a_cached_call_gives_the_stored_value_on_the_first_call_too(project):
    """A cached call gives the stored value, on the first call too."""
    code = """
kept = []

@step
def make() -> dict:
    value = {"a": [1]}
    kept.append(value)
    return value

@step
def table() -> np.ndarray:
    return np.asfortranarray(np.arange(6.0).reshape(2, 3))

first = make()
first["a"].append(2)
array = table()
print(json.dumps([kept[0], make(), array.flags.writeable, array.flags.c_contiguous]))
"""
    assert project.script(code).value == [{"a": [1]}, {"a": [1]}, False, True]


def test_a_hit_and_a_miss_leave_the_callers_objects_alike(project):
    """The function gets read-only views of arrays and Arrow tables, and private copies of everything
    mutable, so a hit and a miss leave the caller's objects alike."""
    code = (
        FILL
        + """
a, items = np.ones(4), [1]
result = fill(a, items)
print(json.dumps([result, items, a.tolist(), a.flags.writeable]))
"""
    )
    for runs in (1, 0):
        ended = project.script(code)
        assert ended.value == [[1, 4.0, "read-only"], [1], [1.0, 1.0, 1.0, 1.0], True]
        assert ended.out.count("fill runs") == runs


def test_objects_given_to_a_cached_call_stay_the_callers(project):
    """Private copies of everything mutable: objects with state among it, however deep."""
    code = """
@dataclass
class Box:
    items: list

@step
def change(box: Box, frame: dict) -> int:
    box.items.append(1)
    frame["array"] = None
    return len(box.items)

box, frame = Box([]), {"array": np.zeros(3)}
print(json.dumps([change(box, frame), box.items, frame["array"] is None]))
"""
    for _ in range(2):
        assert project.script(code).value == [1, [], False]


def test_cached_calls_belong_to_one_session_run_per_process(project):
    """Such calls belong to one session run per process (hits are counted in batches)."""
    project.script(TWICE + "print([twice(1), twice(2), twice(1)])")
    project.script(TWICE + "print([twice(1) for _ in range(50)])")
    listed = project.mlops("runs", "ls", "--json").document
    assert [(run["run"], run["pipeline"], run["status"]) for run in listed["runs"]] == [
        (2, "script.py", "succeeded"), (1, "script.py", "succeeded"),
    ]  # fmt: skip
    shown = project.mlops("runs", "show", "2", "--json")
    assert shown.steps == {"twice": "cached"}
    assert "50 calls" in shown.reason("twice")


def test_calls_from_several_threads_share_the_session_run(project):
    """Such calls belong to one session run per process, whichever thread makes them; none is lost."""
    ended = project.script(
        TWICE
        + """
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(8) as threads:
    print(sum(threads.map(twice, range(40))))
"""
    )
    assert ended.out.splitlines()[-1] == str(2 * sum(range(40)))
    (run,) = project.mlops("runs", "--json").document["runs"]
    steps = project.mlops("runs", "show", str(run["run"]), "--json").document["steps"]
    assert [step["status"] for step in steps] == ["ran"] * 40


def test_fingerprint_alone_creates_no_state(project):
    """`fingerprint()` alone creates no state."""
    assert project.script("print(json.dumps(fingerprint([1, np.ones(3)])))").value.startswith("xxh3:")
    assert not (project.root / ".mlops").exists()


def test_a_run_under_cache_off_executes_every_step(project):
    """A run under `MLOPS_CACHE=off` or `--no-cache` executes every step, looks nothing up and records
    nothing for reuse."""
    project.pipe(WORK)
    ran = {"twice": "ran", "twice_2": "ran"}
    assert project.run("--no-cache").steps == ran
    assert project.run(MLOPS_CACHE="off").steps == ran
    assert project.run().steps == ran
    assert project.run("--no-cache").steps == ran
    assert project.run(MLOPS_CACHE="off").steps == ran
    assert project.run().steps == {"twice": "cached", "twice_2": "cached"}


def test_a_python_run_under_cache_off(project):
    """The same for a run that Python starts: a pipeline still runs, and records nothing for reuse."""
    code = (
        WORK
        + """
run = work.run()
print(json.dumps([run.status, {s.name: s.status for s in run.steps}, run.outputs["output"], work()]))
"""
    )
    for _ in range(2):
        assert project.script(code, MLOPS_CACHE="off").value == [
            "succeeded", {"twice": "ran", "twice_2": "ran"}, 4, 4,
        ]  # fmt: skip
    assert project.script(code).value[1] == {"twice": "ran", "twice_2": "ran"}


def test_when_outside_a_body_raises_and_says_what_to_write(project):
    """`when` outside a body raises and says what to write."""
    ended = project.script("with when(True):\n    pass")
    assert ended.status == 1
    assert "CallNotAllowed" in ended.err
    assert "write a plain `if`" in ended.err


def test_a_pipeline_called_inside_a_running_step_raises(project):
    """A pipeline called inside a running step raises and says what to write."""
    project.pipe(
        TWICE
        + """
@pipeline
def inner() -> int:
    return twice(1)

@step
def outer() -> int:
    return inner()

@pipeline
def work() -> int:
    return outer()
"""
    )
    ended = project.run(target="pipe.py:work")
    assert ended.steps == {"outer": "failed"}
    assert "`inner` was called inside a running step" in ended.error["message"]
    assert "Call `inner(...)` in the pipeline body" in ended.err


def test_wrapped_is_the_plain_function(project):
    """`train.__wrapped__` is the plain function."""
    ended = project.script(TWICE + "print(json.dumps([twice.__wrapped__(1), twice.__wrapped__(1)]))")
    assert ended.value == [2, 2]
    assert ended.out.count("twice runs") == 2


def test_plan_says_without_running_what_would_happen_and_why(project):
    """`train.plan(table)` says, without running, what would happen and why."""
    code = (
        TWICE
        + """
plans = [twice.plan(1)]
twice(1)
plans += [twice.plan(1), twice.plan(x=2)]
print(json.dumps([[plan.verdict, plan.reason] for plan in plans]))
"""
    )
    ended = project.script(code)
    verdicts, reasons = zip(*ended.value, strict=True)
    assert verdicts == ("run", "cached", "run")
    assert ended.out.count("twice runs") == 1
    assert reasons == ("no earlier result of this step", "from run 1", "argument x 1 → 2")


def test_lambdas_and_closures_are_steps(project):
    """A step is a plain function, lambda or closure."""
    code = """
def factory(n):
    @step(name=f"add{n}")
    def add(x: int) -> int:
        return x + n
    return add

square = step(lambda x: x * x)
values = [square(3), factory(1)(1), factory(2)(1)]
print(json.dumps([*values, square.plan(3).verdict, factory(2).plan(1).verdict]))
"""
    assert project.script(code).value == [9, 2, 3, "cached", "cached"]


def test_async_functions_and_methods_are_refused_when_decorated(project):
    """`async def` and methods are refused when decorated."""
    for body, told in (
        ("@step\nasync def f(): ...", "async def"),
        ("class C:\n    @step\n    def f(self): ...", "methods are not supported"),
        ("class C:\n    def f(self): ...\nstep(C().f)", "plain function"),
    ):
        ended = project.script(body)
        assert ended.status == 1
        assert "StepDefinitionError" in ended.err
        assert told in ended.err


def test_generators_of_batches_and_readers_become_one_table(project):
    """A generator of `RecordBatch` and a `RecordBatchReader` are stored as one table."""
    project.pipe("""
def batches():
    for start in (0, 2):
        yield pa.record_batch({"x": [start, start + 1]})

@step
def generated():
    yield from batches()

@step
def read():
    return pa.RecordBatchReader.from_batches(pa.schema({"x": pa.int64()}), batches())

@step
def look(a, b) -> list:
    return [type(a).__name__, type(b).__name__, a["x"].to_pylist(), b["x"].to_pylist()]

@pipeline
def work() -> list:
    return look(generated(), read())
""")
    assert project.run().outputs == {"output": ["Table", "Table", [0, 1, 2, 3], [0, 1, 2, 3]]}


def test_other_generators_become_the_list_of_what_they_yield(project):
    """Any other generator is stored as the list of what it yields."""
    project.pipe("""
@step
def count(n: int):
    for i in range(n):
        yield i

@pipeline
def work(n: int = 3) -> list:
    return count(n)
""")
    assert project.run().outputs == {"output": [0, 1, 2]}
    assert project.run().steps == {"count": "cached"}
    assert project.run("-p", "n=0").outputs == {"output": []}
