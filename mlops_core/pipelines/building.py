"""Building the graph: a pipeline's body executes once, with every call of a step deferred."""

from typing import Any

from mlops_core.config import mode
from mlops_core.pipelines.binding import bind, call_arguments
from mlops_core.pipelines.builder import Builder, building
from mlops_core.pipelines.graph import Graph
from mlops_core.pipelines.naming import name_nodes
from mlops_core.pipelines.outputs import Outputs
from mlops_core.pipelines.pipeline import Pipeline


def build(pipeline: Pipeline[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Graph:
    """Execute the body with every call deferred.

    Raises ``WrongArguments``, ``DeferredMisuse``, ``NameTaken``, ``PipelineCycle``, and whatever the body
    itself raises, as it is.
    """
    params = bind(pipeline, args, kwargs)
    builder = Builder(pipeline)
    args, kwargs = call_arguments(pipeline, params)
    with mode.entered(mode.BUILDING), building(builder):
        returned = pipeline.__wrapped__(*args, **kwargs)
        outputs = Outputs.of(returned, pipeline.name)
        builder.check_own(list(outputs.leaves.values()), f"what `{pipeline.name}` returns")
    name_nodes(builder.nodes, pipeline.name)
    return Graph(pipeline.name, builder.nodes, outputs, params)
