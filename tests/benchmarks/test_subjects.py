from pathlib import Path

import pytest

from benchmarks import peers, processes
from benchmarks.goals import GOALS
from benchmarks.scale import Scale
from benchmarks.subject_process import measured
from benchmarks.subjects import NAMES, subject


@pytest.mark.parametrize("name", NAMES)
def test_every_subject_measures_us_and_somebody_else(name: str, tiny: Scale) -> None:
    groups = {group.key: group for group in measured(name, tiny)}
    for group in groups.values():
        assert group.ours.samples
        others = [series for series in group.series[1:] if series.samples]
        assert others
        assert all(series.samples or series.note == peers.NOT_INSTALLED for series in group.series)
    for goal in GOALS:
        if goal.group.partition("/")[0] == name:
            assert goal.against in {"", *(series.name for series in groups[goal.group].series)}


def test_a_missing_peer_is_a_row_that_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None)

    rows = [
        peers.peer("joblib", lambda module: lambda: None),
        processes.program_of_peer("joblib", "-c", "import joblib", folder=tmp_path),
    ]

    assert [(row.act, row.note) for row in rows] == [(None, "not installed")] * 2


def test_unknown_subjects_are_refused() -> None:
    with pytest.raises(KeyError):
        subject("nothing")


def test_measured_processes_cache_bytecode_like_a_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("MLOPS_CACHE", "off")

    assert not {"PYTHONDONTWRITEBYTECODE", "MLOPS_CACHE"} & processes.environment().keys()
