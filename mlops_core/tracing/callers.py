"""Whose call is it? What the project asks of the machine counts, what libraries ask for themselves not."""

from types import FrameType

from mlops_core.fingerprints.code.ownership import OWN, owner_of_path

# Modules that only pass a question on, in the name of whoever called them.
PLUMBING = frozenset({"os", "posixpath", "genericpath", "collections.abc", "mlops_core.tracing.environ"})


def module_of(frame: FrameType) -> str:
    """The name of the module whose code runs in the frame; '' where it has none."""
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""


def asker(frame: FrameType | None) -> FrameType | None:
    """The first frame, from this one outwards, that is more than plumbing."""
    while frame is not None and module_of(frame) in PLUMBING:
        frame = frame.f_back
    return frame


def is_first_party(frame: FrameType | None) -> bool:
    """Whether the project's own code runs in the frame, by the rule by which code is fingerprinted.

    Code made from text, in a notebook or by ``exec``, is the project's own.
    """
    return frame is not None and owner_of_path(frame.f_code.co_filename) == OWN
