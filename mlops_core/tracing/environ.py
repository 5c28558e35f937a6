"""``os.environ`` that says which names first-party code reads while a step runs.

``os.environ`` raises no audit event, so its class is swapped for the length of a step. Reads by
libraries do not count: what of the environment they depend on stands in the pinned list.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

from mlops_core.tracing.callers import asker, is_first_party


class Reads:
    """Names read by first-party code, with the value each had at its first read."""

    def __init__(self) -> None:
        self.values: dict[str, str | bytes | None] = {}
        self.everything = False
        self._set: set[str] = set()

    def saw(self, name: object, value: str | bytes | None) -> None:
        """A read of a variable, unless the step has set it itself."""
        if isinstance(name, (str, bytes)):
            name = os.fsdecode(name)
            if name not in self.values and name not in self._set and self._first_party():
                self.values[name] = value

    def saw_everything(self) -> None:
        self.everything = self.everything or self._first_party()

    def saw_change(self, name: object) -> None:
        if isinstance(name, (str, bytes)):
            self._set.add(os.fsdecode(name))

    def _first_party(self) -> bool:
        return is_first_party(asker(sys._getframe(1)))


_Environ: Any = type(os.environ)
_reads: Reads | None = None


class RecordingEnviron(_Environ):  # type: ignore[misc]
    """``os._Environ`` that reports reads to the recording that is under way."""

    def __getitem__(self, key: Any) -> Any:
        try:
            value = super().__getitem__(key)
        except KeyError:
            _report(key, None)
            raise
        _report(key, value)
        return value

    def __iter__(self) -> Iterator[Any]:
        _report_everything()
        return iter(super().__iter__())

    def __len__(self) -> int:
        _report_everything()
        return int(super().__len__())

    def __setitem__(self, key: Any, value: Any) -> None:
        _report_change(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        _report_change(key)
        super().__delitem__(key)


def _report(key: object, value: str | bytes | None) -> None:
    if _reads is not None:
        _reads.saw(key, value)


def _report_everything() -> None:
    if _reads is not None:
        _reads.saw_everything()


def _report_change(key: object) -> None:
    if _reads is not None:
        _reads.saw_change(key)


def _views() -> list[Any]:
    """The mappings that show the environment: of text and, where there is one, of bytes."""
    return [view for view in (os.environ, getattr(os, "environb", None)) if view is not None]


def start() -> Reads:
    """Begin to record; the returned object fills while the step runs."""
    global _reads
    _reads = Reads()
    for view in _views():
        view.__class__ = RecordingEnviron
    return _reads


def stop() -> None:
    """End the recording and give the environment its own class back."""
    global _reads
    _reads = None
    for view in _views():
        view.__class__ = _Environ
