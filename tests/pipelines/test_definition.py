"""Which objects may be steps and pipelines, and what the refusals say."""

import asyncio
import functools
import inspect
import pickle

import pytest

from mlops_core import pipeline, step
from mlops_core.errors import StepDefinitionError, UsageError
from mlops_core.pipelines.step import Step


@step
def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


@pipeline
def sums(a: int = 1):
    """Sums."""
    return add(a)


def make(k):
    def scaled(x):
        return k * x

    return scaled


class Plain:
    def method(self): ...

    def __call__(self): ...


async def coroutine(): ...


async def async_generator():
    yield 1


@pytest.mark.parametrize("function", [add.__wrapped__, lambda x: x, make(3), functools.wraps(add)(make(1))])
def test_functions_lambdas_and_closures_are_steps(function):
    assert step(function).__wrapped__ is function


def test_a_generator_function_is_a_step():
    def batches():
        yield 1

    assert isinstance(step(batches), Step)


REFUSED = {
    "staticmethod": (
        staticmethod(make),
        "`make` (staticmethod) cannot be a step: a step is a plain function.",
    ),
    "classmethod": (classmethod(make), "`make` (classmethod) cannot be a step"),
    "property": (property(make), "(property) cannot be a step"),
    "bound method": (Plain().method, "`Plain.method` (method) cannot be a step"),
    "method": (Plain.method, "`Plain.method` is defined in a class body and cannot be a step"),
    "class": (Plain, "The class `Plain` cannot be a step"),
    "builtin": (len, "`len` (builtin_function_or_method) cannot be a step"),
    "partial": (functools.partial(make, 1), "(partial) cannot be a step"),
    "instance": (Plain(), "(Plain) cannot be a step"),
    "text": ("load", "'load' (str) cannot be a step"),
    "number": (3, "3 (int) cannot be a step"),
    "coroutine": (coroutine, "`coroutine` is an `async def` and cannot be a step"),
    "async generator": (async_generator, "`async_generator` is an `async def` and cannot be a step"),
    "step": (add, "`add` (Step) cannot be a step"),
    "pipeline": (sums, "`sums` (Pipeline) cannot be a step"),
}


@pytest.mark.parametrize(("refused", "says"), REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused_when_decorated(refused, says):
    with pytest.raises(StepDefinitionError) as caught:
        step(refused)
    assert says in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_status == 2
    assert isinstance(caught.value, TypeError | UsageError)


@pytest.mark.parametrize("refused", [row[0] for row in REFUSED.values()], ids=REFUSED)
def test_the_same_objects_are_no_pipelines(refused):
    with pytest.raises(StepDefinitionError, match="cannot be a pipeline"):
        pipeline(refused)


def test_a_generator_is_no_pipeline():
    with pytest.raises(StepDefinitionError, match="its body would never run"):

        @pipeline
        def body():
            yield 1


def test_a_function_in_a_class_body_is_refused_even_without_self():
    with pytest.raises(StepDefinitionError) as caught:

        class Steps:
            @staticmethod
            @step
            def load(): ...

    assert "is defined in a class body" in caught.value.message
    assert "Move the function out of the class" in caught.value.hint


def test_a_function_defined_inside_a_method_is_a_closure():
    class Factory:
        def make(self):
            @step
            def inner(x):
                return x

            return inner

    assert Factory().make().name == "inner"


@pytest.mark.parametrize(
    ("refused", "hint"),
    [
        (coroutine, "Write a plain `def` that calls `asyncio.run(...)` inside."),
        (len, "Write a function that calls it: `@step` over `def len(...): ...`."),
        ("load", 'A name is an option: write `@step(name="load")`.'),
        (add, "It is one already: use `.with_options(...)` to change its options."),
        (3, "Write `@step` over a `def`, or `@step(option=...)`."),
    ],
)
def test_the_hint_says_what_to_write(refused, hint):
    with pytest.raises(StepDefinitionError) as caught:
        step(refused)
    assert caught.value.hint == hint


def test_tools_see_the_function():
    assert (add.__name__, add.__doc__, add.__module__) == ("add", "Add two numbers.", __name__)
    assert str(inspect.signature(add)) == "(a: int, b: int = 2) -> int"
    assert add.__wrapped__(1) == 3
    assert add.__annotations__ == {"a": int, "b": int, "return": int}
    assert (repr(add), repr(sums)) == ("<step add>", "<pipeline sums>")
    assert (sums.__doc__, sums.name) == ("Sums.", "sums")


def test_class_attributes_mark_them():
    assert add.__mlops_step__ is True
    assert sums.__mlops_pipeline__ is True
    assert not hasattr(add, "__mlops_pipeline__")


def test_as_annotations_they_are_generic():
    assert Step[..., int].__origin__ is Step


def test_with_and_without_parentheses():
    assert step()(add.__wrapped__).name == "add"
    assert step(name="sum")(add.__wrapped__).name == "sum"
    assert pipeline()(sums.__wrapped__).name == "sums"


def test_in_a_class_a_step_does_not_bind_self():
    class Holder:
        held = add

    assert Holder().held is add


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_they_pickle_by_reference(protocol, monkeypatch):
    import sys
    import types

    module = types.ModuleType(__name__)
    module.add, module.sums = add, sums
    monkeypatch.setitem(sys.modules, __name__, module)
    assert pickle.loads(pickle.dumps(add, protocol)) is add
    assert pickle.loads(pickle.dumps(sums, protocol)) is sums
    named = add.with_options(name="plus").partial(1)
    again = pickle.loads(pickle.dumps(named, protocol))
    assert (again.name, again.__wrapped__, again.with_bound((2,), {})) == (
        "plus",
        add.__wrapped__,
        ((1, 2), {}),
    )
    module.add = named  # rebound under its own name, it is found there
    assert pickle.loads(pickle.dumps(named, protocol)) is named
    daily = sums.with_options(name="daily")
    assert pickle.loads(pickle.dumps(daily, protocol)).name == "daily"
    module.sums = daily
    assert pickle.loads(pickle.dumps(daily, protocol)) is daily


def test_a_step_without_a_name_to_find_it_by_does_not_pickle():
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(step(make(1)))


def test_a_wrapper_that_runs_a_coroutine_is_a_step():
    @step
    def plain():
        return asyncio.run(coroutine())

    assert plain.__wrapped__() is None
