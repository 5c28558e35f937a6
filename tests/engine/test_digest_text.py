"""Digests as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.engine.digest import from_text, to_text


@given(st.binary(min_size=16, max_size=16))
def test_there_and_back(digest: bytes) -> None:
    assert to_text(digest) == "xxh3:" + digest.hex()
    assert from_text(to_text(digest)) == digest


@pytest.mark.parametrize("size", [0, 15, 17])
def test_only_sixteen_bytes_are_a_digest(size: int) -> None:
    with pytest.raises(ValueError, match=f"not {size}"):
        to_text(bytes(size))


@pytest.mark.parametrize(
    "text", ["", "xxh3:", "0" * 32, *("xxh3:" + d for d in ("0" * 31, "g" * 32, "A" * 32))]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a digest"):
        from_text(text)
