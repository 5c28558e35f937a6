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
    "none": (None, "75c640b35309b4936a38a08c9af141ca"),
    "ellipsis": (..., "0667dc71ddeb48a7610b43997f2bc431"),
    "true": (True, "c76b4db27b6d3b91959709a637d6e44e"),
    "false": (False, "bf117a1401985335d12a78591f2d8bb0"),
    "zero": (0, "c5a889f91d38520c03c0d2c202a27a5f"),
    "one": (1, "df29f1a07fd2cacff5982ed8c005cb54"),
    "minus one": (-1, "8e3010de8af57a9262f2ab9f2f096b4f"),
    "a byte and the sign": (128, "427164db0d3bf89a09a6680804591f21"),
    "int64": (2**63 - 1, "c73b1d97005afc13704f4d90e943ea7c"),
    "beyond int64": (-(2**100), "89950527ab874db2c4287734509a3e05"),
    "float": (1.5, "d6718ed308d288213829d2af65625f67"),
    "minus zero": (-0.0, "733ef414236e46846b1daa07fa9dc225"),
    "nan": (float("nan"), "30b33c2c397c3232fff6a29ca94842eb"),
    "complex": (1 - 2j, "7399a251a5daab710b140cfefe8a5b00"),
    "empty text": ("", "5be690c4d24cd495a6f1939ab2da91bd"),
    "text": ("grüße 🎈", "0fd7c830fada0f9b11fc588559569b64"),
    "surrogate": ("\udc80", "53cb661c16ae9b5b3975da9b64105a83"),
    "long text": ("long " * 100, "b71e4faf7d102e9cdfd0dba6576c4d30"),
    "bytes": (b"bytes", "8c243071611b3a49012693d351e2623f"),
    "bytearray": (bytearray(b"bytes"), "2024099bc73b07199005bbc0eb09ef71"),
    "list": ([1, "two", 3.0], "6adafb5e067efa236abd36d5cc723acb"),
    "empty list": ([], "dba0c07dc475c9926ddee1ae781b315d"),
    "tuple": ((1, "two", 3.0), "a64d0fa9b393484806b75a8f5afd0d2a"),
    "dict": ({"b": 1, "a": [2]}, "62fdaa38247ba7b1bd6d434af6710af6"),
    "set": ({1, "two", (3,)}, "e803445b6072de0a8b87fbbcec2c3614"),
    "frozenset": (frozenset({1, 2}), "5d35c0d7b52d2d269585500c18df701e"),
    "range": (range(1, 10**20, 3), "2a3aece07b8ec4defc3cf559068e9f7b"),
    "slice": (slice(1, None, "x"), "f840a6655c03b17af418eda7bded49b5"),
    "tagged": (Thing(), "ce4708412f153a49ff8ddbb6c02174b2"),
    "embedded digest": ([Named()], "1150b11c8d22d7a315cd9efe8fe15b3c"),
    "cycle": (ring(), "a08cee8d24da7886073b1a510851fe4f"),
    "float array": (grid("<f8", (3, 4)), "fbdf24eff7b92c9e9a84d38771a6b58a"),
    "swapped array": (grid(">i4", (3, 4)), "1c4cef80be1829ab90d1f0a7c96960df"),
    "array of two cells": (grid("<u4", (300_000,)), "22057c7003517bda33ea74df7ea67d7e"),
    "empty array": (grid("<f4", (0, 3)), "e14399be35a2ac51ade51456be4e7165"),
    "array without dimensions": (grid("<i2", ()), "9c0ad3789283394bb7b0d86b9992cf0d"),
    "text array": (grid("<U3", (5,)), "8d07284bbbb75de80a82be93467f2850"),
    "dates": (grid("<M8[us]", (5,)), "b4f07471bea645c521e6044093c41a06"),
    "float scalar": (np.float64(1.5), "5450f041ab5fbbdc77dd4e9d2942a855"),
    "nan scalar": (np.float32("nan"), "67f4045402a89c92741ec7d9c988daee"),
    "text scalar": (np.str_("text"), "57973baebe98f836839db0c0ff0e5d71"),
}

# Changing this invalidates every user's cache.
STRUCTURED = {
    "packed": ([("a", "<i4"), ("b", "<U2", (2,))], "b5bfe1fdb55dec3963fa2caf0f4da7c3"),
    "padded": (
        {"names": ["a", "b"], "formats": ["u1", "<f8"], "offsets": [0, 8], "itemsize": 24},
        "dbedb14388fd629f9aced26e27f32bfa",
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
