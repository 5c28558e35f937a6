"""A scale at which every subject takes moments: what is tested is that it measures, never how fast."""

import pytest

from benchmarks.scale import Scale


@pytest.fixture
def tiny() -> Scale:
    return Scale(
        rounds=1,
        process_rounds=1,
        least_seconds=0.0,
        big_bytes=64_000,
        stored_bytes=64_000,
        chains=(2,),
        first_chain=2,
    )
