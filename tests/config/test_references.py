"""References as the contract writes them."""

import pytest

from mlops_core.config.references import (
    AliasReference,
    DigestReference,
    RunReference,
    VersionReference,
    check_alias,
    parse_reference,
)
from mlops_core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", RunReference(42)),
        ("latest", RunReference()),
        ("digits/latest", RunReference(pipeline="digits")),
        ("my-pipe.v2/latest", RunReference(pipeline="my-pipe.v2")),
        ("42:train", RunReference(42, step="train")),
        ("42:train[3]", RunReference(42, step="train[3]")),
        ("42:bikes.load_2", RunReference(42, step="bikes.load_2")),
        ("latest:train", RunReference(step="train")),
        ("digits/latest:train", RunReference(pipeline="digits", step="train")),
        ("digits@prod", AliasReference("digits", "prod")),
        ("raw@v3", VersionReference("raw", 3)),
        ("raw@v", AliasReference("raw", "v")),
        ("xxh3:ab12cd34", DigestReference("ab12cd34")),
        ("xxh3:AB12CD34", DigestReference("ab12cd34")),
        ("xxh3:" + "0" * 32, DigestReference("0" * 32)),
    ],
)
def test_references(text: str, expected: object) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "Write a run"),
        ("0", "Write a run"),
        ("9" * 40, "Write a run"),
        ("9" * 5000, "Write a run"),
        ("-1", "Write a run"),
        ("digits", "Write a run"),
        ("42/latest/x", "Write a run"),
        ("a@b@c", "Write a run"),
        ("digits@latest", "Write a run"),
        ("xxh3:ab12cd3", "Write a run"),
        ("xxh3:" + "0" * 33, "Write a run"),
        ("xxh3:zzzzzzzz", "Write a run"),
        ("ab12cd34", "xxh3:ab12cd34"),
    ],
)
def test_what_is_no_reference_is_wrong_use(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_reference(text)
    assert hint in caught.value.hint
    assert caught.value.exit_status == 2


def test_latest_is_written_with_a_slash() -> None:
    with pytest.raises(UsageError, match="digits/latest"):
        parse_reference("digits@latest")


@pytest.mark.parametrize("alias", ["latest", "v1", "v12", "", "a b", "a/b", "a:b", "a@b"])
def test_what_cannot_be_an_alias(alias: str) -> None:
    with pytest.raises(UsageError):
        check_alias(alias)


@pytest.mark.parametrize("alias", ["prod", "v", "v0x", "latest2", "Prod-2"])
def test_what_can_be_an_alias(alias: str) -> None:
    assert check_alias(alias) == alias
