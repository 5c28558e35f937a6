"""Content of a module that is used as a value: all of it, because any attribute may be read."""

from types import ModuleType
from typing import TYPE_CHECKING

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code.code_objects import is_code
from mlops_core.fingerprints.files import file_digest
from mlops_core.fingerprints.objects import opaque_name

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

_SOURCES = (".py", ".pyc", ".pyw")


def module_content(walk: "Walk", subject: object) -> tuple[object, ...]:
    """The names of a module with what they stand for; a compiled module by the digest of its file."""
    assert isinstance(subject, ModuleType)
    file = getattr(subject, "__file__", None)
    if isinstance(file, str) and not file.endswith(_SOURCES):
        walk.guards.give_up()  # the file may be rebuilt under a running process; hashing it is the check
        return ("compiled module/0", file_digest(file))
    names = vars(subject)
    label = walk.current.file
    items = []
    for name in sorted(n for n in names if not (n.startswith("__") and n.endswith("__"))):
        walk.guards.entry(names, name, names[name])
        items.append((name, _value(walk, names, name, label)))
    walk.guards.size(names)
    return ("module/0", tuple(items), names.get("__getattr__"))


def _value(walk: "Walk", names: dict[str, object], name: str, file: str) -> object:
    value = names[name]
    if is_code(value):
        return value
    try:
        walk.probe(value)
    except UnfingerprintableValue:
        walk.widen(f"uses {file} as a whole, where {name} has no stable content")
        return ("opaque", opaque_name(value))
    return walk.data(names, name, value, file)
