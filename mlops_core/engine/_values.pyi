from collections.abc import Callable
from typing import TypeAlias

_Resolved: TypeAlias = bytes | tuple[str, tuple[object, ...]]

def value_digest(
    obj: object, resolve: Callable[[object], _Resolved], known: dict[int, bytes] | None = None
) -> bytes:
    """The 16 bytes that name the value ``obj``.

    Exact builtin types and NumPy arrays and scalars are walked natively. For anything else ``resolve(value)``
    returns either 16 bytes, taken as its digest, or ``(tag, children)``, a str and a tuple of values that are
    walked in turn. ``known`` maps the id of objects to their digests and spares the walk into them.

    Raises what ``resolve`` raises (UnfingerprintableValue with ``path``, where inside ``obj`` the trouble
    lies), TypeError for another kind of answer, RuntimeError where a container changes during the walk.
    """
