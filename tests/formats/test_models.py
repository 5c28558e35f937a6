"""Models of the usual library come back with the same predictions and the same fingerprint."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops_core.fingerprints.values import value_fingerprint

ROWS = np.random.default_rng(0).normal(size=(200, 6))
LABELS = (ROWS.sum(axis=1) > 0).astype(int)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(n_estimators=5, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_fitted_models(shelf: Any, model: Any) -> None:
    model.fit(ROWS, LABELS)
    artifact = shelf.put({"model": model, "score": 0.9})
    assert artifact.children["model"].format == "pickle/1"
    loaded = shelf.take(artifact)["model"]
    assert np.array_equal(loaded.predict_proba(ROWS), model.predict_proba(ROWS))
    assert value_fingerprint(loaded).digest == artifact.children["model"].digest
    loaded.fit(ROWS, 1 - LABELS)
    again = shelf.take(artifact)["model"]
    assert np.array_equal(again.predict_proba(ROWS), model.predict_proba(ROWS))
