"""Temporary files that a kill has left are told from those of the living."""

import os
import subprocess
import sys
from pathlib import Path

from mlops_core.clock import Clock
from mlops_core.files.atomic import temporary_name
from mlops_core.files.leftovers import half_done


class Later(Clock):
    """Two hours from now."""

    def now(self) -> float:
        return super().now() + 7200


def test_only_old_files_of_the_dead(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = Path(temporary_name(str(tmp_path / "mlops.db")))
    dead = tmp_path / mine.name.replace(str(os.getpid()), str(ended.pid))
    for path in (mine, dead, tmp_path / "mlops.db", tmp_path / ".hidden", tmp_path / ".x.tmp"):
        path.touch()
    assert list(half_done(tmp_path, Later())) == [str(dead)]
    assert list(half_done(tmp_path)) == [], "young files are left alone"
    assert list(half_done(tmp_path / "absent")) == []
