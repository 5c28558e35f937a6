"""The options of steps and pipelines, as checked values.

Part of the start-up path: the checks themselves live in ``option_values`` and load on first use.
"""


class StepOptions:
    """What a step was told.

    ``cache`` is True, False, or None where nothing was said; ``max_age`` is how many seconds a result
    may be old (None: for ever). ``ignore`` and ``writable`` are parameter names, ``depends`` further
    objects that the result depends on, ``version`` any text that stands for it.
    """

    __slots__ = ("cache", "depends", "ignore", "max_age", "name", "version", "writable")

    def __init__(self) -> None:
        self.name: str | None = None
        self.cache: bool | None = None
        self.max_age: float | None = None
        self.ignore: tuple[str, ...] = ()
        self.version: str | None = None
        self.depends: tuple[object, ...] = ()
        self.writable: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"StepOptions({_told(self)})"


class PipelineOptions:
    """What a pipeline was told: ``name``; for its runs ``force`` (step names) and ``jobs`` (CPU slots)."""

    __slots__ = ("force", "jobs", "name")

    def __init__(self) -> None:
        self.name: str | None = None
        self.force: tuple[str, ...] = ()
        self.jobs: int | None = None

    def __repr__(self) -> str:
        return f"PipelineOptions({_told(self)})"


def _told(options: StepOptions | PipelineOptions) -> str:
    values = {name: getattr(options, name) for name in options.__slots__}
    return ", ".join(f"{name}={value!r}" for name, value in values.items() if value not in (None, ()))


NO_STEP_OPTIONS = StepOptions()
NO_PIPELINE_OPTIONS = PipelineOptions()
