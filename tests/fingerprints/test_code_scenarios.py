# ruff: noqa: E501 - rows are read across, one per line
"""Edits of a project, and whether the fingerprint of its step must stay. Before and after run in two processes
with different hash seeds and in different folders, so every row also checks that a moved checkout keeps its digest."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

SAME, OTHER = True, False
Edits = dict[str, tuple[tuple[str, str], ...]]


class Row(NamedTuple):
    name: str
    verdict: bool
    files: dict[str, str]
    edits: Edits


ROWS: list[Row] = []


def row(
    name: str, verdict: bool, source: str, *pairs: tuple[str, str], file: str = "steps.py", **files: str
) -> None:
    """A row: ``source`` is steps.py, ``files`` are further ones (``__`` for /), ``pairs`` are edits of ``file``."""
    others = {
        n.replace("__init__", "INIT").replace("__", "/").replace("INIT", "__init__") + ".py": t
        for n, t in files.items()
    }
    ROWS.append(Row(name, verdict, {"steps.py": source, **others}, {file: pairs}))


BASE = '''
K = 10
def _helper(v):
    return v * 2
def _unrelated(v):
    return v - 1
def step(x: int) -> float:
    """Doc one."""
    # comment one
    total = _helper(x) + K
    return float(total)
'''


def returns(expression: str) -> str:
    return f"def step(x):\n    return {expression}\n"


# --- text that is not behaviour
row("comment", SAME, BASE, ("comment one", "comment two!"))
row("docstring", SAME, BASE, ("Doc one", "Doc two, longer"))
row("docstring removed", SAME, BASE, ('    """Doc one."""\n', ""))
row(
    "docstring removed, None used",
    SAME,
    'def step(x):\n    """D."""\n    return (None, x, 1.5, None)\n',
    ('    """D."""\n', ""),
)
row(
    "docstring is also a value",
    OTHER,
    'def step(x):\n    """a"""\n    return "a"\n',
    ('return "a"', 'return "b"'),
)
row("reformat", SAME, BASE, ("total = _helper(x) + K", "total = (\n        _helper(x)\n\n        + K)"))
row("local renamed", SAME, BASE, ("total", "tot"))
row(
    "local renamed, captured",
    SAME,
    "def step(x):\n    kept = x\n    def inner():\n        return kept\n    return inner()\n",
    ("kept", "held"),
)
row("annotation", SAME, BASE, ("x: int", "x: float"))
row("lines", SAME, BASE, ("\nK = 10\n", "\n\n\n# x\ndef _new(v):\n    return v\nK = 10\n"))
row("unrelated function", SAME, BASE, ("v - 1", "v - 2"))
row("inner class docstring and lines", SAME, "def step(x):\n    class C:\n        '''One.'''\n        def f(self): return x\n    return C().f()\n",
    ("def step(x):\n", "def step(x):\n    # more\n\n"), ("'''One.'''", "'''Two.'''"))  # fmt: skip
row(
    "class docstring",
    SAME,
    "class C:\n    '''One.'''\n    def f(self): return 1\n" + returns("C().f()"),
    ("One", "Two"),
)
row("step renamed around an inner class", SAME, "def first(x):\n    class C:\n        def f(self): return x\n    return C().f()\nstep = first\n",
    ("def first", "def second"), ("step = first", "step = second"))  # fmt: skip
row(
    "set constant in another order",
    SAME,
    returns("x in {'a','b','c','3','z','yy'}"),
    ("'a','b','c'", "'c','b','a'"),
)
row("nothing, frozenset", SAME, "S = frozenset({'a','b','c','z'})\n" + returns("x in S"))
row(
    "moved to a renamed module",
    SAME,
    "from impl_a import step\n",
    ("impl_a", "impl_b"),
    impl_a=BASE,
    impl_b=BASE,
)
# --- the body
row("logic", OTHER, BASE, ("_helper(x) + K", "_helper(x) - K"))
row("literal to float", OTHER, returns("str(1)"), ("str(1)", "str(1.0)"))
row("literal to bool", OTHER, returns("str(1)"), ("str(1)", "str(True)"))
row("nested literal type", OTHER, returns("x in ((1, 2), 3)"), ("(1, 2)", "(1.0, 2)"))
row("negative zero", OTHER, "Z = 0.0\n" + returns("Z * x"), ("0.0", "-0.0"))
row("f-string text", OTHER, returns("f'a{x}'"), ("f'a", "f'b"))
row("comprehension", OTHER, returns("[y + 1 for y in range(x)]"), ("y + 1", "y + 2"))
row(
    "exception caught",
    OTHER,
    "def step(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError:\n        return 0\n",
    ("ZeroDivisionError", "ValueError"),
)
row(
    "keyword parameter renamed",
    OTHER,
    "def _h(**kw):\n    return _g(**kw)\ndef _g(a=1, b=2):\n    return a * 10 + b\n"
    + returns("_h(**{'a': x})"),
    ("_g(a=1, b=2)", "_g(b=1, a=2)"),
)
row(
    "order of arguments in a call",
    OTHER,
    "def _h(a, b): return a - b\n" + returns("_h(x, 1)"),
    ("_h(x, 1)", "_h(1, x)"),
)
row(
    "global read by an inner function",
    OTHER,
    "K = 1\ndef step(x):\n    def inner(): return K\n    return inner()\n",
    ("K = 1", "K = 2"),
)
# --- helpers
row("helper", OTHER, BASE, ("v * 2", "v * 3"))
DEEP = {
    "lib__mid": "from lib import leaf\ndef mid(v):\n    return leaf.leaf(v) + 1\n",
    "lib____init__": "",
    "lib__leaf": "def leaf(v):\n    return v * 2\n",
}
row(
    "two modules deep",
    OTHER,
    "from lib.mid import mid\n" + returns("mid(x)"),
    ("v * 2", "v * 5"),
    file="lib/leaf.py",
    **DEEP,
)
row(
    "comment two modules deep",
    SAME,
    "from lib.mid import mid\n" + returns("mid(x)"),
    ("return v * 2", "# hi\n    return v * 2"),
    file="lib/leaf.py",
    **DEEP,
)
row(
    "relative import",
    OTHER,
    "import pk\n" + returns("pk.algo(x)"),
    ("v * 2", "v * 3"),
    file="pk/_i.py",
    pk____init__="from ._i import algo\n",
    pk___i="def algo(v):\n    return v * 2\n",
)
row(
    "star import",
    OTHER,
    "from impl import *\n" + returns("algo(x)"),
    ("v * 2", "v * 3"),
    file="impl.py",
    impl="def algo(v):\n    return v * 2\n",
)
row(
    "submodule chain",
    OTHER,
    "import pk.sub\n" + returns("pk.sub.algo(x)"),
    ("v * 2", "v * 3"),
    file="pk/sub.py",
    pk____init__="",
    pk__sub="def algo(v):\n    return v * 2\n",
)
row(
    "other function of the submodule",
    SAME,
    "import pk.sub\n" + returns("pk.sub.algo(x)"),
    ("v - 2", "v - 3"),
    file="pk/sub.py",
    pk____init__="",
    pk__sub="def algo(v):\n    return v * 2\ndef other(v):\n    return v - 2\n",
)
row(
    "mutual recursion",
    OTHER,
    "def _f(n):\n    return 1 if n <= 0 else _g(n - 1) * 2\ndef _g(n):\n    return 1 if n <= 0 else _f(n - 1) + 3\n"
    + returns("_f(x)"),
    ("+ 3", "+ 4"),
)
row(
    "alias of another helper",
    OTHER,
    "def a(v): return 1\ndef b(v): return 2\nh = a\n" + returns("h(x)"),
    ("h = a", "h = b"),
)
row("lambda", OTHER, "step = lambda x: float(x * 2)\n", ("x * 2", "x * 3"))
row(
    "closure",
    OTHER,
    "def _make(k):\n    def step(x):\n        return x * k\n    return step\nstep = _make(2)\n",
    ("_make(2)", "_make(3)"),
)
row(
    "closure over a function",
    OTHER,
    "def _h(v): return v * 2\ndef _make(k):\n    def step(x):\n        return k(x)\n    return step\nstep = _make(_h)\n",
    ("v * 2", "v * 3"),
)
row(
    "closure over a list",
    OTHER,
    "def _make(k):\n    def step(x):\n        return x * k[0]\n    return step\nstep = _make([1, 2])\n",
    ("[1, 2]", "[2, 2]"),
)
row("default", OTHER, "def _h(v, w=2):\n    return v * w\n" + returns("_h(x)"), ("w=2", "w=5"))
row(
    "keyword-only default", OTHER, "def _h(v, *, w=2):\n    return v * w\n" + returns("_h(x)"), ("w=2", "w=5")
)
row(
    "helper as default",
    OTHER,
    "def _h(v):\n    return v * 2\ndef _u(v, f=_h):\n    return f(v)\n" + returns("_u(x)"),
    ("v * 2", "v * 3"),
)
row(
    "function attribute",
    OTHER,
    "def _h(v): return v * _h.k\n_h.k = 2\n" + returns("_h(x)"),
    ("_h.k = 2", "_h.k = 3"),
)
row("generator", OTHER, "def _g(v):\n    yield v * 2\n" + returns("sum(_g(x))"), ("v * 2", "v * 3"))
row(
    "async",
    OTHER,
    "import asyncio\nasync def _g(v):\n    return v * 2\n" + returns("asyncio.run(_g(x))"),
    ("v * 2", "v * 3"),
)
row(
    "passed to map",
    OTHER,
    "def _h(v):\n    return v * 2\n" + returns("sum(map(_h, [x]))"),
    ("v * 2", "v * 3"),
)
row(
    "submitted to a pool",
    OTHER,
    "import concurrent.futures as cf\ndef _h(v):\n    return v * 2\n"
    + returns("cf.ThreadPoolExecutor(1).submit(_h, x)"),
    ("v * 2", "v * 3"),
)
# --- wrappers
row(
    "partial",
    OTHER,
    "import functools\ndef _s(x, k):\n    return x * k\nstep = functools.partial(_s, k=2)\n",
    ("k=2", "k=3"),
)
row(
    "decorator",
    OTHER,
    "import functools\ndef _d(f):\n    @functools.wraps(f)\n    def w(x):\n        return f(x) + 1\n    return w\n@_d\ndef step(x):\n    return x * 2\n",
    ("f(x) + 1", "f(x) + 2"),
)
row(
    "decorated helper",
    OTHER,
    "import functools\ndef _d(f):\n    @functools.wraps(f)\n    def w(x):\n        return f(x) + 1\n    return w\n@_d\ndef _h(x):\n    return x * 2\n"
    + returns("_h(x)"),
    ("x * 2", "x * 4"),
)
row(
    "decorator's argument",
    OTHER,
    "def _d(k):\n    def d(f):\n        return lambda x: f(x) + k\n    return d\n@_d(1)\ndef step(x):\n    return x\n",
    ("@_d(1)", "@_d(2)"),
)
row(
    "decorator class",
    OTHER,
    "import functools\nclass _D:\n    def __init__(self, f):\n        functools.update_wrapper(self, f)\n        self.f = f\n    def __call__(self, x):\n        return self.f(x)\n@_D\ndef _h(x):\n    return x * 2\n"
    + returns("_h(x)"),
    ("x * 2", "x * 3"),
)
row(
    "lru_cache",
    OTHER,
    "import functools\n@functools.lru_cache\ndef _h(v):\n    return v * 2\n" + returns("_h(x)"),
    ("v * 2", "v * 3"),
)
row(
    "cache, nothing changed",
    SAME,
    "import functools\n@functools.cache\ndef _h(v):\n    return v * 2\n" + returns("_h(x)"),
)
row(
    "singledispatch",
    OTHER,
    "import functools\n@functools.singledispatch\ndef _h(v):\n    return 0\n@_h.register(int)\ndef _(v):\n    return v * 2\n"
    + returns("_h(x)"),
    ("v * 2", "v * 3"),
)
row(
    "singledispatchmethod",
    OTHER,
    "import functools\nclass C:\n    @functools.singledispatchmethod\n    def h(self, v):\n        return 0\n    @h.register\n    def _(self, v: int):\n        return v * 2\n"
    + returns("C().h(x)"),
    ("v * 2", "v * 3"),
)
row(
    "partialmethod",
    OTHER,
    "import functools\nclass C:\n    def h(self, k, v):\n        return v * k\n    twice = functools.partialmethod(h, 2)\n"
    + returns("C().twice(x)"),
    ("(h, 2)", "(h, 3)"),
)
row(
    "contextmanager",
    OTHER,
    "import contextlib\n@contextlib.contextmanager\ndef _c(v):\n    yield v * 2\ndef step(x):\n    with _c(x) as r:\n        return r\n",
    ("v * 2", "v * 3"),
)
row(
    "methodcaller",
    OTHER,
    "import operator\nclass _C:\n    def run(s, v):\n        return v * 2\n"
    + returns("operator.methodcaller('run', x)(_C())"),
    ("v * 2", "v * 3"),
)
# --- classes
CLASS = (
    "class _Base:\n    def scale(self, v):\n        return v * 2\nclass _Model(_Base):\n    k = 1\n    def run(self, v):\n        return self.scale(v) + 1\n"
    + returns("_Model().run(x)")
)
row("method", OTHER, CLASS, ("+ 1", "+ 7"))
row("base method", OTHER, CLASS, ("v * 2", "v * 4"))
row("class attribute", OTHER, CLASS, ("k = 1", "k = 2"))
row("class, nothing changed", SAME, CLASS)
row(
    "property",
    OTHER,
    "class _C:\n    @property\n    def r(s):\n        return 2\n" + returns("_C().r"),
    ("return 2", "return 3"),
)
row(
    "property setter",
    OTHER,
    "class _C:\n    @property\n    def r(s):\n        return 2\n    @r.setter\n    def r(s, v):\n        s.v = 5\n"
    + returns("_C().r"),
    ("s.v = 5", "s.v = 6"),
)
row(
    "cached_property",
    OTHER,
    "import functools\nclass _C:\n    @functools.cached_property\n    def r(s):\n        return 2\n"
    + returns("_C().r"),
    ("return 2", "return 3"),
)
row(
    "staticmethod",
    OTHER,
    "class _C:\n    @staticmethod\n    def r(v):\n        return v * 2\n" + returns("_C.r(x)"),
    ("v * 2", "v * 3"),
)
row(
    "classmethod",
    OTHER,
    "class _C:\n    @classmethod\n    def r(cls, v):\n        return v * 2\n" + returns("_C.r(x)"),
    ("v * 2", "v * 3"),
)
row(
    "metaclass",
    OTHER,
    "class _M(type):\n    def __call__(c, v):\n        return v * 2\nclass _C(metaclass=_M): pass\n"
    + returns("_C(x)"),
    ("v * 2", "v * 3"),
)
row(
    "descriptor",
    OTHER,
    "class _D:\n    def __get__(self, o, t):\n        return 2\nclass _C:\n    d = _D()\n"
    + returns("_C().d"),
    ("return 2", "return 3"),
)
row(
    "abstract base",
    OTHER,
    "import abc\nclass _B(abc.ABC):\n    @abc.abstractmethod\n    def r(s): ...\nclass _C(_B):\n    def r(s):\n        return 2\n"
    + returns("_C().r()"),
    ("return 2", "return 3"),
)
row(
    "abstract base, nothing changed",
    SAME,
    "import abc\nclass _B(abc.ABC):\n    @abc.abstractmethod\n    def r(s): ...\nclass _C(_B):\n    def r(s):\n        return 2\n"
    + returns("_C().r()"),
)
row(
    "slots",
    OTHER,
    "class _C:\n    __slots__ = ('a',)\n    def __init__(s): s.a = 2\n" + returns("_C().a"),
    ("s.a = 2", "s.a = 3"),
)
row(
    "dataclass default",
    OTHER,
    "import dataclasses\n@dataclasses.dataclass\nclass _P:\n    k: int = 2\n" + returns("_P().k"),
    ("= 2", "= 3"),
)
row(
    "dataclass, nothing changed",
    SAME,
    "import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass _P:\n    k: int = 2\n    m: list = dataclasses.field(default_factory=list)\n"
    + returns("_P().k"),
)
row(
    "default_factory",
    OTHER,
    "import dataclasses\ndef _h():\n    return 2\n@dataclasses.dataclass\nclass _P:\n    k: int = dataclasses.field(default_factory=_h)\n"
    + returns("_P().k"),
    ("return 2", "return 3"),
)
row(
    "NamedTuple default",
    OTHER,
    "from typing import NamedTuple\nclass _P(NamedTuple):\n    k: int = 2\n" + returns("_P().k"),
    ("= 2", "= 3"),
)
row(
    "NamedTuple, nothing changed",
    SAME,
    "from typing import NamedTuple, Optional\nclass _P(NamedTuple):\n    k: Optional[int] = 2\n"
    + returns("_P().k"),
)
row(
    "enum member",
    OTHER,
    "import enum\nclass _E(enum.Enum):\n    A = 1\n    B = 2\n" + returns("_E.A.value"),
    ("A = 1", "A = 3"),
)
row(
    "enum method",
    OTHER,
    "import enum\nclass _E(enum.Enum):\n    A = 1\n    def twice(self):\n        return 2\n"
    + returns("_E.A.twice()"),
    ("return 2", "return 3"),
)
row(
    "enum, nothing changed",
    SAME,
    "import enum\nclass _E(enum.Flag):\n    A = 1\n    B = 2\n" + returns("_E.A"),
)
row(
    "Protocol and TypeVar, nothing changed",
    SAME,
    "from typing import Generic, Protocol, TypeVar\nT = TypeVar('T')\nclass _B(Protocol):\n    def r(self) -> int: ...\nclass _C(Generic[T]):\n    def r(self): return 1\ndef step(x):\n    return isinstance(_C(), _B)\n",
)
# --- data
row("constant", OTHER, BASE, ("K = 10", "K = 11"))
row(
    "constant of a module",
    OTHER,
    "import conf\n" + returns("x * conf.SCALE"),
    ("SCALE = 2", "SCALE = 3"),
    file="conf.py",
    conf="SCALE = 2\nOTHER = 1\n",
)
row(
    "other constant of the module",
    SAME,
    "import conf\n" + returns("x * conf.SCALE"),
    ("OTHER = 1", "OTHER = 5"),
    file="conf.py",
    conf="SCALE = 2\nOTHER = 1\n",
)
row("dict content", OTHER, "C = {'a': [1, 2], 'b': 2}\n" + returns("C['b']"), ("'b': 2", "'b': 9"))
row(
    "instance method",
    OTHER,
    "class _C:\n    def r(s, v):\n        return v * 2\n_c = _C()\n" + returns("_c.r(x)"),
    ("v * 2", "v * 3"),
)
row(
    "instance attribute",
    OTHER,
    "class _C:\n    def __init__(s, k):\n        s.k = k\n_c = _C(2)\n" + returns("_c.k"),
    ("_C(2)", "_C(3)"),
)
row(
    "registry",
    OTHER,
    "_R = {}\ndef _reg(n):\n    def d(f):\n        _R[n] = f\n        return f\n    return d\n@_reg('a')\ndef _a(v):\n    return v * 2\n"
    + returns("_R['a'](x)"),
    ("v * 2", "v * 3"),
)
row(
    "lambdas of a dict swapped",
    OTHER,
    "_R = {'a': lambda v: v + 1, 'b': lambda v: v - 1}\n" + returns("_R['a'](x)"),
    ("'a': lambda v: v + 1, 'b': lambda v: v - 1", "'a': lambda v: v - 1, 'b': lambda v: v + 1"),
)
row(
    "closures of a list swapped",
    OTHER,
    "def _m(k):\n    return lambda v: v + k\n_R = [_m(1), _m(2)]\n" + returns("_R[0](x)"),
    ("[_m(1), _m(2)]", "[_m(2), _m(1)]"),
)
row(
    "order in a set of functions",
    SAME,
    "def a(): return 1\ndef b(): return 2\ndef c(): return 3\n_R = {a, b, c}\n"
    + returns("sum(f() for f in _R)"),
    ("{a, b, c}", "{c, a, b}"),
)
row(
    "a set of functions",
    OTHER,
    "def a(): return 1\ndef b(): return 2\ndef c(): return 3\n_R = {a, b, c}\n"
    + returns("sum(f() for f in _R)"),
    ("return 3", "return 4"),
)
row(
    "regular expression",
    OTHER,
    "import re\n_P = re.compile('a+')\n" + returns("_P.match('aa')"),
    ("a+", "a*"),
)
row(
    "array",
    OTHER,
    "import numpy as np\n_A = np.arange(5)\n" + returns("_A.sum()"),
    ("arange(5)", "arange(6)"),
)
row(
    "path, moment, decimal",
    SAME,
    "import datetime, decimal, pathlib\n_A = (pathlib.Path('a'), datetime.date(2026, 1, 2), decimal.Decimal('1.0'))\n"
    + returns("_A"),
)
row(
    "logger and lock",
    SAME,
    "import logging, threading\n_log = logging.getLogger('a')\n_lk = threading.Lock()\n_ev = threading.Condition()\ndef step(x):\n    with _lk, _ev:\n        _log.debug('x')\n    return x  # c\n",
    ("# c", "# d"),
)
row(
    "counter that the step moves",
    SAME,
    "_N = [0]\ndef step(x):\n    _N[0] += 1\n    return x  # c\n",
    ("# c", "# d"),
)
row(
    "environment by its name",
    SAME,
    "import os\nfrom os import environ\n" + returns("(os.environ.get('A'), environ.get('B'))"),
)
# --- modules as values, reach that nobody can name
IMPL = {"impl": "def algo(v):\n    return v * 2\n"}
EDIT_IMPL = ("v * 2", "v * 3")
row(
    "getattr of a module",
    OTHER,
    "import impl\n" + returns("getattr(impl, 'al' + 'go')(x)"),
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "comment in a module used whole",
    SAME,
    "import impl\n" + returns("getattr(impl, 'al' + 'go')(x)"),
    ("return v", "# c\n    return v"),
    file="impl.py",
    **IMPL,
)
row(
    "import_module",
    OTHER,
    "import importlib\n" + returns("importlib.import_module('impl').algo(x)"),
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "function-level import",
    OTHER,
    "def step(x):\n    from impl import algo\n    return algo(x)\n",
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "function-level import of a module",
    OTHER,
    "def step(x):\n    import impl\n    return impl.algo(x)\n",
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "function-level import, other function",
    SAME,
    "def step(x):\n    import impl as i\n    return i.algo(x)\n",
    ("v - 2", "v - 3"),
    file="impl.py",
    impl="def algo(v):\n    return v * 2\ndef other(v):\n    return v - 2\n",
)
row(
    "function-level import, read by an inner function",
    OTHER,
    "def step(x):\n    import impl\n    def inner():\n        return impl.algo(x)\n    return inner()\n",
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "function-level relative import",
    OTHER,
    "from pk.top import step\n",
    EDIT_IMPL,
    file="pk/impl.py",
    pk____init__="",
    pk__top="def step(x):\n    from .impl import algo\n    return algo(x)\n",
    pk__impl=IMPL["impl"],
)
row(
    "function-level import of a submodule",
    OTHER,
    "def step(x):\n    import pk.impl\n    return pk.impl.algo(x)\n",
    EDIT_IMPL,
    file="pk/impl.py",
    pk____init__="",
    pk__impl=IMPL["impl"],
)
row(
    "function-level import that fails",
    SAME,
    "def step(x):\n    try:\n        import no_such_module_here\n    except ImportError:\n        return x\n",
)
row(
    "module __getattr__",
    OTHER,
    "import impl\n" + returns("impl.thing"),
    ("return 2", "return 3"),
    file="impl.py",
    impl="def __getattr__(n):\n    if n == 'thing': return 2\n    raise AttributeError(n)\n",
)
row("globals()", OTHER, "def _h(v):\n    return v * 2\n" + returns("globals()['_h'](x)"), ("v * 2", "v * 3"))
row("eval", OTHER, "def _h(v):\n    return v * 2\n" + returns("eval('_h(x)')"), ("v * 2", "v * 3"))
row(
    "sys.modules",
    OTHER,
    "import sys, impl as _impl\n" + returns("sys.modules['impl'].algo(x)"),
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "from sys import modules",
    OTHER,
    "from sys import modules\nimport impl as _impl\n" + returns("modules['impl'].algo(x)"),
    EDIT_IMPL,
    file="impl.py",
    **IMPL,
)
row(
    "__subclasses__",
    OTHER,
    "class _B: pass\nclass _D(_B):\n    def run(s, v):\n        return v * 2\n"
    + returns("_B.__subclasses__()[0]().run(x)"),
    ("v * 2", "v * 3"),
)
row(
    "get_type_hints",
    OTHER,
    "import typing\ndef _h(v: int):\n    return v\n" + returns("typing.get_type_hints(_h)['v'] is int"),
    ("v: int", "v: str"),
)
row(
    "__doc__",
    OTHER,
    "def _h(v):\n    '''2'''\n    return v\n" + returns("int(_h.__doc__)"),
    ("'''2'''", "'''3'''"),
)
row(
    "__name__",
    OTHER,
    "def _h2(v):\n    return v\n_f = _h2\n" + returns("int(_f.__name__[-1])"),
    ("_h2", "_h3"),
)
row("locals()", OTHER, "def step(x):\n    alpha = x\n    return sorted(locals())\n", ("alpha", "beta"))
row(
    "monkeypatch of a library",
    OTHER,
    "import math\nimport boot\n" + returns("math.floor(x)"),
    ("r * 100", "r * 200"),
    file="boot.py",
    boot="import math\nmath.floor = lambda r: r * 100\n",
)
row(
    "comment in an unrelated file",
    SAME,
    "import impl\n" + returns("impl.algo(x)"),
    ("# c", "# d"),
    file="impl.py",
    impl="# c\ndef algo(v):\n    return v * 2\n",
)
row("__file__ of a moved checkout", SAME, "import os\n" + returns("os.path.dirname(__file__)"))
row(
    "path made from __file__",
    SAME,
    "from pathlib import Path\nHERE = Path(__file__).parent\nC = {'data': HERE / 'data.csv'}\n"
    + returns("(HERE, C)"),
)
row(
    "text made from __file__",
    SAME,
    "import os\nHERE = os.path.join(os.path.dirname(__file__), 'a')\n" + returns("HERE"),
)
row(
    "another path made from __file__",
    OTHER,
    "from pathlib import Path\nC = Path(__file__).parent / 'a.csv'\n" + returns("C"),
    ("a.csv", "b.csv"),
)
row(
    "a string for a path",
    OTHER,
    "from pathlib import Path\nC = Path(__file__).parent\n" + returns("C"),
    ("Path(__file__).parent", "str(Path(__file__).parent)"),
)
# --- values handed to the step
TAKES = "def step(x):\n    return x\n"
row(
    "function as argument",
    OTHER,
    TAKES,
    ("v * 2", "v * 3"),
    file="fns.py",
    fns="def f(v):\n    return v * 2\n",
    args="import fns\ndef make():\n    return fns.f\n",
)
VALUE = {
    "fns": "class C:\n    def __init__(self, k):\n        self.k = k\n    def run(self, v):\n        return v * self.k\n",
    "args": "import fns\ndef make():\n    return fns.C(2)\n",
}
row("attribute of an argument", OTHER, TAKES, ("C(2)", "C(3)"), file="args.py", **VALUE)
row("method of an argument's class", OTHER, TAKES, ("v * self.k", "v + self.k"), file="fns.py", **VALUE)
row("argument, nothing changed", SAME, TAKES, **VALUE)


def edited(one: Row) -> dict[str, str]:
    files = dict(one.files)
    for file, pairs in one.edits.items():
        for old, new in pairs:
            assert old in files[file], (one.name, old)
            files[file] = files[file].replace(old, new)
    return files


@pytest.fixture(scope="module")
def seen(fingerprint_projects: Callable[..., dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    before = fingerprint_projects({r.name: r.files for r in ROWS}, seed="1")
    after = fingerprint_projects({r.name: edited(r) for r in ROWS}, seed="4242")
    return before, after


@pytest.mark.parametrize("one", ROWS, ids=[r.name for r in ROWS])
def test_edit(one: Row, seen: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, after = seen[0][one.name], seen[1][one.name]
    assert "error" not in before, before
    assert "error" not in after, after
    assert "unstable" not in before["digest"] + after["digest"]
    assert (before["digest"] == after["digest"]) is one.verdict, (before, after)
