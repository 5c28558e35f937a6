"""Which steps a run was asked for."""

import pytest

from mlops_core import pipeline, step
from mlops_core.errors import StepNotFound
from mlops_core.pipelines.building import build
from mlops_core.planning.selection import LEFT_OUT, NEEDED, SELECTED, Selection


@step
def load(n: int) -> list[int]:
    return list(range(n))


@step
def clean(rows: list[int]) -> list[int]:
    return rows


@step
def fit(rows: list[int], depth: int) -> int:
    return depth


@step
def report(models: list[int]) -> int:
    return len(models)


@pipeline
def work() -> object:
    rows = load(3)
    good, bad = clean(rows), clean(load(4))
    return report(fit.partial(good).map(depth=[1, 2])), bad


def roles(**names: tuple[str, ...]) -> dict[str, str]:
    graph = build(work, (), {})
    selection = Selection(**names)
    selection.check(graph)
    found = selection.roles(graph)
    return {node.name: found[node.position] for node in graph.nodes}


def test_everything_is_selected_by_default() -> None:
    assert set(roles().values()) == {SELECTED}


def test_only_takes_values_of_the_others_from_the_cache() -> None:
    found = roles(only=("fit",))
    assert found["fit"] == SELECTED
    assert found["clean"] == NEEDED
    assert found["load"] == found["report"] == LEFT_OUT


def test_a_base_name_means_all_calls_and_a_full_name_one() -> None:
    assert [n for n, role in roles(only=("clean",)).items() if role == SELECTED] == ["clean", "clean_2"]
    assert [n for n, role in roles(only=("clean_2",)).items() if role == SELECTED] == ["clean_2"]


def test_from_goes_down_and_until_goes_up() -> None:
    assert [n for n, role in roles(start=("fit",)).items() if role == SELECTED] == ["fit", "report"]
    up = [n for n, role in roles(until=("fit",)).items() if role == SELECTED]
    assert up == ["load", "clean", "fit"]


def test_an_item_of_a_map_is_a_name() -> None:
    assert roles(only=("fit[1]",))["fit"] == SELECTED


def test_an_unknown_step_names_the_nearest() -> None:
    with pytest.raises(StepNotFound, match="pipeline 'work' has no step 'clena'") as raised:
        roles(force=("clena",))
    assert "did you mean 'clean'?" in raised.value.hint
