"""Our own distribution, and a foreign one that installs over our import name."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check

OURS, IMPORT_NAME = "mlops-embedded", "mlops_core"


def checks() -> list[Check]:
    """Whether we are installed, and alone under our name."""
    return [_own(), *foreign(distributions())]


def _own() -> Check:
    try:
        return Check(OURS, OK, distribution(OURS).version)
    except PackageNotFoundError:
        advice = "the source tree is used as it is; 'pip install -e .' gives it a version and the command"
        return Check(OURS, WARNING, "not installed", advice)


def foreign(installed: Iterable[Distribution]) -> list[Check]:
    """A check for each other distribution with files in our package: whose they are is a matter of luck."""
    found = []
    for other in installed:
        name = other.metadata["Name"] or ""
        if name.lower().replace("_", "-") != OURS and _overlaps(other):
            found.append(
                Check(
                    name,
                    BROKEN,
                    f"{other.version} is installed over our import name {IMPORT_NAME}",
                    f"pip uninstall {name} && pip install --force-reinstall {OURS}",
                )
            )
    return found


def _overlaps(other: Distribution) -> bool:
    top = other.read_text("top_level.txt") or ""
    if IMPORT_NAME in top.split():
        return True
    return any(path.parts[:1] == (IMPORT_NAME,) for path in other.files or ())
