"""What reads a file or a part of one, with samples of what it reads, and the errors it may refuse it with."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from mlops_core import formats
from mlops_core.config import units
from mlops_core.config.project import read_settings
from mlops_core.config.references import parse_reference
from mlops_core.engine.digest import from_text, to_text
from mlops_core.errors import ConfigError, DamagedState, NewerState, UnloadableValue, UsageError
from mlops_core.fingerprints.values import value_digest, value_fingerprint
from mlops_core.formats.artifact import Artifact, from_json, to_json
from mlops_core.metadata.stat_cache import NAME as STAT_CACHE
from mlops_core.metadata.stat_cache import MappedStatCache
from mlops_core.store import Store
from mlops_core.workspace.state import check_version
from tests.store.conftest import MemoryIndex


class Parser(Protocol):
    """``read`` raises one of ``documented``, or AssertionError where it gives something wrong."""

    samples: Sequence[bytes]
    documented: tuple[type[Exception], ...]

    def read(self, data: bytes) -> None: ...


class Segment:
    """One of two segment files: its table, its check, and all cells, through a store over both.

    A cell of the second one goes on where one of the first ends.
    """

    documented = (DamagedState,)

    def __init__(self, folder: Path) -> None:
        self.folder, self.index = folder, MemoryIndex()
        dice = np.random.default_rng(0)
        first = [dice.bytes(length) for length in (4096, 5000, 4097, 300_000)]
        second = [first[-1] + dice.bytes(50_000), dice.bytes(4099)]
        self.contents = dict(zip(self._written(first) + self._written(second), first + second, strict=True))
        self.segments = list(self.index.rows)
        self.paths = [folder / "objects" / f"{segment}.segment" for segment in self.segments]
        self.files = [path.read_bytes() for path in self.paths]
        self.samples = [bytes([number]) + file for number, file in enumerate(self.files)]
        self.checks = [Store(folder, self.index).check(segment) for segment in self.segments]

    def _written(self, contents: list[bytes]) -> list[bytes]:
        with Store(self.folder, self.index).writer() as writer:
            cells = [value_cell(content, writer) for content in contents]
            self.index.record(writer.commit())
        writer.release()
        return cells

    def read(self, data: bytes) -> None:
        chosen = data[0] % len(self.files) if data else 0
        for number, path in enumerate(self.paths):
            path.chmod(0o600)
            path.write_bytes(data[1:] if number == chosen else self.files[number])
        self._checked(self.segments[chosen], self.checks[chosen], data[1:] == self.files[chosen])
        for cell, content in self.contents.items():
            self._cell(cell, content)

    def _checked(self, segment: str, right: Any, is_whole: bool) -> None:
        check = Store(self.folder, self.index.copy()).check(segment)
        assert is_whole or check.faults, "a damaged segment has no faults"
        assert check.cells in ((), right.cells), "a damaged segment lists other cells"
        try:
            Store(self.folder, self.index.copy()).table(segment)
        except ValueError:
            assert check.faults

    def _cell(self, cell: bytes, content: bytes) -> None:
        index = self.index.copy()
        index.distrust()
        try:
            assert bytes(Store(self.folder, index).buffer([cell])) == content, "a cell has other bytes"
        except DamagedState:
            return


def value_cell(content: bytes, sink: Any) -> bytes:
    """Put bytes as one cell; gives its digest."""
    from mlops_core.engine._hash import xxh3_128

    digest = xxh3_128(content)
    sink(digest, (memoryview(content),))
    return digest


class Cells:
    """Cells in memory, as a sink and as a source."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}

    def __call__(self, digest: bytes, pieces: Sequence[memoryview]) -> None:
        self.held[digest] = b"".join(pieces)

    def buffer(self, cells: Sequence[bytes], /, *, writable: bool = False) -> memoryview:
        joined = b"".join(self.held[cell] for cell in cells)
        return memoryview(bytearray(joined) if writable else joined)

    def buffers(self, cells: Sequence[bytes], /) -> list[memoryview]:
        return [memoryview(self.held[cell]) for cell in cells]


class CellsOfAValue:
    """One cell of a stored value; what is loaded is looked at only once Arrow itself found it whole.

    Not for pickles: whoever reads their bytes runs them, which is why their digest is checked before.
    """

    documented = (DamagedState, UnloadableValue, pa.ArrowInvalid)

    def __init__(self, value: object) -> None:
        self.cells = Cells()
        self.artifact = formats.save(value, self.cells, value_fingerprint)
        assert "pickle/" not in to_json(self.artifact)
        formats.load(self.artifact, self.cells)
        self.digests = list(self.cells.held)
        self.samples = [bytes([number % 256]) + self.cells.held[d] for number, d in enumerate(self.digests)]

    def read(self, data: bytes) -> None:
        if not data:
            return
        cells = Cells()
        cells.held = dict(self.cells.held)
        cells.held[self.digests[data[0] % len(self.digests)]] = data[1:]
        value = formats.load(self.artifact, cells)
        if isinstance(value, pa.Table):
            value.validate(full=True)
            value.to_pylist()


class Manifest:
    """The JSON of an artifact."""

    documented = (DamagedState,)

    def __init__(self, folder: Path) -> None:
        values: list[object] = [{"a": 1}, np.arange(5000), _table(), (np.arange(9), [b"x" * 5000])]
        self.artifacts = [formats.save(value, Cells(), value_fingerprint) for value in values]
        self.samples = [to_json(artifact).encode() for artifact in self.artifacts]

    def read(self, data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        for artifact in self.artifacts:
            try:
                assert from_json(artifact.digest, text) == artifact
            except DamagedState:
                continue


class StatCache:
    """The mapped stat cache: it remembers right or not at all, and goes on."""

    documented = ()
    FILES = 40

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "locks").mkdir()
        cache = MappedStatCache(folder)
        for number in range(self.FILES):
            cache.put(*self._entry(number), 0)
        cache.flush()
        self.samples = [(folder / STAT_CACHE).read_bytes()]

    def _entry(self, number: int) -> tuple[str, tuple[int, int, int, int], bytes]:
        return f"/folder/{number}", (number, number + 1, number + 2, number + 3), number.to_bytes(16, "big")

    def read(self, data: bytes) -> None:
        (self.folder / STAT_CACHE).unlink(missing_ok=True)
        (self.folder / STAT_CACHE).write_bytes(data)
        cache = MappedStatCache(self.folder)
        for number in range(self.FILES):
            path, signature, digest = self._entry(number)
            assert cache.get(path, signature) in (None, digest), "a wrong digest of a file"
        path, signature, digest = self._entry(self.FILES)
        cache.put(path, signature, digest, 0)
        cache.flush()
        assert MappedStatCache(self.folder).get(path, signature) == digest, "what was put is lost"
        for file in (self.folder / "damaged").glob("*"):
            file.unlink()


class Version:
    """The file VERSION of the state folder."""

    documented = (DamagedState, NewerState)
    samples = (b"0\n", b"1\n", b"123456789\n")

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, data: bytes) -> None:
        (self.folder / "VERSION").write_bytes(data)
        check_version(self.folder)


class SettingsFile:
    """mlops.toml."""

    documented = (ConfigError,)
    samples = (
        b'[project]\nname = "acme"\n\n[pipelines.bikes]\nentry = "a/b.py:bikes"\nparams = { s = [1] }\n',
        b'[store]\nbudget = "20GiB"\nremote = "s3://acme/cache"\npickle = "allow"\n\n[pipelines]\n',
        b'[env.prod]\norchestrator = { to = "airflow", schedule = "0 2 * * *" }\ngates = ["r2 >= 0.8"]\n',
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, data: bytes) -> None:
        (self.folder / "mlops.toml").write_bytes(data)
        read_settings(self.folder)


class Text:
    """What people write: references, sizes, lengths of time, digests."""

    documented = (UsageError, ValueError)

    def __init__(self, read: Callable[[str], object], *samples: str) -> None:
        self._read = read
        self.samples = [sample.encode() for sample in samples]

    def read(self, data: bytes) -> None:
        self._read(data.decode("utf-8", "surrogateescape"))


class References(Text):
    documented = (UsageError,)


class Pickle:
    """The frame of a pickle: a stream that was cut. Its bytes are never read before their digest fits."""

    documented = (DamagedState, UnloadableValue)

    def __init__(self) -> None:
        self.cells = Cells()
        self.artifact: Artifact = formats.save(
            {1: {2.5, "x"}, "a": [io.BytesIO]}, self.cells, value_fingerprint
        )
        assert self.artifact.format.startswith("pickle/"), self.artifact.format
        self.samples = [bytes(n) for n in range(max(map(len, self.cells.held.values())))]

    def read(self, data: bytes) -> None:
        cells = Cells()
        cells.held = {digest: held[: len(data)] for digest, held in self.cells.held.items()}
        if cells.held != self.cells.held:
            formats.load(self.artifact, cells)


def _table() -> pa.Table:
    """A column of every kind of layout."""
    rows = range(300)
    return pa.table(
        {
            "int": pa.array(rows, pa.int32()),
            "null": pa.array([None if n % 3 == 0 else float(n) for n in rows]),
            "text": pa.array([None if n % 5 == 0 else f"text {n}" for n in rows]),
            "large": pa.array([f"text {n}" for n in rows], pa.large_string()),
            "view": pa.array([f"a text that is longer than twelve {n}" for n in rows], pa.string_view()),
            "bool": pa.array([n % 2 == 0 for n in rows]),
            "list": pa.array([list(range(n % 4)) for n in rows]),
            "struct": pa.array([{"a": n, "b": str(n)} for n in rows]),
            "map": pa.array([[("k", n)] for n in rows], pa.map_(pa.string(), pa.int64())),
            "dictionary": pa.array([f"word {n % 7}" for n in rows]).dictionary_encode(),
            "decimal": pa.array(rows, pa.decimal128(10, 2)),
            "fixed": pa.array([[n, n] for n in rows], pa.list_(pa.int16(), 2)),
        }
    )


def _frame() -> object:
    import pandas as pd

    return pd.DataFrame({"a": np.arange(900), "b": [f"text {n}" for n in range(900)]})


PARSERS: dict[str, Callable[[Path], Parser]] = {
    "segment": Segment,
    "cells-of-a-table": lambda folder: CellsOfAValue(_table()),
    "cells-of-a-frame": lambda folder: CellsOfAValue(_frame()),
    "cells-of-an-array": lambda folder: CellsOfAValue(np.arange(3000, dtype=np.int16).reshape(30, 100)),
    "cells-of-a-list": lambda folder: CellsOfAValue([np.arange(900), b"x" * 5000, {"a": 1}]),
    "pickle-cut": lambda folder: Pickle(),
    "manifest": Manifest,
    "stat-cache": StatCache,
    "version": Version,
    "mlops.toml": SettingsFile,
    "reference": lambda folder: References(
        parse_reference, "42", "latest", "digits/latest:train", "raw@v3", "digits@prod", "xxh3:ab12cd34"
    ),
    "size": lambda folder: References(units.parse_bytes, "2GiB", "500 MB", "1.5TiB", "4096"),
    "duration": lambda folder: References(units.parse_duration, "30m", "1h30m", "1.5d", "90s", "12"),
    "digest": lambda folder: Text(from_text, to_text(value_digest(1))),
}
