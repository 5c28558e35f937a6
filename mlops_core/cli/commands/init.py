"""``mlops init``: a small working project."""

import tomllib
from pathlib import Path

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.options import json_option
from mlops_core.cli.templates import MLOPS_TOML, PIPELINE_PY
from mlops_core.errors import StateNotWritable, UsageError

PIPELINE, SETTINGS = "pipeline.py", "mlops.toml"


@click.command(
    "init",
    cls=ExampleCommand,
    examples=("mlops init", "mlops init demo && cd demo && mlops run prices"),
    help="Make a small working project in DIR (default: here). What is there already is kept as it is.",
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def command(invocation: Invocation, folder: Path) -> int:
    _make_folder(folder)
    created, kept = _write_files(folder)
    following = _next_commands(folder, created)
    console = invocation.console
    console.lines([f"created  {folder / name}" for name in created])
    console.lines([f"kept     {folder / name} (was there)" for name in kept])
    if following:
        console.lines(["", "next:", *(f"  {line}" for line in following)])
    invocation.emit(
        {"schema": "mlops.init/1", "folder": str(folder), "created": created, "kept": kept, "next": following}
    )
    return 0


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder", hint="give a folder: mlops init DIR")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from None


def _write_files(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the files written, and of those that were there already."""
    created: list[str] = []
    kept: list[str] = []
    ours = _write_new(folder / PIPELINE, PIPELINE_PY)
    (created if ours else kept).append(PIPELINE)
    if _has_tool_table(folder):
        return created, [*kept, "pyproject.toml"]
    # Settings that name a pipeline which a file of the user's does not have would only be an error.
    if ours or _is_template(folder):
        (created if _write_new(folder / SETTINGS, MLOPS_TOML) else kept).append(SETTINGS)
    return created, kept


def _is_template(folder: Path) -> bool:
    """Whether the pipeline file has the template's pipeline: then the settings fit it."""
    return "\ndef prices(" in (folder / PIPELINE).read_text(encoding="utf-8", errors="replace")


def _write_new(path: Path, text: str) -> bool:
    """Create a file; whether it was not there yet. Never overwrites: the open itself refuses."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise _not_writable(path, error) from None
    return True


def _has_tool_table(folder: Path) -> bool:
    """Whether pyproject.toml already has ``[tool.mlops]``: settings in two places are an error."""
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        return "mlops" in tomllib.loads(text).get("tool", {})
    except (OSError, ValueError):
        return False


def _not_writable(path: Path, error: OSError) -> StateNotWritable:
    return StateNotWritable(
        f"cannot write {path}: {error.strerror}", hint="choose a folder you may write to: mlops init DIR"
    )


def _next_commands(folder: Path, created: list[str]) -> list[str]:
    """What to type now; for a project that was there already, nothing is guessed."""
    if PIPELINE not in created and not _is_template(folder):
        return ["mlops run pipeline.py", "mlops why"]
    change = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    return [*change, "mlops run pipeline.py", "mlops run pipeline.py -p degree=5", "mlops why"]
