"""The key of a step run: code, arguments and environment in one digest, and what it was made of.

``key = XXH3-128("step-key/0", code digest, arguments by name, environment, version, classes)``. A step's
name and place are not in it: renaming and moving keep hits. The components are kept beside the key as
JSON, so that a later miss can say what differs.
"""

from dataclasses import dataclass, field

from mlops_core.engine._values import value_digest
from mlops_core.fingerprints.code import CodeFingerprint


@dataclass(frozen=True, slots=True)
class Argument:
    """How one argument enters the key.

    ``kind``: ``value``, ``output`` (of another step), ``file``, ``content``, ``destination``, ``text`` or
    ``ignored``; ``text`` is what people read; ``files`` are (name, content digest) of file inputs inside it.
    """

    digest: bytes
    kind: str
    text: str
    files: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> list[object]:
        return [self.digest.hex(), self.kind, self.text, [list(f) for f in self.files]]


@dataclass(frozen=True, slots=True)
class StepKey:
    """A key (16 bytes) and its components."""

    digest: bytes
    code: CodeFingerprint
    arguments: dict[str, Argument]
    environment: tuple[tuple[str, str], ...]
    version: str = ""
    classes: tuple[tuple[str, str], ...] = field(default=())

    def components(self) -> dict[str, object]:
        """What the key was made of, as JSON that ``differences`` compares."""
        return {
            "code": {
                part.label: [part.digest.hex(), part.kind, part.file, part.line, part.via]
                for part in self.code.parts
            },
            "code_digest": self.code.digest.hex(),
            "pins": dict(self.code.pins),
            "widened": list(self.code.widened),
            "arguments": {name: argument.as_json() for name, argument in self.arguments.items()},
            "environment": dict(self.environment),
            "version": self.version,
            "classes": dict(self.classes),
        }


def step_key(
    code: CodeFingerprint,
    arguments: dict[str, Argument],
    environment: tuple[tuple[str, str], ...],
    version: str = "",
    classes: tuple[tuple[str, str], ...] = (),
) -> StepKey:
    """Make the key; the order of keyword arguments does not count."""
    named = tuple((n, a.digest) for n, a in sorted(arguments.items()) if a.kind != "ignored")
    image = ("step-key/0", code.digest, named, environment, version, classes)
    return StepKey(value_digest(image, _nothing_else), code, arguments, environment, version, classes)


def _nothing_else(value: object) -> bytes:
    raise AssertionError(f"a key is made of plain values, not of {type(value)}")
