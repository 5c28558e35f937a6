"""A step run's arguments: how each enters the key, and what the step will be handed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.values import ValueFingerprint, value_fingerprint
from mlops_core.formats.artifact import Artifact
from mlops_core.pipelines import signature
from mlops_core.pipelines.node import Node
from mlops_core.planning.annotations import CONTENT, DESTINATION, NONE, path_kinds
from mlops_core.planning.inputs import FileArguments, keyed
from mlops_core.planning.keys import Argument
from mlops_core.planning.path_references import with_references
from mlops_core.planning.preview import preview
from mlops_core.planning.reasons import Reason
from mlops_core.planning.resolve import WritableTree


@dataclass(slots=True)
class BoundArguments:
    """How a step run's arguments enter the key, and what the step is handed.

    ``arguments`` make the key; ``values`` are handed over (artifacts in them are loaded then). ``trouble``
    says which argument has no digest; ``classes`` and ``libraries`` are classes met in the values,
    ``writable`` parameters that were given through ``writable(x)``.
    """

    files: FileArguments
    arguments: dict[str, Argument] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    trouble: tuple[Reason, ...] = ()
    classes: set[str] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)
    writable: set[str] = field(default_factory=set)

    def met(self, value: Artifact | ValueFingerprint) -> None:
        """Note the classes that a value holds."""
        self.classes.update(value.classes)
        self.libraries.update(value.libraries)


def bind_arguments(
    node: Node, resolved: dict[str, object], files: FileArguments, load: Callable[[Artifact], object]
) -> BoundArguments:
    """Key and hand-over forms of a node's resolved arguments; ``load`` gives the value of an artifact.

    Raises ``MissingInput`` where a file input is not there.
    """
    function = node.step.__wrapped__
    bound = BoundArguments(files)
    kinds, defaults = path_kinds(function), defaults_of(function)
    for name, tree in resolved.items():
        kind = kinds.get(name, NONE)
        before = len(files.inputs)
        writable = isinstance(tree, WritableTree)
        value = with_references(tree.tree if isinstance(tree, WritableTree) else tree, load)
        key_tree, handed = keyed(files, name, value, kind, defaults.get(name, files) is value)
        bound.values[name] = handed
        bound.writable.update([name] if writable else [])
        found = tuple((given.name, given.digest) for given in files.inputs[before:])
        if name in node.options.ignore:
            bound.arguments[name] = Argument(b"", "ignored", preview(value))
        else:
            word = "file" if found else kind if kind in (CONTENT, DESTINATION) else ""
            _key_argument(bound, name, value, key_tree, Argument(b"", word, preview(value), found))
    return bound


def _key_argument(bound: BoundArguments, name: str, value: object, key_tree: object, made: Argument) -> None:
    """Complete ``made`` with the argument's digest, or note why it has none."""
    try:
        digest = tree_digest(key_tree, bound)
    except UnfingerprintableValue as error:
        where = f"{name}{getattr(error, 'path', '') or ''}"
        text = f"argument {where} cannot be fingerprinted: {error.message}"
        bound.trouble = (*bound.trouble, Reason("unfingerprintable", text, {"where": where}))
        return
    kind = made.kind or ("output" if has_artifact(value) else "value")
    bound.arguments[name] = replace(made, digest=digest, kind=kind)


def tree_digest(tree: object, bound: BoundArguments) -> bytes:
    """The digest of a resolved argument: of the value itself, or over the digests of stored parts."""
    if isinstance(tree, Artifact):
        bound.met(tree)
        return tree.digest
    if isinstance(tree, Embedded):
        return tree.digest
    found = value_fingerprint(embed(tree, bound))
    bound.met(found)
    return found.digest


def embed(tree: object, bound: BoundArguments) -> object:
    """The tree with every artifact replaced by its digest."""
    if isinstance(tree, Artifact):
        bound.met(tree)
        return Embedded(tree.digest)
    if type(tree) in (list, tuple):
        return type(tree)(embed(item, bound) for item in tree)  # type: ignore[attr-defined,call-arg]
    if type(tree) is dict:
        return {k: embed(v, bound) for k, v in tree.items()}
    return tree


def has_artifact(tree: object) -> bool:
    """Whether a resolved argument comes from a stored value."""
    if isinstance(tree, Artifact):
        return True
    if type(tree) in (list, tuple):
        return any(has_artifact(item) for item in tree)  # type: ignore[attr-defined]
    return type(tree) is dict and any(has_artifact(item) for item in tree.values())


@cache
def defaults_of(function: Any) -> dict[str, object]:
    """Parameter name -> default value."""
    return signature.defaults_of(function, signature.signature_of(function))
