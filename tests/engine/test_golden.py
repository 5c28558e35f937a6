"""Golden digests, one for each kind of value: changing this invalidates every user's cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops_core.engine._arrays import array_grid
from mlops_core.engine._hash import xxh3_128
from mlops_core.engine._values import value_digest


class Thing:
    """Resolved to a tag and children."""


class Named:
    """Resolved to a digest."""


def resolve(value: object) -> bytes | tuple[str, tuple[object, ...]]:
    return bytes(range(16)) if isinstance(value, Named) else ("thing", ("child", 1))


def ring() -> list[object]:
    outer: list[object] = [1]
    outer.append({"outer": outer, "set": frozenset({2, 3})})
    return outer


def grid(dtype: Any, shape: Any) -> "np.ndarray[Any, Any]":
    return np.arange(int(np.prod(shape))).astype(dtype).reshape(shape)


# Changing this invalidates every user's cache.
VALUES: dict[str, tuple[object, str]] = {
    "none": (None, "7d047fc4643fb2f2558ab403da82bd02"),
    "ellipsis": (..., "0292f21828c10d35b310fa60b41482ba"),
    "true": (True, "fb6ffc329aa1ec74ad6db94f458de178"),
    "false": (False, "fcb9ab3aad6618cdac19bcea68e4dbbe"),
    "zero": (0, "667d18196a130e13e1cc15b129aa0792"),
    "one": (1, "a03a1d771db2260b9e5dcbb6260098d6"),
    "minus one": (-1, "ffca3ac31bf5b5ee16cb499f32adf6a9"),
    "a byte and the sign": (128, "b110683176f267d830ebc32fdf42f0e0"),
    "int64": (2**63 - 1, "c9963ee8b2295e019272668b57b16c1d"),
    "beyond int64": (-(2**100), "635014a41ca3f430a0f5f7ca7e840b18"),
    "float": (1.5, "61a9ec410d91790ba7af4a2b6d83f277"),
    "minus zero": (-0.0, "ed1958e46e59edc7698354d7e5606cf3"),
    "nan": (float("nan"), "c8b435a305331f57711396fa47899050"),
    "complex": (1 - 2j, "0dd342e0f29a25d5eefb2e2cf5ccfed8"),
    "empty text": ("", "7b9a91edc43c1a226c2d825b55d14985"),
    "text": ("grüße 🎈", "53293abdfd8ae91f13d09aa53788b46a"),
    "surrogate": ("\udc80", "a1b61a38c2686d1d3bd78429fc6358c5"),
    "long text": ("long " * 100, "6ed9c927573206fdd932408711cc855d"),
    "bytes": (b"bytes", "aad4b9e29b20c4b8d22873333ca1357a"),
    "bytearray": (bytearray(b"bytes"), "aefc54768cb25d06c176833780aa99c7"),
    "list": ([1, "two", 3.0], "cb7fbffed4a5b226f692b54955030782"),
    "empty list": ([], "e8000d4e02e8320202897911276e40a5"),
    "tuple": ((1, "two", 3.0), "bff5a261b31e5f71c44e3f121b860bc7"),
    "dict": ({"b": 1, "a": [2]}, "9ac924f788b5d3f97f30670c3462cd4a"),
    "set": ({1, "two", (3,)}, "d8a132f32b71d2e747fdc40bfeea7882"),
    "frozenset": (frozenset({1, 2}), "10bb67917e00394aba4c5ccbb9b822bb"),
    "range": (range(1, 10**20, 3), "0b9b6019adc113fb2aa7ec95a1256e4c"),
    "slice": (slice(1, None, "x"), "bbb447d9e3d3b5621613ba7e0dfc233f"),
    "tagged": (Thing(), "52132d1d48a0bd2ec40d46d3cbfc3714"),
    "embedded digest": ([Named()], "4855bccfef17815b3c36f8daa6ed68b0"),
    "cycle": (ring(), "61a0b1381594b43463a12fe1d68b9d2f"),
    "float array": (grid("<f8", (3, 4)), "98a463ae8cbfbf4371366573fe73466f"),
    "swapped array": (grid(">i4", (3, 4)), "170a73d809e69011b45ca189b7c64721"),
    "array of two cells": (grid("<u4", (300_000,)), "3d54a81314470aa7646597308fa7aed8"),
    "empty array": (grid("<f4", (0, 3)), "71ababab66a565457a94136d10b7023d"),
    "array without dimensions": (grid("<i2", ()), "ac15a04883e4f8f0398cea63252a1878"),
    "text array": (grid("<U3", (5,)), "1a071a74b77c8db5a20d7153e907e69a"),
    "dates": (grid("<M8[us]", (5,)), "f5baa948cebec240230251cf50b102a7"),
    "float scalar": (np.float64(1.5), "fc7e8fd28e6df9951ab81f3bb19f0aa1"),
    "nan scalar": (np.float32("nan"), "039e264988723e9dcc3fa735b107583b"),
    "text scalar": (np.str_("text"), "55e778ee3a0afbb7cdd7c7155580c4c9"),
}

# Changing this invalidates every user's cache.
STRUCTURED = {
    "packed": ([("a", "<i4"), ("b", "<U2", (2,))], "32d8c2679485b92cecd9329b7b0f2c06"),
    "padded": (
        {"names": ["a", "b"], "formats": ["u1", "<f8"], "offsets": [0, 8], "itemsize": 24},
        "6f06472d5a5cb3925f68cb261b9d1c6b",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str, reference: Callable[[Any, Any], bytes]) -> None:
    value, golden = VALUES[name]
    assert value_digest(value, resolve).hex() == golden
    assert reference(value, resolve).hex() == golden


@pytest.mark.parametrize("name", STRUCTURED)
def test_structured_arrays(name: str) -> None:
    dtype, golden = STRUCTURED[name]
    array: np.ndarray[Any, Any] = np.zeros(3, dtype)  # type: ignore[call-overload] # of every form
    array["a"] = [1, 2, 3]
    assert array_grid(array).digest.hex() == golden


@pytest.mark.parametrize(
    ("data", "golden"),
    [
        (b"", "99aa06d3014798d86001c324468d497f"),
        (b"cell", "dbee08ad9efe7f4f6bfdfcd12b077239"),
        (bytes(2**20), "b6ef17a3448492b6918780b90550bf34"),
    ],
)
def test_cells(data: bytes, golden: str) -> None:
    """A cell is named by the plain XXH3-128 of its bytes."""
    assert xxh3_128(data).hex() == golden
