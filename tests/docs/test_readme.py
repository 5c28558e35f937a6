"""How the README begins; that its commands work on a clean clone is tried outside of pytest."""

import re
from collections.abc import Callable
from typing import Any


def test_it_opens_with_three_sentences(read_page: Callable[[str], Any]) -> None:
    opening = read_page("README.md").text.partition("```")[0].partition("\n")[2]
    assert len(re.findall(r"[.!?](?:\s|$)", opening)) == 3


def test_its_first_two_fenced_blocks_set_up_and_run(read_page: Callable[[str], Any]) -> None:
    fenced = re.findall(r"^```\w*\n(.*?)^```$", read_page("README.md").text, re.MULTILINE | re.DOTALL)
    assert fenced[0] == 'pip install ".[examples]" && mlops run examples/digits.py\n'
    assert fenced[1].count("\n") == 1
    assert "pip install" in fenced[1]
    assert "pytest" in fenced[1]
