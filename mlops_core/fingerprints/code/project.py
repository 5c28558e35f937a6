"""All first-party source, for fingerprints that had to be widened."""

import os

from mlops_core.engine._hash import xxh3_128

_SKIPPED = frozenset({"site-packages", "dist-packages", "__pycache__", "node_modules", "build", "dist"})


def source_digests(roots: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """(path, digest of the text) of every Python source under the roots, sorted; paths are root-relative."""
    found: dict[str, bytes] = {}
    for root in roots:
        for path in _sources(root):
            with open(path, "rb") as file:
                found[os.path.relpath(path, root)] = xxh3_128(b"source/0\0" + file.read())
    return sorted(found.items())


def _sources(root: str) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [
            f for f in folders if not f.startswith(".") and f not in _SKIPPED and not _is_venv(folder, f)
        ]
        found += [os.path.join(folder, n) for n in names if n.endswith(".py")]
    return found


def _is_venv(parent: str, name: str) -> bool:
    return os.path.exists(os.path.join(parent, name, "pyvenv.cfg"))
