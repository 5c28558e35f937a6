"""Upkeep without being asked: after a run that stored something, the store is brought within its budget."""

import sys

from mlops_core.errors import MlopsError
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect
from mlops_core.metadata.holdings import stored_bytes
from mlops_core.workspace.workspace import Workspace


def keep_within_budget(workspace: Workspace) -> None:
    """Collect where the store exceeds ``[store] budget``; two sums over the index where it does not.

    The run has ended well by now: what goes wrong here is told and fails nothing.
    """
    budget = workspace.settings.store.budget
    if budget is None or workspace.readonly or stored_bytes(workspace.database.query) <= budget:
        return
    try:
        collect(workspace, Rules(budget=budget))
    except (MlopsError, OSError) as error:
        print(f"warning: the store could not be brought within its budget: {error}", file=sys.stderr)
