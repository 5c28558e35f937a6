"""``os.environ`` that says which names first-party code reads while a step runs.

``os.environ`` raises no audit event, so its class is swapped for the length of a step. Reads by
libraries do not count: what of the environment they depend on stands in the pinned list.
"""

import os
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

_PLUMBING = (os.__file__, "<frozen os>", "<frozen _collections_abc>")


class Reads:
    """Names read by first-party code, with the value each had at its first read."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.values: dict[str, str | None] = {}
        self.everything = False

    def saw(self, name: object, value: str | None) -> None:
        if isinstance(name, str) and name not in self.values and self._first_party():
            self.values[name] = value

    def saw_everything(self) -> None:
        self.everything = self.everything or self._first_party()

    def _first_party(self) -> bool:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and _is_plumbing(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return False
        file = frame.f_code.co_filename
        return (file.startswith(self.root) and "site-packages" not in file) or file.startswith("<")


def _is_plumbing(file: str) -> bool:
    return file in _PLUMBING or file == __file__


_Environ: Any = type(os.environ)
_reads: Reads | None = None


class RecordingEnviron(_Environ):  # type: ignore[misc]
    """``os._Environ`` that reports reads to the recording that is under way."""

    def __getitem__(self, key: str) -> str:
        try:
            value: str = super().__getitem__(key)
        except KeyError:
            _report(key, None)
            raise
        _report(key, value)
        return value

    def __iter__(self) -> Iterator[str]:
        if _reads is not None:
            _reads.saw_everything()
        return iter(super().__iter__())


def _report(key: object, value: str | None) -> None:
    if _reads is not None:
        _reads.saw(key, value)


def start(root: str) -> Reads:
    """Begin to record; the returned object fills while the step runs."""
    global _reads
    _reads = Reads(root)
    os.environ.__class__ = RecordingEnviron
    return _reads


def stop() -> None:
    """End the recording and give ``os.environ`` its own class back."""
    global _reads
    _reads = None
    os.environ.__class__ = _Environ
