"""The name under which the running ``__main__`` script is known (contract: Modules).

``python pipe.py`` runs the file as ``__main__``; its classes and functions are fingerprinted and pickled
under the file's own name, so that ``mlops run pipe.py`` and a worker agree. The workspace finds the name
out and leaves it here, where the lower rooms can ask for it.
"""

MAIN = "__main__"

_known_as = MAIN


def set_main_name(name: str) -> None:
    """From now on ``__main__`` is known as ``name``."""
    global _known_as
    _known_as = name


def public_module_name(name: str) -> str:
    """The name of a module as others know it: itself, or for ``__main__`` the script's canonical name."""
    return _known_as if name == MAIN else name
