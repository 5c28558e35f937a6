"""How much a benchmark run does: sizes and repetitions."""

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in bytes, numbers of steps, files and rows, and how often everything is measured."""

    rounds: int
    few_rounds: int  # of what takes seconds
    process_rounds: int
    least_seconds: float  # of one sample of a call that takes microseconds
    big_bytes: int
    argument_bytes: int
    chains: tuple[int, ...]
    long_chain: int
    files: int
    version_rows: int
    versions: int
    many_steps: tuple[int, ...]
    many_files: tuple[int, ...]
    value_bytes: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """As the child process gets it, and as the results keep it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Scale":
        """The way back from ``as_json``."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in document.items()}
        return cls(**values)


FULL = Scale(
    rounds=11,
    few_rounds=5,
    process_rounds=15,
    least_seconds=0.02,
    big_bytes=1_000_000_000,
    argument_bytes=100_000_000,
    chains=(10, 100),
    long_chain=1000,
    files=100_000,
    version_rows=4_000_000,
    versions=10,
    many_steps=(100, 1_000, 10_000, 100_000),
    many_files=(1_000, 10_000, 100_000),
    value_bytes=(10**6, 10**7, 10**8, 10**9),
)
QUICK = Scale(
    rounds=5,
    few_rounds=3,
    process_rounds=9,
    least_seconds=0.005,
    big_bytes=100_000_000,
    argument_bytes=20_000_000,
    chains=(10, 100),
    long_chain=1000,
    files=10_000,
    version_rows=400_000,
    versions=3,
    many_steps=(100, 1_000),
    many_files=(1_000, 10_000),
    value_bytes=(10**6, 10**7, 10**8),
)


def with_the_largest(scale: Scale) -> Scale:
    """A million files and values of 8 GB as well: slow, and only where asked for."""
    return replace(
        scale,
        many_files=(*scale.many_files, 1_000_000),
        value_bytes=(*scale.value_bytes, 8_000_000_000),
    )
