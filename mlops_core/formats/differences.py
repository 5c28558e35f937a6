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
