"""Cards as HTML for notebooks: inherit the page's colours, so that they read on light and on dark ones.

Tables are compact, with errors in a second line, and scroll sideways rather than being cut. All text is
escaped. Nothing is fetched, and no script runs.
"""

import re
from html import escape
from typing import Final

from inmail_credits._display.card import Card, Cell, Table

PLUS_MINUS: Final = "\N{PLUS-MINUS SIGN}"
LONG: Final = 32
"""The letters above which the name of a row gets room for several words a line."""
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
STYLE: Final = """
.inmail-credits{font:13px/1.4 system-ui,-apple-system,"Segoe UI",sans-serif;max-width:60em;color:inherit}
.inmail-credits h3{font-size:15px;margin:.2em 0 .3em;font-weight:600}
.inmail-credits p{margin:.2em 0;max-width:52em}
.inmail-credits .verdict{font-size:14px;margin:.4em 0;border-left:3px solid #0072b2;padding:.1em 0 .1em .6em}
.inmail-credits .small{opacity:.75;font-size:12px;overflow-wrap:anywhere}
.inmail-credits .scroll{overflow-x:auto;margin:.5em 0}
.inmail-credits table{border-collapse:collapse;border:0;margin:0;font-size:13px;color:inherit;background:none}
.inmail-credits caption{text-align:left;font-weight:600;padding:.2em 0;caption-side:top;color:inherit}
.inmail-credits th,.inmail-credits td{padding:.2em .55em;border:0;text-align:right;
border-bottom:1px solid rgba(128,128,128,.35);vertical-align:top;background:none;color:inherit;
font-variant-numeric:tabular-nums}
.inmail-credits thead th{font-weight:600;vertical-align:bottom;border-bottom:1px solid rgba(128,128,128,.8);
white-space:normal}
.inmail-credits th.text,.inmail-credits td.text{text-align:left;font-weight:400;min-width:5.5em}
.inmail-credits td.long:first-child{min-width:13em}
.inmail-credits thead th.text{font-weight:600}
.inmail-credits td.figure,.inmail-credits td.date{white-space:nowrap}
.inmail-credits td span{display:block;opacity:.7;font-size:11px;line-height:1.1}
.inmail-credits summary{cursor:pointer;opacity:.85;margin:.3em 0}
@media (max-width:480px){.inmail-credits th,.inmail-credits td{padding:.2em .3em}
.inmail-credits table{font-size:12px}}
""".strip()
"""Every rule is of this class alone, so that nothing else on the page changes."""


def card_html(card: Card) -> str:
    """The card as one element of HTML with its style.

    Example:
        >>> card_html(Card(title="a <b>")).partition("</style>")[2]
        '<h3>a &lt;b&gt;</h3></div>'
    """
    return f'<div class="inmail-credits"><style>{STYLE}</style>{inner(card)}</div>'


def inner(card: Card, heading: str = "h3") -> str:
    """The card without its frame and style, under a heading of that level."""
    parts = [f"<{heading}>{escape(card.title)}</{heading}>"]
    parts += [f'<p class="small">{escape(line)}</p>' for line in card.lines]
    if card.verdict:
        parts.append(f'<p class="verdict">{escape(card.verdict)}</p>')
    parts += [table_html(table) for table in card.tables]
    parts += [f'<p class="small">{escape(note)}</p>' for note in card.notes]
    return "".join(parts)


def table_html(table: Table) -> str:
    """A table as HTML, in a frame that scrolls; behind its caption if it is folded."""
    head = "".join(
        f"<th{_class(place, table)}>{escape(text)}</th>" for place, text in enumerate(table.headers)
    )
    body = "".join(
        f"<tr>{''.join(_cell(cell, _class(place, table)) for place, cell in enumerate(row))}</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption and not table.folded else ""
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    whole = f'<div class="scroll"><table>{caption}{rows}</table></div>'
    if table.folded:
        return f"<details><summary>{escape(table.caption)}</summary>{whole}</details>"
    return whole


def _cell(cell: Cell, class_: str) -> str:
    if DATE.fullmatch(cell.text):
        class_ = class_.replace('"text"', '"text date"')
    elif len(cell.text) > LONG:
        class_ = class_.replace('"text"', '"text long"')
    below = f"<span>{escape(cell.below.replace('+-', PLUS_MINUS))}</span>" if cell.below else ""
    return f"<td{class_}>{escape(cell.text)}{below}</td>"


def _class(place: int, table: Table) -> str:
    return ' class="text"' if place < table.left else ' class="figure"'
