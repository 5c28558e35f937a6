"""File inputs that are not there are found before anything runs."""

from pathlib import Path

from mlops_core.pipelines.graph import Graph
from mlops_core.planning.annotations import DESTINATION, NONE, TEXT, path_kinds
from mlops_core.planning.arguments import defaults_of
from mlops_core.planning.inputs import FileArguments, keyed
from mlops_core.planning.selection import SELECTED, Selection


def check_inputs(graph: Graph, selection: Selection, root: Path) -> None:
    """Raises ``MissingInput`` for a path given to a selected step that does not exist."""
    roles = selection.roles(graph)
    for node in graph.nodes:
        if roles[node.position] != SELECTED:
            continue
        function = node.step.__wrapped__
        kinds, defaults = path_kinds(function), defaults_of(function)
        for name, value in node.arguments.items():
            kind = kinds.get(name, NONE)
            if kind not in (TEXT, DESTINATION):
                files = FileArguments(root, None, node.name, only_check=True)
                keyed(files, name, value, kind, defaults.get(name, files) is value)
