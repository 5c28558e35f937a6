"""What a start loads: nothing but click, the table of commands, and what they need."""

import subprocess
import sys

HEAVY = {
    "numpy", "pyarrow", "onnxruntime", "sqlite_utils", "sqlite3", "xxhash", "pathlib", "json", "shutil",
    "difflib", "mlops_core.execution", "mlops_core.metadata", "mlops_core.pipelines", "mlops_core.store",
}  # fmt: skip

PROGRAM = """
import sys, click
before = set(sys.modules)
from mlops_core.cli.entry import main
status = main(["--help"])
print(status, *sorted(set(sys.modules) - before), file=sys.stderr)
"""


def loaded(environment) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    status, *modules = done.stderr.split()
    assert status == "0"
    return set(modules)


def test_help_loads_no_heavy_library(environment):
    assert not loaded(environment) & HEAVY


def test_help_loads_no_command(environment):
    assert not [name for name in loaded(environment) if name.startswith("mlops_core.cli.commands")]
