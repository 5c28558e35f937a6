"""Canonical content of a code object, and the names it uses.

Comments, formatting, line numbers, file, local names, docstring and the qualified name do not count.
Constants count with their type, by value and in the order of use, so adding a docstring moves nothing.
"""

from types import CodeType
from typing import NamedTuple

from mlops_core.fingerprints.code import bytecode as b
from mlops_core.fingerprints.code.uses import Uses

# Written into the body of every class: names and lines, not behaviour.
_CLASS_NOISE = frozenset({"__qualname__", "__firstlineno__", "__static_attributes__", "__doc__"})


class CanonicalCode(NamedTuple):
    """What counts of a code object: plain data, nested code objects as nested tuples."""

    content: tuple[object, ...]
    uses: Uses


def canonical_code(code: CodeType, names_of_locals: bool = False) -> CanonicalCode:
    """Read a code object and those nested in it; ``names_of_locals`` for code that looks at its locals."""
    uses = Uses()
    content = _read(code, uses, names_of_locals, False)
    if uses.sees_locals and not names_of_locals:
        return canonical_code(code, True)
    return CanonicalCode(content, uses)


def own_uses(code: CodeType) -> tuple[Uses, list[object]]:
    """The names that one code object uses by itself, and its constants, nested code objects among them."""
    uses = Uses()
    return uses, _Reader(code, uses, True).read()[1]


def _read(code: CodeType, uses: Uses, keep_locals: bool, track: bool) -> tuple[object, ...]:
    track = track or b.IMPORT_OPCODE in code.co_code[::2]
    instructions, constants = _Reader(code, uses, track).read()
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    names = (
        code.co_varnames + code.co_cellvars + code.co_freevars
        if keep_locals
        else code.co_varnames[:arguments]
    )
    return (
        "code/0",
        instructions,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals),
        code.co_flags & b.FLAG_MASK,
        (len(code.co_cellvars), len(code.co_freevars)),
        code.co_names,
        names,
        code.co_exceptiontable,
        tuple(_read(c, uses, keep_locals, track) if type(c) is CodeType else c for c in constants),
    )


class _Reader:
    """One pass over the instructions: blanks the indexes of constants and notes what is used."""

    def __init__(self, code: CodeType, uses: Uses, track: bool) -> None:
        self.code, self.uses, self.track = code, uses, track
        self.out = bytearray(code.co_code)
        self.constants: list[object] = []
        self.recent: list[object] = []  # constants just pushed: level and names of an import

    def read(self) -> tuple[bytes, list[object]]:
        out, uses, names = self.out, self.uses, self.code.co_names
        actions = bytes(out[::2]).translate(b.TRANSLATE)
        wanted = b.WITH_LOCALS if self.track else b.WITHOUT_LOCALS
        extended, last = 0, -1
        for match in wanted.finditer(actions):
            at = match.start()
            action, argument = actions[at], out[2 * at + 1] | extended
            extended = 0
            if action == b.ATTRIBUTE:
                if actions[last + 1 : at].strip(b.SKIPPED):
                    uses.end_chain()
                uses.attribute(names[argument >> b.ATTRIBUTE_SHIFT])
            elif action == b.GLOBAL:
                uses.start_global(names[argument >> b.GLOBAL_SHIFT])
            elif action == b.CONSTANT:
                uses.end_chain()
                self._constant(2 * at, argument)
            elif action == b.EXTENDED:
                extended = argument << 8
            else:
                self._rare(action, argument, 2 * at)
            last = at
        uses.end_chain()
        return bytes(out), self.constants

    def _constant(self, i: int, argument: int) -> None:
        value = self.code.co_consts[argument]
        self.out[i + 1] = 0
        back = i - 2
        while back >= 0 and b.ACTIONS[self.out[back]] == b.EXTENDED:
            self.out[back + 1] = 0
            back -= 2
        self.constants.append(value)
        self.recent.append(value)

    def _rare(self, action: int, argument: int, i: int) -> None:
        uses, names = self.uses, self.code.co_names
        if action == b.SMALL_INT:
            uses.end_chain()
            self.recent.append(argument)
        elif action == b.NAME:
            if not (names[argument] == "__name__" and self._next_store(i) == "__module__"):
                uses.start_global(names[argument])
        elif action == b.IMPORT:
            level, wanted = self.recent[-2:]
            uses.start_import(names[argument], level, wanted)
        elif action == b.IMPORT_FROM:
            uses.import_from(names[argument])
        elif action == b.STORE_NAME:
            self._store_name(names[argument], i)
        elif action == b.STORE_GLOBAL:
            uses.bind(None)
        else:
            self._local(action, argument)

    def _next_store(self, i: int) -> str:
        out = self.out
        known = i + 3 < len(out) and b.ACTIONS[out[i + 2]] == b.STORE_NAME
        return self.code.co_names[out[i + 3]] if known else ""

    def _store_name(self, name: str, i: int) -> None:
        if name in _CLASS_NOISE and i >= 2:
            before = b.ACTIONS[self.out[i - 2]]
            if before == b.CONSTANT:
                self.constants.pop()
            if before in (b.CONSTANT, b.SMALL_INT):  # a line number turns from one into the other at 256
                self.out[i - 2 : i] = bytes((b.LOAD_CONST, 0))
        self.uses.bind(None)

    def _local(self, action: int, argument: int) -> None:
        uses, code = self.uses, self.code
        if action in (b.STORE_LOCAL, b.STORE_CELL):
            uses.bind(_variable(code, argument))
        elif action == b.STORE_THEN_LOAD:
            uses.bind(code.co_varnames[argument >> 4])
            uses.start_local(code.co_varnames[argument & 15])
        elif action == b.LOAD_PAIR:
            uses.start_local(code.co_varnames[argument >> 4])
            uses.start_local(code.co_varnames[argument & 15])
        else:
            uses.start_local(_variable(code, argument))


def _variable(code: CodeType, index: int) -> str:
    return str(code._varname_from_oparg(index))  # type: ignore[attr-defined]
