"""The annotations that mean something to a step, written inside ``Annotated`` or as they are."""

from typing import Annotated


class ContentOnly:
    """``Annotated[Path, ContentOnly]``: the file counts by content and suffix, not by its name."""


class Output:
    """``Annotated[Path, Output]``: a destination; what the step writes there is stored and put back."""


class LogsMetrics:
    """Marks a return annotation: every entry of the returned dict is logged as a metric."""


Metrics = Annotated[dict[str, float], LogsMetrics]
