"""Stitched mappings: contents, protection, lifetime, damage."""

import gc
import os
import pickle
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.engine import _map
from mlops_core.errors import DamagedState

PAGE = _map.page_size()


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 64 pages of random bytes and a bit."""
    path = tmp_path_factory.mktemp("map") / "segment"
    path.write_bytes(np.random.default_rng(0).bytes(64 * PAGE + 100))
    return path


@pytest.fixture(scope="module")
def content(segment: Path) -> bytes:
    return segment.read_bytes()


@pytest.fixture(scope="module")
def fd(segment: Path) -> Iterator[int]:
    descriptor = os.open(segment, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def pages(fd: int, *numbers: int) -> list[tuple[int, int, int]]:
    return [(fd, number * PAGE, PAGE) for number in numbers]


def joined(content: bytes, extents: list[tuple[int, int, int]]) -> bytes:
    return b"".join(content[offset : offset + length] for _, offset, length in extents)


@given(numbers=st.lists(st.integers(0, 63), max_size=20), tail=st.integers(0, PAGE + 100))
def test_page_aligned_extents_are_mapped_not_copied(
    fd: int, content: bytes, numbers: list[int], tail: int
) -> None:
    extents = [*pages(fd, *numbers), (fd, 63 * PAGE, tail)]
    mapping = _map.stitch(extents)
    assert bytes(mapping) == joined(content, extents)
    assert not mapping.copied
    assert len(mapping) == mapping.nbytes == len(numbers) * PAGE + tail


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 5000)), max_size=20))
def test_any_other_extents_are_copied(fd: int, content: bytes, spans: list[tuple[int, int]]) -> None:
    extents = [(fd, offset, length) for offset, length in spans]
    mapping = _map.stitch(extents)
    assert bytes(mapping) == joined(content, extents)
    assert memoryview(mapping).readonly


def test_unaligned_offset_or_inner_length_copies(fd: int) -> None:
    assert _map.stitch([(fd, 1, 10)]).copied
    assert _map.stitch([(fd, 0, 10), (fd, PAGE, 10)]).copied
    assert not _map.stitch([(fd, 0, PAGE), (fd, 0, 10)]).copied


def test_neighbours_in_the_file_share_one_map(fd: int, content: bytes) -> None:
    mapping = _map.stitch([(fd, 0, 10), (fd, 10, PAGE - 10), *pages(fd, 1, 2, 9, 10)])
    assert (mapping.runs, mapping.copied) == (2, False)
    assert bytes(mapping) == content[: 3 * PAGE] + content[9 * PAGE : 11 * PAGE]


def test_above_ten_thousand_maps_the_bytes_are_copied(fd: int, content: bytes) -> None:
    numbers = [0, 2] * 5001
    mapping = _map.stitch(pages(fd, *numbers))
    assert mapping.copied
    assert bytes(mapping) == joined(content, pages(fd, 0, 2)) * 5001


@pytest.mark.parametrize("offset", [0, 1], ids=["mapped", "copied"])
def test_a_reader_cannot_write(fd: int, offset: int) -> None:
    mapping = _map.stitch([(fd, offset, 3 * PAGE)])
    array = np.frombuffer(mapping, dtype=np.uint8)
    assert not array.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True
    with pytest.raises(TypeError, match="read-only"):
        memoryview(mapping)[0] = 1


@pytest.mark.parametrize("offset", [0, 1], ids=["mapped", "copied"])
def test_private_writes_never_reach_the_file(fd: int, segment: Path, content: bytes, offset: int) -> None:
    mapping = _map.stitch([(fd, offset, 3 * PAGE)], writable=True)
    array = np.frombuffer(mapping, dtype=np.uint8)
    array[:] = 7
    assert mapping.writable
    assert bytes(mapping) == b"\x07" * (3 * PAGE)
    assert segment.read_bytes() == content
    assert bytes(_map.stitch([(fd, offset, 3 * PAGE)])) == content[offset : offset + 3 * PAGE]


def test_the_mapping_lives_as_long_as_its_views(fd: int, content: bytes) -> None:
    mapping = _map.stitch(pages(fd, 3, 1))
    alive = weakref.ref(mapping)
    view = np.frombuffer(mapping, dtype=np.uint8)[PAGE + 5 :]
    del mapping
    gc.collect()
    assert view.tobytes() == content[PAGE + 5 : 2 * PAGE]
    del view
    gc.collect()
    assert alive() is None


def test_the_file_may_be_closed_and_unlinked(tmp_path: Path) -> None:
    path = tmp_path / "gone"
    path.write_bytes(b"x" * PAGE)
    descriptor = os.open(path, os.O_RDONLY)
    mapping = _map.stitch([(descriptor, 0, PAGE)])
    os.close(descriptor)
    path.unlink()
    assert bytes(mapping) == b"x" * PAGE


@pytest.mark.parametrize("length", [PAGE + 101, 2**40, 2**62])
def test_an_extent_beyond_the_end_names_itself(fd: int, length: int) -> None:
    with pytest.raises(DamagedState, match=r"extent 1 .* beyond the end") as caught:
        _map.stitch([(fd, 0, PAGE), (fd, 63 * PAGE, length)])
    assert caught.value.extent == 1


def test_nonsense_is_refused(fd: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        _map.stitch([(fd, -1, 5)])
    with pytest.raises(ValueError, match="negative"):
        _map.stitch([(fd, 0, -5)])
    with pytest.raises(ValueError, match="longer"):
        _map.stitch([(fd, 0, 2**62), (fd, 0, 2**62)])
    with pytest.raises(OSError, match="descriptor"):
        _map.stitch([(987654, 0, 5)])


def test_nothing_is_an_empty_buffer(fd: int) -> None:
    assert bytes(_map.stitch([])) == bytes(_map.stitch([(fd, 5, 0)])) == b""


def test_a_mapping_is_not_pickled(fd: int) -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(_map.stitch(pages(fd, 0)))


@pytest.mark.parametrize("shift", [0, 1, 7])
def test_the_longest_run_can_be_mapped_by_huge_pages(tmp_path: Path, shift: int) -> None:
    """Address and offset agree modulo 2 MiB, the size of a huge page."""
    huge = 2 << 20
    path = tmp_path / "large"
    path.write_bytes(np.random.default_rng(1).bytes(3 * huge))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        short, long = (descriptor, 9 * PAGE, PAGE), (descriptor, shift * PAGE, 2 * huge)
        mapping = _map.stitch([short, long, short])
    finally:
        os.close(descriptor)
    address = np.frombuffer(mapping, np.uint8).ctypes.data
    content = path.read_bytes()
    assert (address + PAGE) % huge == shift * PAGE
    assert bytes(mapping) == b"".join(
        content[offset : offset + length] for _, offset, length in (short, long, short)
    )
