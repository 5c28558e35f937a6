"""The work-list: everything of the project that a piece of code can reach, numbered in order of first visit.

A list and numbers instead of recursion: chains of any depth work, and mutually recursive functions end.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import PurePath
from types import ModuleType

from mlops_core.engine._values import value_digest
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import effects, reflection
from mlops_core.fingerprints.code.classes import class_content
from mlops_core.fingerprints.code.code_objects import code_reference, is_code
from mlops_core.fingerprints.code.distributions import pin_of_module, pin_of_path
from mlops_core.fingerprints.code.functions import function_content
from mlops_core.fingerprints.code.guards import MISSING, Guards, is_flat, is_plain, is_small
from mlops_core.fingerprints.code.modules import module_content
from mlops_core.fingerprints.code.node import Edge, Foreign, Node, Place
from mlops_core.fingerprints.code.unordered import unordered_code
from mlops_core.fingerprints.code.wrappers import HOLDERS
from mlops_core.fingerprints.embedded import ClassIdentity, Embedded
from mlops_core.fingerprints.names import relative
from mlops_core.fingerprints.objects import describe, opaque_name

Tagged = tuple[str, tuple[object, ...]]
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, type(Ellipsis)})
_CONTENTS = {"function": function_content, "class": class_content, "module": module_content}


class Walk:
    """One walk; afterwards ``nodes``, ``pins``, ``widened`` and the rest say what was found."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self.roots = tuple(os.path.realpath(r) for r in roots)
        self.nodes: list[Node] = []
        self.pins: dict[tuple[str, str], None] = {}
        self.widened: dict[str, None] = {}
        self.readers: dict[str, None] = {}
        self.clocks: dict[str, None] = {}
        self.memos: list[object] = []
        self.contents: list[object] = []  # of code and constants: the texts in them may name files
        self.names_visible = False
        self.guards = Guards()
        self.current = Node("root", None)
        self._numbers: dict[object, int] = {}
        self._kept: list[object] = []  # described children: their addresses must not be used again
        self._labels: dict[str, int] = {}
        self._frozen = False

    def run(self, subject: object) -> None:
        """Walk from ``subject``, which need not be a function."""
        root = Node("root", subject)
        self.nodes.append(root)
        self._digest(root, ("root", subject))
        position = 1
        while position < len(self.nodes):
            node = self.nodes[position]
            self.current = node
            make = _CONTENTS.get(node.kind)
            if make is None:
                self._constant(node)
            else:
                self._digest(node, make(self, node.subject))
            position += 1

    # --- what contents are made of ----------------------------------------------------------------------

    def edge(self, key: object, kind: str, subject: object, where: Place) -> Edge:
        """An edge from the node at hand to the one of ``key``."""
        number = self._numbers.get(key)
        if number is None:
            if self._frozen:
                return Edge(-1)
            number = len(self.nodes)
            self._numbers[key] = number
            where = where._replace(label=self._distinct(where.label))
            self.nodes.append(Node(kind, subject, where, self.current.label))
        return Edge(self.current.places.get(number, -1) if self._frozen else self.current.place_of(number))

    def _distinct(self, label: str) -> str:
        """Labels tell parts apart for people, and several lambdas have one name."""
        count = self._labels[label] = self._labels.get(label, 0) + 1
        return label if count == 1 else f"{label} ({count})"

    def data(self, namespace: Mapping[str, object], name: str, value: object, file: str) -> object:
        """What stands for the value of a name: the thing itself if it is code, else an edge to a constant."""
        if value is sys.modules:
            return self.foreign("sys.modules")
        if is_code(value):
            self.watch(value)
            return value
        return self.edge((id(namespace), name), "constant", value, Place(f"{file}:{name}", file, 0))

    def inside(self, path: str) -> str:
        """A path relative to the root it lies in; unchanged outside the project."""
        for root in self.roots:
            if path == root:
                return "."
            found = relative(path, root) or relative(os.path.realpath(path), root)
            if found is not None:
                return found
        return path

    def widen(self, reason: str) -> None:
        """All first-party source counts from now on, because of ``reason``."""
        where = self.current.label
        self.widened[f"{where} {reason}, so all first-party source counts" if where else reason] = None

    def foreign(self, name: str, module: ModuleType | None = None, path: str = "") -> Foreign:
        """Something of a library: pin its distribution, note what its use means."""
        if module is not None:
            self.pins.update(dict.fromkeys(pin_of_module(module)))
        elif path:
            self.pins.update(dict.fromkeys(pin_of_path(path)))
        if reflection.reflects(name):
            self.widen(f"uses {name}")
        if effects.is_native_reader(name) or effects.starts_processes(name):
            self.readers[name] = None
        if effects.is_clock(name):
            self.clocks[name] = None
        return Foreign(name)

    # --- digests ----------------------------------------------------------------------------------------

    def probe(self, value: object) -> None:
        """Raise ``UnfingerprintableValue`` if the value has no stable content."""
        before, current = len(self.nodes), self.current
        self.current = Node("probe", None, Place(current.label, current.file, 0))
        try:
            value_digest(value, self.resolve)
        finally:
            self.current = current
            if len(self.nodes) > before:
                self._numbers = {k: n for k, n in self._numbers.items() if n < before}
                del self.nodes[before:]

    def watch(self, value: object) -> None:
        """Guard the content of something that can change in place; digested within the node at hand."""
        if type(value) in _PLAIN or is_flat(value) or (is_code(value) and not isinstance(value, HOLDERS)):
            return
        self._guard(value, value, value_digest(value, self.resolve))

    def _guard(self, value: object, content: object, expected: bytes) -> None:
        node = self.current
        if is_plain(value):
            self.guards.plain(content, expected)
        elif is_small(value):
            self.guards.content(lambda: self._again(node, content), expected)
        else:
            self.guards.give_up()

    def held(self, value: object) -> object:
        """State inside a library's wrapper; machinery without a stable content counts by its type."""
        if value is MISSING:
            return ("empty cell",)
        if is_code(value):
            return value
        try:
            self.probe(value)
        except UnfingerprintableValue:
            return ("opaque", opaque_name(value))
        return value

    def _constant(self, node: Node) -> None:
        value = node.subject
        if type(value) in _PLAIN:
            self.contents.append(value)
            node.digest = value_digest(("constant/0", self._place(value)), self.resolve)
            return
        for element in unordered_code(value, self.roots):
            self.resolve(element)
        content = ("constant/0", value)
        self._digest(node, content)
        if not is_flat(value):
            self._guard(value, content, node.digest)

    def _place(self, value: object) -> object:
        """A path into the project counts relative to it, so that a moved checkout stays what it was."""
        if isinstance(value, str | PurePath) and str(value).startswith(self.roots):
            inside = self.inside(str(value))
            return value if inside == str(value) else ("project path/0", type(value).__name__, inside)
        return value

    def _described(self, item: object) -> bytes | Tagged:
        place = self._place(item)
        return describe(item) if place is item else ("path", (place,))

    def _digest(self, node: Node, content: object) -> None:
        self.current = node
        try:
            node.digest = value_digest(content, self.resolve)
        except UnfingerprintableValue as error:
            label = node.label or "the value"
            raise UnfingerprintableValue(
                f"{label} cannot be fingerprinted: {error.message}",
                hint=error.hint or "pass it as an argument, or create it inside the step",
                path=label,
            ) from error

    def _again(self, node: Node, content: object) -> bytes:
        """Digest of a content inside a node now, with edges only to what was reached before."""
        kept, current = self._kept, self.current
        self._kept, self.current, self._frozen = [], node, True
        try:
            return value_digest(content, self.resolve)
        except UnfingerprintableValue:
            return b""
        finally:
            self._kept, self.current, self._frozen = kept, current, False

    def resolve(self, item: object) -> bytes | Tagged:
        """What the digest of values does not know itself: code becomes edges, objects their state."""
        kind = type(item)
        if kind is Edge:
            return ("edge", (item.place,))  # type: ignore[attr-defined]
        if kind is Foreign:
            return ("foreign", (item.name,))  # type: ignore[attr-defined]
        if kind is Embedded:
            return item.digest  # type: ignore[attr-defined,no-any-return]
        if kind is ClassIdentity:
            item = item.subject  # type: ignore[attr-defined]
        found = code_reference(self, item) if is_code(item) else self._described(item)
        self._kept.append((item, found))
        return found
