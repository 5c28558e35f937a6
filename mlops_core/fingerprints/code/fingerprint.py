"""What a walk over code yields."""

from typing import NamedTuple

from mlops_core.fingerprints.code.guards import Guards


class CodePart(NamedTuple):
    """One function, class, constant, module or source file that the code can reach.

    ``label`` is for people (``lib/leaf.py:leaf``); ``file`` is relative to the project root; ``via`` is the
    label of the part that reached it, empty for the first; ``digest`` covers this part alone, not what it
    reaches. Label, file, line and ``via`` are never part of a digest.
    """

    label: str
    kind: str
    file: str
    line: int
    digest: bytes
    via: str


class CodeFingerprint(NamedTuple):
    """The digest of a piece of code with all that it can reach, and what is worth knowing about it.

    ``pins`` are the third-party distributions it touches, as (name, version). ``widened`` says in sentences
    why all first-party source counts (empty: it does not). ``native_readers`` and ``clocks`` are dotted names
    whose use is reachable, ``texts`` the string constants in reach when a native reader is (they may name
    files). ``subjects`` are the live objects behind the first parts, in their order, ``memos``
    the ``functools.cache`` wrappers in reach: what they remember may hide a read.
    """

    digest: bytes
    parts: tuple[CodePart, ...]
    pins: tuple[tuple[str, str], ...]
    widened: tuple[str, ...]
    native_readers: tuple[str, ...]
    clocks: tuple[str, ...]
    texts: tuple[str, ...]
    guards: Guards
    subjects: tuple[object, ...]
    memos: tuple[object, ...] = ()
