"""One step run to carry out: everything needed, in this process or in a worker."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.metadata.records import RecordRow
from mlops_core.pipelines.step import Step
from mlops_core.planning.inputs import FileInput


@dataclass(frozen=True, slots=True)
class RecordAs:
    """Under which key, and with which components, the result is recorded for reuse.

    ``readers`` are native readers that the code can reach; where ``unobserved_ok`` is False their use makes
    the result not skippable.
    """

    key: bytes
    components_json: str
    readers: tuple[str, ...] = ()
    unobserved_ok: bool = True


@dataclass(slots=True)
class StepTask:
    """``values`` are resolved arguments by parameter (artifacts in them are loaded when the step starts).

    ``declared`` are absolute paths that count as declared (file inputs and destinations); ``destinations``
    are (name, absolute path) of ``Output`` parameters; ``record`` is None where nothing is kept for reuse;
    ``cache`` is the step's option, ``recheck`` says whether a result made elsewhere meanwhile may be taken
    (one that is at most ``max_age`` seconds old), ``unannotated`` that the step has no return annotation.
    """

    name: str
    base: str
    label: str
    step: Step[..., Any]
    values: dict[str, object]
    writable: tuple[str, ...]
    declared: tuple[str, ...]
    destinations: tuple[tuple[str, str], ...]
    file_inputs: tuple[FileInput, ...]
    record: RecordAs | None
    cache: bool | None
    recheck: bool
    unannotated: bool
    run_id: str
    run_number: int
    pipeline: str
    inputs: list[tuple[str, str | None, str]] = field(default_factory=list)
    max_age: float | None = None
    code_sources: dict[bytes, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Performed:
    """How it went: the digest of the stored value, what keeps it from being reused, or the exception.

    ``found`` is a record that another process made while this one waited for the key, ``unusable`` the error
    of an argument's stored value that does not load, ``stored`` the bytes that the result added to the store.
    ``artifact`` is the stored value where it was made in this process; ``noted`` says that what was to be
    written together with the result (``Along``) was written.
    """

    seconds: float = 0.0
    digest: bytes | None = None
    not_skippable: str = ""
    error: BaseException | None = None
    peak_memory: int | None = None
    found: RecordRow | None = None
    unusable: BaseException | None = None
    stored: int | None = None
    artifact: Artifact | None = None
    noted: bool = False


#: Writes what belongs to a result (its step's row) in the transaction that records it.
Along = Callable[[sqlite3.Connection, Performed], None]


def nothing_along(tx: sqlite3.Connection, performed: Performed) -> None:
    """The ``Along`` of whoever has nothing to add."""
