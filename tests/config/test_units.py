"""Sizes and lengths of time, read from text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.config.units import parse_bytes, parse_duration
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


@pytest.mark.parametrize(
    "text", ["", "GiB", "9" * 400 + ".5GiB", "9" * 5000, "2 G", "-1", "2GiB x", -1, True, 1.5, None]
)
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


@pytest.mark.parametrize(
    "text", ["", " ", "d", "9" * 400 + "d", "9" * 400, "1x", "1h x", "-1s", -1, True, None, float("nan")]
)
def test_what_is_no_length_of_time(text: object) -> None:
    with pytest.raises(UsageError, match="is no length"):
        parse_duration(text)  # type: ignore[arg-type]


@given(st.integers(0, 2**80))
def test_whole_bytes_are_exact(count: int) -> None:
    assert parse_bytes(str(count)) == count
