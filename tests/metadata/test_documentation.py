"""docs/formats/database.md says what is in the file, no more and no less."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.metadata import artifacts, lineage, records, runs, schema, step_runs
from mlops_core.metadata.database import Database

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "database.md"


def _documented(kind: str) -> dict[str, list[str]]:
    text = PAGE.read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {kind}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    parts = re.split(r"^### (\w+)\n", section, flags=re.MULTILINE)[1:]
    return {
        name: re.findall(r"^\| (\w+) \|", body, re.MULTILINE)[1:]
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize(("kind", "type"), [("Views", "view"), ("Tables", "table")])
def test_every_table_and_view_is_documented_column_by_column(db: Database, kind: str, type: str) -> None:
    names = db.query("SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%'", (type,))
    found = {
        name: [column for (column,) in db.query("SELECT name FROM pragma_table_info(?)", (name,))]
        for (name,) in names
    }
    assert _documented(kind) == found


def test_the_version_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"now **{schema.VERSION}**" in text
    assert f"0x{schema.APPLICATION_ID:X}" in text


def test_the_views_say_what_was_recorded(
    db: Database,
    make_run: Callable[..., runs.RunRow],
    make_step_run: Callable[..., step_runs.StepRunRow],
    make_record: Callable[..., records.RecordRow],
) -> None:
    digest = bytes.fromhex("ab" * 16)
    with db.transaction() as tx:
        runs.start(tx, make_run("a", started=0.0, params_json='{"depth": 6, "list": [1, 2]}'))
        runs.finish(tx, "a", "failed", 1.0, None, '{"r2": 0.5}', '{"code": "x", "message": "broken"}')
        runs.start(tx, make_run("b", params_json="not json"))
        step_runs.add(tx, make_step_run("a", output=digest, record_id=1))
        records.add(tx, make_record(output=digest))
        artifacts.add(tx, digest, "{}", "json/0", "int", 8)
        lineage.add_edges(tx, "a", "train", [("depth", None, "6")], digest)
    text = "xxh3:" + "ab" * 16
    started = "1970-01-01T00:00:00.000Z"
    assert db.query("SELECT * FROM v_runs WHERE run = 1") == [
        (1, "a", "digits", "digits.py", "failed", started, 1.0, "broken")
    ]
    assert db.query("SELECT param, value FROM v_params") == [("depth", 6), ("list", "[1,2]")]
    assert db.query("SELECT run, metric, value FROM v_metrics") == [(1, "r2", 0.5)]
    assert db.query("SELECT step, output, record FROM v_steps") == [("train", text, 1)]
    assert db.query("SELECT digest, bytes FROM v_artifacts") == [(text, 8)]
    assert db.query("SELECT run, step, argument, input, description, output FROM v_lineage") == [
        (1, "train", "depth", None, "6", text)
    ]
    assert db.query("SELECT record, output, usable, unusable_because FROM v_records") == [(1, text, 1, None)]
