"""Fingerprints of code: what will run, read from live code objects, with everything it can reach."""

import functools
import importlib

from mlops_core.engine._values import value_digest
from mlops_core.fingerprints.code.fingerprint import CodeFingerprint, CodePart
from mlops_core.fingerprints.code.guards import Guards
from mlops_core.fingerprints.code.project import source_digests
from mlops_core.fingerprints.code.walk import Walk

__all__ = ["CodeFingerprint", "CodePart", "Guards", "class_fingerprint", "code_fingerprint"]


def code_fingerprint(subject: object, roots: tuple[str, ...]) -> CodeFingerprint:
    """Fingerprint of a function, class, wrapper or callable object, and of all that it can reach.

    ``roots`` are the project's folders: for names of files, and for the source that counts where reach
    cannot be resolved. Raises ``UnfingerprintableValue`` where state that the code can see has no stable
    content.
    """
    walk = Walk(roots)
    walk.run(subject)
    project = source_digests(walk.roots) if walk.widened else []
    if walk.widened:
        walk.guards.give_up()
    pins = tuple(sorted(walk.pins))
    nodes = tuple((n.kind, n.digest, tuple(n.edges)) for n in walk.nodes)
    names = tuple(n.label.rpartition(":")[2] for n in walk.nodes) if walk.names_visible else ()
    digest = value_digest(("code/0", nodes, names, pins, tuple(project)), _refuse)
    return CodeFingerprint(
        digest,
        _parts(walk, project),
        pins,
        tuple(walk.widened),
        tuple(sorted(walk.readers)),
        tuple(sorted(walk.clocks)),
        _texts(walk.contents) if walk.readers else (),
        walk.guards,
        tuple(n.subject for n in walk.nodes[1:]),
        tuple(walk.memos),
    )


def class_fingerprint(name: str, roots: tuple[str, ...]) -> CodeFingerprint:
    """Fingerprint of the class ``module:qualname``; ``ImportError`` or ``AttributeError`` if it is gone."""
    module, _, qualname = name.partition(":")
    found: object = importlib.import_module(module)
    return code_fingerprint(functools.reduce(getattr, qualname.split("."), found), roots)


def _texts(contents: list[object]) -> tuple[str, ...]:
    """String constants in reach; a native reader may take one of them for a path."""
    found: set[str] = set()
    pending = list(contents)
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, tuple):
            pending += item
    return tuple(sorted(found))


def _refuse(value: object) -> bytes:
    raise AssertionError(f"a fingerprint is made of plain data, not of {type(value)}")


def _parts(walk: Walk, project: list[tuple[str, bytes]]) -> tuple[CodePart, ...]:
    parts = [CodePart(n.label, n.kind, n.file, n.line, n.digest, n.via) for n in walk.nodes[1:]]
    via = parts[0].label if parts else ""
    parts += [CodePart(path, "project", path, 0, digest, via) for path, digest in project]
    return tuple(parts)
