"""One call of the command line: what it was given and where it may write."""

import sys
from collections.abc import Sequence

from mlops_core.cli import json_output, streams
from mlops_core.cli.console import Console
from mlops_core.cli.failures import Failure


class Invocation:
    """What every command is handed.

    ``json`` is the wish for machine output; ``console`` is for people (stdout, or stderr with ``--json``);
    ``errors`` is stderr.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = tuple(arguments)
        self.json = json_output.is_wanted(arguments)
        self._stdout = sys.stdout
        self._document = json_output.reserve_stdout() if self.json else None
        self.console = Console(sys.stderr if self.json else sys.stdout)
        self.errors = Console(sys.stderr)
        self._printed = False

    def emit(self, document: dict[str, object]) -> None:
        """Print the one JSON document; without ``--json`` nothing.

        Raises OSError where stdout cannot take it (a full disk); a reader that went away is no error.
        """
        if self._document is None:
            return
        self._printed = True
        try:
            self._document.write(json_output.to_text(document) + "\n")
            self._document.flush()
        except BrokenPipeError:
            streams.abandon(self._document)

    def fail(self, failure: Failure) -> int:
        """Say what went wrong, to people and (unless a document was printed) to machines; its exit status."""
        self.tell(failure)
        if self.json and not self._printed:
            self.emit({**json_output.empty_document(self.arguments), "error": failure.as_json()})
        return failure.exit_status

    def tell(self, failure: Failure) -> None:
        """Render a failure on stderr."""
        style = self.errors.style
        if failure.traceback:
            self.errors.line(failure.traceback)
        head = style.paint(f"error {failure.code}:", "error")
        self.errors.line(f"{head} {failure.message}")
        if failure.hint:
            self.errors.line(f"{style.paint('hint:', 'bold')} {failure.hint}")

    def close(self) -> None:
        """Flush what is still buffered, while its failure can still be reported."""
        streams.flush(self._stdout)
        if self._document is not None:
            streams.flush(self._document)
            sys.stdout = self._stdout
