"""The SQLite of MLOps: plain Python functions as cached, explained, reproducible pipelines.

The public names load when they are first used; importing this package costs almost nothing.
"""

_HOMES = {
    "ContentOnly": "mlops_core.pipelines.annotations",
    "Metrics": "mlops_core.pipelines.annotations",
    "Output": "mlops_core.pipelines.annotations",
    "Pipeline": "mlops_core.pipelines.pipeline",
    "Plan": "mlops_core.planning.plan",
    "Run": "mlops_core.execution.run",
    "Step": "mlops_core.pipelines.step",
    "fingerprint": "mlops_core.fingerprints.public",
    "latest": "mlops_core.pipelines.latest",
    "pipeline": "mlops_core.pipelines.pipeline",
    "step": "mlops_core.pipelines.step",
    "when": "mlops_core.pipelines.conditions",
    "writable": "mlops_core.pipelines.writable",
}

__all__ = [
    "ContentOnly",
    "Metrics",
    "Output",
    "Pipeline",
    "Plan",
    "Run",
    "Step",
    "__version__",
    "fingerprint",
    "latest",
    "pipeline",
    "step",
    "when",
    "writable",
]


def __getattr__(name):
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(__import__(home, fromlist=[name]), name)
        _introduce_runner()
    elif name == "__version__":
        value = _version()
    else:
        raise AttributeError(f"module 'mlops_core' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})


def _introduce_runner():
    """Tell the pipelines who carries out calls; nothing of it loads before the first call."""
    from mlops_core.pipelines.runner import has_runner_factory, set_runner_factory

    if not has_runner_factory():
        set_runner_factory(_make_runner)
        from mlops_core.workspace.late_root import install

        install()


def _make_runner():
    from mlops_core.execution.runner import LocalRunner

    return LocalRunner()


def _version():
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("mlops-embedded")
    except PackageNotFoundError:
        return "0+source"  # a source tree that was never installed
