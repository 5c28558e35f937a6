"""An artifact's text is whole or it is damage: no changed character comes through."""

import json
from typing import Any

import numpy as np
import pytest

from mlops_core.errors import DamagedState, UnloadableValue
from mlops_core.formats import Artifact, from_json, to_json


@pytest.fixture
def text_and_digest(shelf: Any) -> tuple[str, bytes]:
    artifact = shelf.put({"a": np.arange(3), "é": [1, None, 2.5]})
    return to_json(artifact), artifact.digest


def test_text_and_back(shelf: Any) -> None:
    for value in (1, {"a": np.arange(3), "b": {"c": (np.arange(2), "x")}}, {1, 2}, b"x" * 5000):
        artifact = shelf.put(value)
        text = to_json(artifact)
        assert from_json(artifact.digest, text) == artifact
        assert to_json(from_json(artifact.digest, text)) == text


def test_the_text_is_json_that_sql_can_query(text_and_digest: tuple[str, bytes]) -> None:
    text, digest = text_and_digest
    plain = json.loads(text)
    assert plain["digest"] == digest.hex()
    assert plain["format"] == "dict/1"
    assert list(plain["children"]) == ["a", "é"]


def test_every_changed_character_is_found(text_and_digest: tuple[str, bytes]) -> None:
    text, digest = text_and_digest
    for position, character in enumerate(text):
        for other in ("0" if character != "0" else "1", "\ud800", ""):
            changed = text[:position] + other + text[position + 1 :]
            if changed != text:
                with pytest.raises(DamagedState, match=digest.hex()):
                    from_json(digest, changed)


def test_cut_at_every_length(text_and_digest: tuple[str, bytes]) -> None:
    text, digest = text_and_digest
    for length in range(len(text)):
        with pytest.raises(DamagedState):
            from_json(digest, text[:length])


def test_the_text_of_another_digest_is_refused(text_and_digest: tuple[str, bytes]) -> None:
    text, _digest = text_and_digest
    with pytest.raises(DamagedState):
        from_json(bytes(16), text)


def test_a_format_of_the_future_is_refused_plainly(shelf: Any) -> None:
    artifact = shelf.put(1)._replace(format="tensor/3")
    with pytest.raises(UnloadableValue, match="tensor/3") as caught:
        shelf.take(artifact)
    assert "--force" in caught.value.hint


def test_golden_artifact() -> None:
    """Changing this invalidates every user's cache."""
    child = Artifact(bytes(16), "json/1", "int", {"text": "1"}, 1)
    artifact = Artifact(bytes(range(16)), "dict/1", "dict", {}, 1, ("shop:Model",), {"é": child})
    assert to_json(artifact) == (
        '{"check":"67a21c655b4355167ccb8853a89d111c","digest":"000102030405060708090a0b0c0d0e0f",'
        '"format":"dict/1","type":"dict","manifest":{},"nbytes":1,"classes":["shop:Model"],"libraries":[],'
        '"children":{"\\u00e9":{"digest":"00000000000000000000000000000000","format":"json/1","type":"int",'
        '"manifest":{"text":"1"},"nbytes":1,"classes":[],"libraries":[],"children":{}}}}'
    )
