"""The one name of a first-party module: its path from the project root, ``__main__`` included.

So ``python pipe.py``, ``mlops run pipe.py`` and a worker process agree on the class of a value.
"""

import os
import sys

_root: str | None = None


def use_root(root: str) -> None:
    """Set the project root of this process (an absolute path)."""
    global _root
    _root = os.path.realpath(root)


def project_root() -> str:
    """The project root: the one that was set, else that of the running script, else of the current folder."""
    global _root
    if _root is None:
        from pathlib import Path

        from mlops_core.config.project import find_root

        _root = str(find_root(Path(_folder_of_program())))
    return _root


def _folder_of_program() -> str:
    """A script's folder; a command (``mlops``, ``python -m``) works on the current one."""
    program = getattr(sys.modules.get("__main__"), "__file__", None)
    is_script = isinstance(program, str) and program.endswith(".py") and "site-packages" not in program
    return os.path.dirname(os.path.abspath(str(program))) if is_script else os.getcwd()


def module_name(name: str) -> str:
    """Canonical name of the module called ``name`` here; unchanged for modules outside the project."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return name
    inside = relative(os.path.realpath(file), project_root())
    if inside is None or "site-packages/" in inside or "dist-packages/" in inside:
        return name
    return inside[: -len(".py")].removesuffix(f"{os.sep}__init__").replace(os.sep, ".")


def relative(path: str, root: str) -> str | None:
    """``path`` relative to ``root``, or None where it lies outside."""
    prefix = os.path.join(root, "")
    return path[len(prefix) :] if path.startswith(prefix) else None


def class_name(subject: type) -> str:
    """``module:qualname`` of a class under its canonical module name."""
    return f"{module_name(str(subject.__module__))}:{subject.__qualname__}"
