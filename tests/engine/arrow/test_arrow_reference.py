"""The compiled encoder against a slow one in Python, over random nested data in random layouts.

A row is ``(valid, value)``; the value of a row that is not valid is garbage that must not show.
"""

import random
import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Row = tuple[bool, Any]
Bytes = list[bytes]
Node = tuple[list[tuple[int, int]], Bytes]  # lengths and null counts, buffers; depth first

# --- types and rows -------------------------------------------------------------------------------------

FIXED = {pa.int8(): "<b", pa.uint16(): "<H", pa.int64(): "<q", pa.float64(): "<d", pa.date32(): "<i"}
TEXT = [pa.string(), pa.large_string(), pa.string_view()]
LEAVES = st.sampled_from([pa.null(), pa.bool_(), pa.binary(3), *FIXED, *TEXT])


def lists_of(child: pa.DataType) -> st.SearchStrategy[pa.DataType]:
    makers = [pa.list_, pa.large_list, pa.list_view, pa.large_list_view, lambda t: pa.list_(t, 2)]
    return st.sampled_from(makers).map(lambda make: make(child))


def fields_of(child: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[list[pa.Field]]:
    some = st.lists(st.tuples(child, st.booleans()), min_size=1, max_size=3)
    return some.map(
        lambda types: [
            pa.field(f"f{i}", type, nullable=nullable or pa.types.is_null(type))
            for i, (type, nullable) in enumerate(types)
        ]
    )


def nested(child: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    return st.one_of(
        child.flatmap(lists_of),
        fields_of(child).map(pa.struct),
        child.map(lambda item: pa.map_(pa.string(), item)),
        fields_of(child).map(pa.sparse_union),
        fields_of(child).map(pa.dense_union),
        st.builds(pa.run_end_encoded, st.sampled_from([pa.int16(), pa.int32(), pa.int64()]), child),
    )


TYPES = st.recursive(LEAVES, nested, max_leaves=5)


def value_of(type: pa.DataType, size: int | None = None) -> st.SearchStrategy[Any]:
    if pa.types.is_floating(type):
        return st.sampled_from([0.0, -0.0, float("nan"), 1.5])
    if type in FIXED:
        return st.integers(0, 3)
    if pa.types.is_null(type) or pa.types.is_boolean(type):
        return st.booleans()
    if pa.types.is_fixed_size_binary(type):
        return st.sampled_from([b"abc", b"\0\0\0"])
    if type in TEXT:
        return st.sampled_from(["", "a", "exactly12byt", "longer than twelve", "ü" * 20])
    return nested_value_of(type)


def nested_value_of(type: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_struct(type):
        return st.tuples(*[row_of(field.type, field.nullable) for field in type])
    if pa.types.is_union(type):
        return st.integers(0, type.num_fields - 1).flatmap(
            lambda i: st.tuples(st.just(i), row_of(type.field(i).type, type.field(i).nullable))
        )
    if pa.types.is_run_end_encoded(type):
        return row_of(type.value_type)
    if pa.types.is_fixed_size_list(type):
        return st.lists(row_of(type.value_type), min_size=2, max_size=2)
    if pa.types.is_map(type):
        return st.lists(st.tuples(row_of(pa.string(), False), row_of(type.item_type)), max_size=3)
    return st.lists(row_of(type.value_type), max_size=3)


def row_of(type: pa.DataType, nullable: bool = True) -> st.SearchStrategy[Row]:
    """Nulls do not exist for unions and run-end encoded data, and are all there is for null."""
    if pa.types.is_union(type) or pa.types.is_run_end_encoded(type) or not nullable:
        valid = st.just(True)
    else:
        valid = st.just(False) if pa.types.is_null(type) else st.sampled_from([True, True, False])
    return st.tuples(valid, value_of(type))


COLUMNS = TYPES.flatmap(
    lambda type: st.tuples(st.just(type), st.lists(row_of(type), min_size=1, max_size=12))
)

# --- the reference: canonical bytes -----------------------------------------------------------------------

HIDDEN = (False, None)  # a row under a null, once its own nullability has been looked at


def bitmap(bits: list[bool]) -> bytes:
    packed = bytearray(-(-len(bits) // 8))
    for i, bit in enumerate(bits):
        packed[i // 8] |= bit << i % 8
    return bytes(packed)


def sums(lengths: list[int], width: int) -> bytes:
    total, out = 0, [0]
    for length in lengths:
        total += length
        out.append(total)
    return b"".join(number.to_bytes(width, "little") for number in out)


def join(rows: list[Row | None], validity: bool, buffers: Bytes, *children: Node) -> Node:
    """A node; ``None`` among the rows is a row that lies under a null of a type that allows none."""
    valid = [row is None or row[0] for row in rows]
    bits = [bitmap(valid) if not all(valid) else b""] if validity else []
    nodes = [(len(rows), valid.count(False))]
    below = [node for child in children for node in child[0]]
    return nodes + below, bits + buffers + [buffer for child in children for buffer in child[1]]


def canonical(type: pa.DataType, nullable: bool, rows: list[Row | None]) -> Node:
    """Nodes and buffers; ``None`` stands for a row under a null."""
    known = [HIDDEN if row is None and nullable else row for row in rows]
    values = [row[1] if row is not None and row[0] else None for row in known]
    if pa.types.is_null(type):
        return [(len(rows), len(rows))], []
    if pa.types.is_union(type):
        return union(type, rows)
    if pa.types.is_run_end_encoded(type):
        return runs(type, rows)
    if pa.types.is_nested(type):
        return parents(type, known, values)
    return join(known, True, leaf(type, values))


def leaf(type: pa.DataType, values: list[Any]) -> Bytes:
    if pa.types.is_boolean(type):
        return [bitmap([bool(value) for value in values])]
    if type in TEXT:
        return text(type, ["" if value is None else value for value in values])
    return [b"".join(fixed(type, value) for value in values)]


def fixed(type: pa.DataType, value: Any) -> bytes:
    if pa.types.is_fixed_size_binary(type):
        return value if value is not None else bytes(type.byte_width)
    return struct.pack(FIXED[type], 0 if value is None else value)


def text(type: pa.DataType, values: list[str]) -> Bytes:
    raw = [value.encode() for value in values]
    if type != pa.string_view():
        return [sums([len(value) for value in raw], 4 if type == pa.string() else 8), b"".join(raw)]
    views, data = b"", b""
    for value in raw:
        if len(value) <= 12:
            views += struct.pack("<i12s", len(value), value)
        else:
            views += struct.pack("<i4sii", len(value), value[:4], 0, len(data))
            data += value
    return [views, data]


def parents(type: pa.DataType, known: list[Row | None], values: list[Any]) -> Node:
    if pa.types.is_struct(type):
        children = [
            canonical(f.type, f.nullable, [None if v is None else v[i] for v in values])
            for i, f in enumerate(type)
        ]
        return join(known, True, [], *children)
    if pa.types.is_fixed_size_list(type):
        items = [item for value in values for item in (value if value is not None else [None, None])]
        return join(known, True, [], canonical(type.value_type, True, items))
    lists = [[] if value is None else value for value in values]
    lengths = [len(value) for value in lists]
    if pa.types.is_map(type):
        entry = pa.struct([type.key_field, type.item_field])
        child = canonical(entry, False, [(True, pair) for value in lists for pair in value])
    else:
        child = canonical(type.value_type, True, [item for value in lists for item in value])
    wide = pa.types.is_large_list(type) or pa.types.is_large_list_view(type)
    width = 8 if wide else 4
    offsets = sums(lengths, width)
    if pa.types.is_list_view(type) or pa.types.is_large_list_view(type):
        sizes = b"".join(length.to_bytes(width, "little") for length in lengths)
        return join(known, True, [offsets[:-width], sizes], child)
    return join(known, True, [offsets], child)


def union(type: pa.DataType, rows: list[Row | None]) -> Node:
    chosen = [(0, None) if row is None else row[1] for row in rows]
    codes = bytes(type.type_codes[i] for i, _ in chosen)
    if type.mode == "sparse":
        columns = [[row if i == c else None for i, row in chosen] for c in range(type.num_fields)]
        buffers = [codes]
    else:
        columns, offsets = [[] for _ in range(type.num_fields)], b""
        for i, row in chosen:
            offsets += struct.pack("<i", len(columns[i]))
            columns[i].append(row)
        buffers = [codes, offsets]
    children = [canonical(f.type, f.nullable, column) for f, column in zip(type, columns, strict=True)]
    nodes, rest = join([None] * len(rows), False, buffers, *children)
    return nodes, rest


def runs(type: pa.DataType, rows: list[Row | None]) -> Node:
    ends: list[int] = []
    values: list[Row | None] = []
    encoded: list[Node | None] = []
    # a row under a null counts as null: unions and runs have no null that it could be equal to
    without_nulls = pa.types.is_union(type.value_type) or pa.types.is_run_end_encoded(type.value_type)
    for i, row in enumerate(rows):
        value = None if row is None else row[1]
        alone = None if value is None and without_nulls else canonical(type.value_type, True, [value])
        if encoded and encoded[-1] == alone:
            ends[-1] = i + 1
            continue
        ends.append(i + 1)
        values.append(value)
        encoded.append(alone)
    width = type.run_end_type.bit_width // 8
    buffer = b"".join(end.to_bytes(width, "little") for end in ends)
    return join(
        [None] * len(rows), False, [],
        join([None] * len(ends), True, [buffer]), canonical(type.value_type, True, values),
    )  # fmt: skip


def reference_block(type: pa.DataType, rows: list[Row]) -> list[bytes]:
    """The cells of a block, empty ones included: the layout where the type is nested, then the buffers."""
    nodes, buffers = canonical(type, True, list(rows))
    if len(nodes) == 1:
        return buffers
    layout = b"MLARROW\1" + struct.pack("<II", len(nodes), len(buffers))
    layout += b"".join(struct.pack("<QQ", *node) for node in nodes)
    layout += b"".join(struct.pack("<Q", len(buffer)) for buffer in buffers)
    return [layout, *buffers]


# --- arrays in random layouts -----------------------------------------------------------------------------


def filler(type: pa.DataType) -> Row:
    """Some row of a type, for places that nothing points to."""
    value: Any = [] if pa.types.is_nested(type) else 0
    if pa.types.is_union(type):
        value = (0, filler(type.field(0).type))
    elif pa.types.is_run_end_encoded(type):
        value = filler(type.value_type)
    elif pa.types.is_struct(type):
        value = tuple(filler(field.type) for field in type)
    elif pa.types.is_fixed_size_list(type):
        value = [filler(type.value_type)] * 2
    elif type in TEXT:
        value = ""
    elif pa.types.is_fixed_size_binary(type):
        value = b"abc"
    elif pa.types.is_boolean(type):
        value = False
    return (not pa.types.is_null(type), value)


class Layout:
    """Builds arrays from rows: with offsets, spare bitmaps, garbage under nulls, gaps, split runs."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def array(self, type: pa.DataType, rows: list[Row]) -> pa.Array:
        before = [self.chance.choice(rows) for _ in range(self.chance.choice([0, 0, 1, 9]))] if rows else []
        after = before[: self.chance.randint(0, len(before))]
        return self._array(type, before + rows + after).slice(len(before), len(rows))

    def _array(self, type: pa.DataType, rows: list[Row]) -> pa.Array:
        values = [value for _, value in rows]
        if pa.types.is_null(type):
            return pa.nulls(len(rows))
        if pa.types.is_union(type):
            return self._union(type, values)
        if pa.types.is_run_end_encoded(type):
            return self._runs(type, values)
        if not pa.types.is_nested(type):
            plain = pa.array(values, type)
            return pa.Array.from_buffers(type, len(rows), [self._validity(rows), *plain.buffers()[1:]])
        return self._parent(type, rows, values)

    def _validity(self, rows: list[Row]) -> pa.Buffer | None:
        valid = [ok for ok, _ in rows]
        if all(valid) and self.chance.random() < 0.5:
            return None
        return pa.py_buffer(bitmap(valid))

    def _parent(self, type: pa.DataType, rows: list[Row], values: list[Any]) -> pa.Array:
        buffers: list[pa.Buffer | None] = [self._validity(rows)]
        if pa.types.is_struct(type):
            children = [self.array(f.type, [value[i] for value in values]) for i, f in enumerate(type)]
        elif pa.types.is_fixed_size_list(type):
            children = [self.array(type.value_type, [item for value in values for item in value])]
        elif pa.types.is_map(type):
            entry = pa.struct([type.key_field, type.item_field])
            # pyarrow cannot read map entries with an offset
            children = [self._array(entry, [(True, pair) for value in values for pair in value])]
            buffers.append(pa.py_buffer(sums([len(value) for value in values], 4)))
        else:
            children = [self._list(type, values, buffers)]
        return pa.Array.from_buffers(type, len(rows), buffers, children=children)

    def _list(self, type: pa.DataType, values: list[list[Row]], buffers: list[pa.Buffer | None]) -> pa.Array:
        lengths = [len(value) for value in values]
        width = 8 if pa.types.is_large_list(type) or pa.types.is_large_list_view(type) else 4
        if pa.types.is_list(type) or pa.types.is_large_list(type):
            buffers.append(pa.py_buffer(sums(lengths, width)))
            return self.array(type.value_type, [item for value in values for item in value])
        order = list(range(len(values)))
        self.chance.shuffle(order)  # list views may lie in any order
        places, items = [0] * len(values), []
        for i in order:
            places[i] = len(items)
            items += values[i]
        for numbers in (places, lengths):
            buffers.append(pa.py_buffer(b"".join(number.to_bytes(width, "little") for number in numbers)))
        return self.array(type.value_type, items)

    def _union(self, type: pa.DataType, values: list[tuple[int, Row]]) -> pa.Array:
        codes = pa.py_buffer(bytes(type.type_codes[i] for i, _ in values))
        some = [next((row for i, row in values if i == c), filler(f.type)) for c, f in enumerate(type)]
        columns: list[list[Row]] = [[] for _ in range(type.num_fields)]
        offsets = []
        for i, row in values:
            offsets.append(len(columns[i]))
            for c in range(type.num_fields):
                if c == i or type.mode == "sparse":
                    columns[c].append(row if c == i else some[c])
        children = [self.array(f.type, column) for f, column in zip(type, columns, strict=True)]
        if type.mode == "sparse":
            return pa.Array.from_buffers(type, len(values), [None, codes], children=children)
        packed = pa.py_buffer(b"".join(struct.pack("<i", offset) for offset in offsets))
        return pa.Array.from_buffers(type, len(values), [None, codes, packed], children=children)

    def _runs(self, type: pa.DataType, values: list[Row]) -> pa.Array:
        ends, kept = [], []
        for i, value in enumerate(values):
            if kept and repr(kept[-1]) == repr(value) and self.chance.random() < 0.5:
                ends[-1] = i + 1
            else:
                ends.append(i + 1)
                kept.append(value)
        children = [pa.array(ends, type.run_end_type), self.array(type.value_type, kept)]
        return pa.RunEndEncodedArray.from_buffers(type, len(values), [None], 0, 0, children)


# ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored_blocks(grid_and_cells: Callable[..., Any]) -> Callable[[pa.ChunkedArray], list[list[bytes]]]:
    def run(array: pa.ChunkedArray) -> list[list[bytes]]:
        grid, cells = grid_and_cells(array)
        return [[cells[digest].tobytes() if digest else b"" for digest in block] for block in grid.cells]

    return run


@settings(deadline=None, max_examples=100)
@given(column=COLUMNS, cut=st.integers(0, 12), chance=st.randoms(use_true_random=False))
def test_the_block_is_the_reference_in_every_layout(
    stored_blocks: Callable[[pa.ChunkedArray], list[list[bytes]]],
    column: tuple[pa.DataType, list[Row]],
    cut: int,
    chance: random.Random,
) -> None:
    type, rows = column
    layout = Layout(chance)
    chunks = [layout.array(type, part) for part in (rows[:cut], rows[cut:])]
    assert stored_blocks(pa.chunked_array(chunks, type)) == [reference_block(type, rows)]


@settings(deadline=None, max_examples=100)
@given(column=COLUMNS, chance=st.randoms(use_true_random=False))
def test_the_block_loads_back_to_the_values(
    grid_and_back: Callable[..., Any], column: tuple[pa.DataType, list[Row]], chance: random.Random
) -> None:
    type, rows = column
    array = Layout(chance).array(type, rows)
    grid, back = grid_and_back(array)
    back.validate(full=True)
    assert back.type == type
    assert repr(back.to_pylist()) == repr(array.to_pylist())
    assert grid_and_back(back)[0] == grid
