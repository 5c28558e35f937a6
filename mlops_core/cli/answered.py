"""A run that is answered from its snapshot, printed as if it had gone the normal way."""

import sys

from mlops_core.cli import streams
from mlops_core.cli.console import Console
from mlops_core.cli.render.results import result_lines
from mlops_core.cli.render.run_lines import head_line, name_width, params_line, step_line, summary_line
from mlops_core.execution.snapshots.answer import Answer, answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops_core.execution.run import Run


class _Step:
    """One step as the lines of a run want it."""

    __slots__ = ("name", "reason", "saved_seconds", "seconds", "status")

    def __init__(self, name: str, status: str, reason: str, saved_seconds: float) -> None:
        self.name = name
        self.status = status
        self.reason = reason
        self.seconds = 0.0
        self.saved_seconds = saved_seconds


class _Results:
    def __init__(self, found: Answer) -> None:
        self.metrics = found.shown["metrics"]
        self.outputs_json = found.shown["outputs"]


def answered(arguments: "Sequence[str]") -> int | None:
    """Answer a command line from its snapshot, and give the exit status; None where none holds."""
    found = answer(arguments)
    if found is None:
        return None
    streams.prepare()
    try:
        _print(found)
    except BrokenPipeError:  # the reader has what it wanted
        streams.abandon(sys.stdout)
    except OSError as error:
        from mlops_core.cli.program import fail

        return fail(arguments, error)
    return 0


def _print(found: Answer) -> None:
    document = found.shown["document"]
    console = Console(sys.stderr if document else sys.stdout)
    console.lines(_lines(found, console))
    if document:
        head, middle, tail = document
        sys.stdout.write(f"{head}{found.number}{middle}{found.id}{tail}\n")
    sys.stdout.flush()


def _lines(found: Answer, console: Console) -> list[str]:
    """The same lines as those of ``RunPrinter``: a name may widen its column for those after it."""
    shown, style, width = found.shown, console.style, console.width
    steps = [_Step(*step) for step in found.steps]
    lines = [head_line(found.pipeline, found.number, style)]
    if shown["params"]:
        lines.append(params_line(shown["params"], shown["origins"], style))
    names = name_width(shown["names"])
    for step in steps:
        names = max(names, name_width([step.name]))
        lines.append(step_line(step, names, width, style))
    return [*lines, *result_lines(_Results(found), width), summary_line(steps, found.seconds)]


def shown_of(run: "Run", names: list[str], document: str | None) -> dict[str, object]:
    """What ``_print`` needs to know of a run; ``document`` is its JSON as text, number and id in it."""
    return {
        "params": {name: str(value) for name, value in run.params.items()},
        "origins": run.params_origin,
        "metrics": run.metrics,
        "outputs": run.outputs_json,
        "names": names,
        "document": None if document is None else _parts(document, run),
    }


def _parts(document: str, run: "Run") -> tuple[str, str, str]:
    """The text before the number, between number and id, and after the id: the first places of each."""
    head, _, rest = document.partition(f'"run": {run.number},')
    middle, _, tail = rest.partition(f'"run_id": "{run.id}"')
    return f'{head}"run": ', f',{middle}"run_id": "', f'"{tail}'
