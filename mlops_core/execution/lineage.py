"""``lineage``: what a thing was made from and what was made from it, from recorded edges alone."""

from dataclasses import dataclass

from mlops_core.config.references import DigestReference, RunReference, parse_reference
from mlops_core.engine.digest import to_text
from mlops_core.errors import ReferenceNotFound, UsageError
from mlops_core.execution.history import load_run
from mlops_core.metadata import artifacts
from mlops_core.metadata import lineage as edges
from mlops_core.metadata.lineage import EdgeRow
from mlops_core.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One thing in the tree: text for people, its digest where it is a stored value.

    A value whose branch was shown already stands without one, and its text ends in ``(above)``.
    """

    text: str
    digest: str | None
    children: tuple["LineageNode", ...] = ()

    def as_json(self) -> dict[str, object]:
        return {"text": self.text, "digest": self.digest, "children": [c.as_json() for c in self.children]}


@dataclass(frozen=True, slots=True)
class Lineage:
    """A thing, what it was made from (``up``) and what was made from it (``down``)."""

    name: str
    up: tuple[LineageNode, ...]
    down: tuple[LineageNode, ...]

    def as_json(self) -> dict[str, object]:
        """The lineage as ``mlops lineage --json`` prints it."""
        return {
            "schema": "mlops.lineage/1",
            "what": self.name,
            "up": [n.as_json() for n in self.up],
            "down": [n.as_json() for n in self.down],
        }


def lineage(workspace: Workspace, what: str) -> Lineage:
    """Lineage of a run, a step of a run (``42:train``), a digest, or a file.

    Raises ``ReferenceNotFound`` where nothing of that name is recorded.
    """
    try:
        reference = parse_reference(what)
    except UsageError:
        return _of_file(workspace, what)
    if isinstance(reference, RunReference):
        return _of_run(workspace, what, reference)
    if isinstance(reference, DigestReference):
        return _of_digests(workspace, what, artifacts.by_prefix(workspace.database, reference.digits))
    return _of_file(workspace, what)


def _of_run(workspace: Workspace, what: str, reference: RunReference) -> Lineage:
    run = load_run(workspace, what.partition(":")[0])
    if reference.step is not None:
        step = run[reference.step]
        if step.digest is None:
            raise ReferenceNotFound(
                f"{what!r} has no stored value: the step {step.status}",
                hint=f"mlops why {run.number} {step.name}",
                reference=what,
            )
        return _of_digests(workspace, what, [step.digest])
    tree = Tree(workspace)
    made = {step.name: step.digest for step in run.steps if step.digest}
    up = tuple(tree.value(f"{name} →", digest) for name, digest in made.items())
    return Lineage(f"run {run.number} of {run.pipeline}", up, ())


def _of_digests(workspace: Workspace, what: str, digests: list[bytes]) -> Lineage:
    if not digests:
        raise ReferenceNotFound(
            f"nothing is recorded under {what!r}",
            hint="`mlops lineage latest` shows values with their digests",
            reference=what,
        )
    if len(digests) > 1:
        told = ", ".join(to_text(digest) for digest in digests[:5])
        raise ReferenceNotFound(
            f"{what!r} fits {len(digests)} values: {told}", hint="give more digits", reference=what
        )
    name = described(workspace, digests[0])
    return Lineage(name, Tree(workspace).up(digests[0]), Tree(workspace).down(digests[0]))


def _of_file(workspace: Workspace, what: str) -> Lineage:
    found = edges.of_text(workspace.database, f"file {what}")
    if not found:
        raise ReferenceNotFound(
            f"nothing is recorded under {what!r}: no run, digest or file input",
            hint="a run is 42 or latest, a step 42:train, a digest has at least 8 digits",
            reference=what,
        )
    return Lineage(what, (), Tree(workspace).consumers(found))


def described(workspace: Workspace, digest: bytes) -> str:
    """A value for people: its type and the first digits of its digest."""
    row = artifacts.find(workspace.database, digest)
    return f"{row.type.rpartition('.')[2] if row else 'value'} {to_text(digest)[:13]}"


class Tree:
    """Grows a tree in one direction; every value's branch is shown once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._shown: set[bytes] = set()

    def value(self, prefix: str, digest: bytes) -> LineageNode:
        """A stored value with what it was made from."""
        text = f"{prefix} {described(self._workspace, digest)}".strip()
        if digest in self._shown and edges.producers(self._workspace.database, digest):
            return LineageNode(f"{text} (above)", to_text(digest))
        return LineageNode(text, to_text(digest), self.up(digest))

    def up(self, digest: bytes) -> tuple[LineageNode, ...]:
        """The step whose newest run made a value, with that step's inputs."""
        self._shown.add(digest)
        found = [edge for edge in edges.producers(self._workspace.database, digest) if edge.input != digest]
        if not found:
            return ()
        made = found[0]
        newest = [e for e in found if (e.run_id, e.step_name) == (made.run_id, made.step_name)]
        inputs = tuple(self._input(edge) for edge in newest if edge.argument)
        return (LineageNode(f"{made.step_name}, run {made.run_number} of {made.pipeline}", None, inputs),)

    def _input(self, edge: EdgeRow) -> LineageNode:
        if edge.input is None:
            shown = edge.text if edge.text.startswith("file ") else f"{edge.argument} = {edge.text}"
            return LineageNode(shown, None)
        return self.value(f"{edge.argument}:", edge.input)

    def down(self, digest: bytes) -> tuple[LineageNode, ...]:
        """The step runs that used a value, with what was made from theirs."""
        self._shown.add(digest)
        return self.consumers(edges.consumers(self._workspace.database, digest))

    def consumers(self, found: list[EdgeRow]) -> tuple[LineageNode, ...]:
        """One node for each step and argument that used a value; the newest run of each."""
        newest: dict[tuple[str, str, bytes | None], EdgeRow] = {}
        for edge in found:
            newest.setdefault((edge.step_name, edge.argument, edge.output), edge)
        return tuple(self._consumer(edge) for edge in newest.values())

    def _consumer(self, edge: EdgeRow) -> LineageNode:
        text = f"{edge.step_name} ({edge.argument}), run {edge.run_number} of {edge.pipeline}"
        if edge.output is None:
            return LineageNode(text, None)
        digest, shown = to_text(edge.output), described(self._workspace, edge.output)
        if edge.output in self._shown:
            return LineageNode(f"{text} → {shown} (above)", digest)
        return LineageNode(f"{text} → {shown}", digest, self.down(edge.output))
