"""The one document of ``--json``."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.cli import json_output
from mlops_core.cli.catalogue import every_command

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_any_value_is_strict_json_in_ascii(value):
    def refused(name):
        raise AssertionError(name)

    text = json_output.to_text({"value": value})
    assert text.isascii()
    json.loads(text, parse_constant=refused)


def test_infinities_are_the_contracts_strings():
    given_floats = [float("nan"), float("inf"), float("-inf"), 1.5]
    assert json_output.plain(given_floats) == ["NaN", "Infinity", "-Infinity", 1.5]


def test_the_flag_counts_only_before_the_double_dash():
    assert json_output.is_wanted(["run", "x", "--json"])
    assert not json_output.is_wanted(["run", "--", "--json"])
    assert not json_output.is_wanted(["run", "x"])


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_wrong_use_of_every_command_is_json(cli, words):
    ended = cli(*words, "--json", "--no-such-option")
    assert ended.status == 2
    assert ended.document["schema"].startswith("mlops.")
    error = ended.document["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == "usage"
    assert "--no-such-option" in error["message"]


PRINTING = """
import os, sys
from mlops_core.cli import json_output
document = json_output.reserve_stdout()
print("printed by Python")
sys.stdout.flush()
os.system("echo printed by a child")
os.write(1, b"printed by a library\\n")
print("{}", file=document, flush=True)
"""


def test_whatever_else_is_printed_goes_to_stderr(environment):
    done = subprocess.run(
        [sys.executable, "-c", PRINTING], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "{}\n"
    assert done.stderr.splitlines() == ["printed by Python", "printed by a child", "printed by a library"]


def test_a_closed_stderr_does_not_spoil_the_document(environment, command):
    shell = " ".join(f"'{word}'" for word in command) + " run x.py --json --nope 2>&-"
    done = subprocess.run(["sh", "-c", shell], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"
