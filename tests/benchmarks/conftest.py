"""A scale at which every subject takes moments: what is tested is that it measures, never how fast."""

import pytest

from benchmarks.scale import Scale


@pytest.fixture
def tiny() -> Scale:
    return Scale(
        rounds=1,
        few_rounds=1,
        process_rounds=1,
        least_seconds=0.0,
        big_bytes=64_000,
        argument_bytes=64_000,
        chains=(),
        long_chain=3,
        files=7,
        version_rows=1000,
        versions=1,
        many_steps=(2,),
        many_files=(3,),
        value_bytes=(8_000, 64_000),
    )
