"""What the store holds, value by value: what each needs, what it is worth, and what must stay."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.errors import DamagedState
from mlops_core.execution.upkeep.reach import Reach
from mlops_core.metadata import holdings
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.holdings import Read, ResultRow
from mlops_core.store.layout import ALIGNMENT, PACKED_ALIGNMENT, grown_bytes, padding, segment_bytes


@dataclass(slots=True)
class Value:
    """A stored value that something refers to.

    ``seconds`` is what it took to make (0 where nothing would reuse it), ``used`` the Unix time at which a
    run last had it, ``results`` the records that would be lost with it, oldest first.
    """

    digest: bytes
    cells: frozenset[bytes] = frozenset()
    parts: frozenset[bytes] = frozenset()
    type: str = ""
    fault: str = ""
    seconds: float = 0.0
    used: float = 0.0
    protected: bool = False
    results: list[ResultRow] = field(default_factory=list)

    @property
    def step(self) -> tuple[str, str]:
        """Pipeline and step of its newest record; empty without one."""
        return step_of(self.results[-1]) if self.results else ("", "")


@dataclass(slots=True)
class Survey:
    """All of it as of one moment. ``sizes`` are the bytes on disk of every cell; ``in_use`` is published, the
    parts of cells among it included; ``broken`` are cells that grew and lack a part."""

    values: dict[bytes, Value]
    sizes: dict[bytes, int]
    artifacts: frozenset[bytes]
    in_use: frozenset[bytes]
    broken: frozenset[bytes]

    def size(self, cells: Iterable[bytes]) -> int:
        """Bytes on disk of cells."""
        return sum(self.sizes.get(cell, 0) for cell in cells)


def survey(read: Read, reach: Reach, in_use: Iterable[bytes]) -> Survey:
    """Look at everything, through ``read``; ``in_use`` are digests that somebody published.

    Raises DamagedState where the index is damaged: what is alive cannot be told from what is not.
    """
    damage = DamageLog()
    cells, grown = holdings.cell_rows(read, damage), holdings.grown_rows(read, damage)
    if len(damage):
        raise DamagedState(
            "rows that say where cells lie do not match their checksums: nothing can be removed safely",
            hint="run `mlops store verify --repair` first",
        )
    sizes = {**holdings.small_cells(read), **sizes_on_disk(cells, grown)}
    parts = parts_of(grown, sizes)
    broken = frozenset(row.digest for row in grown) - parts.keys()
    sizes = {digest: size for digest, size in sizes.items() if digest not in broken}
    seals = holdings.manifest_seals(read)
    values = referred(read)
    protected = {*holdings.latest_outputs(read), *holdings.used_by_running(read), *in_use}
    for digest in protected:
        values.setdefault(digest, Value(digest)).protected = True
    for digest in list(values):
        if digest in seals:
            _fill(values[digest], reach, seals, parts)
            _count_lost(values[digest], sizes)
        else:
            _without_manifest(values, digest)
    return Survey(values, sizes, frozenset(seals), frozenset(with_parts(in_use, parts)), broken)


def sizes_on_disk(cells: Iterable[CellRow], grown: Iterable[GrownRow] = ()) -> dict[bytes, int]:
    """Bytes of each cell with its padding and its part of what else is in its segment.

    A grown cell has none of its own but its line in the table: its parts are cells.
    """
    sizes = {row.digest: grown_bytes(len(row.parts)) for row in grown}
    by_segment: dict[str, list[CellRow]] = {}
    for cell in cells:
        by_segment.setdefault(cell.segment, []).append(cell)
    for there in by_segment.values():
        alignment = PACKED_ALIGNMENT if any(cell.coding for cell in there) else ALIGNMENT
        own = {cell.digest: cell.room + padding(cell.room, alignment) for cell in there}
        rest = segment_bytes([cell.room for cell in there], alignment) - sum(own.values())
        sizes.update((digest, room + rest // len(there)) for digest, room in own.items())
    return sizes


def parts_of(grown: Iterable[GrownRow], sizes: Container[bytes]) -> dict[bytes, frozenset[bytes]]:
    """The cells that each grown cell needs, where they are all there."""
    parts = {row.digest: frozenset(part.digest for part in row.parts) for row in grown}
    return {digest: own for digest, own in parts.items() if all(part in sizes for part in own)}


def with_parts(cells: Iterable[bytes], parts: Mapping[bytes, frozenset[bytes]]) -> set[bytes]:
    """Cells and what those of them that grew need."""
    found = set(cells)
    return found.union(*(parts[cell] for cell in found if cell in parts))


def step_of(result: ResultRow) -> tuple[str, str]:
    """Pipeline and step; the items of a map are one step."""
    return result.pipeline, result.name.partition("[")[0]


def referred(read: Read) -> dict[bytes, Value]:
    """Every value that a usable record or a past run refers to."""
    values: dict[bytes, Value] = {}
    for digest, started in (*holdings.last_used(read).items(), *holdings.run_outputs(read)):
        value = values.setdefault(digest, Value(digest))
        value.used = max(value.used, started)
    for result in holdings.results(read):
        value = values.setdefault(result.output, Value(result.output))
        value.results.append(result)
        value.used = max(value.used, result.created)
        value.seconds = max(value.seconds, result.seconds)
    return values


def _fill(
    value: Value, reach: Reach, seals: dict[bytes, bytes], grown: Mapping[bytes, frozenset[bytes]]
) -> None:
    """Say what a value needs, the destinations that its records restore included."""
    cells: set[bytes] = set()
    parts: set[bytes] = set()
    for digest in (value.digest, *(d for result in value.results for d in result.restores)):
        if digest not in seals:
            value.fault = value.fault or "a file that belongs to it is not recorded"
            continue
        needed = reach.of(digest, seals[digest])
        cells |= needed.cells
        parts |= {digest, *needed.parts}
        value.type = value.type or needed.type
        value.fault = value.fault or needed.fault
    value.cells, value.parts = frozenset(with_parts(cells, grown)), frozenset(parts)


def _count_lost(value: Value, sizes: Container[bytes]) -> None:
    lost = sum(cell not in sizes for cell in value.cells)
    if lost and not value.fault:
        value.fault = f"{lost} of its {len(value.cells)} cells are not in the store"


def _without_manifest(values: dict[bytes, Value], digest: bytes) -> None:
    """A value that was removed before: its records are of no use; history alone keeps nothing."""
    value = values[digest]
    if value.results:
        value.fault = "how it is stored is not recorded"
    else:
        del values[digest]
