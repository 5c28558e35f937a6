"""Files are removed and written anew while others read them: what was handed out stays right."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_core.engine.cells import CellRow
from mlops_core.store import Store, layout

CONTENTS = [bytes([n]) * 5000 for n in range(6)]


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "objects").iterdir())


def rows(index: Any, digests: list[bytes]) -> list[CellRow]:
    return [index.cells[digest] for digest in digests]


def test_only_what_is_not_kept_is_removed(tmp_path: Path, store: Store, put: Callable[..., Any]) -> None:
    put(CONTENTS[0])
    (kept,) = names(tmp_path)
    put(CONTENTS[1])
    (gone,) = set(names(tmp_path)) - {kept}
    upkeep = store.upkeep()
    with upkeep.alone():
        assert list(upkeep.sweep({kept})) == [gone]
    assert names(tmp_path) == [kept]


def test_memory_over_a_removed_segment_stays_right(store: Store, put: Callable[..., Any]) -> None:
    digests = put(*CONTENTS)
    view = store.buffer(digests)
    singles = store.buffers(digests)
    store.upkeep().sweep(())
    assert bytes(view) == b"".join(CONTENTS)
    assert [bytes(single) for single in singles] == CONTENTS


def test_a_rewritten_segment_holds_the_same(
    tmp_path: Path, store: Store, put: Callable[..., Any], index: Any
) -> None:
    digests = put(*CONTENTS)
    (old,) = names(tmp_path)
    view = store.buffer(digests)
    rewritten = store.upkeep().rewrite(rows(index, digests[::2]))
    index.record(rewritten.written)
    rewritten.writer.release()
    assert rewritten.damaged == frozenset()
    assert not store.check(rewritten.written.segment.id).faults
    store.upkeep().sweep({rewritten.written.segment.id})
    assert old not in names(tmp_path)
    assert [bytes(store.buffer([digest])) for digest in digests[::2]] == CONTENTS[::2]
    assert bytes(view) == b"".join(CONTENTS)


def test_damaged_cells_are_not_copied(
    tmp_path: Path, store: Store, put: Callable[..., Any], index: Any
) -> None:
    digests = put(*CONTENTS)
    (segment,) = (tmp_path / "objects").iterdir()
    segment.chmod(0o600)
    with segment.open("r+b") as file:
        file.seek(index.cells[digests[2]].offset + 100)
        file.write(b"!")
    rewritten = store.upkeep().rewrite(rows(index, digests))
    assert rewritten.damaged == {digests[2]}
    assert [cell.digest for cell in rewritten.written.cells] == [d for d in digests if d != digests[2]]


def test_a_reader_follows_a_cell_that_moves(
    tmp_path: Path, store: Store, put: Callable[..., Any], index: Any, monkeypatch: Any
) -> None:
    """The index is read, then the segment is compacted and its file removed, then the file is opened."""
    digests = put(*CONTENTS)
    find = index.find

    def found_just_before_the_move(cells: Any) -> Any:
        before = find(cells)
        monkeypatch.setattr(index, "find", find)
        rewritten = store.upkeep().rewrite(rows(index, digests))
        # The same cells make the same segment: one cell less makes another one.
        rewritten = store.upkeep().rewrite(rows(index, digests[:-1]))
        index.record(rewritten.written)
        store.upkeep().sweep({rewritten.written.segment.id})
        return before

    monkeypatch.setattr(index, "find", found_just_before_the_move)
    assert bytes(store.buffer(digests[:3])) == b"".join(CONTENTS[:3])
    assert index.forgotten == []


def test_damage_is_set_aside_whole(tmp_path: Path, store: Store, put: Callable[..., Any]) -> None:
    put(*CONTENTS)
    (segment,) = (tmp_path / "objects").iterdir()
    content = segment.read_bytes()
    place = store.upkeep().set_aside(segment.stem)
    assert place is not None
    assert Path(place).read_bytes() == content
    assert os.path.dirname(place) == str(tmp_path / "damaged")
    assert store.upkeep().set_aside(segment.stem) is None


def test_the_size_of_a_segment_is_known_from_its_cells(tmp_path: Path, put: Callable[..., Any]) -> None:
    for lengths in ([4096], [5000, 4096, 12_345], [1 << 20] * 3):
        before = set(names(tmp_path)) if (tmp_path / "objects").exists() else set()
        put(*(os.urandom(length) for length in lengths))
        (new,) = set(names(tmp_path)) - before
        size = (tmp_path / "objects" / f"{new}.segment").stat().st_size
        assert size == layout.segment_bytes(lengths)
