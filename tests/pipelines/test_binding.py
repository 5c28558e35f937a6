"""Arguments are bound as Python binds them; Python is the judge."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core import step
from mlops_core.errors import UsageError, WrongArguments
from mlops_core.pipelines.binding import bind, call_arguments
from mlops_core.pipelines.signature import text


def plain(a, b, c=3):
    return locals()


def only(a, b=2, /, c=3, *, d, e=5):
    return locals()


def star(a, *rest, k=1):
    return locals()


def double(a, /, **more):
    return locals()


def everything(a, b=2, /, c=3, *rest, d=4, **more):
    return locals()


def nothing():
    return locals()


def keyword(*, d):
    return locals()


FUNCTIONS = [plain, only, star, double, everything, nothing, keyword]


@given(
    st.sampled_from(FUNCTIONS),
    st.lists(st.integers(), max_size=6),
    st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "k", "rest", "more", "z"]), st.integers()),
)
def test_binding_agrees_with_python(function, args, kwargs):
    made = step(function)
    try:
        judged = function(*args, **kwargs)  # not inspect: its bind refuses f(b=1) of f(b=0, /, **more)
    except TypeError:
        with pytest.raises(WrongArguments):
            bind(made, tuple(args), kwargs)
        return
    bound = bind(made, tuple(args), kwargs)
    assert bound == judged
    assert list(bound) == list(inspect.signature(function).parameters)
    again, words = call_arguments(made, bound)
    assert function(*again, **words) == judged


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "says"),
    [
        (plain, (1,), {}, "`plain` is missing the argument `b`."),
        (plain, (), {"c": 1}, "`plain` is missing the arguments `a` and `b`."),
        (plain, (1, 2, 3, 4), {}, "`plain` takes 3 positional arguments but 4 were given."),
        (nothing, (1,), {}, "`nothing` takes no positional arguments but 1 were given."),
        (keyword, (1,), {"d": 1}, "`keyword` takes no positional arguments but 1 were given."),
        (plain, (1,), {"a": 2, "b": 1}, "`plain` got `a` twice: by position and by keyword."),
        (only, (), {"a": 1, "d": 1}, "`only` takes `a` by position only."),
        (plain, (1, 2), {"z": 1}, "`plain` takes no argument `z`."),
        (step(plain).__wrapped__, (1,), {"bb": 1}, "`plain` takes no argument `bb` (did you mean `b`?)."),
    ],
)
def test_what_a_wrong_call_is_told(function, args, kwargs, says):
    with pytest.raises(WrongArguments) as caught:
        bind(step(function), args, kwargs)
    assert caught.value.message == says
    assert caught.value.hint == f"It is called as `{function.__name__}({text(function)})`."
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_signature_is_shown_as_python_shows_it(function):
    assert f"({text(function)})" == str(inspect.signature(function))


def test_defaults_are_read_when_called():
    def late(a=1): ...

    made = step(late)
    assert bind(made, (), {}) == {"a": 1}
    late.__defaults__ = (2,)
    assert bind(made, (), {}) == {"a": 2}


def test_code_replaced_after_the_first_look_counts():
    def before(a): ...
    def after(b, c=1): ...

    made = step(before)
    assert bind(made, (1,), {}) == {"a": 1}
    before.__code__, before.__defaults__ = after.__code__, after.__defaults__
    assert bind(made, (1,), {}) == {"b": 1, "c": 1}


def test_a_parameter_may_be_called_self_or_function():
    @step
    def odd(self, function, args, kwargs):
        return (self, function, args, kwargs)

    assert odd(self=1, function=2, args=3, kwargs=4) == (1, 2, 3, 4)
