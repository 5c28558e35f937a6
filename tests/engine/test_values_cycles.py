"""Values that contain themselves: by content, like all others."""

from typing import Any

from mlops_core.engine._values import value_digest


class Person:
    def __init__(self, name: str) -> None:
        self.name = name
        self.friends: list[Person] = []


def resolve(value: object) -> tuple[str, tuple[object, ...]]:
    if isinstance(value, Person):
        return ("person", (value.name, value.friends))
    assert isinstance(value, Node)
    return ("node", (value.links,))


class Node:
    """Hashable by identity, so that it can be in a set that it refers to."""

    def __init__(self, links: Any) -> None:
        self.links = links


def digest(value: object) -> bytes:
    return value_digest(value, resolve)


def ring(length: int, *items: object) -> list[object]:
    """Lists of which each contains the next, and the last the first."""
    nodes: list[list[object]] = [[*items] for _ in range(length)]
    for i, node in enumerate(nodes):
        node.append(nodes[(i + 1) % length])
    return nodes[0]


def test_rings_of_equal_nodes_are_equal_whatever_their_length() -> None:
    assert digest(ring(1)) == digest(ring(2)) == digest(ring(7))
    assert digest(ring(1, "a")) == digest(ring(3, "a"))


def test_content_of_a_ring_counts() -> None:
    different = [ring(1), ring(1, "a"), ring(1, "b"), ring(1, "a", "b"), ring(1, ring(1)), [], [[]]]
    assert len({digest(value) for value in different}) == len(different)


def test_a_cycle_is_named_alike_from_wherever_it_is_met() -> None:
    loop = ring(3, 1)
    assert digest([loop, "x"]) == digest([ring(3, 1), "x"])
    assert digest([loop, loop]) == digest([loop, ring(3, 1)]) == digest([loop, loop[1]])


def test_two_lists_that_contain_each_other_differ_by_their_content() -> None:
    a: list[object] = [1]
    b: list[object] = [2]
    a.append(b)
    b.append(a)
    assert digest(a) != digest(b)
    assert digest([a, b]) != digest([b, a])
    assert digest([a, b]) == digest([b[1], a[1]])


def test_a_dict_that_is_its_own_value_and_a_slice_around_it() -> None:
    value: dict[str, object] = {"a": 1}
    value["self"] = slice(value, None, (value,))
    other: dict[str, object] = {"a": 1}
    other["self"] = slice(other, None, (other,))
    assert digest(value) == digest(other)


def test_sets_within_a_cycle_are_sorted() -> None:
    def build(order: list[int]) -> Node:
        root = Node(None)
        inner = [Node((number, root)) for number in order]
        root.links = frozenset(inner)
        return root

    assert digest(build([1, 2, 3])) == digest(build([3, 1, 2]))
    assert digest(build([1, 2, 3])) != digest(build([1, 2, 4]))


def test_friends_of_friends() -> None:
    """Many paths lead through such a graph: it must be walked node by node, not path by path."""
    people = [Person(f"person {i}") for i in range(60)]
    for person in people:
        person.friends = [other for other in people if other is not person]
    everyone = digest(people)
    people[59].name = "somebody"
    assert digest(people) != everyone


def test_a_chain_of_cycles_is_walked_in_one_go() -> None:
    chain: list[object] = []
    for _ in range(20_000):
        link: list[object] = [chain]
        link.append(link)
        chain = link
    assert len(digest(chain)) == 16


def test_a_ring_100_000_long() -> None:
    assert digest(ring(100_000)) == digest(ring(1))


def test_a_ring_with_one_odd_node() -> None:
    one, two = ring(300, 1), ring(300, 1)
    one[0] = 2
    assert digest(one) != digest(two)
    assert digest(one) != digest(one[1])
