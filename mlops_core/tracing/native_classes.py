"""Classes of native readers that take a path or the content itself: which of the two were they given?

Their C++ code opens files unseen, but only where a path was handed to the constructor. While a step runs
that can reach one of them, the constructor is watched.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

#: Dotted name as code fingerprints give it -> module and class.
WATCHED = {
    "onnxruntime.InferenceSession": ("onnxruntime", "InferenceSession"),
}


class Watch:
    """Context manager: ``opened`` are the readers that were given a path."""

    def __init__(self, readers: Iterable[str]) -> None:
        self.opened: list[str] = []
        self._readers = [name for name in readers if name in WATCHED]
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> "Watch":
        for name in self._readers:
            module, attribute = WATCHED[name]
            try:
                self._watch(name, getattr(import_module(module), attribute))
            except ImportError:
                continue  # then the step cannot use it either
        return self

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo.pop()()

    def _watch(self, name: str, watched: type) -> None:
        original: Any = watched.__init__  # type: ignore[misc]

        def seeing(reader: object, /, *args: object, **kwargs: object) -> None:
            if not args or not isinstance(args[0], (bytes, bytearray, memoryview)):
                self.opened.append(name)
            original(reader, *args, **kwargs)

        watched.__init__ = seeing  # type: ignore[misc]
        self._undo.append(lambda: setattr(watched, "__init__", original))
