"""The lines of a run: one a step, and the summary."""

from mlops_core.cli.render.amounts import duration
from mlops_core.cli.render.style import Style
from mlops_core.cli.render.width import clean, display_width, pad, shorten

TYPE_CHECKING = False  # typing takes longer to import than a run with nothing to do takes for all the rest
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    class Finished(Protocol):
        """What is printed of a step run; times in seconds."""

        @property
        def name(self) -> str: ...
        @property
        def status(self) -> str: ...
        @property
        def reason(self) -> str: ...
        @property
        def seconds(self) -> float | None: ...
        @property
        def saved_seconds(self) -> float | None: ...


STATUS_WORDS = ("ran", "cached", "skipped", "failed", "blocked", "cancelled")
_STATUS_WIDTH = max(map(len, STATUS_WORDS))
_NAME_LEAST, _NAME_MOST = 10, 32
_REASON_LEAST, _REASON_PIPE = 12, 44
_TIME_WIDTH = 14


def name_width(names: "Sequence[str]") -> int:
    """Columns for the names of a run's steps, as far as they are known when it starts."""
    return min(max([_NAME_LEAST, *map(display_width, names)]), _NAME_MOST)


def step_line(step: "Finished", names: int, width: int | None, style: Style) -> str:
    """``  train  ran  depth 4 -> 6   21.4 s``: the reason gives way on a narrow terminal, nothing else."""
    name = pad(clean(step.name), names)
    status = style.paint(pad(step.status, _STATUS_WIDTH), step.status)
    head = 2 + max(names, display_width(name)) + 2 + _STATUS_WIDTH + 2
    reason, time = clean(step.reason), step_time(step)
    if width is None:
        reason = pad(reason, _REASON_PIPE)
    else:
        room = max(width - head - 2 - _TIME_WIDTH, _REASON_LEAST)
        reason = pad(shorten(reason, room), room)
    return f"  {name}  {status}  {reason}  {style.paint(time, 'dim')}".rstrip()


def step_time(step: "Finished") -> str:
    """How long it took, or what the cache saved."""
    if step.status == "cached":
        return f"saved {duration(step.saved_seconds)}" if step.saved_seconds else ""
    return duration(step.seconds) if step.status in ("ran", "failed") else ""


def counts(steps: "Sequence[Finished]") -> str:
    """``3 ran, 2 cached``, in the order of the status words; words without a step are left out."""
    tally = {word: sum(step.status == word for step in steps) for word in STATUS_WORDS}
    return ", ".join(f"{count} {word}" for word, count in tally.items() if count)


def summary_line(steps: "Sequence[Finished]", seconds: float | None) -> str:
    """``3 ran, 2 cached · 23.4 s · saved 16.3 s``."""
    saved = sum(step.saved_seconds or 0.0 for step in steps if step.status == "cached")
    parts = [counts(steps) or "no steps", duration(seconds)]
    if saved:
        parts.append(f"saved {duration(saved)}")
    return " · ".join(part for part in parts if part)


def head_line(pipeline: str, number: int | None, style: Style) -> str:
    """``bikes · run 12``."""
    return style.paint(pipeline, "bold") + (f" · run {number}" if number is not None else "")


def params_line(params: "Mapping[str, object]", origins: "Mapping[str, str]", style: Style) -> str:
    """``depth=6 (default)   source=data (-p)``: every parameter, and where its value came from."""
    shown = {name: f"{_short(value)} ({origins.get(name, 'default')})" for name, value in params.items()}
    return "  " + style.paint(pairs_line(shown, joint="="), "dim")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def pairs_line(values: "Mapping[str, object]", joint: str = " ") -> str:
    """``r2 0.842  mae 0.113``: names and values, floats to six significant digits."""
    return "   ".join(f"{clean(name)}{joint}{value_text(value)}" for name, value in values.items())


def value_text(value: object) -> str:
    """A plain value or ``{"type", "digest"}`` object as short text."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        if set(value) == {"type", "digest"}:
            return f"{value['type']} {str(value['digest'])[:13]}"
        return "{" + ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return clean(str(value))
