"""Which distribution, in which version, a third-party module belongs to.

Looks into the one packages folder the module lies in: listing metadata of every installed distribution takes
the better part of a second, and a run with nothing to do must not pay it.
"""

import os
from functools import cache
from types import ModuleType
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128

# Import names that differ from the name of their distribution: tried first, verified like any other guess.
_KNOWN = {
    "sklearn": "scikit_learn", "PIL": "pillow", "yaml": "pyyaml", "cv2": "opencv_python",
    "bs4": "beautifulsoup4", "dateutil": "python_dateutil", "skimage": "scikit_image",
    "OpenSSL": "pyopenssl", "dotenv": "python_dotenv", "attr": "attrs",
    "jwt": "pyjwt", "google": "google", "umap": "umap_learn", "osgeo": "gdal",
}  # fmt: skip


class _Folder(NamedTuple):
    name: str  # the metadata folder, e.g. "numpy-2.1.0.dist-info"
    distribution: str
    version: str


def pin_of_module(module: ModuleType) -> tuple[tuple[str, str], ...]:
    """(distribution, version) pairs of the distributions that ship ``module``."""
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
    return pin_of_path(str(file))


@cache
def pin_of_path(path: str) -> tuple[tuple[str, str], ...]:
    """(distribution, version) pairs for a file below a ``site-packages`` folder."""
    site, inside = _split(path)
    top = inside.split(os.sep)[0].partition(".")[0]
    return _pins(site, top, inside if _is_namespace(site, top) else "")


@cache
def _pins(site: str, top: str, inside: str) -> tuple[tuple[str, str], ...]:
    folders = _by_name(site, top) if not inside else ()
    if not folders:
        folders = tuple(f for f in _metadata_folders(site) if _ships(site, f, top, inside))
    if not folders:
        return ((top, f"files {_digest_of_files(site, top)}"),)
    return tuple((f.distribution, _version(site, f)) for f in folders)


def _split(path: str) -> tuple[str, str]:
    for mark in ("site-packages", "dist-packages"):
        head, found, tail = path.rpartition(os.sep + mark + os.sep)
        if found:
            return head + os.sep + mark, tail
    return os.path.split(path)


def _is_namespace(site: str, top: str) -> bool:
    folder = os.path.join(site, top)
    if not os.path.isdir(folder):
        return False
    return not any(n.startswith("__init__.") for n in os.listdir(folder))


@cache
def _metadata_folders(site: str) -> tuple[_Folder, ...]:
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return ()
    return tuple(_parse(n) for n in names if n.endswith((".dist-info", ".egg-info")))


def _parse(name: str) -> _Folder:
    stem = name.rsplit(".", 1)[0]
    distribution, _, version = stem.partition("-")
    shown = distribution.lower().replace("_", "-").replace(".", "-")
    return _Folder(name, shown, version.partition("-py")[0])


def _by_name(site: str, top: str) -> tuple[_Folder, ...]:
    wanted = {_normal(top), _KNOWN.get(top, "")}
    return tuple(f for f in _metadata_folders(site) if _normal(f.distribution) in wanted)


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _ships(site: str, folder: _Folder, top: str, inside: str) -> bool:
    listed = _read(site, folder, "top_level.txt").split()
    if listed and not inside:
        return top.encode() in listed
    record = b"\n" + (_read(site, folder, "RECORD") or _read(site, folder, "installed-files.txt"))
    if inside:
        return b"\n" + inside.replace(os.sep, "/").encode() in record
    return b"\n" + top.encode() + b"/" in record or b"\n" + top.encode() + b"." in record


def _read(site: str, folder: _Folder, name: str) -> bytes:
    try:
        with open(os.path.join(site, folder.name, name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def _version(site: str, folder: _Folder) -> str:
    """The version; with the digest of the file list where the version alone does not name the content."""
    version = folder.version
    loose = "+" in version or "dev" in version
    if loose or os.path.exists(os.path.join(site, folder.name, "direct_url.json")):
        return f"{version} ({xxh3_128(_read(site, folder, 'RECORD')).hex()})"
    return version


def _digest_of_files(site: str, top: str) -> str:
    """Digest of a package nobody's metadata mentions: names and contents of its files."""
    parts: list[bytes] = []
    for path in sorted(_files(site, top)):
        with open(path, "rb") as file:
            parts.append(os.path.relpath(path, site).encode() + b"\0" + xxh3_128(file.read()))
    return xxh3_128(b"package files/0\0" + b"".join(parts)).hex()


def _files(site: str, top: str) -> list[str]:
    folder = os.path.join(site, top)
    if not os.path.isdir(folder):
        return [os.path.join(site, n) for n in os.listdir(site) if n.partition(".")[0] == top]
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f != "__pycache__"]
        found += [os.path.join(parent, n) for n in names if not n.endswith(".pyc")]
    return found
