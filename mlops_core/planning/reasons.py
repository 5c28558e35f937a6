"""Why a verdict is what it is: one object a branch, made where the branch decides."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a stable ``kind`` for machines, a sentence for people, and its data.

    ``data`` holds plain JSON values: what differs, where, and its state before and after.
    """

    kind: str
    text: str
    data: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The reason as an object of the ``reasons`` lists of the command line's JSON."""
        return {"kind": self.kind, "text": self.text, **self.data}


def sentence(reasons: tuple[Reason, ...]) -> str:
    """All reasons as one line; the ones after the third are counted."""
    texts = [reason.text for reason in reasons[:3]]
    if len(reasons) > 3:
        texts.append(f"and {len(reasons) - 3} more")
    return "; ".join(texts)
