"""The files that ``mlops init`` writes."""

MLOPS_TOML = """\
# The folder of this file is the project's root; mlops keeps its state beside it, in .mlops/.
[pipelines.prices]
entry = "pipeline.py:prices"
params = { degree = 3 }             # of `mlops run prices`; override with -p degree=5
"""

PIPELINE_PY = '''\
"""A first pipeline: noisy data, a fit, a score. Run it twice, change something, run it again."""

import numpy as np

from mlops_core import Metrics, pipeline, step


@step
def load(rows: int) -> np.ndarray:
    rng = np.random.default_rng(seed=7)
    size = rng.uniform(20, 200, rows)  # square metres
    price = 3 * size + 0.02 * size**2 + rng.normal(0, 40, rows)
    return np.column_stack([size, price])


@step
def fit(table: np.ndarray, degree: int) -> np.ndarray:
    return np.polyfit(table[:, 0], table[:, 1], degree)


@step
def evaluate(model: np.ndarray, table: np.ndarray) -> Metrics:
    error = np.polyval(model, table[:, 0]) - table[:, 1]
    return {"mae": float(np.abs(error).mean()), "worst": float(np.abs(error).max())}


@pipeline
def prices(rows: int = 10_000, degree: int = 1) -> dict[str, object]:
    table = load(rows)
    model = fit(table, degree)
    return {"model": model, "scores": evaluate(model, table)}
'''
