"""Reports: one self-contained HTML file with the verdict, charts, tables, and what they rest on.

Nothing is fetched when it is opened: charts are inline, as SVG, drawn once each for light, dark, wide and
narrow pages. Printed, a forecast takes a page or two. The reports of other results are made of the same
parts: :func:`page`, :func:`head`, :func:`section` and :func:`chart`.

>>> from matplotlib.figure import Figure
>>> def draw(figure: Figure) -> None:
...     _ = figure.subplots().plot([1, 2])
>>> text = page("A title", [section("A chart", chart(draw, alt="a line"))])
>>> text.startswith("<!DOCTYPE html>"), "http" in text.replace("http://www.w3.org", "")
(True, False)
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from html import escape
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from matplotlib import style
from matplotlib.figure import Figure

from inmail_credits._display.card import Card, Cell, Table
from inmail_credits._display.html import STYLE, inner, table_html
from inmail_credits._display.numbers import measured
from inmail_credits.forecasting import cards
from inmail_credits.forecasting.small_multiples import figure_size, plot_plans

if TYPE_CHECKING:
    from inmail_credits.forecasting.comparison import Comparison
    from inmail_credits.forecasting.result import Forecast

Draw: TypeAlias = Callable[[Figure], object]
"""Draws a chart into an empty figure."""
Size: TypeAlias = tuple[float, float]
"""Inches, wide and high."""

NARROW_BELOW: Final = 640
"""Pixels of a page below which the narrow drawing is shown."""
PERIODS_MAX: Final = 24
"""Of more billing periods the table is left out; the chart has them."""
PAGE_STYLE: Final = """
:root{color-scheme:light dark;--back:#fff;--ink:#1b1b1b}
@media (prefers-color-scheme:dark){:root{--back:#121212;--ink:#e8e8e8}}
body{background:var(--back);color:var(--ink);margin:0 auto;padding:1.2em 1em 2em;max-width:62em}
.inmail-credits{max-width:none}
.inmail-credits h1{font-size:22px;margin:.1em 0 .2em}
.inmail-credits h2{font-size:16px;margin:1.4em 0 .3em}
.inmail-credits .verdict{font-size:17px}
.inmail-credits img{width:100%;height:auto;display:block}
@page{size:A4;margin:13mm}
@media print{:root{--back:#fff;--ink:#000;color-scheme:light}body{padding:0;max-width:none}
.inmail-credits{font-size:10.5px}.inmail-credits table{font-size:9.5px}.inmail-credits .small{font-size:9px}
.inmail-credits td span{font-size:8px}.inmail-credits h1{font-size:17px}.inmail-credits h2{font-size:12.5px}
.inmail-credits .verdict{font-size:13px}.inmail-credits tr,.inmail-credits picture{break-inside:avoid}
.inmail-credits h2{break-after:avoid}.inmail-credits .scroll{overflow:visible}
.inmail-credits th,.inmail-credits td{padding:.1em .45em}}
""".strip()
TITLE_MAX: Final = 90
"""The longest title that names all candidates."""
BACKS: Final = {"light": "#ffffff", "dark": "#121212"}
INKS: Final = {"light": "#1b1b1b", "dark": "#e8e8e8"}
"""The colours of the page and its text, as in its style."""
INKED: Final = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
FLOWS: Final = ("granted", "sent", "refused", "refunded", "expired", "forfeited")


def write(path: str | Path, text: str) -> None:
    """Write a report to a file, in UTF-8.

    Raises:
        OSError: where the file cannot be written.
    """
    Path(path).write_text(text, encoding="utf-8")


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page of HTML of parts made by :func:`section`, :func:`head` and the like."""
    body = "".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}\n{PAGE_STYLE}</style></head>"
        f'<body><main class="inmail-credits">{body}</main></body></html>\n'
    )


def head(title: str, verdict: str = "", lines: Iterable[str] = ()) -> str:
    """The top of a page: a title, small lines, the verdict."""
    return inner(Card(title=title, verdict=verdict, lines=tuple(lines)), "h1")


def section(title: str, *parts: str | Table) -> str:
    """A heading and what stands below it: HTML made here, or tables."""
    shown = [table_html(part) if isinstance(part, Table) else part for part in parts]
    return f"<section><h2>{escape(title)}</h2>{''.join(shown)}</section>"


def note(text: str) -> str:
    """A paragraph in small letters."""
    return f'<p class="small">{escape(text)}</p>'


def made_by(seed: int | None, paths: int) -> str:
    """The last line of a report: how to repeat it."""
    by = f"inmail-credits {package_version()}"
    seeded = "a seed that is not a plain number" if seed is None else f"seed {seed}"
    return note(f"Made by {by}, {paths:,} simulated paths, {seeded}: the same call gives the same figures.")


def package_version() -> str:
    """The version of the installed package; ``"unknown"`` where it is not installed."""
    try:
        return version("inmail-credits")
    except PackageNotFoundError:
        return "unknown"


def chart(draw: Draw, *, alt: str, wide: Size = (9.0, 5.0), narrow: Size = (4.4, 5.0)) -> str:
    """A chart as inline SVG that suits light and dark, wide and narrow pages, and print.

    ``draw`` is called with an empty figure, once for each of the four; the styles in force are left aside.
    """
    uris = {
        (look, name): _data_uri(draw, size, look)
        for look in BACKS
        for name, size in (("wide", wide), ("narrow", narrow))
    }
    small, dark = f"(max-width:{NARROW_BELOW}px)", "screen and (prefers-color-scheme:dark)"
    sources = (
        (f"{dark} and {small}", uris["dark", "narrow"]),
        (dark, uris["dark", "wide"]),
        (f"screen and {small}", uris["light", "narrow"]),
    )
    inside = "".join(f'<source media="{media}" srcset="{uri}">' for media, uri in sources)
    return f'<picture>{inside}<img alt="{escape(alt)}" src="{uris["light", "wide"]}"></picture>'


def _data_uri(draw: Draw, size: Size, look: str) -> str:
    back = {"axes.facecolor": BACKS[look], "figure.facecolor": BACKS[look]}
    ink = dict.fromkeys(INKED, INKS[look])
    with style.context(["default", {**back, **ink, "svg.hashsalt": "inmail-credits"}]):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        file = BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{b64encode(file.getvalue()).decode('ascii')}"


def forecast_report(one: "Forecast") -> str:
    """The report of a forecast."""
    card = cards.forecast_card(one)
    tables = [table for table in card.tables if not table.folded]
    parts = [
        head(one.title, one.answer(), one.subtitle()),
        chart(
            lambda figure: one.plot(figure=figure, title=False),
            alt=f"Balance by day, odds of having run dry, and losses by billing period. {one.answer()}",
            wide=(9.5, 6.2),
            narrow=(4.4, 6.6),
        ),
        section("Figures over the whole time", *tables, *map(note, card.notes[:-1])),
    ]
    periods = _periods(one)
    if 1 < len(periods.rows) <= PERIODS_MAX:
        parts.append(section("By billing period", periods))
    parts += [
        section("What this rests on", cards.assumption_rows({"": cards.assumptions_of(one)})),
        made_by(one.seed, one.simulation.paths),
    ]
    return page(one.title, parts)


def comparison_report(compared: "Comparison") -> str:
    """The report of a comparison."""
    forecasts = list(compared.forecasts.values())
    labels = list(compared.forecasts)
    card = cards.comparison_card(compared)
    rows = len(forecasts)
    title = f"Compared: {', '.join(labels)}"
    if len(title) > TITLE_MAX:
        title = f"{rows} candidates compared"
    across = figure_size(forecasts)
    narrow_fans = min(across[0], 5.0), across[1]
    parts = [
        head(title, card.verdict, card.lines),
        chart(
            lambda figure: compared.plot(figure=figure, title=False),
            alt=f"Messages and credits by what becomes of them. {card.verdict}",
            wide=(9.5, 1.6 + 0.5 * rows),
            narrow=(4.4, 2 * (1.5 + 0.5 * rows)),
        ),
        section("Figures over the whole time", *card.tables),
    ]
    if rows > 1:
        parts.append(section("Differences", cards.differences_table(compared, labels[0])))
    parts += [
        section(
            "Balances",
            chart(
                lambda figure: plot_plans(forecasts, figure=figure, title=False),
                alt="The balance by day of each candidate",
                wide=(9.5, 1.3 + 1.45 * rows),
                narrow=narrow_fans,
            ),
        ),
        section("Verdicts", *(note(f"{label}: {one.answer()}") for label, one in compared.forecasts.items())),
        section(
            "What this rests on",
            cards.assumption_rows(
                {label: cards.assumptions_of(one) for label, one in compared.forecasts.items()}
            ),
        ),
        made_by(forecasts[0].seed, forecasts[0].simulation.paths),
    ]
    return page(title, parts)


def _periods(one: "Forecast") -> Table:
    """What is sent, refused, refunded and lost in each billing period."""
    flows = {name: flow for name in FLOWS if (flow := one.flow(name))[name].any()}
    columns = [
        list(map(measured, flow[name].tolist(), flow["error"].tolist())) for name, flow in flows.items()
    ]
    starts = [Cell(start.isoformat()) for start in one.flow("sent")["start"].dt.date.tolist()]
    headers = ("from", *(cards.label_of(name) for name in flows))
    return Table(headers=headers, rows=list(zip(starts, *columns, strict=True)))
