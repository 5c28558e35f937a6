"""First-party modules under their one name, ``__main__`` included."""

import importlib
import os
import sys
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from mlops_core.config.project import find_root
from mlops_core.errors import UsageError
from mlops_core.fingerprints import names as fingerprinted_names
from mlops_core.formats.type_names import use_main_name
from mlops_core.workspace.finder import FirstPartyFinder, first_party_spec, loaded_from
from mlops_core.workspace.names import is_installed, module_file, name_of_file, place_in_root

__all__ = ["alias_main", "canonical_name", "import_file", "module_file", "program_root", "use_root"]

MAIN = "__main__"

_finder: FirstPartyFinder | None = None
_path_entries: list[str] = []
_target_root: Path | None = None


def use_root(root: Path, folder: Path | None = None) -> None:
    """Make ``root`` the project of this process: its files are imported under one name from now on.

    ``folder`` (the target's) and the root come onto ``sys.path``, in this order, as for a script. Another
    project that was in use before is let go with its modules.
    """
    global _target_root
    _target_root = Path(os.path.realpath(root))
    _use(root, folder or root)


def _use(root: Path, folder: Path) -> None:
    global _finder
    where = os.path.realpath(root)
    if _finder is None or _finder.root != where:
        _let_go()
        _finder = FirstPartyFinder(where, _import)
        fingerprinted_names.use_root(where)
    _finder.install()
    _extend_path([os.path.realpath(folder), where])


def import_file(file: Path, root: Path) -> ModuleType:
    """The module of a first-party file under its canonical name, loaded now where it is not yet.

    Raises what the file raises, and ``UsageError`` where another module has the name already.
    """
    use_root(root, file.parent)
    importlib.invalidate_caches()  # a file may be younger than the last look at its folder
    where = os.path.realpath(root)
    return _import(place_in_root(os.path.abspath(file), where), where)


def canonical_name(module: ModuleType) -> str:
    """The one name of a module: for the project's files their path from the root, else ``__name__``."""
    file = module_file(module)
    name = name_of_file(str(file), _root()) if file is not None else None
    return name or module.__name__


def alias_main() -> str:
    """Put the program's own project in use, and let its script be known under its canonical name.

    After it, imports and unpickling of that name give the running module and its classes. Returns the name,
    ``__main__`` where no file of the project is running.
    """
    script, root = _script(), program_root()
    _use(root, script.parent if script is not None else Path.cwd())
    main = sys.modules[MAIN]
    name = name_of_file(str(script), str(root)) if script is not None else None
    if script is None or name is None:
        return MAIN
    sys.modules[name] = main
    _current().names.add(name)
    package = name.rpartition(".")[0]
    if package and (package in sys.modules or not (script.parent / "__init__.py").exists()):
        _bind(main, name)  # a package that was not imported must not start running now
    use_main_name(name)
    return name


def program_root() -> Path:
    """The project root of this Python program: by its ``__main__`` file, else by the current folder.

    An installed command or module (``pytest``, a notebook's kernel) is nobody's project. Where a target was
    loaded, its project is the program's.
    """
    if _target_root is not None:
        return _target_root
    script = _script()
    return find_root(script.parent if script is not None else Path.cwd())


def _script() -> Path | None:
    """The user's file that runs as ``__main__``."""
    file = getattr(sys.modules[MAIN], "__file__", None)
    if not isinstance(file, str) or not os.path.isfile(file) or is_installed(os.path.abspath(file)):
        return None
    return Path(os.path.abspath(file))


def _root() -> str:
    return _finder.root if _finder is not None else str(program_root())


def _current() -> FirstPartyFinder:
    assert _finder is not None  # use_root comes before every import
    return _finder


def _import(file: str, root: str) -> ModuleType:
    name = name_of_file(file, root) or Path(file).stem
    found = _loaded(name, file)
    if found is not None:
        return found
    finder = _current()
    finder.names.add(name)
    package = name.rpartition(".")[0]
    if package and os.path.isfile(os.path.join(os.path.dirname(file), "__init__.py")):
        finder.loading.add(file)
        try:
            importlib.import_module(package)  # its __init__ runs first, and may import this file itself
        finally:
            finder.loading.discard(file)
    return _loaded(name, file) or _execute(name, file, package)


def _loaded(name: str, file: str) -> ModuleType | None:
    taken = sys.modules.get(name)
    found = loaded_from(file)
    if found is not None:
        sys.modules[name] = found
    elif taken is not None:
        raise UsageError(
            f"{file} would be the module {name!r}, but another module has that name: "
            f"{getattr(taken, '__file__', None) or 'one of the interpreter'}",
            hint="Rename the file.",
            file=file,
            module=name,
        )
    return found


def _execute(name: str, file: str, package: str) -> ModuleType:
    spec = first_party_spec(name, file)
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        assert spec.loader is not None
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    if package:
        _bind(module, name)
    return sys.modules.get(name, module)


def _bind(module: ModuleType, name: str) -> None:
    """Make a module an attribute of its package, as an import does."""
    package, _, last = name.rpartition(".")
    parent = importlib.import_module(package)
    if parent is not module:
        setattr(parent, last, module)


def _extend_path(folders: list[str]) -> None:
    place = 0
    for folder in folders:
        if folder in sys.path:
            place = sys.path.index(folder) + 1
        else:
            sys.path.insert(place, folder)
            _path_entries.append(folder)
            place += 1


def _let_go() -> None:
    """Take the finder, its path entries and the modules it handed out away again."""
    if _finder is None:
        return
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in _finder.names:
        if name.partition(".")[0] != "mlops_core":
            sys.modules.pop(name, None)
    for folder in _path_entries:
        if folder in sys.path:
            sys.path.remove(folder)
    _path_entries.clear()
