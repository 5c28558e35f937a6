"""The glossary has the words, in order, and the pages and messages use no other ones for the same things."""

import re
from collections.abc import Callable
from typing import Any

HOUSE_WORDS = (
    "artifact", "cell", "digest", "fingerprint", "plan", "reason", "record", "run", "segment", "step",
    "trace", "verdict", "workspace",
)  # fmt: skip
STATUSES = ("ran", "cached", "skipped", "failed", "blocked", "cancelled")
OTHER_WORDS = {
    r"reused? from (the )?cache": "cached",
    r"memoi[sz]e\w*": "cached call",
    r"\bDAG\b": "graph",
    r"\btasks? of (a|the) pipeline": "step",
    r"\bchunks? of (an?|the) (array|table)": "cell",
    r"\bcheckpoint of (a|the) step": "record",
    r"\bworkflows? of yours": "pipeline",
}


def glossary(read_page: Callable[[str], Any]) -> dict[str, str]:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", read_page("docs/GLOSSARY.md").text, re.MULTILINE)
    return dict(rows)


def test_the_words_are_there_and_sorted(read_page: Callable[[str], Any]) -> None:
    words = glossary(read_page)
    assert set(HOUSE_WORDS) <= set(words)
    assert list(words) == sorted(words)
    assert all(meaning.endswith(".") for meaning in words.values())


def test_the_statuses_are_those_of_the_code(read_page: Callable[[str], Any]) -> None:
    from mlops_core.execution import run

    assert {run.RAN, run.CACHED, run.SKIPPED, run.FAILED, run.BLOCKED, run.CANCELLED} == set(STATUSES)
    meaning = glossary(read_page)["step run"]
    assert re.findall(r"`(\w+)`", meaning) == list(STATUSES)


def test_pages_use_the_words(page: Any) -> None:
    for other, word in OTHER_WORDS.items():
        found = re.search(other, page.text)
        assert found is None, f"{page.name} says {found[0]!r}, the glossary {word!r}"


def test_pages_describe_the_present(page: Any) -> None:
    found = re.search(r"TODO|FIXME|coming soon|not (yet )?implemented", page.text)
    assert found is None, f"{page.name} says {found[0]!r}"
