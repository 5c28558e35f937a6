"""The matrix of scenarios: which are tried and how, and the fixtures that carry them out (README.md)."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import mkdtemp
from textwrap import dedent

import pytest

sys.path.append(str(Path(__file__).parent))

from truth_projects import Carried, ForkedProcesses, Project, carry_out
from truth_scenarios import BEFORE, SCENARIOS, Scenario


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "quick: each scenario through one of the faces; full: through both, in processes started anew"
    parser.addoption("--matrix", choices=("quick", "full"), default="quick", help=words)


def is_full(config: pytest.Config) -> bool:
    """Whether the full matrix was asked for."""
    return bool(config.getoption("--matrix", default="quick") == "full")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        rows = [(s, face) for i, s in enumerate(SCENARIOS) for face in s.faces(i, is_full(metafunc.config))]
        names = [f"{s.group}: {s.name}, {face}" for s, face in rows]
        metafunc.parametrize(("scenario", "face"), rows, ids=names)


class Carrier:
    """Carries scenarios out ahead of their tests, one on each core."""

    def __init__(self, rows: list[tuple[Scenario, str]], folder: Path, full: bool) -> None:
        self._folder, self._full = folder, full
        cores = min(os.cpu_count() or 1, len(rows)) or 1
        self._servers: SimpleQueue[ForkedProcesses | None] = SimpleQueue()
        for number in range(cores):
            self._servers.put(None if full else ForkedProcesses(folder / f"streams{number}"))
        self._pool = ThreadPoolExecutor(cores)
        self._running = {(s.name, s.group, face): self._pool.submit(self._carry, s, face) for s, face in rows}

    def _carry(self, scenario: Scenario, face: str) -> Carried:
        root = Path(mkdtemp(dir=self._folder)) / "first" / "project"
        root.mkdir(parents=True)
        server = self._servers.get()
        try:
            project = Project(scenario, face, root, server)
            project.write(BEFORE)
            return carry_out(project, self._full)
        finally:
            self._servers.put(server)

    def result(self, scenario: Scenario, face: str) -> Carried:
        """What came out; raises what went wrong."""
        return self._running[scenario.name, scenario.group, face].result()

    def end(self) -> None:
        """Start no more, and end the servers."""
        self._pool.shutdown(cancel_futures=True)
        while not self._servers.empty():
            server = self._servers.get()
            if server is not None:
                server.end()


@pytest.fixture(scope="session")
def carrier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """Has begun to carry out the scenarios of all tests that were chosen."""
    chosen = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    rows = [(params["scenario"], params["face"]) for params in chosen if "scenario" in params]
    carrier = Carrier(rows, tmp_path_factory.mktemp("scenarios"), is_full(request.config))
    yield carrier
    carrier.end()


@pytest.fixture(scope="session")
def forked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ForkedProcesses | None]:
    """The server of forked processes, or None where all shall be new."""
    if is_full(request.config):
        yield None
        return
    server = ForkedProcesses(tmp_path_factory.mktemp("streams"))
    yield server
    server.end()


@pytest.fixture
def written(tmp_path: Path, forked: ForkedProcesses | None) -> Callable[[dict[str, str], str], Project]:
    """Writes a project of some files."""

    def make(files: dict[str, str], face: str) -> Project:
        sections = [(file, "", "", dedent(text)) for file, text in files.items()]
        root = tmp_path / "first" / "project"
        root.mkdir(parents=True)
        project = Project(Scenario("", "", {}, sections), face, root, forked)
        project.write(BEFORE)
        return project

    return make
