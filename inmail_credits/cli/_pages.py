"""A page of HTML that needs nothing else: headings, tables as plain text, and charts drawn into it."""

from collections.abc import Callable, Iterable
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{overflow-x:auto;font-size:13px;line-height:1.35}"
    "svg{max-width:100%;height:auto;background:#fff}"
)


def write_page(path: str, title: str, parts: "Iterable[tuple[str, str | Callable[[Axes], object]]]") -> None:
    """Write a page: under each heading a text as it is, or a chart by the function that draws it."""
    body = [f"<h1>{escape(title)}</h1>"]
    for heading, part in parts:
        body.append(f"<h2>{escape(heading)}</h2>")
        body.append(f"<pre>{escape(part)}</pre>" if isinstance(part, str) else _drawing(part))
    Path(path).write_text(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n",
        encoding="utf-8",
    )


def _drawing(draw: "Callable[[Axes], object]") -> str:
    """A chart as SVG, without the declarations that only a file of its own has."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    draw(figure.subplots())
    out = StringIO()
    figure.savefig(out, format="svg")
    text = out.getvalue()
    return text[text.index("<svg") :]
