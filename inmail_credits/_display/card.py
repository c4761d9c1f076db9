"""A description of an object for readers: a title, a verdict, a few lines, and tables.

The same :class:`Card` is written as text (:func:`~inmail_credits._display.text.card_text`) and as HTML
(:func:`~inmail_credits._display.html.card_html`). All text in it is plain: the writers escape it.
"""

from collections.abc import Sequence
from typing import TypeAlias

from attrs import field, frozen


@frozen
class Cell:
    """What stands in a table: a text, and a smaller one below it, such as a standard error."""

    text: str
    below: str = ""


AnyCell: TypeAlias = Cell | str


def _rows(rows: Sequence[Sequence[AnyCell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)


@frozen(kw_only=True)
class Table:
    """Rows under headers.

    Fields:
        headers: one text a column.
        rows: the cells, as many a row as there are headers.
        left: how many columns, from the first on, have text rather than figures.
        caption: what stands above.
        folded: whether a notebook shows the caption only, until it is opened.
    """

    headers: tuple[str, ...] = field(converter=tuple[str, ...])
    rows: tuple[tuple[Cell, ...], ...] = field(converter=_rows)
    left: int = 1
    caption: str = ""
    folded: bool = False


@frozen(kw_only=True)
class Card:
    """What to show of an object.

    Fields:
        title: what it is.
        verdict: the answer in a sentence or two.
        lines: smaller lines below the title.
        tables: figures.
        notes: smaller lines at the end.
    """

    title: str
    verdict: str = ""
    lines: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    tables: tuple[Table, ...] = field(default=(), converter=tuple[Table, ...])
    notes: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
