"""The project root joins a program's ``sys.path`` with the first import that finds nothing without it.

A script in a folder of the project may import what lies at the root. Looking for the root costs more than
a start may, so the last of the finders does it, when all others have failed.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class LateRoot:
    """A finder that puts the program's project in use, once, and then looks again."""

    looked = False

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """The spec of a module of the project; None for everything else."""
        if path is not None or cls.looked:
            return None
        cls.looked = True  # what follows imports, too
        from importlib.util import find_spec

        from mlops_core.workspace.modules import MAIN, alias_main

        return find_spec(name) if alias_main() != MAIN else None


def install() -> None:
    """Add the finder behind all others, once."""
    if LateRoot not in sys.meta_path:
        sys.meta_path.append(LateRoot)
