"""What a run gave: metrics and outputs, short."""

from mlops_core.cli.render.run_lines import pairs_line, value_text
from mlops_core.cli.render.width import clean, display_width, pad, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Results(Protocol):
        """What is shown of a run that ended."""

        @property
        def metrics(self) -> Mapping[str, float]: ...
        @property
        def outputs_json(self) -> Mapping[str, object]: ...


_PIPE_WIDTH = 200  # columns of an output in a pipe: it may be a list of thousands of numbers


def plain_metrics(metrics: "Mapping[str, object]") -> dict[str, object]:
    """The metrics without those that stand once more under ``STEP.name``."""
    return {name: value for name, value in metrics.items() if name.partition(".")[2] not in metrics}


def result_lines(run: "Results", width: int | None) -> list[str]:
    """The metrics in one line, then one line an output; nothing for what is not there."""
    lines = []
    plain = plain_metrics(run.metrics)
    if plain:
        lines.append("metrics  " + pairs_line(plain))
    # An output that is the metrics themselves would only say them twice.
    outputs = {name: value for name, value in run.outputs_json.items() if not plain or value != plain}
    if list(outputs) == ["output"]:  # a body that returns one value without a name
        outputs = {"": outputs["output"]}
    names = max(map(display_width, outputs), default=0)
    for name, value in outputs.items():
        lines.append(f"output   {pad(clean(name), names)}{'  ' * bool(name)}{value_text(value)}")
    return [shorten(line, width or _PIPE_WIDTH) for line in lines]
