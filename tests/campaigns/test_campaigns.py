"""Each campaign in a small form; ``python -m tests.campaigns`` runs the long ones."""

import argparse
import random

import pytest

from tests.campaigns import damage, fuzz, hammer, kill, model
from tests.campaigns.mutations import mutated
from tests.campaigns.parsers import PARSERS


def options(**values: object) -> argparse.Namespace:
    return argparse.Namespace(**values)


def test_runs_killed_at_random_moments() -> None:
    assert kill.run(options(seed=1, rounds=5)) == 0


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_mutated_bytes_for_a_parser(name: str) -> None:
    assert fuzz.run(options(seed=1, cases=30, first=0, parser=[name], in_process=False)) == 0


def test_damaged_files_of_a_project() -> None:
    assert damage.run(options(seed=1, cases=4, first=0)) == 0


def test_processes_that_hammer_one_store() -> None:
    assert hammer.run(options(seed=1, processes=3, writes=30)) == 0


def test_a_store_against_a_dictionary() -> None:
    assert model.run(options(seed=1, examples=8, steps=15)) == 0


def test_mutations_are_repeatable_and_differ() -> None:
    data = bytes(range(200))
    made = [mutated(data, random.Random(number)) for number in range(50)]

    assert made == [mutated(data, random.Random(number)) for number in range(50)]
    assert len(set(made)) > 40
