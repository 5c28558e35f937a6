"""Uses from which code can reach what nobody can name in advance: they widen a fingerprint to all source.

``NAMES_VISIBLE`` is milder: the names of functions and classes in reach count, which else they do not.
"""

from typing import Final

BUILTINS: Final = frozenset({"eval", "exec", "compile", "__import__", "globals"})
ATTRIBUTES: Final = frozenset({
    "__subclasses__", "__doc__", "__annotations__", "__annotate__", "__code__", "__globals__", "__builtins__",
    "f_globals", "f_locals", "f_builtins", "f_back", "tb_frame", "gi_frame", "cr_frame",
})  # fmt: skip
NAMES_VISIBLE: Final = frozenset({"__name__", "__qualname__", "__module__"})

_MODULES_WHOLE = frozenset({"inspect", "runpy", "symtable", "dis", "pydoc", "zipimport", "code"})
_FUNCTIONS = frozenset({
    "importlib.import_module", "importlib.__import__", "importlib.reload",
    "importlib.metadata.entry_points", "importlib.util.spec_from_file_location",
    "importlib.util.module_from_spec", "importlib.util.find_spec", "typing.get_type_hints",
    "sys.modules", "sys._getframe", "sys.settrace", "sys.setprofile", "sys.meta_path",
    "sys._current_frames", "gc.get_objects", "gc.get_referrers", "gc.get_referents",
    "pkgutil.iter_modules", "pkgutil.walk_packages", "pkgutil.resolve_name", "types.FunctionType",
    "types.LambdaType", "types.CodeType", "builtins.eval", "builtins.exec", "builtins.compile",
    "builtins.__import__", "builtins.globals", "annotationlib.get_annotations",
    "dataclasses.make_dataclass", "traceback.extract_stack",
})  # fmt: skip
# Parts of inspect that look at what a thing is, not at its text, names or frames.
_HARMLESS = frozenset({
    "inspect.isclass", "inspect.isfunction", "inspect.ismethod", "inspect.isgenerator", "inspect.isawaitable",
    "inspect.iscoroutine", "inspect.iscoroutinefunction", "inspect.isgeneratorfunction", "inspect.isabstract",
})  # fmt: skip


def reflects(name: str) -> bool:
    """Whether the dotted name of a library function or object gives reach beyond what can be named."""
    if name in _FUNCTIONS:
        return True
    return name.partition(".")[0] in _MODULES_WHOLE and name not in _HARMLESS and "." in name
