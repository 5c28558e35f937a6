"""Keys: what is in them, golden values, previews."""

import sys
from pathlib import Path
from typing import Annotated, Optional

import numpy as np
import pytest

from mlops_core.errors import MissingInput, UnreadableInput
from mlops_core.pipelines.annotations import ContentOnly, Output
from mlops_core.planning import environment, inputs
from mlops_core.planning.annotations import path_kinds
from mlops_core.planning.arguments import tree_digest
from mlops_core.planning.inputs import ContentPath, FileArguments, keyed
from mlops_core.planning.keys import Argument, step_key
from mlops_core.planning.preview import preview


def code_of(digest: bytes):
    class Code:
        pass

    code = Code()
    code.digest = digest
    return code


def test_golden_key() -> None:
    """Changing this invalidates every user's cache."""
    arguments = {"b": Argument(b"\1" * 16, "value", "1"), "a": Argument(b"\2" * 16, "value", "2")}
    key = step_key(code_of(b"\3" * 16), arguments, (("python", "cpython 3.11"),), "v", (("m:C", "aa"),))
    again = step_key(
        code_of(b"\3" * 16), dict(reversed(arguments.items())), key.environment, "v", key.classes
    )
    assert key.digest == again.digest
    assert key.digest.hex() == "a3f43878d02a40034ed7125f2642d9f8"


def test_the_environment_is_the_interpreter_and_the_pinned_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.PINNED:
        monkeypatch.delenv(name, raising=False)
    before = environment.pins()
    assert dict(before)["python"] == f"cpython {sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setenv("HOME_OF_NOBODY", "x")
    assert environment.pins() == before
    monkeypatch.setenv("TZ", "CET")
    assert dict(environment.pins())["TZ"] == "CET"


def function(  # noqa: PLR0917
    a: Path,
    b: str,
    c: "Annotated[Path, ContentOnly]",
    d: Annotated[Path, Output],
    e: int,
    f: list[Path],
    g: Path | None,
) -> None: ...


def test_annotations_say_what_a_path_is() -> None:
    kinds = path_kinds(function)
    assert [kinds[n] for n in "abcdefg"] == ["file", "text", "content", "destination", "none", "file", "file"]


def half_known(a: Path, model: "OnlyForTheTypeChecker", b: Optional["Path"] = None) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def test_a_name_that_only_a_type_checker_knows_hides_no_path() -> None:
    assert path_kinds(half_known) == {"a": "file", "b": "file"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileArguments:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("1")
    (tmp_path / "same.csv").write_text("1")
    return FileArguments(tmp_path, None, "load")


def digest_of(files: FileArguments, value: object, kind: str = "file") -> bytes:
    from mlops_core.planning.arguments import BoundArguments

    return tree_digest(keyed(files, "x", value, kind, False)[0], BoundArguments(files))


def test_a_file_counts_by_name_and_content(files: FileArguments, tmp_path: Path) -> None:
    first = digest_of(files, Path("in.csv"))
    assert digest_of(files, tmp_path / "in.csv") == first
    assert digest_of(files, "in.csv") == first
    assert digest_of(files, Path("same.csv")) != first
    (tmp_path / "in.csv").write_text("2")
    assert digest_of(files, Path("in.csv")) != first


def test_content_only_leaves_the_name_out(files: FileArguments) -> None:
    assert digest_of(files, Path("in.csv"), "content") == digest_of(files, Path("same.csv"), "content")
    assert isinstance(keyed(files, "x", Path("in.csv"), "content", False)[1], ContentPath)


def test_text_and_destinations_count_by_text(files: FileArguments, tmp_path: Path) -> None:
    destination, text = (
        digest_of(files, Path("in.csv"), "destination"),
        digest_of(files, Path("in.csv"), "text"),
    )
    (tmp_path / "in.csv").write_text("2")
    assert digest_of(files, Path("in.csv"), "destination") == destination
    assert digest_of(files, Path("in.csv"), "text") == text
    assert files.destinations[0] == ("in.csv", str(tmp_path / "in.csv"))


def test_paths_in_containers_and_dataclasses_are_file_inputs(files: FileArguments, tmp_path: Path) -> None:
    before = digest_of(files, [{"a": (Path("in.csv"),)}], "none")
    (tmp_path / "in.csv").write_text("2")
    assert digest_of(files, [{"a": (Path("in.csv"),)}], "none") != before


def test_a_missing_file_names_step_argument_and_place(files: FileArguments, tmp_path: Path) -> None:
    with pytest.raises(
        MissingInput, match=r"step 'load': the file given for 'x' does not exist: no\.csv"
    ) as raised:
        keyed(files, "x", Path("no.csv"), "file", False)
    assert str(tmp_path / "no.csv") in raised.value.hint
    assert isinstance(raised.value, FileNotFoundError)


def test_a_file_that_cannot_be_read_is_named(
    files: FileArguments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied", str(tmp_path / "folder" / "secret"))

    monkeypatch.setattr(inputs, "path_digest", refuse)
    with pytest.raises(
        UnreadableInput, match=r"'x' cannot be read: .*folder/secret: Permission denied"
    ) as raised:
        keyed(files, "x", Path("folder"), "file", False)
    assert isinstance(raised.value, OSError)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6, "6"),
        ("x" * 100, "'" + "x" * 58 + "…"),
        ([1, 2], "[1, 2]"),
        (list(range(100)), "list of 100"),
        ({"a": object()}, "dict of 1"),
        (np.zeros((2, 3)), "ndarray (2, 3)"),
        (Path("a/b.csv"), "a/b.csv"),
        (len, "len"),
    ],
)
def test_previews_are_short(value: object, text: str) -> None:
    assert preview(value) == text
