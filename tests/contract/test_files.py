"""Files as arguments and results."""

import os
import shutil
from pathlib import Path

import pytest

READ = """
@step
def read(file: Path) -> list:
    return [str(file), Path(file).read_text()]
"""


def test_a_path_is_a_file_input_by_its_content(project):
    """An argument is a file input where its value is a `Path`; its key is the root-relative text plus the
    content of the file."""
    project.write({"data/a.txt": "one"})
    project.pipe(
        READ
        + """
@pipeline
def work(file: Path = Path("data/a.txt")) -> list:
    return read(file)
"""
    )
    assert project.run().outputs == {"output": ["data/a.txt", "one"]}
    os.utime(project.root / "data/a.txt", (1, 1))
    assert project.run().steps == {"read": "cached"}
    project.write({"data/a.txt": "two"})
    changed = project.run()
    assert changed.outputs == {"output": ["data/a.txt", "two"]}
    assert changed.kinds("read") == ["input_file"]
    assert "data/a.txt changed" in changed.reason("read")
    project.write({"data/b.txt": "two"})
    other = project.run("-p", "file=data/b.txt")
    assert other.steps == {"read": "ran"}
    assert other.outputs == {"output": ["data/b.txt", "two"]}


@pytest.mark.parametrize(
    ("parameter", "argument"),
    [
        ("files: list", "[Path('a.txt')]"),
        ("files: tuple", "(1, Path('a.txt'))"),
        ("files: dict", "{'x': [Path('a.txt')]}"),
        ("files: object", "Box(Path('a.txt'))"),
        ("files: Path", "'a.txt'"),
        ("files: Path | None", "'a.txt'"),
        ("files", "Path('a.txt')"),
        ("files: list[Path]", "['a.txt']"),
    ],
)  # fmt: skip
def test_paths_inside_containers_and_text_for_a_path(project, parameter, argument):
    """Also inside lists, tuples, dicts and dataclasses; a `str` given to a parameter annotated `Path` becomes
    one."""
    project.write({"a.txt": "one"})
    project.pipe(f"""
@dataclass
class Box:
    path: Path

def found(value):
    if isinstance(value, Path):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (
        [value.path] if isinstance(value, Box) else [])
    return [p for part in parts for p in found(part)]

@step
def count({parameter}) -> list:
    return [str(path) for path in found(files)]

@pipeline
def work() -> list:
    return count({argument})
""")
    assert project.run().outputs == {"output": ["a.txt"]}
    assert project.run().steps == {"count": "cached"}
    project.write({"a.txt": "two"})
    assert project.run().steps == {"count": "ran"}
    (project.root / "a.txt").unlink()
    assert project.run().error["code"] == "missing_input"


@pytest.mark.parametrize("annotation", ["str", "PurePath"])
def test_a_path_given_to_text_is_text(project, annotation):
    """A `Path` given to a parameter annotated `str` or `PurePath` is text."""
    project.write({"a.txt": "one"})
    project.pipe(f"""
from pathlib import PurePath

@step
def name(path: {annotation}) -> str:
    return str(path)

@pipeline
def work(path: str = "a.txt") -> str:
    return name(Path(path))
""")
    assert project.run().outputs == {"output": "a.txt"}
    project.write({"a.txt": "two"})
    assert project.run().steps == {"name": "cached"}
    assert project.run("-p", "path=missing.txt").outputs == {"output": "missing.txt"}


def test_a_directory_counts_by_names_and_contents(project):
    """Its key is the root-relative text plus the content of the file or directory."""
    project.write({"data/a.txt": "one", "data/sub/b.txt": "two"})
    project.pipe("""
@step
def look(folder: Path) -> list:
    return sorted(str(p) for p in folder.rglob("*.txt"))

@pipeline
def work() -> list:
    return look(Path("data"))
""")
    assert project.run().outputs == {"output": ["data/a.txt", "data/sub/b.txt"]}
    assert project.run().steps == {"look": "cached"}
    project.write({"data/sub/b.txt": "three"})
    assert project.run().steps == {"look": "ran"}
    (project.root / "data/sub/b.txt").rename(project.root / "data/sub/c.txt")
    assert project.run().steps == {"look": "ran"}


def test_where_relative_paths_begin(project):
    """Relative ones are resolved at once: from `-p`, from literals in a body and in Python calls against the
    current folder; from defaults and `mlops.toml` against the project root."""
    project.write({
        "d.txt": "root default", "here/d.txt": "here default", "p.txt": "root p", "here/p.txt": "here p",
        "l.txt": "root literal", "here/l.txt": "here literal",
        "t.txt": "root toml", "here/t.txt": "here toml",
        "mlops.toml": '[pipelines.daily]\nentry = "pipe.py:work"\nparams = { toml = "t.txt" }\n',
    })  # fmt: skip
    project.pipe("""
@step
def text(file: Path) -> str:
    return file.read_text()

@pipeline
def work(default: Path = Path("d.txt"), given: Path = Path("p.txt"), toml: Path = Path("t.txt")) -> list:
    return [text(default), text(given), text(Path("l.txt")), text(toml)]
""")
    here = project.root / "here"
    ended = project.run("-p", "given=p.txt", target="daily", cwd=here)
    assert list(ended.outputs.values()) == ["root default", "here p", "here literal", "root toml"]
    project.write({"call.py": "import json\nfrom pipe import work\nprint(json.dumps(work(given='p.txt')))\n"})
    called = project.python("call.py", cwd=here)
    assert called.value == ["root default", "here p", "here literal", "root toml"]
    at_root = project.run(target="daily")
    assert list(at_root.outputs.values()) == ["root default", "root p", "root literal", "root toml"]


def test_a_steps_own_default_begins_at_the_root(project):
    """From defaults against the project root: those of steps, too."""
    project.write({"a.txt": "root", "here/a.txt": "here"})
    project.pipe("""
@step
def text(file: Path = Path("a.txt")) -> str:
    return file.read_text()

@pipeline
def work() -> str:
    return text()
""")
    assert project.run(target="../pipe.py", cwd=project.root / "here").outputs == {"output": "root"}


def test_how_a_path_inside_the_project_is_handed_over(project):
    """A path inside the project is handed over relative to the root when that is the current folder, else
    absolute; its key is the root-relative text plus the content."""
    project.write({"data/a.txt": "one", "here/x": ""})
    project.pipe(
        READ
        + """
@pipeline
def work(file: Path = Path("data/a.txt")) -> list:
    return read(file)
"""
    )
    absolute = str(project.root / "data/a.txt")
    assert project.run("-p", f"file={absolute}").outputs == {"output": ["data/a.txt", "one"]}
    assert project.run().steps == {"read": "cached"}
    below = project.run(target="../pipe.py", cwd=project.root / "here")
    assert below.outputs["output"] in (["data/a.txt", "one"], [absolute, "one"])
    forced = project.run("--force", "read", target="../pipe.py", cwd=project.root / "here")
    assert forced.outputs == {"output": [absolute, "one"]}


def test_a_path_outside_the_project(project, tmp_path):
    """Outside the project: the text as given plus the content."""
    outside = tmp_path / "outside.txt"
    outside.write_text("one")
    project.pipe(
        READ
        + """
@pipeline
def work(file: Path) -> list:
    return read(file)
"""
    )
    assert project.run("-p", f"file={outside}").outputs == {"output": [str(outside), "one"]}
    assert project.run("-p", f"file={outside}").steps == {"read": "cached"}
    outside.write_text("two")
    assert project.run("-p", f"file={outside}").steps == {"read": "ran"}


def test_a_moved_project_keeps_its_hits(project, tmp_path, make_project):
    """Its key is the root-relative text: a project that is moved with its state keeps its hits."""
    project.write({"data/a.txt": "one"})
    project.pipe(
        READ
        + """
@pipeline
def work(file: Path = Path("data/a.txt")) -> list:
    return read(file)
"""
    )
    project.run()
    moved = make_project("moved")
    shutil.rmtree(moved.root)
    project.root.rename(moved.root)
    assert moved.run().steps == {"read": "cached"}


def test_a_missing_file_input_fails_before_anything_runs(project):
    """A file input of a step that is missing fails before anything runs."""
    project.pipe(
        READ
        + """
@step
def first() -> int:
    return 1

@pipeline
def work(file: Path = Path("missing.txt")) -> list:
    return [first(), read(file)]

@pipeline
def mapped() -> list:
    return [first(), read.map([Path("missing.txt")])]
"""
    )
    for name in ("work", "mapped"):
        ended = project.run(target=f"pipe.py:{name}")
        assert ended.status == 2
        assert ended.error["code"] == "missing_input"
        assert "missing.txt" in ended.error["message"]
        assert "'read'" in ended.error["message"]
        assert ended.document["run"] is None
    assert project.mlops("runs", "--json").document["total"] == 0
    called = project.script(READ + "read(Path('missing.txt'))")
    assert called.status == 1
    assert "MissingInput" in called.err


def test_content_only(project):
    """`Annotated[Path, ContentOnly]`: content and suffix only, handed over under a neutral name."""
    project.write({"a.csv": "one", "b.csv": "one", "c.txt": "one"})
    project.pipe("""
@step
def read(file: Annotated[Path, ContentOnly]) -> list:
    return [file.name, file.read_text()]

@pipeline
def work(file: Path = Path("a.csv")) -> list:
    return read(file)
""")
    first = project.run()
    name, text = first.outputs["output"]
    assert text == "one"
    assert "a" not in Path(name).stem
    assert name.endswith(".csv")
    assert project.run("-p", "file=b.csv").steps == {"read": "cached"}
    assert project.run("-p", "file=c.txt").steps == {"read": "ran"}
    project.write({"b.csv": "two"})
    assert project.run("-p", "file=b.csv").steps == {"read": "ran"}


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_output_destinations(project, options):
    """`Annotated[Path, Output]`: a destination, keyed by its text; what the step writes there is stored and
    put back on a hit."""
    project.pipe("""
@step
def write(text: str, to: Annotated[Path, Output]) -> int:
    to.parent.mkdir(exist_ok=True)
    to.write_text(text)
    return len(text)

@pipeline
def work(text: str = "one", to: str = "out/a.txt") -> int:
    return write(text, to)
""")
    out = project.root / "out/a.txt"
    assert project.run(*options).steps == {"write": "ran"}
    assert out.read_text() == "one"
    kept = project.run(*options)
    assert kept.steps == {"write": "cached"}
    out.unlink()
    assert project.run(*options).steps == {"write": "cached"}
    assert out.read_text() == "one"
    out.write_text("damaged")
    assert project.run(*options).steps == {"write": "cached"}
    assert out.read_text() == "one"
    assert project.run("-p", "to=out/b.txt", *options).steps == {"write": "ran"}
    assert project.run("-p", "text=two", *options).steps == {"write": "ran"}
    assert out.read_text() == "two"
    assert project.run(*options).steps == {"write": "cached"}
    assert out.read_text() == "one"


def test_an_output_folder(project):
    """A destination may be a folder."""
    project.pipe("""
@step
def write(to: Annotated[Path, Output]) -> int:
    (to / "deep").mkdir(parents=True, exist_ok=True)
    (to / "deep" / "a.txt").write_text("a")
    return 1

@pipeline
def work() -> int:
    return write(Path("out"))
""")
    project.run()
    shutil.rmtree(project.root / "out")
    assert project.run().steps == {"write": "cached"}
    assert (project.root / "out/deep/a.txt").read_text() == "a"


RETURNS = """
@step
def write(text: str) -> Path:
    path = Path("made") / "a.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path

@step
def read(file: Path) -> list:
    import os
    return [file.name, file.read_text(), os.access(file, os.W_OK) and os.geteuid() != 0]

@pipeline
def work(text: str = "one") -> dict:
    made = write(text)
    return {"made": made, "read": read(made)}
"""


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["here", "workers"])
def test_a_returned_path_is_stored_and_left_in_place(project, options):
    """A step that returns a `Path`: what it wrote there counts as declared, is copied or reflinked into the
    store and left in place; consumers get it read-only under its name, keyed by name and content; on a hit
    nothing is put back."""
    project.pipe(RETURNS)
    ended = project.run(*options)
    assert ended.steps == {"write": "ran", "read": "ran"}
    assert ended.outputs["read"] == ["a.txt", "one", False]
    made = project.root / "made/a.txt"
    assert made.read_text() == "one"
    assert os.access(made, os.W_OK)
    assert project.run(*options).steps == {"write": "cached", "read": "cached"}
    made.unlink()
    gone = project.run("--force", "read", *options)
    assert gone.steps == {"write": "cached", "read": "ran"}
    assert gone.outputs["read"] == ["a.txt", "one", False]
    assert not made.exists()
    made.write_text("edited by hand")
    edited = project.run("--force", "read", *options)
    assert edited.steps["write"] == "cached"
    assert edited.outputs["read"] == ["a.txt", "one", False]
    assert made.read_text() == "edited by hand"


def test_a_returned_path_is_keyed_by_name_and_content(project):
    """Consumers are keyed by name and content."""
    project.pipe("""
@step
def write(name: str, text: str, salt: int) -> Path:
    path = Path(name)
    path.write_text(text)
    return path

@step
def read(file: Path) -> list:
    return [file.name, file.read_text()]

@pipeline
def work(name: str = "a.txt", text: str = "one", salt: int = 0) -> list:
    return read(write(name, text, salt))
""")
    project.run()
    assert project.run("-p", "salt=1").steps == {"write": "ran", "read": "cached"}
    assert project.run("-p", "name=b.txt").steps == {"write": "ran", "read": "ran"}
    assert project.run("-p", "text=two").steps == {"write": "ran", "read": "ran"}


def test_returned_paths_nested_in_containers(project):
    """Nested as above: in lists, tuples, dicts and dataclasses."""
    project.pipe("""
@dataclass
class Files:
    main: Path
    rest: list

@step
def write() -> Files:
    made = []
    for name in ("a.txt", "b.txt"):
        Path(name).write_text(name)
        made.append(Path(name))
    return Files(made[0], [{"more": made[1]}])

@step
def read(files: Files) -> list:
    return [files.main.read_text(), files.rest[0]["more"].read_text()]

@pipeline
def work() -> list:
    return read(write())
""")
    assert project.run().outputs == {"output": ["a.txt", "b.txt"]}
    for name in ("a.txt", "b.txt"):
        (project.root / name).unlink()
    again = project.run("--force", "read")
    assert again.steps == {"write": "cached", "read": "ran"}
    assert again.outputs == {"output": ["a.txt", "b.txt"]}


def test_a_returned_folder(project):
    """A returned path may be a folder."""
    project.pipe("""
@step
def write() -> Path:
    (Path("made") / "sub").mkdir(parents=True, exist_ok=True)
    (Path("made") / "sub" / "a.txt").write_text("a")
    return Path("made")

@step
def read(folder: Path) -> list:
    return [folder.name, [str(p.relative_to(folder)) for p in sorted(folder.rglob("*"))]]

@pipeline
def work() -> list:
    return read(write())
""")
    assert project.run().outputs == {"output": ["made", ["sub", "sub/a.txt"]]}
    shutil.rmtree(project.root / "made")
    assert project.run("--force", "read").outputs == {"output": ["made", ["sub", "sub/a.txt"]]}


def test_a_returned_path_that_the_step_did_not_write_stays_a_reference(project):
    """A path that the step did not write stays a reference: nothing is copied, consumers are keyed like for
    any file input."""
    project.write({"big.bin": "x" * 100_000})
    project.pipe("""
@step
def choose() -> Path:
    return Path("big.bin")

@step
def size(file: Path) -> list:
    return [str(file), len(file.read_bytes())]

@pipeline
def work() -> list:
    return size(choose())
""")
    assert project.run().outputs == {"output": ["big.bin", 100_000]}
    stored = project.mlops("store", "status", "--json").document
    assert stored["store_bytes"] < 100_000
    assert project.run().steps == {"choose": "cached", "size": "cached"}
    project.write({"big.bin": "y" * 10})
    changed = project.run()
    assert changed.steps == {"choose": "cached", "size": "ran"}
    assert changed.outputs == {"output": ["big.bin", 10]}


def test_undeclared_writes_make_a_step_not_skippable(project):
    """Undeclared writes that outlive a step make it not skippable, and it says so."""
    project.pipe("""
@step
def work_on(x: int) -> int:
    Path("log.txt").write_text(str(x))
    return x

@pipeline
def work() -> int:
    return work_on(1)
""")
    first = project.run()
    assert "log.txt" in first.reason("work_on")
    second = project.run()
    assert second.steps == {"work_on": "ran"}
    assert "log.txt" in second.reason("work_on")
    assert "not_skippable" in second.kinds("work_on")
    assert project.plan().steps == {"work_on": "run"}


def test_unless_the_step_says_cache_true(project):
    """Unless the step says `cache=True`; then the reason says that writes are not restored."""
    project.pipe("""
@step(cache=True)
def work_on(x: int) -> int:
    Path("log.txt").write_text(str(x))
    return x

@pipeline
def work() -> int:
    return work_on(1)
""")
    assert project.run().steps == {"work_on": "ran"}
    (project.root / "log.txt").unlink()
    hit = project.run()
    assert hit.steps == {"work_on": "cached"}
    assert "not restored" in hit.reason("work_on")
    assert not (project.root / "log.txt").exists()


def test_files_made_and_removed_do_not_count(project):
    """Undeclared writes that outlive a step: those that it removes itself do not count."""
    project.pipe("""
@step
def scratch() -> str:
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").write_text("a")
        text = (Path(folder) / "a").read_text()
    Path("b").write_text("b")
    Path("b").unlink()
    return text

@pipeline
def work() -> str:
    return scratch()
""")
    assert project.run().steps == {"scratch": "ran"}
    assert project.run().steps == {"scratch": "cached"}
