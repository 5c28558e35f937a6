"""What value digests tell apart and what they do not."""

import gc
import itertools
import math
import os
import struct
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from mlops_core.engine._values import value_digest
from mlops_core.errors import UnfingerprintableValue


class Thing:
    def __init__(self, *parts: object) -> None:
        self.parts = parts


def refuse(value: object) -> bytes:
    raise UnfingerprintableValue(f"cannot take {value!r}")


def parts_of(value: object) -> tuple[str, tuple[object, ...]]:
    assert isinstance(value, Thing)
    return ("thing", value.parts)


def digest(value: object) -> bytes:
    return value_digest(value, refuse)


DIFFERENT = [
    *(None, ..., True, False, 0, 1, -1, 127, 128, 255, 256),
    *(2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 2**200),
    *(0.0, -0.0, 1.0, float("nan"), float("inf"), float("-inf")),
    *(0j, complex(0, -0.0), complex(-0.0, 0), 1 + 0j),
    *("", "a", "1", "ab", "\0", "\ud800", "é", "None", b"", b"a", b"1", bytearray(), bytearray(b"a")),
    *([], (), {}, set(), frozenset(), [[]], [()], ([],), [[], []], [None], (None,), [0], [False], [0.0]),
    *(["ab", "c"], ["a", "bc"], ["abc"], [["ab"], "c"], {1: "a"}, {"1": "a"}, {1: "b"}, {"a": 1, "b": 2}),
    *({"b": 2, "a": 1}, {"a": {"b": 1}}, {1, 2}, frozenset({1, 2}), {1, 2, 3}, {(1, 2)}, [1, 2], (1, 2)),
    *(range(0), range(1), range(0, 1, 2), range(10**30), slice(None), slice(0), slice(0, None), (0, 1, 1)),
]


def test_different_values_have_different_digests() -> None:
    digests = [digest(value) for value in DIFFERENT]
    for (a, left), (b, right) in itertools.combinations(zip(DIFFERENT, digests, strict=True), 2):
        assert left != right, (a, b)


def test_nan_is_one_value_whatever_its_sign_and_payload() -> None:
    odd = struct.unpack("<d", bytes.fromhex("010000000000f4ff"))[0]
    assert math.isnan(odd)
    assert digest(odd) == digest(float("nan")) == digest(float("-nan"))
    assert digest(complex(odd, 1)) == digest(complex(float("nan"), 1))


def test_how_a_set_was_built_does_not_count() -> None:
    numbers = [8, 16, 0, 24, 32]  # these collide in the table of a set, so it iterates as it was built
    backwards = list(reversed(numbers))
    assert digest(set(numbers)) == digest(set(backwards))
    assert digest(frozenset(numbers)) == digest(frozenset(backwards))


def test_shared_objects_count_as_their_copies() -> None:
    inner = [1, (2, 3)]
    assert digest([inner, inner, {"a": inner}]) == digest([[1, (2, 3)], [1, (2, 3)], {"a": [1, (2, 3)]}])


def test_digests_do_not_depend_on_the_seed_of_the_process() -> None:
    script = (
        "from mlops_core.engine._values import value_digest\n"
        "print(value_digest([{'a', 'b', 'c', 'd'}, {'x': frozenset('abcdef')}, 1.5, 'text'], None).hex())"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("size", [150, 185, 186, 187, 1000, 65530, 65536, 100_000])
def test_text_and_bytes_of_every_path(size: int, reference: Callable[[Any, Any], bytes]) -> None:
    for value in ("x" * size, "é" * size, b"x" * size, bytearray(b"x" * size), 7 ** (size // 10)):
        assert digest(value) == reference(value, refuse)


# --- depth and width --------------------------------------------------------------------------------


def test_a_list_100_000_deep() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert digest(deep) != digest(deep[0])


def test_a_tuple_of_dicts_100_000_deep_that_share_everything() -> None:
    deep: object = ()
    for _ in range(100_000):
        deep = {"left": deep, "right": deep}
    assert len(digest(deep)) == 16


def test_resolved_objects_100_000_deep() -> None:
    deep = Thing()
    for _ in range(100_000):
        deep = Thing(deep)
    assert len(value_digest(deep, parts_of)) == 16


def test_wide_values(reference: Callable[[Any, Any], bytes]) -> None:
    numbers = list(range(100_000))
    wide = (numbers, tuple(numbers), set(numbers), dict(zip(numbers, numbers, strict=True)))
    assert digest(wide) == reference(wide, refuse)


# --- resolve and known ------------------------------------------------------------------------------


def test_a_resolved_digest_is_taken_as_it_is() -> None:
    embedded = bytes(range(16))
    assert value_digest(Thing(), lambda value: embedded) == embedded
    plain = [1, 2]
    assert value_digest((plain, 3), refuse) == value_digest((Thing(), 3), lambda value: digest(plain))


def test_tag_and_children_count() -> None:
    def resolved(tag: str, *children: object) -> bytes:
        return value_digest(Thing(), lambda value: (tag, children))

    digests = {
        *(resolved("a"), resolved("b"), resolved("a", 1), resolved("a", 1, 1), resolved("a", (1, 1))),
        *(resolved("a\0"), resolved("\ud800"), digest(("a",)), digest(())),
    }
    assert len(digests) == 9


@pytest.mark.parametrize(
    "answer", [None, b"short", ("tag",), ("tag", [1]), (b"tag", ()), "text", bytearray(16)]
)
def test_any_other_answer_is_refused(answer: Any) -> None:
    with pytest.raises(TypeError, match=r"resolve\(Thing\) must give 16 bytes"):
        value_digest([Thing()], lambda value: answer)


def test_a_shared_object_is_resolved_once() -> None:
    asked: list[object] = []

    def resolve(value: object) -> tuple[str, tuple[object, ...]]:
        asked.append(value)
        return ("thing", ())

    thing = Thing()
    value_digest([thing, {"a": thing}, (thing,)], resolve)
    assert asked == [thing]


def test_subclasses_of_builtin_types_are_resolved() -> None:
    class Number(int):
        pass

    class Text(str):
        __slots__ = ()

    class Items(list[object]):
        pass

    for value in (Number(1), Text("a"), Items()):
        with pytest.raises(UnfingerprintableValue):
            digest(value)


def test_known_digests_spare_the_walk() -> None:
    thing, items = Thing(), [1, 2]
    known = {id(thing): bytes(16), id(items): b"\1" * 16}
    expected = value_digest([Thing(), Thing()], _each(known))
    assert value_digest([thing, items], refuse, known) == expected


def _each(known: dict[int, bytes]) -> Callable[[object], bytes]:
    answers = iter(known.values())
    return lambda value: next(answers)


def test_wrong_known_digests_are_refused() -> None:
    items = [1]
    with pytest.raises(TypeError, match="known digests must be 16 bytes"):
        value_digest([items], refuse, {id(items): b"short"})


def test_long_leaves_that_are_shared_count_as_their_copies() -> None:
    for size in (4096, 4097, 70_000):
        for leaf in (b"x" * size, bytearray(b"x" * size), "x" * size, "é" * size):
            copies = [
                bytearray(leaf) if isinstance(leaf, bytearray) else leaf[:1] + leaf[1:] for _ in range(3)
            ]
            assert digest([leaf, leaf, (leaf,)]) == digest([copies[0], copies[1], (copies[2],)])


# --- trouble ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda bad: bad, ""),
        (lambda bad: [0, bad], "[1]"),
        (lambda bad: {"a": (1, 2, bad)}, "['a'][2]"),
        (lambda bad: {1: 2, "b": {"c": bad}}, "['b']['c']"),
        (lambda bad: {bad: 1}, " key "),
    ],
)
def test_the_error_says_where_inside_the_value(build: Callable[[object], object], path: str) -> None:
    with pytest.raises(UnfingerprintableValue) as caught:
        digest(build(Thing()))
    found = caught.value.data.get("path", "")
    assert isinstance(found, str)
    assert found.startswith(path)
    assert path or not found


def test_other_errors_of_resolve_pass_through() -> None:
    def fail(value: object) -> bytes:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        value_digest([[Thing()]], fail)


@pytest.mark.parametrize("container", [[Thing(), 1], {1: Thing(), 2: 3}])
def test_a_container_that_changes_meanwhile_is_told(container: Any) -> None:
    def change(value: object) -> bytes:
        container.clear()
        return bytes(16)

    with pytest.raises(RuntimeError, match="changed while its digest was taken"):
        value_digest(container, change)


def test_nothing_is_kept_alive() -> None:
    thing = Thing()
    gone = weakref.ref(thing)
    holder: list[object] = [thing, thing, [thing]]
    value_digest(holder, parts_of)
    with pytest.raises(UnfingerprintableValue):
        value_digest(holder, refuse)
    del thing, holder
    gc.collect()
    assert gone() is None


def test_references_stay_in_balance() -> None:
    items = [object.__new__(Thing) for _ in range(3)]
    value = [items, {"a": items[0]}, {1, 2}, slice(items, None), (items, items)]
    for item in items:
        item.parts = (value,)
    before = [sys.getrefcount(item) for item in (*items, value, items)]
    for _ in range(100):
        value_digest(value, parts_of)
    assert [sys.getrefcount(item) for item in (*items, value, items)] == before
