"""Cards as plain text, for ``print()``."""

from itertools import zip_longest
from textwrap import wrap

from inmail_credits._display.card import Card, Cell, Table

WIDTH = 98


def card_text(card: Card) -> str:
    """The card as lines of at most about 98 characters; folded tables are left out.

    Example:
        >>> rows = [["sent", Cell("9.0", "+-0.1")], ["refused", "0.5"]]
        >>> table = Table(headers=["figure", "mean"], rows=rows)
        >>> print(card_text(Card(title="A plan", verdict="Never dry.", tables=[table])))
        A plan
        Never dry.
        <BLANKLINE>
        figure        mean
        sent     9.0 +-0.1
        refused        0.5
    """
    head = [card.title, card.verdict, *card.lines]
    parts = ["\n".join(line for text in head if text for line in wrap(text, WIDTH))]
    parts += [table_text(table) for table in card.tables if not table.folded]
    if card.notes:
        parts.append("\n".join(line for note in card.notes for line in wrap(note, WIDTH)))
    return "\n\n".join(parts)


def table_text(table: Table) -> str:
    """The rows under their headers; the columns of texts to the left, those of figures to the right."""
    lines = [table.headers, *(tuple(map(_joined, row)) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    rows = [
        "  ".join(
            cell.ljust(width) if place < table.left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=False))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([*([table.caption] if table.caption else []), *rows])


def _joined(cell: Cell) -> str:
    return f"{cell.text} {cell.below}" if cell.below else cell.text
