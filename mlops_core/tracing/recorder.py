"""Record what a step reads, lists, probes and writes without having declared it.

Three sources: the engine's audit hook (opens, listings, writes, child processes, connections), stand-ins
for the calls that raise no audit event (``probes``), and a recording ``os.environ``. Readers written in C
that open files themselves are not seen here.
"""

import os
import stat
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mlops_core.engine import _audit
from mlops_core.fingerprints.code.ownership import OWN, owner_of_module
from mlops_core.fingerprints.files import StatCache
from mlops_core.fingerprints.names import module_name
from mlops_core.tracing import environ, probes
from mlops_core.tracing.look import seen_text
from mlops_core.tracing.native_classes import Watch
from mlops_core.tracing.observe import Observation, observe
from mlops_core.tracing.places import Places, noise_files

WRITES = frozenset({"write", "remove"})
PATHS = WRITES | {"open", "list"}


@dataclass(slots=True)
class Seen:
    """What a finished recording saw; paths are absolute and all of them count (see ``Places``)."""

    trace: list[Observation] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    started_processes: bool = False
    classes: set[tuple[str, str]] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)


class Recording:
    """Context manager around one step; ``seen`` is there once the block has ended.

    ``declared`` are absolute paths (files, or folders with all below them) that the step declares as
    inputs or outputs: they are keyed or stored elsewhere, so they join neither trace nor writes.
    ``readers`` are the native readers that the step's code can reach.
    """

    def __init__(
        self,
        places: Places,
        declared: tuple[str, ...] = (),
        stat_cache: StatCache | None = None,
        readers: tuple[str, ...] = (),
    ) -> None:
        self._places = places
        self._declared = declared
        self._stat_cache = stat_cache
        self._watch = Watch(readers)
        self.seen = Seen()

    def __enter__(self) -> "Recording":
        _audit.install()
        self._watch.__enter__()
        self._started = time.time_ns()
        self._tick = (
            time.clock_gettime_ns(time.CLOCK_REALTIME_COARSE) if hasattr(time, "CLOCK_REALTIME_COARSE") else 0
        )
        self._environ = environ.start()
        self._probes = probes.start(self._places.root)
        _audit.start()
        return self

    def __exit__(self, *_: object) -> None:
        events = _audit.stop()
        probes.stop()
        environ.stop()
        self._watch.__exit__()
        self.seen.readers = sorted(set(self._watch.opened))
        self._sort(events)

    def wrote(self, path: str) -> bool:
        """Whether the step wrote this path: seen by the hook, or changed since the step began."""
        if os.path.normpath(path) in self._written:
            return True
        try:
            return self._since_start(path) or any(w.startswith(os.path.join(path, "")) for w in self._written)
        except OSError:
            return False

    def _since_start(self, path: str) -> bool:
        changed = probes.original_stat(path).st_ctime_ns
        return changed > self._started or changed == self._tick

    def _sort(self, events: Sequence[tuple[str, tuple[object, ...]]]) -> None:
        noise = noise_files()
        reads, listings = self._collect(events, noise)
        counted = {p for p in self._written if self._places.counts(p) and p not in noise}
        self.seen.writes = sorted(p for p in counted if os.path.lexists(p) and not self._is_declared(p))
        outside = [p for p in sorted(reads) if p not in self._written and not self._is_declared(p)]
        self.seen.changed = [p for p in outside if self._moved(p)]
        self.seen.lost += [f"reading the pipe {self._places.name(p)}" for p in outside if _is_pipe(p)]
        self._observe("file", outside)
        self._observe(
            "listing", [p for p in sorted(listings) if not self._is_declared(p) and not self._own(p)]
        )
        self._observe_probes(reads | listings | noise)
        self._observe_environment()
        self._observe_classes()

    def _collect(
        self, events: Sequence[tuple[str, tuple[object, ...]]], noise: set[str]
    ) -> tuple[set[str], set[str]]:
        reads: set[str] = set()
        listings: set[str] = set()
        self._written: set[str] = set()
        for kind, arguments in events:
            path = self._places.canonical(str(arguments[0])) if kind in PATHS else ""
            if kind in WRITES or (kind == "open" and arguments[1] == "w"):
                self._written.add(path)
            elif kind == "open" and noise.isdisjoint((path, arguments[0])) and self._places.counts(path):
                reads.add(path)
            elif kind == "list" and self._places.listing_counts(path):
                listings.add(path)
            elif kind == "spawn":
                self.seen.started_processes = True
                reads.update(p for p in _files_of(arguments) if self._places.counts(p) and not _is_program(p))
            elif kind == "folder":
                self._probes.folder_used = True
            elif kind == "class":
                self.seen.classes.add((str(arguments[0]), str(arguments[1])))
            elif kind == "lost":
                self.seen.lost.append(str(arguments[0]))
            elif kind == "connect":
                self.seen.connected.append(str(arguments[0]))
            elif kind == "sqlite":
                self._saw_database(str(arguments[0]))
        return reads, listings

    def _saw_database(self, given: str) -> None:
        """A database by its path, or by its address (sqlite.org/uri.html)."""
        if given.startswith("file:"):
            from urllib.parse import unquote, urlsplit  # on use: it brings much of the standard library

            given = os.path.abspath(unquote(urlsplit(given).path))
        path = self._places.canonical(given)
        if self._places.counts(path):
            self.seen.databases.append(path)

    def _moved(self, path: str) -> bool:
        try:
            return self._since_start(path)
        except OSError:
            return False

    def _own(self, folder: str) -> bool:
        """A folder that the step made itself."""
        return any(folder == w or folder.startswith(os.path.join(w, "")) for w in self._written)

    def _is_declared(self, path: str) -> bool:
        return any(path == d or path.startswith(os.path.join(d, "")) for d in self._declared)

    def _observe(self, kind: str, paths: list[str]) -> None:
        for path in paths:
            name = self._places.name(path)
            self.seen.trace.append(
                Observation(kind, name, observe(kind, name, self._places, self._stat_cache))
            )

    def _observe_probes(self, covered: set[str]) -> None:
        """What paths are, when they were changed, where they point: as far as it is not ``covered``."""
        asked = {kind: self._canonical(paths) for kind, paths in self._probes.asked().items()}
        asked["probe"] = {p for p in asked["probe"] - covered if not self._is_declared(p)}
        for kind, paths in asked.items():
            counted = {p for p in paths - self._written if self._places.probe_counts(p)}
            self._observe(kind, sorted(p for p in counted if kind != "entries" or not self._own(p)))

    def _canonical(self, paths: Iterable[str]) -> set[str]:
        return {self._places.canonical(path) for path in paths}

    def _observe_classes(self) -> None:
        """First-party classes that were found by unpickling: their code counts like that of any other."""
        for module, name in sorted(self.seen.classes):
            if module in sys.modules and owner_of_module(sys.modules[module]) == OWN:
                known = f"{module_name(module)}:{name}"
                self.seen.trace.append(Observation("class", known, observe("class", known, self._places)))

    def _observe_environment(self) -> None:
        for name, value in sorted(self._environ.values.items()):
            self.seen.trace.append(Observation("env", name, seen_text(value)))
        if self._environ.everything:
            self.seen.trace.append(Observation("environ", "", observe("environ", "", self._places)))
        if self._probes.folder_used:
            self.seen.trace.append(Observation("folder", "", observe("folder", "", self._places)))


def _files_of(arguments: tuple[object, ...]) -> list[str]:
    """Files among the arguments of a child process; a single text is a shell's command line."""
    texts = str(arguments[0]).split() if len(arguments) == 1 else [str(text) for text in arguments]
    return [path for path in map(os.path.abspath, texts) if os.path.isfile(path)]


def _is_pipe(path: str) -> bool:
    """What was read from it is gone: nobody can see whether it would come again."""
    try:
        return stat.S_ISFIFO(probes.original_stat(path).st_mode)
    except OSError:
        return False


def _is_program(path: str) -> bool:
    """System programs count by being there, like libraries do."""
    return path.startswith(("/bin/", "/usr/", "/sbin/", "/lib")) or os.path.basename(path).startswith(
        "python"
    )
