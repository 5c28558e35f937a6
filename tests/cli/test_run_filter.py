"""The filter of ``mlops runs ls``."""

import json
from collections import namedtuple

import pytest

from mlops_core.cli.run_filter import RunFilter
from mlops_core.errors import UsageError

Row = namedtuple("Row", "params_json")


def row(**params):
    return Row(json.dumps(params))


def test_words_are_told_apart():
    wanted = RunFilter.parse(["digits failed", "depth=6", "name=a=b"])
    assert wanted == RunFilter("digits", "failed", {"depth": "6", "name": "a=b"})
    assert RunFilter.parse([]) == RunFilter()


@pytest.mark.parametrize("words", [["failed", "succeeded"], ["digits", "bikes"]])
def test_two_words_for_one_property(words):
    with pytest.raises(UsageError, match="no run has two values"):
        RunFilter.parse(words)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("lr=0.1", True), ("lr=1e-1", True), ("lr=0.2", False), ("depth=6", True), ("depth=6.0", False),
     ("name=x", True), ("flag=true", True), ("flag=1", False), ("other=1", False)],
)  # fmt: skip
def test_parameters_fit_by_value(text, fits):
    wanted = RunFilter.parse([text])
    assert wanted.fits(row(lr=0.1, depth=6, name="x", flag=True)) is fits
