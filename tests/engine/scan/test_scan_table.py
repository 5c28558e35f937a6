"""The table of remembered digests: alone, packed, patched, cut and flipped."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.engine._scan import StatTable

Signature = tuple[int, int, int, int]
A: Signature = (5, 10, 20, 2**64 - 1)
HEADER, RECORD = 64, 48


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def filled(count: int, base: bytes | None = None) -> StatTable:
    table = StatTable(base)
    for number in range(count):
        table.put(b"/d/%d" % number, (number, 1, -2, 3), digest(number))
    return table


def patched(content: bytes, table: StatTable) -> bytes:
    patches = table.patches()
    assert patches is not None
    changed = bytearray(content)
    for offset, piece in patches:
        changed[offset : offset + len(piece)] = piece
    return bytes(changed)


def test_what_was_put_is_found_with_the_same_signature_only() -> None:
    table = StatTable()
    table.put(b"/a", A, digest(1))
    assert table.get(b"/a", A) == digest(1)
    for place in range(4):
        other = list(A)
        other[place] -= 1
        assert table.get(b"/a", (other[0], other[1], other[2], other[3])) is None
    assert table.get(b"/b", A) is None


def test_the_last_one_counts() -> None:
    table = StatTable()
    table.put(b"/a", A, digest(1))
    table.put(b"/a", (0, 0, 0, 0), digest(2))
    assert table.get(b"/a", A) is None
    assert table.get(b"/a", (0, 0, 0, 0)) == digest(2)
    assert table.pending == 1


def test_a_path_is_the_names_in_it() -> None:
    table = StatTable()
    table.put(b"/a//b/./c", A, digest(1))
    assert table.get(b"/a/b/c", A) == digest(1)
    assert table.get(b"/a/bc", A) is None


def test_a_packed_table_holds_everything() -> None:
    table = StatTable(filled(3000).packed())
    assert table.pending == 0
    assert all(table.get(b"/d/%d" % n, (n, 1, -2, 3)) == digest(n) for n in range(3000))
    assert table.get(b"/d/3000", (3000, 1, -2, 3)) is None


def test_what_is_put_over_a_packed_table_goes_first() -> None:
    table = StatTable(filled(10).packed())
    table.put(b"/d/3", A, digest(77))
    table.put(b"/new", A, digest(78))
    for grown in (table, StatTable(table.packed())):
        assert grown.get(b"/d/3", A) == digest(77)
        assert grown.get(b"/d/3", (3, 1, -2, 3)) is None
        assert grown.get(b"/d/4", (4, 1, -2, 3)) == digest(4)
        assert grown.get(b"/new", A) == digest(78)


def test_few_changes_are_patched_in() -> None:
    content = filled(100).packed()
    table = StatTable(content)
    table.put(b"/d/3", A, digest(77))
    table.put(b"/new", A, digest(78))
    after = StatTable(patched(content, table))
    assert after.get(b"/d/3", A) == digest(77)
    assert after.get(b"/new", A) == digest(78)
    assert after.get(b"/d/4", (4, 1, -2, 3)) == digest(4)


def test_many_changes_make_a_new_file() -> None:
    assert StatTable().patches() is None
    assert filled(500, filled(500).packed()).patches() is None


def test_a_full_file_is_never_patched() -> None:
    content = filled(1000).packed()
    for number in range(100):
        table = StatTable(content)
        for inner in range(20):
            table.put(b"/%d/%d" % (number, inner), A, digest(number))
        if table.patches() is None:
            break
        content = patched(content, table)
    else:
        pytest.fail("the table never asked for room")
    assert StatTable(table.packed()).get(b"/d/999", (999, 1, -2, 3)) == digest(999)


def test_taking_over_keeps_what_is_there() -> None:
    one, other = StatTable(filled(5).packed()), StatTable()
    one.put(b"/a", A, digest(1))
    other.put(b"/a", A, digest(2))
    other.put(b"/b", A, digest(3))
    one.take_over(other)
    assert one.pending == 2
    assert (one.get(b"/a", A), one.get(b"/b", A)) == (digest(1), digest(3))
    assert one.get(b"/d/1", (1, 1, -2, 3)) == digest(1)


def test_a_file_cut_at_any_length_is_refused() -> None:
    content = filled(3).packed()
    for length in [*range(HEADER + 200), *range(HEADER + 200, len(content), 997), len(content) - 1]:
        with pytest.raises(ValueError, match="stat cache"):
            StatTable(content[:length])
    with pytest.raises(ValueError, match="stat cache"):
        StatTable(content + b"\0")


@given(place=st.integers(0, HEADER - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_in_the_header_passes(place: int, bit: int) -> None:
    content = bytearray(filled(3).packed())
    content[place] ^= 1 << bit
    with pytest.raises(ValueError, match="header"):
        StatTable(content)


def test_no_flipped_byte_in_a_record_gives_a_wrong_digest() -> None:
    whole = filled(1).packed()
    start = next(place for place in range(HEADER, len(whole), RECORD) if any(whole[place : place + RECORD]))
    for place in range(start, start + RECORD):
        content = bytearray(whole)
        content[place] ^= 0x10
        assert StatTable(content).get(b"/d/0", (0, 1, -2, 3)) is None


def test_a_record_written_to_any_length_is_old_or_new_or_missing() -> None:
    content = filled(1).packed()
    table = StatTable(content)
    table.put(b"/d/0", A, digest(9))
    patches = table.patches()
    assert patches is not None
    offset, record = next(patch for patch in patches if patch[0])
    for length in range(RECORD + 1):
        torn = StatTable(content[:offset] + record[:length] + content[offset + length :])
        assert torn.get(b"/d/0", (0, 1, -2, 3)) in (digest(0), None)
        assert torn.get(b"/d/0", A) in (digest(9), None)
    assert torn.get(b"/d/0", A) == digest(9)


@given(entries=st.dictionaries(st.binary(min_size=1, max_size=600), st.integers(0, 2**128 - 1), max_size=200))
def test_any_paths(entries: dict[bytes, int]) -> None:
    named = {
        b"/" + os.path.join(b"d", path.replace(b"/", b"|").replace(b".", b",")): v
        for path, v in entries.items()
    }
    table = StatTable()
    for path, value in named.items():
        table.put(path, A, digest(value))
    packed = StatTable(table.packed())
    assert {path: packed.get(path, A) for path in named} == {p: digest(v) for p, v in named.items()}


def test_golden_record() -> None:
    """Changing this invalidates every user's cache."""
    content = filled(1).packed()
    start = next(
        place for place in range(HEADER, len(content), RECORD) if any(content[place : place + RECORD])
    )
    assert content[:HEADER].hex() == (
        "6d6c6f7073535441000000003000000000040000000000000100000000000000"
        "d0fecf8d14a41e185b084e2d3433bb3d00000000000000000000000000000000"
    )
    assert content[start : start + RECORD].hex() == (
        "976bcc9fbdd64416fd947fdb59a02c0f0000000000000000000000000000000009272e6d95a180dee08761637d351b77"
    )


@pytest.mark.parametrize("wrong", [(b"/a", A, b"short"), (b"/a", (1, 2, 3), digest(1)), ("/a", A, digest(1))])
def test_wrong_arguments(wrong: tuple[object, ...]) -> None:
    with pytest.raises((ValueError, TypeError)):
        StatTable().put(*wrong)  # type: ignore[arg-type]
