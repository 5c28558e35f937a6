"""Whose call is it? What the project asks of the machine counts, what libraries ask for themselves not."""

from types import CodeType, FrameType

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


def is_first_party(frame: FrameType | None, root: str) -> bool:
    """Whether the project's own code runs in the frame; ``root`` ends with a separator."""
    return frame is not None and _is_own(frame.f_code, root)


def _is_own(code: CodeType, root: str) -> bool:
    file = code.co_filename
    if file.startswith("<"):  # code made from text: in a notebook, by exec
        return not file.startswith("<frozen ")
    return file.startswith(root) and "site-packages" not in file
