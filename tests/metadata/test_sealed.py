"""The checksum of a row: fixed, and sensitive to every column."""

from collections.abc import Callable

import pytest

from mlops_core.metadata import artifacts, records, runs, step_runs
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.database import Database
from mlops_core.metadata.records import RecordRow


def test_golden_seals() -> None:
    """Changing this invalidates every user's cache."""
    record = RecordRow(
        7, bytes(range(16)), b"\xff" * 16, '["é"]', "{}", "a.py:f", "f", "p", "r", 3, 0.1, 1.75e9, "{}", None
    )
    assert records.TABLE.sealed(record)[-1] == bytes.fromhex("ed627759ad3b1a3fe2c893529237c8e6")
    artifact = (bytes(16), '{"cells": []}', "array/0", "numpy.ndarray", 2**40)
    assert artifacts.TABLE.sealed(artifact)[-1] == bytes.fromhex("38ea292ab83284144bfb462fede04b26")


@pytest.mark.parametrize("column", records.TABLE.columns)
def test_a_change_of_any_column_of_a_record_makes_it_absent(
    db: Database, make_record: Callable[..., RecordRow], column: str
) -> None:
    with db.transaction() as tx:
        kept = records.add(tx, make_record(created=1.0))
        records.add(tx, make_record(created=2.0))
        value = {"key": "key", "output": "zeroblob(16)", "dropped": "'x'"}.get(column, f"{column} || '1'")
        if column == "key":
            tx.execute("UPDATE records SET seal = zeroblob(16) WHERE created = 2.0")
        else:
            tx.execute(f"UPDATE records SET {column} = {value} WHERE created = 2.0")
    found = records.find(db, b"k" * 16)
    assert [row.id for row in found if row.id == kept] == [kept]
    assert len(found) == 1
    damaged = db.damage.about("records", b"k" * 16)
    assert damaged is not None
    assert "checksum" in damaged.reason
    assert db.damage.take() == [damaged]
    assert db.damage.take() == []


def test_text_that_is_no_utf8_is_a_damaged_row(db: Database, make_record: Callable[..., RecordRow]) -> None:
    with db.transaction() as tx:
        records.add(tx, make_record(created=1.0))
        records.add(tx, make_record(created=2.0))
        tx.execute("UPDATE records SET label = CAST(x'ff41' AS TEXT) WHERE created = 2.0")
    assert [row.created for row in records.find(db, b"k" * 16)] == [1.0]
    assert db.damage.about("records", b"k" * 16)
    assert db.query("SELECT typeof(label) FROM records LIMIT 1") == [("text",)]


def test_damaged_rows_of_the_other_subjects_are_absent(
    db: Database,
    make_run: Callable[..., runs.RunRow],
    make_step_run: Callable[..., step_runs.StepRunRow],
) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        runs.start(tx, make_run("b"))
        step_runs.add(tx, make_step_run("b"))
        artifacts.add(tx, b"d" * 16, "{}", "json/0", "int", 1)
        tx.execute("UPDATE runs SET outputs_json = '{}' WHERE id = 'b'")
        tx.execute("UPDATE step_runs SET output = zeroblob(16)")
        tx.execute("UPDATE artifacts SET json = '[]'")
    assert runs.get(db, "b") is None
    newest = runs.newest(db)
    assert newest is not None
    assert newest.id == "a"
    assert step_runs.of_run(db, "b") == []
    assert artifacts.get(db, b"d" * 16) is None
    assert db.damage.about("artifacts", b"d" * 16)
    with db.transaction() as tx:
        artifacts.add(tx, b"d" * 16, "{}", "json/0", "int", 1)
    assert artifacts.get(db, b"d" * 16) == "{}"


def test_a_value_of_the_wrong_type_is_refused(make_record: Callable[..., RecordRow]) -> None:
    with pytest.raises(TypeError):
        records.TABLE.sealed(make_record(label=None))
    with pytest.raises(ValueError):  # noqa: PT011 - int's own message
        records.TABLE.sealed(make_record(run_number="many"))


def test_the_damage_log_forgets_the_oldest() -> None:
    log = DamageLog(limit=2)
    for number in (1, 2, 2, 3):
        log.note("records", number, "reason")
    assert [row.key for row in log.take()] == [2, 3]
    assert len(log) == 0


def test_a_row_that_a_damaged_index_leads_to_is_not_taken(
    db: Database, make_record: Callable[..., RecordRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as tx:
        records.add(tx, make_record(b"a" * 16))
        artifacts.add(tx, b"a" * 16, "{}", "json/0", "int", 1)
    honest = db.query
    monkeypatch.setattr(db, "query", lambda sql, args: honest(sql, (b"a" * 16,)))
    assert records.find(db, b"b" * 16) == []
    assert artifacts.get(db, b"b" * 16) is None
