"""Maps."""

import pytest

STEPS = """
@step
def train(table: object, depth: int = 1, lr: float = 0.0) -> list:
    return [table, depth, lr]

@step
def numbers(n: int) -> list:
    return list(range(n))

@step
def choose(models: list) -> list:
    return models
"""


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_map_varies_its_arguments_together(project, options):
    """`train.map(parts)` varies every argument it is given, together. Downstream gets a list in order."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> list:
    return choose(train.map(["a", "b"], depth=[4, 6]))
"""
    )
    ended = project.run(*options)
    assert ended.outputs == {"output": [["a", 4, 0.0], ["b", 6, 0.0]]}
    assert list(ended.steps) == ["train[0]", "train[1]", "choose"]


def test_lengths_must_agree(project):
    """Lengths must agree, else the map fails."""
    project.pipe(
        STEPS
        + """
@pipeline
def plain() -> list:
    return train.map([1, 2], depth=[4, 6, 8])

@pipeline
def deferred() -> list:
    return train.map(numbers(2), depth=[4, 6, 8])
"""
    )
    for name in ("plain", "deferred"):
        ended = project.run(target=f"pipe.py:{name}")
        assert ended.status == 1
        assert "lengths differ" in ended.error["message"]
        assert ended.document["status"] == "failed"


def test_product_takes_every_combination_the_last_varying_fastest(project):
    """`train.product(depth=[4, 6], lr=[.1, .2])` takes the product, one flat list, the last argument varying
    fastest."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> list:
    return choose(train.partial("t").product(depth=[4, 6], lr=[0.1, 0.2]))

@pipeline
def turned() -> list:
    return train.product(["t"], lr=[0.1, 0.2], depth=[4, 6])
"""
    )
    assert project.run(target="pipe.py:work").outputs["output"] == [
        ["t", 4, 0.1], ["t", 4, 0.2], ["t", 6, 0.1], ["t", 6, 0.2],
    ]  # fmt: skip
    ended = project.run(target="pipe.py:turned")
    assert ended.outputs["output"] == [["t", 4, 0.1], ["t", 6, 0.1], ["t", 4, 0.2], ["t", 6, 0.2]]
    assert list(ended.steps) == [f"train[{i}]" for i in range(4)]
    assert set(ended.steps.values()) == {"cached"}


def test_what_stays_the_same_goes_before(project):
    """What stays the same goes before: `train.partial(table).map(depth=[4, 6])`."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> list:
    return train.partial(numbers(2), lr=0.5).map(depth=[4, 6])
"""
    )
    assert project.run().outputs == {"output": [[[0, 1], 4, 0.5], [[0, 1], 6, 0.5]]}


def test_a_mapped_argument_may_be_deferred(project):
    """A mapped argument is a list, tuple or range, or a deferred one known only when upstream has run."""
    project.pipe(
        STEPS
        + """
@pipeline
def work(n: int = 2) -> dict:
    return {
        "deferred": train.map(numbers(n)),
        "tuple": train.map((1,)),
        "range": train.map(range(2)),
        "mixed": train.map([7, numbers(1)[0]]),
    }
"""
    )
    ended = project.run()
    assert {name: [v[0] for v in values] for name, values in ended.outputs.items()} == {
        "deferred": [0, 1], "tuple": [1], "range": [0, 1], "mixed": [7, 0],
    }  # fmt: skip
    grown = project.run("-p", "n=3")
    assert [grown.steps[f"train[{i}]"] for i in range(3)] == ["cached", "cached", "ran"]


def test_a_table_gives_its_batches(project):
    """A table gives its batches."""
    project.pipe("""
@step
def table() -> pa.Table:
    return pa.table({"x": range(70_000)})

@step
def rows(batch) -> list:
    return [type(batch).__name__, batch.num_rows]

@step
def total(batch) -> int:
    return batch.num_rows

@pipeline
def work() -> dict:
    return {"deferred": rows.map(table()), "plain": rows.map(pa.table({"x": [1, 2]}))}
""")
    outputs = project.run().outputs
    assert {kind for kind, _ in outputs["deferred"]} == {"RecordBatch"}
    assert sum(count for _, count in outputs["deferred"]) == 70_000
    assert len(outputs["deferred"]) > 1
    assert outputs["plain"] == [["RecordBatch", 2]]


def test_a_folder_gives_its_files_sorted_by_name(project):
    """A folder gives its files sorted by name."""
    project.write({"data/b.txt": "b", "data/a.txt": "a", "data/c.txt": "c", "data/sub/d.txt": "d"})
    project.pipe("""
@step
def read(file: Path) -> list:
    return [file.name, file.read_text()]

@pipeline
def work(folder: Path = Path("data")) -> list:
    return read.map(folder)
""")
    assert project.run().outputs == {"output": [["a.txt", "a"], ["b.txt", "b"], ["c.txt", "c"]]}
    project.write({"data/b.txt": "B"})
    ended = project.run()
    assert ended.steps == {"read[0]": "cached", "read[1]": "ran", "read[2]": "cached"}
    assert "data/b.txt changed" in ended.reason("read[1]")


def test_a_folder_that_a_step_returns_gives_its_files(project):
    """A folder gives its files: also one that a step made."""
    project.pipe("""
@step
def make() -> Path:
    folder = Path("made")
    folder.mkdir(exist_ok=True)
    for name in ("b", "a"):
        (folder / f"{name}.txt").write_text(name)
    return folder

@step
def read(file: Path) -> str:
    return file.name + file.read_text()

@pipeline
def work() -> list:
    return read.map(make())
""")
    assert project.run().outputs == {"output": ["a.txta", "b.txtb"]}
    again = project.run()
    assert again.outputs == {"output": ["a.txta", "b.txtb"]}
    assert set(again.steps.values()) == {"cached"}


@pytest.mark.parametrize("value", ["'text'", "{'a': 1}", "5", "None", "{1, 2}"])
def test_anything_else_raises(project, value):
    """Anything else raises."""
    project.pipe(
        STEPS
        + f"""
@step
def make() -> object:
    return {value}

@pipeline
def plain() -> list:
    return train.map({value})

@pipeline
def deferred() -> list:
    return train.map(make())
"""
    )
    for name in ("plain", "deferred"):
        ended = project.run(target=f"pipe.py:{name}")
        assert ended.status in (1, 2)
        assert "cannot be listed" in ended.error["message"]


def test_only_items_are_listed_and_a_second_map_is_numbered(project):
    """Only items are listed, never the map: `train[0]`, `train[1]`, ...; a second map of `train` is
    `train_2[0]`, .... An item's step run has `.arguments`."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> list:
    return [train.map([1, 2], depth=[3, 4]), train.map(["z"])]
"""
    )
    ended = project.script("""
from pipe import work
run = work.run()
print(json.dumps({s.name: s.arguments for s in run.steps}))
""")
    assert ended.value == {
        "train[0]": {"table": "1", "depth": "3", "lr": "0.0"},
        "train[1]": {"table": "2", "depth": "4", "lr": "0.0"},
        "train_2[0]": {"table": "'z'", "depth": "1", "lr": "0.0"},
    }


def test_where_the_length_is_unknown_there_is_one_row(project):
    """Where the length is unknown (in a plan; blocked or skipped upstream) there is one row `train`; an empty
    map has none."""
    project.pipe(
        STEPS
        + """
@step
def broken() -> list:
    raise ValueError("no")

@pipeline
def work(n: int = 2) -> list:
    return train.map(numbers(n))

@pipeline
def failing() -> list:
    return train.map(broken())

@pipeline
def skipping() -> list:
    with when(False):
        parts = numbers(2)
    return train.map(parts)

@pipeline
def failing_beside() -> list:
    broken()
    return train.map([1, 2])
"""
    )
    assert project.plan(target="pipe.py:work").steps == {"numbers": "run", "train": "unknown"}
    assert project.run(target="pipe.py:failing").steps == {"broken": "failed", "train": "blocked"}
    assert project.run(target="pipe.py:skipping").steps == {"numbers": "skipped", "train": "skipped"}
    empty = project.run("-p", "n=0", target="pipe.py:work")
    assert empty.steps == {"numbers": "ran"}
    assert empty.outputs == {"output": []}
    assert project.plan("-p", "n=0", target="pipe.py:work").steps == {"numbers": "cached"}
    project.run(target="pipe.py:work")
    known = project.plan(target="pipe.py:work")
    assert known.steps == {"numbers": "cached", "train[0]": "cached", "train[1]": "cached"}


def test_items_cancelled_when_another_step_fails_are_listed(project):
    """Only items are listed; `cancelled`: ready, but not started because the run ended."""
    project.pipe(
        STEPS
        + """
@step
def broken() -> list:
    raise ValueError("no")

@pipeline
def work() -> list:
    broken()
    return train.map([1, 2])
"""
    )
    ended = project.run()
    assert ended.steps["broken"] == "failed"
    assert set(ended.steps.values()) == {"failed", "cancelled"}


def test_asking_a_run_for_a_map_raises_and_names_the_items(project):
    """`run["train"]` of a map raises and names the items."""
    project.pipe(
        STEPS
        + """
@pipeline
def work() -> list:
    return train.map([1, 2])
"""
    )
    ended = project.script("""
from pipe import work
run = work.run()
try:
    run["train"]
except LookupError as error:
    print("lookup")
except Exception as error:
    print(error)
print(json.dumps([run["train[1]"].output, run["train[0]"].status]))
""")
    assert ended.value == [[2, 1, 0.0], "ran"]
    assert "train[0]" in ended.out
    assert "train[1]" in ended.out


def test_a_map_of_a_map(project):
    """Downstream gets a list in order: a map over a map goes item by item, and cuts off early."""
    project.pipe(
        STEPS
        + """
@step
def parity(n: int) -> int:
    return n % 2

@step
def name(p: int) -> str:
    return f"p{p}"

@pipeline
def work(start: int = 0) -> list:
    return name.map(parity.map([start, start + 1]))
"""
    )
    assert project.run().outputs == {"output": ["p0", "p1"]}
    ended = project.run("-p", "start=2")
    assert ended.steps == {"parity[0]": "ran", "parity[1]": "ran", "name[0]": "cached", "name[1]": "cached"}
    part = project.run("-p", "start=1")
    assert part.outputs == {"output": ["p1", "p0"]}
    assert set(part.steps.values()) == {"cached"}
