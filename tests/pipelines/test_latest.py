"""``latest``: tracked references to the outputs of the newest succeeded run."""

import pytest

from mlops_core import latest, pipeline, step
from mlops_core.config import mode
from mlops_core.errors import CallNotAllowed, DeferredMisuse, ReferenceNotFound, UsageError
from mlops_core.pipelines.containers import sources
from mlops_core.pipelines.latest import PastRun
from mlops_core.pipelines.operations import Reference


@step
def predict(model, rows=None):
    return model


@pipeline
def digits(): ...


@pytest.fixture
def past(runner):
    runner.runs["digits"] = PastRun("0190", 7, "digits", {"model": b"m" * 16, "onnx": None})


@pytest.mark.usefixtures("past")
def test_an_output_is_a_tracked_reference(in_body):
    (node,) = in_body(lambda: predict(latest("digits").outputs["model"]["weights"])).graph.nodes
    (reference,) = sources(list(node.arguments.values()))
    assert isinstance(reference, Reference)
    assert (reference.run_id, reference.run_number, reference.name) == ("0190", 7, "model")
    assert (reference.pipeline, reference.digest) == ("digits", b"m" * 16)
    assert repr(node.arguments["model"]) == '<deferred latest("digits").outputs["model"][\'weights\']>'


@pytest.mark.usefixtures("past")
def test_a_skipped_output_is_none(in_body):
    found = in_body(lambda: latest("digits")).returned
    assert found.outputs["onnx"] is None
    assert (found.id, found.number, found.pipeline) == ("0190", 7, "digits")
    assert "onnx" in found.outputs
    assert list(found.outputs) == ["model", "onnx"]


@pytest.mark.usefixtures("past")
def test_an_output_that_is_not_there(in_body):
    with pytest.raises(ReferenceNotFound) as caught:
        in_body(lambda: latest("digits").outputs["modle"])
    assert (
        caught.value.message
        == "The newest succeeded run of `digits` has no output `modle`; it has: model, onnx."
    )


@pytest.mark.usefixtures("past")
def test_it_is_a_deferred_value(in_body):
    with pytest.raises(DeferredMisuse, match="cannot decide an `if`"):
        in_body(lambda: 1 if latest("digits").outputs["model"] else 2)


def test_without_a_succeeded_run(in_body):
    with pytest.raises(ReferenceNotFound) as caught:
        in_body(lambda: latest("bikes"))
    assert str(caught.value) == (
        "The pipeline `bikes` has no succeeded run.\n"
        'Run it first, or write `latest("bikes", default=None)` and handle None.'
    )
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("default", [None, 3])
def test_a_default(default, in_body):
    assert in_body(lambda: latest("bikes", default=default)).returned is default


@pytest.mark.parametrize("where", [mode.PLAIN, mode.RUNNING, mode.OFF])
def test_only_in_a_body(where):
    with mode.entered(where), pytest.raises(CallNotAllowed, match="`latest` was called"):
        latest("bikes")


def test_it_takes_a_name(in_body):
    with pytest.raises(UsageError, match='Write `latest\\("digits"\\)`'):
        in_body(lambda: latest(digits))
