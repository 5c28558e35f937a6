"""Options of steps and pipelines are checked where they are written."""

import pytest

from mlops_core import pipeline, step
from mlops_core.errors import StepDefinitionError, StepOptionError
from mlops_core.pipelines.option_values import seconds


def train(table, *, depth=6, n_jobs=1): ...


def body(source="a"): ...


def test_nothing_said_is_told_from_something_said():
    options = step(train).options
    assert (options.name, options.cache, options.max_age, options.version) == (None, None, None, None)
    assert options.ignore == options.depends == options.writable == ()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"name": "fit"}, {"name": "fit"}),
        ({"cache": True}, {"cache": True, "max_age": None}),
        ({"cache": False}, {"cache": False, "max_age": None}),
        ({"cache": "1d"}, {"cache": True, "max_age": 86400.0}),
        ({"ignore": "n_jobs"}, {"ignore": ("n_jobs",)}),
        ({"ignore": ["n_jobs", "depth"]}, {"ignore": ("n_jobs", "depth")}),
        ({"version": 3}, {"version": "3"}),
        ({"version": "2024-01"}, {"version": "2024-01"}),
        ({"depends": [1, len]}, {"depends": (1, len)}),
        ({"depends": len}, {"depends": (len,)}),
        ({"writable": ["table"]}, {"writable": ("table",)}),
    ],
)
def test_values_are_kept(given, kept):
    for made in (step(**given)(train), step(train).with_options(**given)):
        assert {name: getattr(made.options, name) for name in kept} == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("30m", 1800), ("12h", 43200), ("1d", 86400), ("2w", 1209600), ("1.5h", 5400)],
)
def test_times(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "d", "1", "0d", "-1d", "1y", "nand", "infd", "one d"])
def test_no_times(text):
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": ""}, "The option `name` of `train` is ''; allowed is a text without spaces"),
        ({"name": "a b"}, "is 'a b'"),
        ({"name": "a[0]"}, "without any of `[ ] , : = /`"),
        ({"name": 3}, "is 3"),
        ({"cache": "soon"}, "The option `cache` of `train` is 'soon'; allowed is True, False or a time like"),
        ({"cache": 1}, "is 1"),
        ({"cache": None}, "is None"),
        ({"ignore": 3}, "the name of a parameter, or a list of such names"),
        ({"ignore": "njobs"}, "is 'njobs'; allowed is one of its parameters (table, depth, n_jobs)"),
        ({"writable": ["tabel"]}, "The option `writable` of `train` is 'tabel'"),
        ({"version": True}, "allowed is a text or a number"),
    ],
)
def test_wrong_values_are_named(given, says):
    for decorate in (lambda: step(**given)(train), lambda: step(train).with_options(**given)):
        with pytest.raises(StepOptionError) as caught:
            decorate()
        assert says in caught.value.message
        assert caught.value.exit_status == 2


def test_an_unknown_option_names_those_there_are_and_the_nearest():
    with pytest.raises(StepOptionError) as caught:
        step(cach=True)(train)
    assert str(caught.value) == (
        "The step `train` was given the option `cach`, which does not exist. "
        "Options of a step: name, cache, ignore, version, depends, writable.\nDid you mean `cache`?"
    )
    assert (caught.value.option, caught.value.nearest) == ("cach", "cache")


@pytest.mark.parametrize("option", ["cpus", "gpus", "memory", "timeout", "retries", "resources"])
def test_options_of_later_capabilities_are_unknown(option):
    with pytest.raises(StepOptionError, match="does not exist"):
        step(train).with_options(**{option: 1})


def test_any_name_may_be_ignored_where_any_keyword_may_be_given():
    def loose(**kwargs): ...

    assert step(ignore="seed")(loose).options.ignore == ("seed",)


def test_with_options_changes_a_copy():
    before = step(cache=False)(train)
    after = before.with_options(name="fit")
    assert (before.name, after.name) == ("train", "fit")
    assert (before.options.cache, after.options.cache) == (False, False)
    assert after.__wrapped__ is before.__wrapped__


def test_with_options_and_partial_keep_each_other():
    made = step(train).partial(1).with_options(name="fit").partial(depth=2)
    assert made.with_bound((), {"depth": 3}) == ((1,), {"depth": 3})
    assert made.name == "fit"


def test_a_pipeline_takes_name_when_decorated_and_more_later():
    made = pipeline(name="daily")(body)
    assert made.name == "daily"
    changed = made.with_options(force="load", jobs=4)
    assert (changed.name, changed.options.force, changed.options.jobs) == ("daily", ("load",), 4)
    with pytest.raises(StepOptionError, match="Options of a pipeline: name\\."):
        pipeline(jobs=4)(body)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"jobs": 0}, "allowed is a whole number from 1"),
        ({"jobs": True}, "allowed is a whole number from 1"),
        ({"force": 1}, "the name of a step, or a list of such names"),
        ({"cache": True}, "Options of a pipeline: name, force, jobs."),
    ],
)
def test_wrong_options_of_a_pipeline(given, says):
    with pytest.raises(StepOptionError) as caught:
        pipeline(body).with_options(**given)
    assert says in caught.value.message


def test_options_by_position_are_refused():
    with pytest.raises(StepDefinitionError):
        step("train")


def test_options_show_what_was_said():
    assert repr(step(cache="1d")(train).options) == "StepOptions(cache=True, max_age=86400.0)"
