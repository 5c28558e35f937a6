"""Tracebacks with the user's frames only."""

import importlib

from mlops_core.config.units import parse_bytes
from mlops_core.workspace.user_frames import user_traceback


def failing() -> None:
    parse_bytes("nothing")


def caught(function: object) -> BaseException:
    try:
        function()  # type: ignore[operator]
    except BaseException as error:
        return error
    raise AssertionError("it should have raised")


def files(text: str) -> set[str]:
    return {line.split('"')[1] for line in text.splitlines() if line.strip().startswith("File")}


def test_frames_of_the_product_are_left_out() -> None:
    text = user_traceback(caught(failing))
    assert files(text) == {__file__}
    assert "is no size in bytes" in text


def test_frames_of_the_import_system_are_left_out() -> None:
    text = user_traceback(caught(lambda: importlib.import_module("not_there_at_all")))
    assert files(text) == {__file__}


def test_causes_contexts_notes_and_groups_are_trimmed_as_well() -> None:
    def chained() -> None:
        try:
            failing()
        except ValueError as error:
            error.add_note("a note")
            try:
                raise KeyError("inner")
            except KeyError:
                raise ExceptionGroup("both", [caught(failing), error]) from error  # type: ignore[list-item]

    text = user_traceback(caught(chained))
    assert files(text) == {__file__}
    assert text.count("is no size in bytes") == 3
    assert "a note" in text
    assert "direct cause" in text


def test_an_exception_that_was_never_raised_has_no_frames() -> None:
    assert user_traceback(ValueError("x")) == "ValueError: x\n"
