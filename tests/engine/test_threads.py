"""Large values are hashed by several threads: the digests, the sink and the process must not notice."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import mlops_core
from mlops_core.engine import _hash
from mlops_core.engine._arrays import array_grid

COUNTS = (1, 2, 3, 16, 99)


@pytest.fixture(params=COUNTS)
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    _hash.limit_threads(request.param)
    yield request.param
    _hash.limit_threads(0)


def large() -> npt.NDArray[np.int64]:
    return (np.arange(9 << 17) * 7919).reshape(9, -1)


@pytest.mark.parametrize("select", [np.s_[:], np.s_[:, ::3], np.s_[::-1], np.s_[1:, 5:]])
def test_any_number_of_threads_gives_the_same_cells(threads: int, select: Any, reference_cells: Any) -> None:
    array = large()[select]
    assert array_grid(array).cells == reference_cells(array)


@pytest.mark.parametrize("step", [1, 2])
def test_the_sink_gets_the_cells_in_order(threads: int, step: int) -> None:
    array, taken = large()[:, ::step], bytearray()
    grid = array_grid(array, lambda digest, pieces: check(digest, pieces, taken))
    assert bytes(taken) == array.tobytes()
    assert grid.cells == array_grid(array).cells


def check(digest: bytes, pieces: tuple[memoryview, ...], taken: bytearray) -> None:
    assert _hash.xxh3_128(b"".join(pieces)) == digest
    taken += b"".join(pieces)


def test_the_number_of_threads_is_limited() -> None:
    _hash.limit_threads(2)
    assert _hash.threads() == 2
    _hash.limit_threads(0)
    assert 1 <= _hash.threads() <= len(os.sched_getaffinity(0))
    with pytest.raises(ValueError, match="-1 threads"):
        _hash.limit_threads(-1)


def test_several_callers_at_once_are_served() -> None:
    _hash.limit_threads(4)
    arrays = [large() + i for i in range(4)]
    expected = [array_grid(array).digest for array in arrays]
    found: dict[int, bytes] = {}

    def work(i: int) -> None:
        for _ in range(5):
            found[i] = array_grid(arrays[i]).digest

    callers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    _hash.limit_threads(0)
    assert [found[i] for i in range(4)] == expected


def output_of(script: str) -> str:
    source = str(Path(mlops_core.__path__[0]).parent)
    environment = {**os.environ, "PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1"}
    begin = "import os, resource\nimport numpy as np\nfrom mlops_core.engine import _arrays, _hash\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + script], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stderr == ""
    return done.stdout


def test_small_values_start_no_thread_and_large_ones_do() -> None:
    script = """
_hash.limit_threads(3)
count = lambda: len(os.listdir("/proc/self/task"))
before = count()
_arrays.array_grid(np.zeros(3 << 17)); print(count() - before)
_arrays.array_grid(np.zeros(9 << 17)); print(count() - before)
"""
    assert output_of(script) == "0\n2\n"


def test_a_forked_child_hashes_with_threads_of_its_own() -> None:
    script = """
_hash.limit_threads(3)
data = np.arange(9 << 17)
digest = _arrays.array_grid(data).digest
child = os.fork()
if child == 0:
    same = _arrays.array_grid(data).digest == digest
    os._exit(len(os.listdir("/proc/self/task")) if same else 99)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), _arrays.array_grid(data).digest == digest)
"""
    assert output_of(script) == "3 True\n"


def test_gathering_a_large_view_takes_little_memory() -> None:
    script = """
view = np.broadcast_to(np.arange(1024.0), (1 << 15, 1024))
_arrays.array_grid(view[:64])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_arrays.array_grid(view)
_arrays.array_grid(view, lambda digest, pieces: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10)
"""
    assert output_of(script) == "True\n"
