"""What goes in comes out: large and small cells, in any order, read-only or private."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._hash import xxh3_128
from mlops_core.errors import MissingCell
from mlops_core.store import Store

PAGE = os.sysconf("SC_PAGESIZE")


def content(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 4095, 4096, 4097, 8192, 20_000]))),
        max_size=4,
    ),
    order=st.randoms(use_true_random=False),
)
def test_any_cells_come_back_in_any_order(
    put: Callable[..., list[bytes]], store: Store, batches: list[list[tuple[int, int]]], order: random.Random
) -> None:
    contents = {xxh3_128(c): c for batch in batches for c in (content(s, n) for s, n in batch)}
    for batch in batches:
        put(*(content(s, n) for s, n in batch))
    wanted = order.choices(list(contents), k=12) if contents else []
    expected = b"".join(contents[digest] for digest in wanted)
    assert bytes(store.buffer(wanted)) == expected
    assert bytes(store.buffer(wanted, writable=True)) == expected
    assert [bytes(view) for view in store.buffers(wanted)] == [contents[digest] for digest in wanted]


def test_equal_cells_are_stored_once(put: Callable[..., list[bytes]], tmp_path: Path) -> None:
    big = content(1, 1 << 20)
    put(big, big)
    before = sum(p.stat().st_size for p in (tmp_path / "objects").iterdir())
    put(big)
    put(big, content(2, 100))
    assert sum(p.stat().st_size for p in (tmp_path / "objects").iterdir()) == before < (1 << 20) + 3 * PAGE


def test_views_are_read_only_and_private_ones_stay_private(
    put: Callable[..., list[bytes]], store: Store
) -> None:
    data = [content(1, 2 * PAGE), content(2, 100)]
    digests = put(*data)
    for wanted in (digests, digests[:1], digests[1:]):
        view = store.buffer(wanted)
        assert view.readonly
        with pytest.raises(TypeError):
            view[0] = 0
        private = store.buffer(wanted, writable=True)
        assert not private.readonly
        private[0] ^= 255
        assert bytes(view) == bytes(store.buffer(wanted))
    assert all(view.readonly for view in store.buffers(digests))


def test_an_array_with_a_small_tail_is_mapped_not_copied(
    put: Callable[..., list[bytes]], store: Store
) -> None:
    digests = [*put(content(1, 1 << 20)), *put(content(2, 1 << 20), content(3, 100))]
    mapping = store.buffer(digests).obj
    assert not mapping.copied
    assert mapping.runs == 3


def test_views_outlive_the_file(put: Callable[..., list[bytes]], store: Store, tmp_path: Path) -> None:
    data = content(1, 1 << 20)
    digests = put(data)
    whole, single = store.buffer(digests), store.buffers(digests)[0]
    for path in (tmp_path / "objects").iterdir():
        path.unlink()
    assert bytes(whole) == bytes(single) == data


def test_nothing_stays_open(put: Callable[..., list[bytes]], store: Store) -> None:
    digests = put(content(1, 1 << 20), content(2, 10))
    before = os.listdir("/proc/self/fd")
    views = [store.buffer(digests), *store.buffers(digests)]
    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert len(views) == 3


def test_an_unknown_cell_is_named(store: Store) -> None:
    with pytest.raises(MissingCell, match=(b"\1" * 16).hex()) as caught:
        store.buffer([b"\1" * 16])
    assert caught.value.cell == b"\1" * 16


def test_no_cells_are_no_bytes(store: Store) -> None:
    assert store.buffer([]).nbytes == 0
    assert store.buffer([]).readonly
    assert not store.buffer([], writable=True).readonly
    assert store.buffers([]) == []


def test_status_counts_files_not_hopes(put: Callable[..., list[bytes]], store: Store, tmp_path: Path) -> None:
    assert store.status() == (0, 0, 0, 0, 0, 0)
    put(content(1, 5000), content(2, 5000), content(3, 5))
    put(content(4, 5000))
    size = sum(p.stat().st_size for p in (tmp_path / "objects").iterdir())
    assert store.status() == (size, 2, 3, 0, 0, 0)


def test_an_index_can_be_rebuilt_from_the_files(
    put: Callable[..., list[bytes]], store: Store, index: object
) -> None:
    digests = put(content(1, 5000), content(2, 9000))
    rows = [row for segment in store.segments() for row in store.table(segment).cells]
    assert rows == [index.cells[digest] for digest in digests]  # type: ignore[attr-defined]
