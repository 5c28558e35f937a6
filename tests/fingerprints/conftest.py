"""Small projects written to disk and fingerprinted in processes of their own, many per process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

# Every project is imported afresh; whatever it leaves in shared modules is taken back after it.
DRIVER = r"""
import importlib, json, logging, math, sys, warnings
from mlops_core.fingerprints import names
from mlops_core.fingerprints.code import class_fingerprint, code_fingerprint
from mlops_core.fingerprints.values import value_fingerprint

def look(root, extra):
    names.use_root(root)
    step = importlib.import_module("steps").step
    found = code_fingerprint(step, (root,))
    assert found.guards.hold() or found.widened or extra, "nothing has changed"
    again = code_fingerprint(step, (root,))
    digests = [found.digest.hex()]
    if again.digest != found.digest:
        digests.append("unstable")
    try:
        value = importlib.import_module("args").make()
    except ImportError:
        pass
    else:
        seen = value_fingerprint(value)
        digests += [seen.digest.hex()] + [class_fingerprint(n, (root,)).digest.hex() for n in seen.classes]
    parts = {p.label: [p.digest.hex(), p.kind, p.file, p.line, p.via] for p in found.parts}
    return {"digest": " ".join(digests), "parts": parts, "pins": found.pins, "widened": found.widened,
            "readers": found.native_readers, "clocks": found.clocks, "guards": found.guards.hold(),
            "texts": found.texts, "loaded": sorted(sys.modules)}

projects = json.load(sys.stdin)
out = {}
for name, paths in projects.items():
    before, floor, path = set(sys.modules), math.floor, list(sys.path)
    sys.path[:0] = paths
    try:
        out[name] = look(paths[0], len(paths) > 1)
    except Exception as error:
        out[name] = {"error": f"{type(error).__name__}: {error}"}
    sys.path[:] = path
    math.floor = floor
    for module in set(sys.modules) - before:
        file = getattr(sys.modules[module], "__file__", None) or ""
        if any(file.startswith(p) for p in paths) or not file and module in ("pk", "lib"):
            del sys.modules[module]
    importlib.invalidate_caches()
json.dump(out, sys.stdout)
"""

Projects = dict[str, list[str]]


def _run(projects: Projects, seed: str, python: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, "-c", DRIVER],
        input=json.dumps(projects),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


@pytest.fixture(scope="session")
def fingerprint_projects(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Fingerprint ``steps.step`` of each project, given as file name -> text, in one fresh process.

    A key ``site-packages/...`` puts a file into a packages folder of the project's environment.
    """

    def fingerprint(projects: dict[str, dict[str, str]], seed: str = "1") -> dict[str, Any]:
        top = tmp_path_factory.mktemp("projects")
        paths: Projects = {}
        for name, files in projects.items():
            root = _write(
                top / name / "project", {n: t for n, t in files.items() if not n.startswith("site-")}
            )
            site = {n: t for n, t in files.items() if n.startswith("site-")}
            paths[name] = [root, _write(top / name / "env", site) + "/site-packages"] if site else [root]
        return _run(paths, seed, sys.executable)

    return fingerprint
