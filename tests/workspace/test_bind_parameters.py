"""Where each parameter's value comes from, and wrong parameters."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlops_core.errors import ParameterError
from mlops_core.workspace.parameters import below, bind_parameters

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True)
class Place:
    folder: Path
    name: str = "x"


def bikes(
    source: Path = Path("data/bikes.csv"), /, depth: int = 6, *, lr: float, note: "str | None" = None
) -> None: ...


def open_ended(first: int = 1, *others: int, **rates: float) -> None: ...


def guarded(known: int = 1, unknown: "Decimal | None" = None) -> None: ...


def paths(one: Path = "a", many: list[Path] = [Path("b")], place: Place = Place(Path("c"))) -> None: ...  # type: ignore[assignment]  # noqa: B006


class Wrapping:
    __mlops_pipeline__ = True

    def __init__(self, function: object) -> None:
        self.__wrapped__ = function

    def __call__(self) -> None: ...


def test_the_command_line_goes_before_the_settings_and_these_before_defaults() -> None:
    values, origins = bind_parameters(bikes, {"lr": "0.1"}, {"lr": 5, "depth": 7})
    assert values == {"source": Path("data/bikes.csv"), "depth": 7, "lr": 0.1, "note": None}
    assert origins == {"source": "default", "depth": "mlops.toml", "lr": "command line", "note": "default"}
    assert list(values) == list(origins) == ["source", "depth", "lr", "note"]


def test_a_pipeline_object_stands_for_its_function() -> None:
    assert bind_parameters(Wrapping(bikes), {"lr": "1"}, {})[0]["lr"] == 1.0


def test_values_of_the_settings_follow_the_same_rules() -> None:
    assert bind_parameters(bikes, {}, {"lr": 1, "depth": "7"})[0]["depth"] == 7
    with pytest.raises(ParameterError, match="'depth': True does not fit") as caught:
        bind_parameters(bikes, {}, {"lr": 1, "depth": True})
    assert "It stands in mlops.toml" in caught.value.hint


def test_a_wrong_value_names_itself_and_what_is_allowed() -> None:
    with pytest.raises(ParameterError, match="parameter 'depth': 'six' does not fit; allowed is an int"):
        bind_parameters(bikes, {"depth": "six"}, {})


@pytest.mark.parametrize(("texts", "settings"), [({"dept": "1"}, {}), ({}, {"dept": 1})])
def test_an_unknown_parameter_names_itself_and_those_there_are(
    texts: dict[str, str], settings: dict[str, object]
) -> None:
    with pytest.raises(ParameterError) as caught:
        bind_parameters(bikes, texts, settings)
    assert caught.value.message == "the pipeline 'bikes' has no parameter 'dept'"
    assert caught.value.hint == "Did you mean 'depth'? Known parameters: source, depth, lr, note."


def test_a_parameter_without_value_is_an_error() -> None:
    with pytest.raises(ParameterError, match="'lr' of 'bikes' has no value") as caught:
        bind_parameters(bikes, {}, {})
    assert "-p lr=VALUE" in caught.value.hint


def test_other_names_go_to_the_catch_all_sorted_and_converted() -> None:
    values, origins = bind_parameters(open_ended, {"b": "1"}, {"a": "0.5"})
    assert list(values.items()) == [("first", 1), ("a", 0.5), ("b", 1.0)]
    assert origins == {"first": "default", "a": "mlops.toml", "b": "command line"}


def test_variable_positionals_cannot_be_given_by_name() -> None:
    assert "others" not in bind_parameters(open_ended, {}, {})[0]


def test_an_annotation_that_cannot_be_resolved_matters_only_when_it_is_needed() -> None:
    assert bind_parameters(guarded, {"known": "2"}, {})[0] == {"known": 2, "unknown": None}
    with pytest.raises(ParameterError, match=r"annotation of parameter 'unknown' .* cannot be resolved"):
        bind_parameters(guarded, {"unknown": "2"}, {})


def test_paths_of_defaults_and_settings_count_from_the_root() -> None:
    root = Path("/root")
    values, _ = bind_parameters(paths, {}, {}, root=root)
    assert values == {"one": root / "a", "many": [root / "b"], "place": Place(root / "c")}
    values, _ = bind_parameters(paths, {"one": "x"}, {"many": ["y", "/z"]}, root=root)
    assert values["one"] == Path("x")
    assert values["many"] == [root / "y", Path("/z")]


def test_other_values_are_left_alone_by_anchoring() -> None:
    nested = {"a": (Path("x"), "x", 1), "b": None}
    assert below(nested, Path("/r")) == {"a": (Path("/r/x"), "x", 1), "b": None}
