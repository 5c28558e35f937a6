"""A run in which everything is cached, as a whole process."""

from pathlib import Path

from benchmarks import chains, ninja
from benchmarks.measure import interleaved
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group per length of the chain, and one whose module imports much; the warm-ups fill the caches."""
    return [
        *(_group(str(length), length, "", scale, folder) for length in scale.chains),
        _group("long", scale.long_chain, "", scale, folder),
        _group("heavy", scale.long_chain, chains.HEAVY, scale, folder),
    ]


def _group(key: str, length: int, imports: str, scale: Scale, folder: Path) -> Group:
    contenders = chains.contenders(length, folder / key, afresh=False, imports=imports)
    contenders.insert(1, ninja.contender(length, folder / key))
    with_imports = ", numpy, onnxruntime and pyarrow imported" if imports else ""
    return Group(
        f"nothing_to_do/{key}",
        f"run with nothing to do, chain of {length:,} steps{with_imports}, whole process",
        interleaved(contenders, scale.process_rounds),
    )
