"""Everything else: pickled with its large buffers as cells, private for each consumer."""

import datetime
import decimal
import enum
import functools
import pickle
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_core.errors import DamagedState, SerializerMissing, UnloadableValue, UnstorableValue
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats import save, type_names


class Model:
    """A model of somebody's own."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights
        self.name = "net"


def mapping_of(array: np.ndarray) -> Any:
    """The map that an array lies over."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base.obj


class Shade(enum.Enum):
    DARK = 1


@pytest.mark.parametrize(
    "value",
    [
        datetime.datetime(2020, 10, 25, 2, 30, fold=1),
        decimal.Decimal("1.00"),
        Shade.DARK,
        Path("some/where"),
        {1, 2, 3},
        (1, "a", None),
        functools.partial(int, base=2).keywords,
        range(5),
        np.float32(1.5),
        np.dtype("M8[us]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_small_objects(shelf: Any, value: Any) -> None:
    artifact = shelf.put(value)
    loaded = shelf.take(artifact)
    assert type(loaded) is type(value)
    assert loaded == value
    assert repr(loaded) == repr(value)
    assert value_fingerprint(loaded).digest == artifact.digest


def test_large_buffers_are_cells_shared_with_arrays(shelf: Any) -> None:
    weights = np.arange(500_000.0)
    shelf.put(weights)
    before = shelf.store.status().bytes
    model = shelf.put(Model(weights))
    assert model.format == "pickle/1"
    assert shelf.store.status().bytes == before
    assert np.array_equal(shelf.take(model).weights, weights)


def test_ten_equal_models_take_the_room_of_one(shelf: Any) -> None:
    shelf.put(Model(np.arange(500_000.0)))
    before = shelf.store.status().bytes
    for _ in range(10):
        shelf.put(Model(np.arange(500_000.0)))
    assert shelf.store.status().bytes == before


def test_each_consumer_changes_its_own(shelf: Any) -> None:
    artifact = shelf.put(Model(np.arange(500_000.0)))
    first, second = shelf.take(artifact), shelf.take(artifact)
    assert first.weights.flags.writeable
    assert not mapping_of(first.weights).copied
    first.weights[:] = 0
    first.name = "other"
    assert second.name == "net"
    assert np.array_equal(second.weights, np.arange(500_000.0))
    assert np.array_equal(shelf.take(artifact).weights, np.arange(500_000.0))


def test_read_only_stays_read_only_and_small_writable(shelf: Any) -> None:
    frozen = np.arange(500_000)
    frozen.setflags(write=False)
    loaded = shelf.take(shelf.put({1: frozen, 2: np.arange(5)}))
    assert not loaded[1].flags.writeable
    loaded[2][:] = 0


def test_fortran_order_and_gaps(shelf: Any) -> None:
    value = {1: np.asfortranarray(np.arange(10_000).reshape(100, 100)), 2: np.arange(10_000)[::2]}
    loaded = shelf.take(shelf.put(value))
    assert loaded[1].flags.f_contiguous
    assert all(np.array_equal(loaded[key], value[key]) for key in value)


def test_frames(shelf: Any) -> None:
    frame = pd.DataFrame(
        {"a": np.arange(5000.0), "b": ["x"] * 5000, "t": pd.date_range("2020", periods=5000, tz="UTC")},
        index=pd.Index(range(5000), name="row"),
    )
    frame.attrs["unit"] = "m"
    artifact = shelf.put(frame)
    loaded = shelf.take(artifact)
    pd.testing.assert_frame_equal(loaded, frame)
    assert loaded.attrs == frame.attrs
    assert value_fingerprint(loaded).digest == artifact.digest
    loaded["a"] = loaded["a"] * 0
    loaded.iloc[0, 0] = 5.0
    pd.testing.assert_frame_equal(shelf.take(artifact), frame)


class Holder:
    def __init__(self, inside: object) -> None:
        self.inside = inside


@pytest.mark.parametrize(
    ("value", "path", "kind"),
    [
        (lambda: 1, "value", "function"),
        (threading.Lock(), "value", "_thread.lock"),
        ([1, (2, {"key": threading.Lock()})], "value[1][1]['key']", "_thread.lock"),
        (Holder(Holder([(i for i in ())])), "value.inside.inside[0]", "generator"),
        ({"model": np.arange(3), "lock": threading.Lock()}, "value['lock']", "_thread.lock"),
    ],
    ids=["lambda", "lock", "nested", "attribute", "composite"],
)
def test_what_cannot_be_stored_is_named_with_its_path(value: Any, path: str, kind: str) -> None:
    with pytest.raises(UnstorableValue) as caught:
        save(value, lambda digest, pieces: None, value_fingerprint)
    assert caught.value.path == path
    assert path in caught.value.message
    assert kind in str(caught.value.type)


def test_what_the_sink_raises_is_not_the_values_fault() -> None:
    def full(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        save(Model(np.arange(10_000)), full, value_fingerprint)


def test_a_very_long_chain_of_objects_is_refused_not_a_crash(shelf: Any) -> None:
    value: Any = None
    for _ in range(10_000):
        value = types.SimpleNamespace(next=value)
    with pytest.raises(UnstorableValue):
        shelf.put(value)
    while value:  # taken apart by hand: freeing it recurses, too
        value = value.next


class Moody:
    """An object whose class changes its mind about its state."""

    refuse = False

    def __setstate__(self, state: object) -> None:
        if Moody.refuse:
            raise KeyError("no such field")


def test_a_class_that_refuses_its_old_state(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    value = Moody()
    value.x = 1  # type: ignore[attr-defined]
    artifact = shelf.put(value)
    monkeypatch.setattr(Moody, "refuse", True)
    with pytest.raises(UnloadableValue, match="no such field"):
        shelf.take(artifact)


def test_a_class_that_is_gone(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact = shelf.put(Holder(1))
    monkeypatch.delattr(sys.modules[__name__], "Holder")
    with pytest.raises(UnloadableValue, match="Holder"):
        shelf.take(artifact)


def test_a_library_that_is_gone(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    module = types.ModuleType("elsewhere_models")
    exec("class Net: pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "elsewhere_models", module)
    artifact = shelf.put(module.Net())
    monkeypatch.delitem(sys.modules, "elsewhere_models")
    with pytest.raises(SerializerMissing, match="elsewhere_models"):
        shelf.take(artifact)


def test_a_damaged_buffer_is_damage_not_a_wrong_model(shelf: Any) -> None:
    artifact = shelf.put(Model(np.arange(10_000.0)))
    (path,) = (shelf.folder / "objects").iterdir()
    path.chmod(0o600)
    with path.open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"XX")
    shelf.index.segments = {n: r._replace(signature=(0, 0, 0, 0)) for n, r in shelf.index.segments.items()}
    with pytest.raises(DamagedState):
        shelf.take(artifact)


def test_classes_of_main_are_stored_under_the_programs_name(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = sys.modules["__main__"]
    made = type("Net", (), {"__module__": "__main__"})
    monkeypatch.setattr(main, "Net", made, raising=False)
    monkeypatch.setattr(type_names, "_main_name", "__main__")
    type_names.use_main_name("pipe_of_a_test")
    artifact = shelf.put([made(), made])
    assert b"__main__" not in bytes(
        shelf.store.buffer([bytes.fromhex(c) for c in artifact.manifest["cells"]])
    )
    assert type(shelf.take(artifact)[0]) is made
    # Another process imports the same file under its own name.
    monkeypatch.setattr(type_names, "_main_name", "__main__")
    monkeypatch.setitem(sys.modules, "pipe_of_a_test", main)
    assert shelf.take(artifact)[1] is made


def test_protocol_and_stream_are_plain_pickle(shelf: Any) -> None:
    artifact = shelf.put({1, 2})
    stream = shelf.store.buffer([bytes.fromhex(cell) for cell in artifact.manifest["cells"]])
    assert pickle.loads(stream) == {1, 2}
    assert bytes(stream[:2]) == b"\x80\x05"
