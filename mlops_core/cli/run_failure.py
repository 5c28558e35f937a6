"""What is said when a run did not succeed."""

from collections.abc import Mapping
from typing import Protocol

from mlops_core.cli import failures
from mlops_core.cli.failures import Failure

_STATUS = {"cancelled": failures.INTERRUPTED, "interrupted": failures.INTERRUPTED}


class EndedRun(Protocol):
    """What is asked of a run that ended."""

    @property
    def number(self) -> int | None: ...
    @property
    def status(self) -> str: ...
    @property
    def error(self) -> BaseException | None: ...
    @property
    def error_json(self) -> Mapping[str, str] | None: ...


def run_failure(run: EndedRun) -> Failure | None:
    """The failure of a run, with the user's part of the traceback; None where it succeeded."""
    if run.status == "succeeded":
        return None
    if run.error is not None:
        failure = failures.describe(run.error)
    else:
        recorded = run.error_json or {}
        failure = Failure(
            recorded.get("code", "step_failed"), recorded.get("message", f"the run {run.status}")
        )
    hint = failure.hint or f"mlops runs show {run.number}"
    return failure._replace(hint=hint, exit_status=_STATUS.get(run.status, failure.exit_status))
