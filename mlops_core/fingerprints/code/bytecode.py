"""What the reader of bytecode does at each opcode, for the running Python (3.11 to 3.14)."""

import re
import sys
from opcode import hasconst, opmap
from typing import Final

OTHER: Final = 0
SKIP: Final = 1  # inline caches and padding: they do not end an attribute chain
EXTENDED: Final = 2
CONSTANT: Final = 3
SMALL_INT: Final = 4
GLOBAL: Final = 5
NAME: Final = 6
ATTRIBUTE: Final = 7
IMPORT: Final = 8
IMPORT_FROM: Final = 9
STORE_NAME: Final = 10
STORE_GLOBAL: Final = 11
STORE_LOCAL: Final = 12
STORE_CELL: Final = 13
LOAD_LOCAL: Final = 14
LOAD_PAIR: Final = 15
LOAD_CELL: Final = 16
STORE_THEN_LOAD: Final = 17

_BY_NAME = {
    "CACHE": SKIP, "NOP": SKIP, "PUSH_NULL": SKIP, "PRECALL": SKIP, "EXTENDED_ARG": EXTENDED,
    "LOAD_SMALL_INT": SMALL_INT,
    "LOAD_GLOBAL": GLOBAL, "LOAD_NAME": NAME, "LOAD_FROM_DICT_OR_GLOBALS": NAME,
    "LOAD_ATTR": ATTRIBUTE, "LOAD_METHOD": ATTRIBUTE,
    "IMPORT_NAME": IMPORT, "IMPORT_FROM": IMPORT_FROM,
    "STORE_NAME": STORE_NAME, "STORE_GLOBAL": STORE_GLOBAL,
    "STORE_FAST": STORE_LOCAL, "STORE_DEREF": STORE_CELL, "STORE_FAST_LOAD_FAST": STORE_THEN_LOAD,
    "LOAD_FAST": LOAD_LOCAL, "LOAD_FAST_CHECK": LOAD_LOCAL, "LOAD_FAST_BORROW": LOAD_LOCAL,
    "LOAD_FAST_LOAD_FAST": LOAD_PAIR, "LOAD_FAST_BORROW_LOAD_FAST_BORROW": LOAD_PAIR,
    "LOAD_DEREF": LOAD_CELL, "LOAD_CLASSDEREF": LOAD_CELL, "LOAD_FROM_DICT_OR_DEREF": LOAD_CELL,
}  # fmt: skip

ACTIONS: Final[list[int]] = [OTHER] * 256
for _name, _action in _BY_NAME.items():
    if opmap.get(_name, 256) < 256:
        ACTIONS[opmap[_name]] = _action
for _op in hasconst:
    if _op < 256:
        ACTIONS[_op] = CONSTANT

# Instructions worth a look, as bytes of actions: the others are most of a function.
_LOCAL: Final = (STORE_LOCAL, STORE_CELL, LOAD_LOCAL, LOAD_PAIR, LOAD_CELL, STORE_THEN_LOAD)
_QUIET: Final = (OTHER, SKIP)
TRANSLATE: Final = bytes(ACTIONS)
SKIPPED: Final = bytes([SKIP])
_LOOKED_AT: Final = [a for a in sorted(set(ACTIONS)) if a not in _QUIET]
WITH_LOCALS: Final = re.compile(b"[" + bytes(_LOOKED_AT) + b"]")
WITHOUT_LOCALS: Final = re.compile(b"[" + bytes(a for a in _LOOKED_AT if a not in _LOCAL) + b"]")

# The low bit of these arguments says how the callee is pushed; the rest is the index of the name.
GLOBAL_SHIFT: Final = 1
ATTRIBUTE_SHIFT: Final = 1 if sys.version_info >= (3, 12) else 0
IMPORT_OPCODE: Final = bytes([opmap["IMPORT_NAME"]])
LOAD_CONST: Final = opmap["LOAD_CONST"]
# Not behaviour: whether a docstring was there (its own flag since 3.13).
FLAG_MASK: Final = ~0x4000000
