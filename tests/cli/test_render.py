"""Text: widths, tables, trees, amounts, diffs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.cli.render.amounts import duration, size, utc_text
from mlops_core.cli.render.diff import painted
from mlops_core.cli.render.style import Style, wants_colour
from mlops_core.cli.render.table import Column, table
from mlops_core.cli.render.tree import Branch, tree
from mlops_core.cli.render.width import clean, display_width, pad, shorten

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("👍", 2)])
def test_width(text, width):
    assert display_width(text) == width


@given(TEXTS, st.integers(0, 30))
def test_shortened_text_fits(text, width):
    short = shorten(text, width)
    assert display_width(short) <= width
    assert short in (text, "") or short.endswith("…")


@given(TEXTS, st.integers(0, 60))
def test_padding_reaches_the_width(text, width):
    assert display_width(pad(text, width)) == max(width, display_width(text))


@given(TEXTS)
def test_clean_text_is_one_printable_line(text):
    assert clean(text).isprintable()


def test_cleaning_takes_away_escapes_and_line_ends():
    assert clean("a\x1b[31mb\nc\td") == "a [31mb c d"


COLUMNS = (Column("name"), Column("time", align=">"), Column("why", elastic=True))


def test_a_table_aligns_and_keeps_everything_in_a_pipe():
    rows = [("load", "1.0 s", "x" * 300), ("日本", "12 ms", "code changed")]
    assert table(COLUMNS, rows) == [
        "name   time  why",
        "load  1.0 s  " + "x" * 300,
        "日本  12 ms  code changed",
    ]


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5), st.integers(20, 120))
def test_only_elastic_columns_give_way(rows, width):
    lines = table(COLUMNS, rows, width=width)
    assert len(lines) == len(rows) + 1
    rigid = max([4, *(display_width(clean(row[0])) for row in rows)])
    rigid += max([4, *(display_width(clean(row[1])) for row in rows)]) + 4
    assert all(display_width(line) <= max(width, rigid + 8) for line in lines)
    for row, line in zip(rows, lines[1:], strict=True):
        assert line.startswith(clean(row[0]).rstrip())


def test_a_status_column_is_coloured_by_its_word():
    line = table((Column("s", status=True),), [("failed",)], style=Style(enabled=True))[1]
    assert line == "\x1b[31mfailed\x1b[0m"


def test_no_column_for_nothing():
    assert table(COLUMNS, []) == ["name  time  why"]


def test_a_tree():
    branches = [Branch("a", (Branch("b", (Branch("c"),)), Branch("d"))), Branch("e")]
    assert tree(branches) == ["├─ a", "│  ├─ b", "│  │  └─ c", "│  └─ d", "└─ e"]


def test_a_tree_deeper_than_the_stack():
    branch = Branch("leaf")
    for _ in range(5000):
        branch = Branch("node", (branch,))
    assert len(tree([branch])) == 5001


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (0.012, "12 ms"),
        (0.0996, "0.1 s"),
        (14.24, "14.2 s"),
        (99.96, "1 m 40 s"),
        (200.2, "3 m 20 s"),
        (3599.7, "1 h 00 m"),
        (22320, "6 h 12 m"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1181116006, "1.1 GiB"),
        (2**60, "1048576.0 TiB"),
    ],
)
def test_sizes(count, text):
    assert size(count) == text


def test_moments_are_iso_in_utc():
    assert utc_text(0.25) == "1970-01-01T00:00:00.250Z"
    assert utc_text(1.9996) == "1970-01-01T00:00:02.000Z"


@pytest.mark.parametrize(
    ("terminal", "environ", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_when_there_is_colour(terminal, environ, colour):
    assert wants_colour(terminal, environ) is colour


def test_a_diff_is_coloured_and_prose_is_not():
    text = "- a list\n  --- old\n  +++ new\n  @@ -1 +1 @@\n  -a\n  +b\n   c\n+ prose"
    assert painted(text, Style(enabled=True)) == [
        "- a list",
        "  --- old",
        "  +++ new",
        "\x1b[2m  @@ -1 +1 @@\x1b[0m",
        "\x1b[31m  -a\x1b[0m",
        "\x1b[32m  +b\x1b[0m",
        "   c",
        "+ prose",
    ]
    assert "\n".join(painted(text, Style(enabled=False))) == text
