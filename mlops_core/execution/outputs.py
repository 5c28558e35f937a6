"""What a pipeline returned: stored by name, shown as JSON, and rebuilt as values for a caller."""

import json
from typing import Any

from mlops_core import formats
from mlops_core.engine.digest import to_text
from mlops_core.execution.finite import finite
from mlops_core.execution.keep import add_artifact
from mlops_core.execution.loading import Loader
from mlops_core.execution.run import Run, RunOutputs
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats.artifact import Artifact
from mlops_core.metadata import cells
from mlops_core.metadata.runs import RunRow
from mlops_core.pipelines.outputs import Outputs
from mlops_core.planning.outcomes import BLOCKED, Unavailable
from mlops_core.planning.resolve import Resolver

LONGEST = 64 * 1024


def settle(run: Run, outputs: Outputs, resolver: Resolver, loader: Loader) -> None:
    """Give the run its outputs: digests, JSON, and the values to return are loaded on demand.

    A skipped output is None; one that is blocked is left out.
    """
    digests: dict[str, bytes | None] = {}
    for name, leaf in outputs.leaves.items():
        try:
            tree = resolver.tree(leaf)
        except Unavailable as missing:
            if missing.state == BLOCKED:
                continue
            digests[name], run.outputs_json[name] = None, None
            continue
        artifact = stored(tree, resolver, loader)
        digests[name] = artifact.digest
        run.outputs_json[name] = shown(artifact, loader)
    run.outputs = RunOutputs(digests, loader.by_digest)
    run.rebuild = outputs.rebuild


def output_digests(row: RunRow) -> dict[str, bytes | None]:
    """Digest of each output that a run recorded; None for one that was skipped."""
    recorded = json.loads(row.outputs_json or "{}").get("digests", {})
    return {name: None if text is None else bytes.fromhex(text) for name, text in recorded.items()}


def stored(tree: object, resolver: Resolver, loader: Loader) -> Artifact:
    """The artifact of an output; a plain value or a list of items is stored first."""
    if isinstance(tree, Artifact):
        return tree
    workspace = loader.workspace
    writer = workspace.store.writer()
    artifact = formats.save(resolver.loaded(tree), writer, value_fingerprint, embed=Embedded)
    loader.hold(artifact.digest)  # nothing refers to it before the run has ended
    written = writer.commit()
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        add_artifact(tx, artifact)
    writer.release()
    return artifact


def shown(artifact: Artifact, loader: Loader) -> Any:
    """Plain JSON values up to 64 KiB as they are, anything else as type and digest."""
    if artifact.format == "json/1" and artifact.nbytes <= LONGEST:
        value = finite(loader.value(artifact))
        if len(json.dumps(value)) <= LONGEST:
            return value
    return {"type": artifact.type, "digest": to_text(artifact.digest)}
