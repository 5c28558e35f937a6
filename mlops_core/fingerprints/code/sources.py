"""Source text of the parts of a fingerprint, to show what changed; best effort, never used for a decision."""

import linecache
import sys
from types import CodeType, FunctionType

from mlops_core.fingerprints.code.fingerprint import CodeFingerprint

_LONGEST = 2000


def part_sources(fingerprint: CodeFingerprint) -> dict[bytes, str]:
    """Digest of a part -> its source text, for the parts whose text can still be found."""
    found: dict[bytes, str] = {}
    for part, subject in zip(fingerprint.parts, fingerprint.subjects, strict=False):
        text = _text(part.kind, subject)
        if text:
            found[part.digest] = text
    return found


def _text(kind: str, subject: object) -> str:
    if isinstance(subject, FunctionType):
        return _lines(
            subject.__code__.co_filename, subject.__code__.co_firstlineno, _last_line(subject.__code__)
        )
    if isinstance(subject, type):
        return _class_text(subject)
    if kind == "constant":
        try:
            return repr(subject)[:_LONGEST]
        except Exception:
            return ""  # the object's own repr failed: there is just nothing to show
    return ""


def _lines(file: str, first: int, last: int) -> str:
    return "".join(linecache.getlines(file)[first - 1 : last])


def _last_line(code: CodeType) -> int:
    last = max((line for *_, line in code.co_lines() if line), default=code.co_firstlineno)
    return max([last, *(_last_line(c) for c in code.co_consts if type(c) is CodeType)])


def _class_text(subject: type) -> str:
    """From the line of the class statement to the next line that is not indented deeper."""
    file = getattr(sys.modules.get(str(subject.__module__)), "__file__", None)
    lines = linecache.getlines(file) if isinstance(file, str) else []
    starts = [i for i, line in enumerate(lines) if line.lstrip().startswith(f"class {subject.__name__}")]
    if not starts:
        return ""
    indent = len(lines[starts[0]]) - len(lines[starts[0]].lstrip())
    end = starts[0] + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent
    ):
        end += 1
    return "".join(lines[starts[0] : end]).rstrip() + "\n"
