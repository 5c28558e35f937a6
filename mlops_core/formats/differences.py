"""How two stored values differ: what a comparison of their manifests says, and nothing that needs data."""

from typing import NamedTuple

#: What is known to differ: its name, before, after.
Fact = tuple[str, object, object]


class Span(NamedTuple):
    """Rows (or bytes) ``before[0]`` up to ``before[1]`` of the old value stand where ``after`` stand now.

    The differing ones lie within these ranges: blocks are compared, not rows. One range is empty where rows
    were only inserted or only deleted.
    """

    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def kind(self) -> str:
        """``inserted``, ``deleted``, or ``changed``."""
        if self.before[0] == self.before[1]:
            return "inserted"
        return "deleted" if self.after[0] == self.after[1] else "changed"

    @property
    def net(self) -> int:
        """Rows more than before."""
        return self.after[1] - self.after[0] - self.before[1] + self.before[0]

    def as_json(self) -> dict[str, object]:
        return {"kind": self.kind, "before": list(self.before), "after": list(self.after)}


class Amount(NamedTuple):
    """Bytes of the old and of the new value, and how many of the new ones the old value has, too.

    Exact for arrays, pickled buffers and files; for columns of tables in proportion to their rows.
    """

    before: int = 0
    after: int = 0
    shared: int = 0

    def as_json(self) -> dict[str, int]:
        return {"before": self.before, "after": self.after, "shared": self.shared}


class ColumnDiff(NamedTuple):
    """A column that is not the same: ``added``, ``removed``, ``type`` or ``content``.

    ``spans`` are rows, of a column that differs in content; ``types`` the names of both types, where they
    are known.
    """

    name: str
    kind: str
    types: tuple[str, str] = ("", "")
    spans: tuple[Span, ...] = ()
    bytes: Amount = Amount()

    def as_json(self) -> dict[str, object]:
        spans = [span.as_json() for span in self.spans]
        return {
            "name": self.name,
            "kind": self.kind,
            "types": list(self.types),
            "spans": spans,
            "bytes": self.bytes.as_json(),
        }


class PartDiff(NamedTuple):
    """Part of a composite, file of a folder, buffer of a model: ``added``, ``removed`` or ``changed``."""

    name: str
    kind: str
    diff: "ArtifactDiff | None" = None

    def as_json(self) -> dict[str, object]:
        inner = None if self.diff is None else self.diff.as_json()
        return {"name": self.name, "kind": self.kind, "diff": inner}


class ArtifactDiff(NamedTuple):
    """How two stored values differ; ``equal`` where they do not.

    ``types``: of the values, for people. ``rows``: numbers of rows, of what has rows. ``facts``: what else is
    known to differ (dtype, shape), old and new. ``spans``: of arrays rows of the first axis, of files bytes,
    of tables the rows that were inserted or deleted in all columns alike; ``unit`` says which. ``columns``
    and ``parts``: those that differ.
    """

    types: tuple[str, str]
    bytes: Amount
    rows: tuple[int, int] | None = None
    facts: tuple[Fact, ...] = ()
    unit: str = "rows"
    spans: tuple[Span, ...] = ()
    columns: tuple[ColumnDiff, ...] = ()
    parts: tuple[PartDiff, ...] = ()
    equal: bool = False

    def as_json(self) -> dict[str, object]:
        return {
            "equal": self.equal,
            "types": list(self.types),
            "bytes": self.bytes.as_json(),
            "rows": None if self.rows is None else list(self.rows),
            "facts": {name: [old, new] for name, old, new in self.facts},
            "unit": self.unit,
            "spans": [span.as_json() for span in self.spans],
            "columns": [column.as_json() for column in self.columns],
            "parts": [part.as_json() for part in self.parts],
        }
