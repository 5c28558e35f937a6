"""A text table that fits the terminal."""

from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.cli.render.style import PLAIN, Style
from mlops_core.cli.render.width import clean, display_width, pad, shorten

GAP = "  "
_LEAST = 8  # columns of an elastic column below which cutting says nothing any more


class Column(NamedTuple):
    """One column: its title, alignment (``<`` or ``>``), and whether it gives way on a narrow terminal.

    ``status`` columns are coloured by their word.
    """

    title: str
    align: str = "<"
    elastic: bool = False
    status: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    style: Style = PLAIN,
) -> list[str]:
    """The lines of a table, the titles first; ``width`` None (a pipe) cuts nothing."""
    cells = [[clean(cell) for cell in row] for row in rows]
    titles = [column.title for column in columns]
    widths = [max(map(display_width, texts)) for texts in zip(titles, *cells, strict=True)]
    if width is not None:
        widths = _fitted(columns, widths, width)
    head = style.paint(_line(columns, titles, widths, PLAIN), "dim")
    return [head, *(_line(columns, row, widths, style) for row in cells)]


def _fitted(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    """Take what is too much from the elastic columns, the widest first."""
    fitted = list(widths)
    excess = sum(fitted) + len(GAP) * (len(fitted) - 1) - width
    elastic = [index for index, column in enumerate(columns) if column.elastic]
    while excess > 0 and elastic:
        widest = max(elastic, key=fitted.__getitem__)
        if fitted[widest] <= _LEAST:
            break
        fitted[widest] -= 1
        excess -= 1
    return fitted


def _line(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], style: Style) -> str:
    parts = []
    for column, cell, width in zip(columns, row, widths, strict=True):
        text = pad(shorten(cell, width), width, column.align)
        parts.append(style.paint(text, cell) if column.status else text)
    return GAP.join(parts).rstrip()
