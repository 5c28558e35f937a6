"""A library's submodule that loads on first use must not change the fingerprint of who uses it."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import lazily
if {load!r}:
    import lazylib.inner
from mlops_core.fingerprints.code import code_fingerprint
print(code_fingerprint(lazily.use, ({folder!r},)).digest.hex())
"""


def digest(folder: Path, load: bool) -> str:
    program = PROGRAM.format(folder=str(folder), load=load)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout


def test_whether_a_lazy_submodule_is_loaded_does_not_count(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    library = site / "lazylib"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text(
        "def __getattr__(name):\n"
        "    import importlib\n"
        "    if name == 'inner':\n"
        "        return importlib.import_module('lazylib.inner')\n"
        "    raise AttributeError(name)\n"
    )
    (library / "inner.py").write_text("def work(x):\n    return x\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "lazily.py").write_text(
        f"import sys\nsys.path.append({str(site)!r})\nimport lazylib\n"
        "def use(x):\n    return lazylib.inner.work(x)\n"
    )
    assert digest(project, load=False) == digest(project, load=True)
