"""What is said when a run did not succeed."""

from collections.abc import Mapping
from typing import Protocol

from mlops_core.cli import failures
from mlops_core.cli.failures import Failure
from mlops_core.errors import MlopsError

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
    recorded = run.error_json or {}
    failure = _of_exception(run.error)
    return failure._replace(
        code=recorded.get("code") or failure.code,
        message=recorded.get("message") or failure.message,
        hint=recorded.get("hint") or failure.hint or f"mlops runs show {run.number}",
        exit_status=_STATUS.get(run.status, failure.exit_status),
    )


def _of_exception(error: BaseException | None) -> Failure:
    if error is None:
        return Failure("step_failed", "the run did not succeed")
    if isinstance(error, MlopsError | KeyboardInterrupt):
        return failures.describe(error)
    message = f"{type(error).__name__}: {error}"
    return Failure("step_failed", message, traceback=failures.users_traceback(error))
