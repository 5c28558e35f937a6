"""Runs in worker processes."""

import time

import pytest

WIDE = """
import os

@step
def load(n: int) -> np.ndarray:
    return np.arange(n, dtype=float)

@step
def part(x: np.ndarray, k: int) -> dict:
    return {"sum": float(x.sum()) * k, "process": os.getpid()}

@step
def total(parts: list) -> Metrics:
    return {"total": sum(p["sum"] for p in parts), "processes": float(len({p["process"] for p in parts}))}

@pipeline
def work(n: int = 200_000) -> dict:
    parts = part.partial(load(n)).map(k=[1, 2, 3])
    return {"parts": parts, "total": total(parts), "here": os.getpid()}
"""


def test_steps_run_in_processes_of_their_own(project):
    """`-j N`: steps run in worker processes, values travel through the store."""
    project.pipe(WIDE)
    ended = project.run("-j", "2")
    assert ended.outputs["here"] not in [part["process"] for part in ended.outputs["parts"]]
    assert [part["sum"] for part in ended.outputs["parts"]] == [19999900000.0 * k for k in (1, 2, 3)]
    assert set(project.run().steps.values()) == {"cached"}
    assert set(project.run("-j", "4").steps.values()) == {"cached"}


def test_two_steps_run_at_the_same_time(project):
    """`-j 2`: two steps that do not depend on each other run at once."""
    project.pipe("""
import time

@step
def meet(mine: str, other: str) -> str:
    Path(mine).touch()
    until = time.monotonic() + 60
    while not Path(other).exists():
        assert time.monotonic() < until, "nobody came"
        time.sleep(0.01)
    return mine

@pipeline
def work() -> list:
    return [meet("a", "b"), meet("b", "a")]
""")
    started = time.monotonic()
    assert project.run("-j", "2").outputs == {"0": "a", "1": "b"}
    assert time.monotonic() - started < 60


def test_a_step_that_fails_in_a_worker(project):
    """A step that fails in a worker is like one that fails here: own exception, user's frames, note."""
    project.pipe("""
class Trouble(Exception):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code = code

@step
def good() -> int:
    return 1

@step
def fail(x: int) -> int:
    raise Trouble(7, "no luck")

@pipeline
def work() -> int:
    return fail(good())
""")
    ended = project.run("-j", "2")
    assert ended.status == 1
    assert ended.steps == {"good": "ran", "fail": "failed"}
    assert "raise Trouble(7" in ended.err
    assert "mlops_core" not in ended.err.partition("error step_failed")[0]
    assert project.run("-j", "2").steps == {"good": "cached", "fail": "failed"}
    code = """
from pipe import Trouble, work
try:
    work.with_options(jobs=2)()
except Trouble as error:
    print(json.dumps([error.code, error.__notes__]))
"""
    code_number, notes = project.script(code).value
    assert code_number == 7
    assert any("'fail'" in note and "run 3" in note for note in notes)


@pytest.mark.parametrize(
    ("death", "told"), [("os.kill(os.getpid(), 9)", "SIGKILL"), ("os._exit(3)", "exit status 3")]
)
def test_a_worker_that_dies_fails_its_step_alone(project, death, told):
    """A worker that dies is the failure of its step; finished steps stay cached."""
    project.pipe(f"""
import os

@step
def good() -> int:
    return 1

@step
def die(x: int) -> int:
    {death}
    return x

@pipeline
def work() -> int:
    return die(good())
""")
    ended = project.run("-j", "2")
    assert ended.status == 1
    assert ended.steps == {"good": "ran", "die": "failed"}
    assert told in ended.error["message"]
    assert project.run("-j", "2").steps == {"good": "cached", "die": "failed"}


def test_steps_that_no_fresh_process_finds_run_here(project):
    """Factory-made steps and lambdas run all the same."""
    project.pipe("""
def factory(n):
    @step(name=f"add{n}")
    def add(x: int) -> int:
        return x + n
    return add

square = step(lambda x: x * x)

@pipeline
def work() -> list:
    return [factory(1)(1), factory(2)(1), square.with_options(name="square")(3)]
""")
    assert project.run("-j", "2").outputs == {"0": 2, "1": 3, "2": 9}
    assert set(project.run("-j", "2").steps.values()) == {"cached"}


def test_undeclared_inputs_are_seen_in_workers(project):
    """A file that a step was seen to read counts, in a worker as here."""
    project.write({"rate.txt": "2"})
    project.pipe("""
@step
def rate(x: int) -> int:
    return x * int(Path("rate.txt").read_text())

@pipeline
def work() -> int:
    return rate(3)
""")
    assert project.run("-j", "2").outputs == {"output": 6}
    assert project.run("-j", "2").steps == {"rate": "cached"}
    assert project.run().steps == {"rate": "cached"}
    project.write({"rate.txt": "5"})
    changed = project.run("-j", "2")
    assert changed.outputs == {"output": 15}
    assert "rate.txt changed" in changed.reason("rate")


def test_what_steps_print_in_workers_stays_off_the_document(project):
    """Machine output on stdout, everything else on stderr: what workers print, too."""
    project.pipe("""
import os

@step
def talk() -> int:
    print("to stdout")
    os.system("echo from a child")
    print("to stderr", file=sys.stderr)
    return 1

@pipeline
def work() -> int:
    return talk()
""")
    ended = project.run("-j", "2")
    assert ended.outputs == {"output": 1}
    for text in ("to stdout", "from a child", "to stderr"):
        assert text in ended.err
