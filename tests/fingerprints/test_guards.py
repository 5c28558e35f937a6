"""Guards notice what changes in a running process, and nothing else."""

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops_core.fingerprints.code import CodeFingerprint, code_fingerprint

SOURCE = """
import functools
K = 1
TABLE = {"a": [1, 2]}
class Settings:
    options = {"k": 1}
    def read(self):
        return self.options
def helper(v, w=2, seen=[]):
    return v * w + len(seen)
def make(k):
    def inner(v):
        return v + k[0]
    return inner
closed = make([1])
bound = functools.partial(helper, w=[3])
BIG = None
def step(x):
    return helper(x) + K + TABLE["a"][0] + Settings().read()["k"] + closed(x) + bound(x)
def big(x):
    return BIG
"""
Change = Callable[[Any], object]


@pytest.fixture
def module() -> Any:
    made = types.ModuleType("guarded")
    exec(compile(SOURCE, "<guarded>", "exec"), vars(made))
    return made


def fingerprint(module: Any) -> CodeFingerprint:
    return code_fingerprint(module.step, ("/nowhere",))


def test_nothing_changed(module: Any) -> None:
    found = fingerprint(module)
    assert found.guards.hold()
    module.unrelated = 1
    assert found.guards.hold()
    assert fingerprint(module).digest == found.digest


def _redefine(module: Any) -> None:
    module.helper = lambda v, w=2: v


def _swap_code(module: Any) -> None:
    module.helper.__code__ = (lambda v, w=2, seen=(): v).__code__


def _patch_method(module: Any) -> None:
    module.Settings.read = lambda self: {"k": 2}


CHANGES: dict[str, Change] = {
    "constant": lambda m: setattr(m, "K", 2),
    "nested list": lambda m: m.TABLE["a"].append(3),
    "type of an item": lambda m: m.TABLE.update(a=[1.0, 2]),
    "class attribute in place": lambda m: m.Settings.options.update(k=2),
    "new class attribute": lambda m: setattr(m.Settings, "extra", 1),
    "method": _patch_method,
    "function": _redefine,
    "code": _swap_code,
    "defaults": lambda m: setattr(m.helper, "__defaults__", (3, [])),
    "default in place": lambda m: m.helper.__defaults__[1].append(1),
    "closure in place": lambda m: m.closed.__closure__[0].cell_contents.append(2),
    "closure item": lambda m: m.closed.__closure__[0].cell_contents.__setitem__(0, 5),
    "argument of a partial": lambda m: m.bound.keywords["w"].append(1),
    "function attribute": lambda m: setattr(m.helper, "note", 1),
    "name gone": lambda m: delattr(m, "K"),
    "builtin shadowed": lambda m: setattr(m, "len", lambda v: 0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_noticed(change: Change, module: Any) -> None:
    found = fingerprint(module)
    change(module)
    assert not found.guards.hold()
    assert fingerprint(module).digest != found.digest
    assert fingerprint(module).guards.hold()


def test_a_large_mutable_global_is_never_taken_for_granted(module: Any) -> None:
    module.BIG = np.zeros(100_000)
    assert not code_fingerprint(module.big, ("/nowhere",)).guards.hold()


def test_a_small_array_is_re_checked(module: Any) -> None:
    module.BIG = np.zeros(10)
    found = code_fingerprint(module.big, ("/nowhere",))
    assert found.guards.hold()
    module.BIG[3] = 1
    assert not found.guards.hold()


def test_a_widened_fingerprint_is_taken_anew(module: Any, tmp_path: Any) -> None:
    exec("def step(x):\n    return eval('x')\n", vars(module))
    assert not code_fingerprint(module.step, (str(tmp_path),)).guards.hold()
