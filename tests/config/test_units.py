"""Sizes and lengths of time, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.config.units import format_bytes, format_duration, parse_bytes, parse_duration
from mlops_core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2GiB", 2 * 2**30),
        ("20 GB", 20 * 10**9),
        ("1.5kib", 1536),
        ("512", 512),
        ("7B", 7),
        (4096, 4096),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_sizes(text: str | int, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GiB", "2 G", "-1", "2GiB x", -1, True, 1.5, None])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(UsageError, match="is no size"):
        parse_bytes(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("1.5", 1.5),
        ("30m", 1800.0),
        ("30 min", 1800.0),
        ("1d", 86400.0),
        ("1h30m", 5400.0),
        ("1h 30m 5s", 5405.0),
        ("250ms", 0.25),
        ("2w", 1209600.0),
        (10, 10.0),
    ],
)
def test_lengths_of_time(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", " ", "d", "1x", "1h x", "-1s", -1, True, None, float("nan")])
def test_what_is_no_length_of_time(text: object) -> None:
    with pytest.raises(UsageError, match="is no length"):
        parse_duration(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (10 * 1024, "10 KiB"),
        (38 * 2**20, "38 MiB"),
        (1024**2 - 1, "1.0 MiB"),
        (int(1.1 * 2**30), "1.1 GiB"),
        (5000 * 2**40, "5000.0 TiB"),
    ],
)
def test_sizes_for_people(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0.4 ms"),
        (0.037, "37 ms"),
        (0.9999, "1.0 s"),
        (21.44, "21.4 s"),
        (59.96, "1 min"),
        (200, "3 min 20 s"),
        (3599.9, "1 h"),
        (7500, "2 h 5 min"),
        (86399, "23 h 59 min"),
        (86400 * 3 + 4 * 3600, "3 d 4 h"),
        (86400 * 400, "400 d"),
    ],
)
def test_lengths_of_time_for_people(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(0, 2**80))
def test_whole_bytes_are_exact(count: int) -> None:
    assert parse_bytes(str(count)) == count


@given(st.floats(0, 1e12))
def test_no_part_of_a_time_is_a_whole_unit(seconds: float) -> None:
    assert " 60 " not in format_duration(seconds)
