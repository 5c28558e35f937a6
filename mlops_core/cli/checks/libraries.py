"""The libraries that the product stands on: installed, and loading."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from mlops_core.cli.checks.check import BROKEN, OK, Check

# Distribution -> module. They are really imported: a version on record says nothing about a broken binary.
NEEDED = {
    "numpy": "numpy",
    "pyarrow": "pyarrow",
    "onnxruntime": "onnxruntime",
    "xxhash": "xxhash",
    "sqlite-utils": "sqlite_utils",
    "click": "click",
}


def checks(needed: dict[str, str] | None = None) -> list[Check]:
    """One check a library."""
    return [_check(*pair) for pair in (NEEDED if needed is None else needed).items()]


def _check(distribution: str, module: str) -> Check:
    advice = f"pip install --force-reinstall {distribution}"
    try:
        installed = version(distribution)
    except PackageNotFoundError:
        return Check(distribution, BROKEN, "not installed", f"pip install {distribution}")
    try:
        import_module(module)
    except Exception as error:  # whatever a broken library raises when it loads is what we look for
        return Check(distribution, BROKEN, f"{installed}, but {type(error).__name__}: {error}", advice)
    return Check(distribution, OK, installed)
