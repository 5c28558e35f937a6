"""Every reason for a miss, as the sentence a person reads."""

import json
from typing import Any

import pytest

from mlops_core.engine._hash import xxh3_128
from mlops_core.fingerprints.code import CodeFingerprint, CodePart, Guards
from mlops_core.metadata.records import RecordRow
from mlops_core.planning.artifact_diff import UNKNOWN, Difference
from mlops_core.planning.differences import explain
from mlops_core.planning.keys import Argument, StepKey, step_key


def part(label: str, digest: bytes, via: str = "", kind: str = "function") -> CodePart:
    file = label.partition(":")[0]
    return CodePart(label, kind, file, 3, digest * 16, via)


def code(*parts: CodePart, pins: tuple[tuple[str, str], ...] = (("numpy", "2.0"),)) -> CodeFingerprint:
    digest = xxh3_128(b"".join(p.digest for p in parts))
    return CodeFingerprint(digest, parts, pins, (), (), (), (), Guards(), ())


STEP, FLAT = part("a.py:fit", b"1"), part("a.py:flat", b"2", "a.py:fit")
CODE = code(STEP, FLAT, part("lib/b.py:scale", b"3", "a.py:flat"))
ARGUMENTS = {
    "depth": Argument(b"d" * 16, "value", "6"),
    "table": Argument(b"t" * 16, "output", "Table abcd"),
    "source": Argument(b"s" * 16, "file", "data.csv", (("data.csv", "00"),)),
}
SAID = Difference("column temp", {"columns": []})
ENVIRONMENT = (("python", "cpython 3.11"), ("TZ", "UTC"))


def key(**changed: Any) -> StepKey:
    made = {"code": CODE, "arguments": ARGUMENTS, "environment": ENVIRONMENT, "version": "", "classes": ()}
    return step_key(**{**made, **changed})


def record(of: StepKey, run: int = 7) -> RecordRow:
    return RecordRow(
        run,
        of.digest,
        b"o" * 16,
        "[]",
        json.dumps(of.components()),
        "fit",
        "fit",
        "p",
        "id",
        run,
        1.0,
        0.0,
        "{}",
    )


def arguments(**changed: Argument) -> dict[str, Argument]:
    return {**ARGUMENTS, **changed}


ROWS = {
    "argument": (
        key(arguments=arguments(depth=Argument(b"e" * 16, "value", "8"))),
        "argument depth 6 → 8",
    ),
    "input": (
        key(arguments=arguments(table=Argument(b"u" * 16, "output", "Table beef"))),
        "input table changed: column temp",
    ),
    "input_file": (
        key(arguments=arguments(source=Argument(b"v" * 16, "file", "data.csv", (("data.csv", "01"),)))),
        "input file data.csv changed",
    ),
    "code": (
        key(code=code(STEP, FLAT, part("lib/b.py:scale", b"4", "a.py:flat"))),
        "code lib/b.py:scale edited (reached through fit → flat)",
    ),
    "distribution": (
        key(code=code(*CODE.parts, pins=(("numpy", "2.1"),))),
        "library numpy 2.0 → 2.1",
    ),
    "environment": (
        key(environment=(("python", "cpython 3.11"), ("TZ", "CET"))),
        "environment: TZ UTC → CET",
    ),
    "version": (key(version='["2", []]'), "version None → 2"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_what_differs_is_said(kind: str) -> None:
    now, sentence = ROWS[kind]
    reasons = explain(now, [record(key())], lambda before, after: SAID if kind == "input" else UNKNOWN)
    assert [(r.kind, r.text) for r in reasons if r.kind == kind] == [(kind, sentence)]
    assert reasons[0].as_json()["run"] == 7


@pytest.mark.parametrize(("before", "after", "sentence"), [
    ('["1", []]', '["2", []]', "version 1 → 2"),
    ('["1", []]', "", "version 1 → None"),
    ('["1", ["aa"]]', '["1", ["bb"]]', "what it depends on (depends=...) changed"),
    ("", '["2", ["bb"]]', "version None → 2; what it depends on (depends=...) changed"),
])  # fmt: skip
def test_what_a_step_says_of_itself_is_told_apart(before: str, after: str, sentence: str) -> None:
    reasons = explain(key(version=after), [record(key(version=before))], lambda a, b: UNKNOWN)
    assert [(r.kind, r.text) for r in reasons] == [("version", sentence)]


def test_an_edited_class_of_an_input_value_is_named() -> None:
    before, now = key(classes=(("m:Model", "aa"),)), key(classes=(("m:Model", "bb"),))
    assert [r.text for r in explain(now, [record(before)], lambda a, b: UNKNOWN)] == [
        "class m:Model of an input value edited"
    ]


def test_new_and_gone_arguments_and_parts_are_said() -> None:
    more = key(arguments=arguments(extra=Argument(b"x" * 16, "value", "1")))
    assert explain(more, [record(key())], lambda a, b: UNKNOWN)[0].text == "argument extra is new: 1"
    assert explain(key(), [record(more)], lambda a, b: UNKNOWN)[0].text == "argument extra is gone: 1"
    fewer = key(code=code(STEP))
    texts = [r.text for r in explain(fewer, [record(key())], lambda a, b: UNKNOWN)]
    assert texts == ["code a.py:flat no longer used", "code lib/b.py:scale no longer used"]


def test_the_nearest_result_is_the_one_with_the_fewest_differences() -> None:
    far = key(arguments=arguments(depth=Argument(b"e" * 16, "value", "9")), version='["3", []]')
    near = key(arguments=arguments(depth=Argument(b"f" * 16, "value", "4")))
    reasons = explain(key(), [record(far, 9), record(near, 8)], lambda a, b: UNKNOWN)
    assert [(r.text, r.data["run"]) for r in reasons] == [("argument depth 4 → 6", 8)]


def test_without_an_earlier_result_it_is_the_first_run() -> None:
    assert explain(key(), [], lambda a, b: UNKNOWN)[0].kind == "first_run"


def test_ignored_arguments_do_not_count() -> None:
    before = key(arguments=arguments(jobs=Argument(b"", "ignored", "1")))
    now = key(arguments=arguments(jobs=Argument(b"", "ignored", "8")))
    assert before.digest == now.digest == key().digest
