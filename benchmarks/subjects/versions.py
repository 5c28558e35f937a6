"""Ten later versions of a table, each of which changes a little: the disk they take, and the seconds.

The programs beside us keep the versions of a file (Arrow IPC, not compressed); a step of ours gives the table
that it reads from the same file. Everybody is a whole command for each version.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter

import pyarrow as pa

from benchmarks import backups, growing_tables
from benchmarks.backups import Keeper
from benchmarks.goals import UNIQUE
from benchmarks.measure import Series
from benchmarks.results import BYTES, Group
from benchmarks.scale import Scale

Grow = Callable[[pa.Table, int], Iterator[pa.Table]]
_KINDS: tuple[tuple[str, str, Grow], ...] = (
    ("rows", "1 % of rows appended", growing_tables.rows_appended),
    ("columns", "one column of doubles added", growing_tables.columns_added),
    ("inserted", "1 % of rows inserted in the middle", growing_tables.rows_inserted),
)


def measure(scale: Scale, folder: Path) -> list[Group]:
    """For each kind of change: seconds of the first and of a later version, disk, and disk packed as cold."""
    return [
        group
        for key, what, grow in _KINDS
        for group in _groups(f"versions/{key}", what, grow, scale, folder / key)
    ]


def _groups(key: str, what: str, grow: Grow, scale: Scale, folder: Path) -> list[Group]:
    folder.mkdir()
    file = folder / "table.arrow"
    first = growing_tables.first_version(scale.version_rows)
    keepers = _keepers(file, folder)
    unique, taken = _kept(_tables(first, grow(first, scale.versions)), file, keepers)
    later = max(len(times) for times in taken.values()) - 1
    title = f"{first.nbytes / 1e6:.0f} MB table, {what}, {later} later version{'s' if later > 1 else ''}"
    disk = [_one(keeper, keeper.disk()) for keeper in keepers]
    floor = Series(UNIQUE, (float(unique),))
    backups.pack(folder)
    packed = Series("mlops store gc --compress", (float(keepers[0].disk()),))
    shutil.rmtree(folder)
    return [
        Group(f"{key}/first", f"{title}: the first", _times(keepers, taken, slice(0, 1))),
        Group(f"{key}/later", f"{title}: a later one", _times(keepers, taken, slice(1, None))),
        Group(f"{key}/disk", f"{title}: disk", [disk[0], floor, *disk[1:]], BYTES),
        Group(f"{key}/packed", f"{title}: packed as cold", [packed, floor, *disk[1:]], BYTES),
    ]


def _keepers(file: Path, folder: Path) -> list[Keeper]:
    kinds = (backups.ours, backups.plain_copies, backups.borg, backups.restic, backups.dvc)
    return [kind(file, folder) for kind in kinds]


def _tables(first: pa.Table, later: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from later


def _kept(
    tables: Iterable[pa.Table], file: Path, keepers: list[Keeper]
) -> tuple[int, dict[str, list[float]]]:
    """Everybody keeps every version, in alternating order; gives the bytes of the last one, which has all."""
    taken: dict[str, list[float]] = {keeper.name: [] for keeper in keepers}
    for number, table in enumerate(tables):
        _write(table, file)
        unique = table.nbytes
        for keeper in keepers if number % 2 == 0 else reversed(keepers):
            if keeper.keep is not None:
                taken[keeper.name].append(_seconds(keeper, keeper.keep, number))
    return unique, taken


def _write(table: pa.Table, file: Path) -> None:
    """A new file each time: the one before may still be mapped."""
    new = file.with_suffix(".new")
    with pa.OSFile(str(new), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    os.replace(new, file)


def _seconds(keeper: Keeper, keep: Callable[[int], None], number: int) -> float:
    if keeper.prepare is not None:
        keeper.prepare()
    started = perf_counter()
    keep(number)
    return perf_counter() - started


def _times(keepers: list[Keeper], taken: dict[str, list[float]], part: slice) -> list[Series]:
    return [Series(keeper.name, tuple(taken[keeper.name][part]), keeper.note) for keeper in keepers]


def _one(keeper: Keeper, value: int) -> Series:
    return Series(keeper.name, () if keeper.keep is None else (float(value),), keeper.note)
