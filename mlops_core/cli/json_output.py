"""The one JSON document of ``--json``: what it looks like when nothing could start, and how it is written."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from mlops_core.cli import streams

FLAG = "--json"
_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def is_wanted(arguments: Sequence[str]) -> bool:
    """Whether the command line asks for JSON, told before it is parsed: parsing itself can fail."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return FLAG in options


def plain(value: object) -> object:
    """The value with NaN and infinities as strings, since JSON has none."""
    if isinstance(value, float):
        return _NUMBERS.get(repr(value), value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def to_text(document: dict[str, object]) -> str:
    """The document as text: ASCII, so that any terminal, pipe or file can hold it."""
    import json

    return json.dumps(plain(document), indent=2, allow_nan=False)


def empty_document(arguments: Sequence[str]) -> dict[str, object]:
    """The document of a command that could not start: all its keys, nothing in them."""
    words = [word for word in arguments if not word.startswith("-")]
    command = words[0] if words else ""
    if command == "run" or words[:2] == ["runs", "show"]:
        return {
            "schema": "mlops.run/1",
            "run": None,
            "run_id": None,
            "pipeline": None,
            "status": "failed",
            "steps": [],
            "outputs": {},
            "metrics": {},
        }
    if command == "plan":
        return {"schema": "mlops.plan/1", "pipeline": None, "steps": []}
    if command == "runs":
        return {"schema": "mlops.runs/1", "total": 0, "runs": []}
    if words[:2] in (["store", "gc"], ["store", "verify"]):
        return {"schema": f"mlops.store.{words[1]}/1"}
    return {"schema": f"mlops.{command or 'error'}/1"}


def reserve_stdout() -> TextIO:
    """Keep stdout for the document: from here on all other output to it goes to stderr.

    That holds for ``print`` in user code, for worker processes and for C libraries, since the descriptor
    itself is redirected. Without a real descriptor (a captured stream) only ``sys.stdout`` is.
    """
    document_stream = sys.stdout
    try:
        descriptor = document_stream.fileno()
    except (OSError, ValueError):
        descriptor = -1
    if descriptor == 1:
        streams.flush(document_stream)
        document_stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        _point_at_stderr(1)
    else:
        sys.stdout = sys.stderr
    return document_stream


def _point_at_stderr(descriptor: int) -> None:
    try:
        os.dup2(2, descriptor)
    except OSError:  # stderr is closed: then nobody reads what is not the document
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, descriptor)
        os.close(nothing)
