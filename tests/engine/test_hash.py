"""XXH3-128 against the ``xxhash`` package, which is another build of the algorithm."""

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

import mlops_core
from mlops_core.engine import _hash

# The algorithm changes its way at 16, 128 and 240 bytes, and after each block of 1,024.
EDGES = (0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 256, 257, 511, 512, 1024, 1025, 65535, 65536, 1 << 20)


def exact(length: int) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    """Bytes whose memory ends where they end: what reads on is seen by the sanitizer."""
    return np.random.default_rng(length).integers(0, 256, length, dtype=np.uint8)


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("kernel", _hash.kernels())
def test_every_kernel_gives_the_digest_of_the_package(kernel: str, length: int) -> None:
    data = exact(length)
    assert _hash.xxh3_128_by(kernel, data) == xxhash.xxh3_128_digest(data)
    assert _hash.xxh3_128(data) == xxhash.xxh3_128_digest(data)


@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=5))
def test_pieces_give_the_digest_of_the_whole(data: bytes, cuts: list[int]) -> None:
    hasher = _hash.Hasher()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        hasher.update(np.frombuffer(data[start:end], np.uint8).copy())
        assert hasher.digest() == xxhash.xxh3_128_digest(data[:end])
    assert hasher.digest() == _hash.xxh3_128(data) == xxhash.xxh3_128_digest(data)


@pytest.mark.parametrize("length", [0, 100, 1 << 20, 3_000_001])
def test_long_pieces(length: int) -> None:
    data = exact(length)
    hasher = _hash.Hasher()
    hasher.update(data[: length // 3])
    hasher.update(memoryview(data)[length // 3 :])
    assert hasher.digest() == xxhash.xxh3_128_digest(data)


def test_an_empty_hasher_has_the_digest_of_nothing() -> None:
    assert _hash.Hasher().digest() == xxhash.xxh3_128_digest(b"") == _hash.xxh3_128(b"")


def test_any_contiguous_buffer_is_taken() -> None:
    data = bytes(range(240))
    for buffer in (bytearray(data), memoryview(data), np.frombuffer(data, "<f8").reshape(5, 6)):
        assert _hash.xxh3_128(buffer) == xxhash.xxh3_128_digest(data)


def test_what_is_not_contiguous_is_refused() -> None:
    strided = np.arange(10)[::2]
    for refused in (strided, memoryview(b"abcdef")[::2], np.asfortranarray(np.zeros((2, 3)))):
        with pytest.raises((BufferError, ValueError)):
            _hash.xxh3_128(refused)
        with pytest.raises((BufferError, ValueError)):
            _hash.Hasher().update(refused)


def test_what_has_no_buffer_is_refused() -> None:
    with pytest.raises(TypeError):
        _hash.xxh3_128("text")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _hash.Hasher().update(3)  # type: ignore[arg-type]


def test_an_unusable_kernel_is_refused_loudly() -> None:
    with pytest.raises(ValueError, match="'neon9' does not run here"):
        _hash.xxh3_128_by("neon9", b"")


def test_other_threads_run_while_a_long_buffer_is_hashed() -> None:
    data = exact(1 << 24)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(_hash.xxh3_128(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [xxhash.xxh3_128_digest(data)] * 4


def test_a_hasher_fed_by_several_threads_refuses_or_hashes_but_stays_whole() -> None:
    data, hasher = exact(1 << 24), _hash.Hasher()
    refused: list[str] = []

    def feed() -> None:
        try:
            hasher.update(data)
        except RuntimeError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=feed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hasher.digest() == xxhash.xxh3_128_digest(data.tobytes() * (4 - len(refused)))


def in_a_process(kernel: str, script: str) -> "subprocess.CompletedProcess[str]":
    source = str(Path(mlops_core.__path__[0]).parent)
    environment = {**os.environ, "MLOPS_ENGINE_KERNEL": kernel, "PYTHONPATH": source}
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )


EVERYTHING = """
import numpy as np, pyarrow as pa
from mlops_core.engine import _arrays, _arrow, _hash, _values
data = np.arange(300_000) * 7919
text = pa.array(["word" * (i % 40) if i % 7 else None for i in range(30_000)])
table = pa.table({"n": data[:30_000], "t": text, "d": text.dictionary_encode()})
hasher = _hash.Hasher()
hasher.update(data)
digests = [
    _hash.xxh3_128(data),
    hasher.digest(),
    _arrays.array_grid(data).digest,
    _arrays.array_grid(data[::3]).digest,
    _arrow.stream_grid(table.__arrow_c_stream__()).digest,
    _values.value_digest([bytes(data), "x" * 10_000], None),
]
print(_hash.kernel(), b"".join(digests).hex())
"""


def test_every_module_hashes_alike_with_every_kernel() -> None:
    said = {kernel: in_a_process(kernel, EVERYTHING) for kernel in _hash.kernels()}
    assert {kernel: done.stderr for kernel, done in said.items()} == dict.fromkeys(said, "")
    words = {kernel: done.stdout.split() for kernel, done in said.items()}
    assert {kernel: word[0] for kernel, word in words.items()} == {kernel: kernel for kernel in words}
    assert len({word[1] for word in words.values()}) == 1


def test_a_kernel_that_cannot_be_had_fails_the_import() -> None:
    done = in_a_process("neon9", "import mlops_core.engine")
    assert "EngineMissing: MLOPS_ENGINE_KERNEL asks for the kernel 'neon9'" in done.stderr
    assert f"this processor has {', '.join(_hash.kernels())}" in done.stderr
    assert done.returncode == 1


def test_without_a_wish_the_best_kernel_is_taken() -> None:
    done = in_a_process(
        "", "from mlops_core.engine import _hash; print(_hash.kernel() == _hash.kernels()[-1])"
    )
    assert done.stdout == "True\n"
