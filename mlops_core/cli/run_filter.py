"""The FILTER of ``mlops runs ls``."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlops_core.errors import UsageError

if TYPE_CHECKING:
    from mlops_core.metadata.database import Database
    from mlops_core.metadata.runs import RunRow

STATUSES = ("running", "succeeded", "failed", "cancelled", "interrupted")
_EVERYTHING = 2**62


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are meant; None and an empty dict leave a property open."""

    pipeline: str | None = None
    status: str | None = None
    params: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, words: Sequence[str]) -> "RunFilter":
        """Raises UsageError where two words name two pipelines or two statuses: no run has both."""
        found: dict[str, str] = {}
        params = {}
        for word in (part for text in words for part in text.split()):
            name, equals, value = word.partition("=")
            if equals:
                params[name] = value
                continue
            kind = "status" if word in STATUSES else "pipeline"
            if found.setdefault(kind, word) != word:
                raise UsageError(
                    f"no run has two values of {kind}: {found[kind]!r} and {word!r}",
                    hint="a filter is a pipeline's name, a status, or NAME=VALUE",
                )
        return cls(found.get("pipeline"), found.get("status"), params)

    def fits(self, row: "RunRow") -> bool:
        """Whether the parameters of a run are those asked for."""
        if not self.params:
            return True
        values = json.loads(row.params_json) if row.params_json else {}
        return all(name in values and _is_text(values[name], text) for name, text in self.params.items())


def _is_text(value: object, text: str) -> bool:
    """Whether a recorded value is the one typed: as text, or as the same JSON value (``1e-1``, ``0.1``)."""
    if text == value or text == json.dumps(value):
        return True
    try:
        typed = json.loads(text)
    except ValueError:
        return False
    return type(typed) is type(value) and typed == value


def select(database: "Database", wanted: RunFilter, limit: int) -> "tuple[int, list[RunRow]]":
    """How many runs fit, and the newest ``limit`` of them."""
    from mlops_core.metadata import runs

    if not wanted.params:
        return runs.listing(database, wanted.pipeline, wanted.status, limit)
    _, rows = runs.listing(database, wanted.pipeline, wanted.status, _EVERYTHING)
    fitting = [row for row in rows if wanted.fits(row)]
    return len(fitting), fitting[:limit]
