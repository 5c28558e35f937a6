"""What the words after ``mlops why`` mean."""

import pytest

from mlops_core.cli.subject import Subject, subject

SETTINGS = '[pipelines.train]\nentry = "steps.py:train"\n'


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((None, None), Subject(None, "latest", None)),
        (("fit", None), Subject(None, "latest", "fit")),
        (("fit[3]", None), Subject(None, "latest", "fit[3]")),
        (("42", None), Subject(None, "42", None)),
        (("42", "fit"), Subject(None, "42", "fit")),
        (("42:fit", None), Subject(None, "42", "fit")),
        (("train/latest", "fit"), Subject(None, "train/latest", "fit")),
        (("latest", None), Subject(None, "latest", None)),
        (("train", None), Subject("train", "", None)),
        (("train", "fit"), Subject("train", "", "fit")),
        (("steps.py", None), Subject("steps.py", "", None)),
        (("steps.py:train", "fit"), Subject("steps.py:train", "", "fit")),
        (("package.module:train", None), Subject("package.module:train", "", None)),
    ],
)
def test_subject(words, meant, folder):
    (folder / "mlops.toml").write_text(SETTINGS)
    assert subject(*words, folder) == meant
