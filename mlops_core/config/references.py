"""How people name what is recorded: ``42``, ``digits/latest``, ``raw@v3``, ``42:train``, a digest.

Whether it exists is for whoever looks it up.
"""

import re
from typing import NamedTuple

from mlops_core.errors import UsageError

LATEST = "latest"
SHORTEST_DIGEST = 8
WHOLE_DIGEST = 32
FORMS = (
    "Write a run (42), latest, PIPELINE/latest, NAME@ALIAS, NAME@v3, a step of a run (42:train) "
    "or a digest (xxh3:ab12cd34)."
)

_NAME = r"[^\s:@/]+"
_RUN = re.compile(rf"(?:(?P<number>[0-9]{{1,18}})|(?:(?P<pipeline>{_NAME})/)?latest)(?::(?P<step>\S+))?")
_ALIAS = re.compile(rf"(?P<name>{_NAME})@(?P<alias>{_NAME})")
_VERSION = re.compile(r"v([1-9][0-9]{0,17})")
_DIGEST = re.compile(r"xxh3:(?P<digits>[0-9a-fA-F]*)")


class RunReference(NamedTuple):
    """A run by ``number``, or the newest of any status (of ``pipeline``); with ``step`` one of its steps."""

    number: int | None = None
    pipeline: str | None = None
    step: str | None = None


class AliasReference(NamedTuple):
    """What a model, a data set or a pipeline calls by an alias of its own."""

    name: str
    alias: str


class VersionReference(NamedTuple):
    """A numbered version, from 1."""

    name: str
    version: int


class DigestReference(NamedTuple):
    """A value by the first digits of its digest (8 to 32, lower case, no prefix)."""

    digits: str


Reference = RunReference | AliasReference | VersionReference | DigestReference


def parse_reference(text: str) -> Reference:
    """The reference that ``text`` writes. Raises ``UsageError`` where it is none."""
    if match := _RUN.fullmatch(text):
        return _run(match, text)
    if match := _DIGEST.fullmatch(text):
        return _digest(match["digits"], text)
    if match := _ALIAS.fullmatch(text):
        return _alias(match["name"], match["alias"], text)
    raise _malformed(text, "it is no reference")


def check_alias(alias: str) -> str:
    """``alias`` where it may be one. Raises ``UsageError`` for ``latest`` and ``v1``, ``v2``, ..."""
    if alias == LATEST or _VERSION.fullmatch(alias) or not re.fullmatch(_NAME, alias):
        raise UsageError(
            f"{alias!r} cannot be an alias",
            hint="An alias is a word without spaces and :/@, and neither 'latest' nor 'v1', 'v2', ...",
        )
    return alias


def _run(match: re.Match[str], text: str) -> RunReference:
    number = int(match["number"]) if match["number"] else None
    if number == 0:
        raise _malformed(text, "runs are numbered from 1")
    return RunReference(number, match["pipeline"], match["step"])


def _digest(digits: str, text: str) -> DigestReference:
    if not SHORTEST_DIGEST <= len(digits) <= WHOLE_DIGEST:
        raise _malformed(text, f"a digest needs {SHORTEST_DIGEST} to {WHOLE_DIGEST} digits")
    return DigestReference(digits.lower())


def _alias(name: str, alias: str, text: str) -> AliasReference | VersionReference:
    if version := _VERSION.fullmatch(alias):
        return VersionReference(name, int(version[1]))
    if alias == LATEST:
        raise _malformed(text, f"the newest one is written {name}/latest")
    return AliasReference(name, alias)


def _malformed(text: str, why: str) -> UsageError:
    hint = FORMS
    if re.fullmatch(r"[0-9a-f]{8,32}", text):
        hint = f"A digest is written with its prefix: xxh3:{text}"
    return UsageError(f"{text!r} cannot be understood: {why}", hint=hint, reference=text)
