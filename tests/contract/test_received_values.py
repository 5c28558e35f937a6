"""Values that steps receive."""

import pytest

MAKE = """
@step
def make() -> dict:
    from sklearn.linear_model import LinearRegression
    import pandas as pd
    x = np.arange(10_000.0).reshape(-1, 1)
    return {
        "array": np.arange(10_000.0),
        "table": pa.table({"x": np.arange(10_000)}),
        "frame": pd.DataFrame({"x": np.arange(10_000.0)}),
        "model": LinearRegression().fit(x, x[:, 0]),
        "list": [1, 2],
    }
"""


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_arrays_and_tables_are_read_only(project, options):
    """Arrays and Arrow tables are read-only maps of the store."""
    project.pipe("""
@step
def array() -> np.ndarray:
    return np.zeros(300_000)

@step
def table() -> pa.Table:
    return pa.table({"x": np.zeros(300_000)})

@step
def look(a: np.ndarray, t: pa.Table) -> list:
    try:
        a[0] = 1
        wrote = True
    except ValueError:
        wrote = False
    maps = Path("/proc/self/maps").read_text()
    column = t["x"].chunk(0).to_numpy()
    return [wrote, a.flags.writeable, column.flags.writeable, ".segment" in maps]

@pipeline
def work() -> list:
    return look(array(), table())
""")
    for again in ((), ("--force", "look")) if not options else ((),):
        assert project.run(*options, *again).outputs == {"output": [False, False, False, True]}


def test_everything_else_is_fresh_for_each_consumer(project):
    """Everything else (models, lists, pandas frames, tensors) is fresh for each consumer, its large buffers
    private copy-on-write maps. Code may change what is private; the store never sees it."""
    project.pipe(
        MAKE
        + """
@step
def change(made: dict, salt: int) -> list:
    seen = [
        float(made["frame"]["x"].iloc[0]), float(made["model"].coef_[0]).__round__(6), list(made["list"]),
        sorted(made),
    ]
    made["frame"].iloc[0, 0] = 7.0
    made["frame"]["y"] = 1
    made["model"].coef_[:] = 7
    made["list"].append(3)
    made.pop("table")
    return seen

@pipeline
def work(salt: int = 0) -> list:
    made = make()
    return [change(made, salt), change(made, salt + 1)]
"""
    )
    fresh = [0.0, 1.0, [1, 2], ["array", "frame", "list", "model", "table"]]
    assert project.run().outputs == {"0": fresh, "1": fresh}
    again = project.run("-p", "salt=2")
    assert again.steps == {"make": "cached", "change": "ran", "change_2": "ran"}
    assert again.outputs == {"0": fresh, "1": fresh}


@pytest.mark.parametrize(
    ("how", "options"),
    [("option", ()), ("call", ()), ("nested", ()), ("call", ("-j", "2"))],
    ids=["option", "call", "nested", "workers"],
)
def test_writable_asks_for_a_private_array(project, how, options):
    """`@step(writable=["x"])` and `writable(x)` ask for a private copy-on-write array."""
    option = '(writable=["x"])' if how == "option" else ""
    argument = {"option": "made", "call": "writable(made)", "nested": "writable(made)"}[how]
    value = "[np.zeros(1000)]" if how == "nested" else "np.zeros(1000)"
    project.pipe(f"""
@step
def make() -> object:
    return {value}

@step{option}
def change(x: object, salt: int) -> float:
    array = x[0] if isinstance(x, list) else x
    array[0] += 1
    return float(array[0])

@pipeline
def work(salt: int = 0) -> list:
    made = make()
    return [change({argument}, salt), change({argument}, salt + 1)]
""")
    assert project.run(*options).outputs == {"0": 1.0, "1": 1.0}
    assert project.run("-p", "salt=5").outputs == {"0": 1.0, "1": 1.0}


def test_writable_in_a_cached_call(project):
    """`writable(x)` in a cached call: the step may change it, the caller's array stays as it is."""
    code = """
@step
def change(x: np.ndarray) -> float:
    x[0] += 1
    return float(x[0])

@step(writable=["x"])
def change_too(x: np.ndarray) -> float:
    x[0] += 1
    return float(x[0])

a = np.zeros(1000)
print(json.dumps([change(writable(a)), change_too(a), float(a[0])]))
"""
    for _ in range(2):
        assert project.script(code).value == [1.0, 1.0, 0.0]


def test_what_is_handed_out_has_one_layout(project):
    """What is handed out has one canonical layout, on a first run as on a hit."""
    project.pipe("""
@step
def make() -> np.ndarray:
    return np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::-1]

@step
def look(a: np.ndarray, salt: int) -> list:
    return [a.flags.c_contiguous, a.tolist()]

@pipeline
def work(salt: int = 0) -> list:
    return look(make(), salt)
""")
    expected = [True, [[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]]
    assert project.run().outputs == {"output": expected}
    assert project.run("-p", "salt=1").outputs == {"output": expected}
