"""Where the command ``mlops`` begins: runs with nothing to do are answered here, ``program`` does the rest.

Nothing heavy may be imported on the way to an answer: click alone takes longer than the answer does.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one command and return its exit status (docs/cli.md lists them)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["run"]:
        from mlops_core.cli.answered import answered

        status = answered(given)
        if status is not None:
            return status
    from mlops_core.cli.program import main as run_program

    return run_program(given)
