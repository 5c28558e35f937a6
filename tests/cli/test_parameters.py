"""Parameters of the command line, as arguments of a call."""

import inspect

import pytest

from mlops_core.cli.parameters import as_call, split_assignments
from mlops_core.errors import ParameterError


def positional(a: int, b: int = 2, /, c: int = 3) -> None: ...


def test_assignments_are_split_at_the_first_equals_sign():
    assert split_assignments(["a=1", "b=x=y", "c=", "a=2"]) == {"a": "2", "b": "x=y", "c": ""}


@pytest.mark.parametrize("text", ["depth", "=3", ""])
def test_no_assignment(text):
    with pytest.raises(ParameterError, match="NAME=VALUE"):
        split_assignments([text])


def test_positional_only_parameters_can_be_set():
    signature = inspect.signature(positional)
    assert as_call(signature, {"a": 1, "b": 2, "c": 5}) == ((1, 2), {"c": 5})
