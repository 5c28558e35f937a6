"""What ``mlops.toml`` (or ``[tool.mlops]``) says, checked key by key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mlops_core.config.nearest import suggestion
from mlops_core.config.units import parse_bytes, parse_duration
from mlops_core.errors import ConfigError, UsageError

PICKLE_POLICIES = ("allow", "signed", "never")
Table = dict[str, object]
Number = TypeVar("Number", int, float)


class PipelineSettings(NamedTuple):
    """A pipeline with a name of its own: where it is, and parameters for ``mlops run NAME``."""

    entry: str
    params: Table


class StoreSettings(NamedTuple):
    """``budget`` in bytes (None: no limit), ``remote`` a URI, ``pickle`` one of ``PICKLE_POLICIES``.

    ``compress_after``: seconds without use after which ``store gc`` packs (None: only when asked to).
    """

    budget: int | None = None
    remote: str | None = None
    pickle: str = "allow"
    compress_after: float | None = None


class EnvironmentSettings(NamedTuple):
    """An environment's orchestrator and deployer (tables with ``to``; the rest is theirs) and its gates."""

    orchestrator: Table
    deployer: Table
    gates: tuple[str, ...]


class Settings(NamedTuple):
    """All of it; ``file`` is where it was read, None where the project has no settings."""

    name: str
    pipelines: dict[str, PipelineSettings]
    store: StoreSettings
    environments: dict[str, EnvironmentSettings]
    file: Path | None


class Source(NamedTuple):
    """A settings file as read: its data, the place of each key, and what stands above it in the file."""

    file: Path
    shown: str
    prefix: tuple[str, ...]
    data: Table
    lines: dict[tuple[str, ...], int]

    def error(self, keys: tuple[str, ...], what: str, hint: str = "", **data: object) -> ConfigError:
        """A ``ConfigError`` that names file and line of the key at ``keys``."""
        ways = [(*self.prefix, *keys)[:length] for length in range(len(self.prefix) + len(keys), 0, -1)]
        line = next((self.lines[way] for way in ways if way in self.lines), 1)
        return ConfigError(
            f"{self.shown}:{line}: {what}", hint=hint, file=str(self.file), line=line, key=keys[-1], **data
        )


def settings_of(source: Source, default_name: str) -> Settings:
    """The settings in ``source``. Raises ``ConfigError`` for an unknown key and for a wrong value."""
    _known(source, (), source.data, ("project", "pipelines", "store", "env"))
    project = _table(source, ("project",), source.data, ("name",))
    pipelines = _table(source, ("pipelines",), source.data)
    environments = _table(source, ("env",), source.data)
    return Settings(
        name=_text(source, ("project", "name"), project) or default_name,
        pipelines={name: _pipeline(source, name, pipelines) for name in pipelines},
        store=_store(source),
        environments={name: _environment(source, name, environments) for name in environments},
        file=source.file,
    )


def _pipeline(source: Source, name: str, pipelines: Table) -> PipelineSettings:
    way = ("pipelines", name)
    table = _table(source, way, pipelines, ("entry", "params"))
    entry = _text(source, (*way, "entry"), table)
    if not entry:
        hint = f'Write entry = "FILE.py:{name}" or "package.module:{name}".'
        raise source.error(way, f"the pipeline {name!r} has no entry", hint)
    return PipelineSettings(entry, _table(source, (*way, "params"), table))


def _store(source: Source) -> StoreSettings:
    table = _table(source, ("store",), source.data, ("budget", "remote", "pickle", "compress_after"))
    pickle = _text(source, ("store", "pickle"), table) or "allow"
    if pickle not in PICKLE_POLICIES:
        hint = suggestion(pickle, PICKLE_POLICIES, "values")
        raise source.error(("store", "pickle"), f"pickle = {pickle!r} is unknown", hint)
    remote = _text(source, ("store", "remote"), table)
    budget = _parsed(source, table, "budget", parse_bytes)
    return StoreSettings(budget, remote, pickle, _parsed(source, table, "compress_after", parse_duration))


def _parsed(source: Source, store: Table, key: str, parse: Callable[[Any], Number]) -> Number | None:
    """An amount in ``[store]``, None where it is not set; ``parse`` refuses values of other types itself."""
    if store.get(key) is None:
        return None
    try:
        return parse(store[key])
    except UsageError as error:
        raise source.error(("store", key), error.message, error.hint) from None


def _environment(source: Source, name: str, environments: Table) -> EnvironmentSettings:
    way = ("env", name)
    table = _table(source, way, environments, ("orchestrator", "deployer", "gates"))
    gates = table.get("gates", [])
    if not isinstance(gates, list) or not all(isinstance(gate, str) for gate in gates):
        raise source.error((*way, "gates"), "gates must be a list of texts", 'Write gates = ["r2 >= 0.8"].')
    owners = [_owner(source, (*way, owner), table) for owner in ("orchestrator", "deployer")]
    return EnvironmentSettings(owners[0], owners[1], tuple(gates))


def _owner(source: Source, way: tuple[str, ...], environment: Table) -> Table:
    table = _table(source, way, environment)
    if table and not _text(source, (*way, "to"), table):
        raise source.error(way, f"{way[-1]} does not say where to", f'Write {way[-1]} = {{ to = "..." }}.')
    return table


def _table(source: Source, way: tuple[str, ...], above: Table, known: tuple[str, ...] | None = None) -> Table:
    value = above.get(way[-1], {})
    if not isinstance(value, dict):
        raise source.error(way, f"{'.'.join(way)} must be a table, not {value!r}")
    if known is not None:
        _known(source, way, value, known)
    return value


def _text(source: Source, way: tuple[str, ...], above: Table) -> str | None:
    value = above.get(way[-1])
    if value is None or isinstance(value, str):
        return value
    raise source.error(way, f"{'.'.join(way)} must be text, not {value!r}", "Write it in quotes.")


def _known(source: Source, way: tuple[str, ...], table: Table, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            place = f"in [{'.'.join((*source.prefix, *way))}]" if source.prefix or way else "at the top"
            hint = suggestion(key, known, "keys")
            raise source.error((*way, key), f"unknown key {key!r} {place}", hint, known=known)
