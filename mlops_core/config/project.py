"""Where a project begins, and the settings it has."""

import os
import re
from pathlib import Path

from mlops_core.config.settings import Settings, Source, StoreSettings, settings_of
from mlops_core.config.toml_lines import key_lines
from mlops_core.errors import ConfigError

SETTINGS_FILE, PYPROJECT, STATE_FOLDER = "mlops.toml", "pyproject.toml", ".mlops"


def find_root(target_folder: Path) -> Path:
    """The project root for a target in ``target_folder``.

    The nearest folder at or above it with settings or a state folder, else with ``.git`` or
    ``pyproject.toml``, else the folder itself. Links are resolved. Raises ``ConfigError`` for a
    ``pyproject.toml`` on the way that speaks of mlops but cannot be read.
    """
    folder = Path(os.path.realpath(target_folder))
    ways = [folder, *folder.parents]
    for candidate in ways:
        if _has_settings(candidate) or _has_own_state(candidate):
            return candidate
    for candidate in ways:
        if (candidate / ".git").exists() or (candidate / PYPROJECT).is_file():
            return candidate
    return folder


def read_settings(root: Path) -> Settings:
    """The settings of the project at ``root``, defaults where it has none.

    Raises ``ConfigError`` with file and line for what is no TOML, for an unknown key (with the nearest
    known one), for a wrong value, and where both files have settings.
    """
    own, inside = root / SETTINGS_FILE, _tool_table(root)
    if own.is_file():
        if inside is not None:
            raise ConfigError(
                f"settings stand in both {SETTINGS_FILE} and [tool.mlops] of {PYPROJECT}",
                hint=f"Keep one of them: {own} or {root / PYPROJECT}.",
                file=str(own),
                other=str(root / PYPROJECT),
            )
        data, text = _load(own)
        return settings_of(Source(own, SETTINGS_FILE, (), data, key_lines(text)), root.name)
    if inside is not None:
        return settings_of(inside, root.name)
    return Settings(root.name, {}, StoreSettings(), {}, None)


def _has_settings(folder: Path) -> bool:
    return (folder / SETTINGS_FILE).is_file() or _tool_table(folder) is not None


def _has_own_state(folder: Path) -> bool:
    return (folder / STATE_FOLDER).is_dir() and str(folder) not in _shared_folders()


def _shared_folders() -> set[str]:
    """Folders that everything lies under: a state folder there says nothing about a project."""
    temporary = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    folders = ["/", "/tmp", "/var/tmp", os.path.expanduser("~"), *filter(None, temporary)]
    return {os.path.realpath(folder) for folder in folders}


def _tool_table(folder: Path) -> Source | None:
    """``[tool.mlops]`` of the folder's pyproject.toml, None where there is none."""
    file = folder / PYPROJECT
    try:
        if b"mlops" not in file.read_bytes():
            return None  # the common case, without reading TOML
    except OSError:
        return None
    data, text = _load(file)
    tool = data.get("tool", {})
    if not isinstance(tool, dict) or "mlops" not in tool:
        return None
    table = tool["mlops"]
    source = Source(file, PYPROJECT, ("tool", "mlops"), {}, key_lines(text))
    if not isinstance(table, dict):
        raise source.error(("tool",), "tool.mlops must be a table")
    return source._replace(data=table)


def _load(file: Path) -> tuple[dict[str, object], str]:
    import tomllib  # on use: most projects have no settings

    try:
        text = file.read_bytes().decode().replace("\r\n", "\n")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file.name} is not written in UTF-8", file=str(file), line=1) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        message = f"{file.name}:{line}: this is no TOML: {error}"
        raise ConfigError(message, file=str(file), line=line) from error
