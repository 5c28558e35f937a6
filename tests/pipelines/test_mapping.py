"""``map`` varies its arguments together, ``product`` each with each; what cannot be listed is refused."""

from pathlib import Path

import pyarrow as pa
import pytest

from mlops_core import pipeline, step
from mlops_core.config import mode
from mlops_core.errors import MapMismatch, UsageError, WrongArguments
from mlops_core.pipelines.mapping import argument_at, combined, items_of, with_items


@step
def train(table, *, depth=6, lr=0.1):
    return (table, depth, lr)


@step
def numbers() -> list[int]:
    return [1, 2, 3]


@step
def gather(a, *rest, k=0, **more):
    return (a, rest, k, more)


def test_map_in_a_body_is_one_node(in_body):
    (node,) = in_body(lambda: train.partial("t").map(depth=[4, 6])).graph.nodes
    assert (node.name, node.mapped, node.product) == ("train", ("depth",), False)
    assert node.arguments == {"table": "t", "depth": [4, 6], "lr": 0.1}


def test_mapped_arguments_keep_the_order_of_the_call(in_body):
    nodes = in_body(lambda: train.partial("t").product(lr=[1], depth=[2])).graph.nodes
    assert nodes[0].mapped == ("lr", "depth")


def test_downstream_gets_a_list_in_order(carry_out):
    @pipeline
    def body():
        return train.partial("t").map(depth=[4, 6], lr=(1, 2))

    assert carry_out(body).returned() == [("t", 4, 1), ("t", 6, 2)]


def test_product_varies_the_last_argument_fastest(carry_out):
    @pipeline
    def body():
        return train.partial("t").product(depth=[4, 6], lr=[0.1, 0.2])

    assert [v[1:] for v in carry_out(body).returned()] == [(4, 0.1), (4, 0.2), (6, 0.1), (6, 0.2)]


def test_a_deferred_argument_is_listed_when_it_is_known(carry_out):
    @pipeline
    def body():
        return train.map(numbers())

    assert [v[0] for v in carry_out(body).returned()] == [1, 2, 3]


def test_deferred_items_in_a_literal_list(carry_out):
    @pipeline
    def body():
        return train.map([numbers(), 5])

    assert [v[0] for v in carry_out(body).returned()] == [[1, 2, 3], 5]


def test_items_of_a_map_can_be_picked(carry_out):
    @pipeline
    def body():
        return train.map([1, 2])[1]

    assert carry_out(body).returned() == (2, 6, 0.1)


def test_variadic_arguments_vary_too(in_body, carry_out):
    @pipeline
    def body():
        return gather.partial(1, "fixed", z=0).map(["x", "y"], k=[1, 2], w=[3, 4])

    (node,) = carry_out(body).graph.nodes
    assert node.mapped == ("rest[1]", "k", "w")
    assert [argument_at(gather, node.arguments, name) for name in node.mapped] == [["x", "y"], [1, 2], [3, 4]]
    assert with_items(gather, node.arguments, {"rest[1]": "x", "w": 3})["rest"] == ("fixed", "x")
    assert carry_out(body).returned() == [
        (1, ("fixed", "x"), 1, {"z": 0, "w": 3}),
        (1, ("fixed", "y"), 2, {"z": 0, "w": 4}),
    ]


def test_a_map_of_a_keyword_overrides_a_partial_one():
    with mode.entered(mode.OFF):
        assert train.partial("t", depth=1).map(depth=[2]) == [("t", 2, 0.1)]


def test_an_empty_map_is_an_empty_list():
    with mode.entered(mode.OFF):
        assert train.map([]) == []
        assert train.product(table=[1], depth=[]) == []


def test_lengths_must_agree():
    with mode.entered(mode.OFF), pytest.raises(MapMismatch) as caught:
        train.partial(1).map(depth=[1, 2], lr=[1])
    assert caught.value.message == (
        "`train.map` varies its arguments together, but their lengths differ: `depth` has 2, `lr` has 1."
    )
    assert "For every combination: `train.product(...)`." in caught.value.hint
    assert caught.value.lengths == {"depth": 2, "lr": 1}


def test_in_a_body_unequal_lengths_fail_the_map_not_the_graph(carry_out, graph_of):
    @pipeline
    def body():
        return train.partial(1).map(depth=[1, 2], lr=[1])

    assert len(graph_of(body).nodes) == 1
    with pytest.raises(MapMismatch):
        carry_out(body)


@pytest.mark.parametrize(
    "value", ["abc", {"a": 1}, {1, 2}, 3, None, iter([1]), b"ab"], ids=lambda value: type(value).__name__
)
@pytest.mark.parametrize("deferred", [True, False])
def test_anything_else_raises_at_once(value, deferred, in_body):
    with pytest.raises(MapMismatch) as caught:
        in_body(lambda: train.map(value)) if deferred else train.map(value)
    assert "The argument `table` of a map of `train` cannot be listed" in caught.value.message
    assert f"is of type `{type(value).__name__}`" in caught.value.message
    assert (
        "Give a list, a tuple, a range, a table (its batches) or a folder (its files)." in caught.value.hint
    )


def test_a_range_and_a_tuple_are_listed():
    assert items_of(range(2, 4), "x", "s") == [2, 3]
    assert items_of((1, "a"), "x", "s") == [1, "a"]


def test_a_table_gives_its_batches():
    table = pa.concat_tables([pa.table({"a": [1, 2]}), pa.table({"a": [3]})])
    assert [batch.to_pydict() for batch in items_of(table, "x", "s")] == [{"a": [1, 2]}, {"a": [3]}]


def test_a_folder_gives_its_files_sorted_by_name(tmp_path):
    for name in ("b.csv", "a.csv", "c10", "c9"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    assert items_of(tmp_path, "x", "s") == [tmp_path / n for n in ("a.csv", "b.csv", "c10", "c9")]


def test_a_file_is_no_folder(tmp_path):
    with pytest.raises(MapMismatch, match="is no folder"):
        items_of(tmp_path / "gone", "x", "s")


def test_nothing_to_vary():
    with pytest.raises(UsageError) as caught:
        train.map()
    assert str(caught.value) == "`train.map` was given nothing to vary.\nWrite `train.map(argument=[...])`."


def test_arguments_are_bound_like_those_of_a_call(in_body):
    with pytest.raises(WrongArguments, match="takes no argument `dept`"):
        in_body(lambda: train.partial(1).map(dept=[1]))
    with pytest.raises(WrongArguments, match="missing the argument `table`"):
        in_body(lambda: train.map(depth=[1]))


def test_combined_keeps_call_order():
    assert combined("s", {"b": [1, 2], "a": [3, 4]}, product=False) == [{"b": 1, "a": 3}, {"b": 2, "a": 4}]


def test_a_folder_literal_in_a_body_is_kept(in_body):
    (node,) = in_body(lambda: train.map(Path("somewhere"))).graph.nodes
    assert node.arguments["table"] == Path("somewhere")
