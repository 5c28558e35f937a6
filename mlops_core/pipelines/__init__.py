"""Steps and pipelines: calls that are deferred in a pipeline body and become a graph."""
