"""The result of one check."""

from typing import NamedTuple

OK, WARNING, BROKEN = "ok", "warning", "broken"


class Check(NamedTuple):
    """``state`` is ``ok``, ``warning`` (works, but) or ``broken``; ``advice`` says what to do about it."""

    name: str
    state: str
    found: str
    advice: str = ""

    def as_json(self) -> dict[str, object]:
        """The check as an object of ``mlops doctor --json``."""
        return {"name": self.name, "state": self.state, "found": self.found, "advice": self.advice}
