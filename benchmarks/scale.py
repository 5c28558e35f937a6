"""How much a benchmark run does: sizes and repetitions."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in bytes, numbers of steps, and how often everything is measured."""

    rounds: int
    process_rounds: int
    least_seconds: float  # of one sample of a call that takes microseconds
    big_bytes: int
    stored_bytes: int
    chains: tuple[int, ...]
    first_chain: int

    def as_json(self) -> dict[str, Any]:
        """As the child process gets it, and as the results keep it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Scale":
        """The way back from ``as_json``."""
        return cls(**{**document, "chains": tuple(document["chains"])})


FULL = Scale(
    rounds=11,
    process_rounds=21,
    least_seconds=0.02,
    big_bytes=1_000_000_000,
    stored_bytes=256 * 2**20,
    chains=(10, 100),
    first_chain=100,
)
QUICK = Scale(
    rounds=5,
    process_rounds=9,
    least_seconds=0.005,
    big_bytes=100_000_000,
    stored_bytes=32 * 2**20,
    chains=(10, 100),
    first_chain=100,
)
