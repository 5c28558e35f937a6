"""Stored files are compared by name and byte range where a run explains itself."""

from pathlib import Path
from typing import Any

import pytest

from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats import Artifact, save, to_json
from mlops_core.metadata import artifacts, cells
from mlops_core.planning.artifact_diff import describe
from mlops_core.workspace.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    opened = open_workspace(tmp_path)
    yield opened
    opened.close()


def stored(workspace: Workspace, path: Path) -> Artifact:
    writer = workspace.store.writer()
    artifact = save(path, writer, value_fingerprint, written=lambda path: True)
    written = writer.commit()
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        artifacts.add(tx, artifact.digest, to_json(artifact), artifact.format, artifact.type, artifact.nbytes)
    return artifact


def test_files_of_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a").write_bytes(bytes(range(256)) * 8192)
    (folder / "b").write_bytes(b"b")
    before = stored(workspace, folder).digest.hex()
    (folder / "a").write_bytes(bytes(range(256)) * 8192 + b"more")
    after = stored(workspace, folder).digest.hex()
    found = describe(workspace, before, after)
    assert found.text.startswith("part a: bytes between ")
    assert found.text.endswith(" and 2,097,156")
    assert found.data["unit"] == "bytes"


def test_a_listing_that_is_gone(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    before = stored(workspace, folder).digest.hex()
    (folder / "b").write_bytes(b"b")
    after = stored(workspace, folder)
    listing: Any = after.manifest["listing"]
    with workspace.database.transaction() as tx:
        tx.execute("DELETE FROM small_cells WHERE digest = ?", (bytes.fromhex(listing[0]),))
    assert describe(workspace, before, after.digest.hex()).text == ""


def test_values_that_are_not_known(workspace: Workspace) -> None:
    assert describe(workspace, "00" * 16, "11" * 16).data == {}
