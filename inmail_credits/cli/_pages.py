"""Pictures, and pages of HTML from what a command printed and from charts, by ``forecasting.report``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

from inmail_credits.cli._files import PAGE_FORMATS, check_output, check_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def add_outputs(command: ArgumentParser) -> None:
    """Declare the files a command of one chart may write."""
    command.add_argument("--png", metavar="FILE", help="also draw it: .png, .svg or .pdf")
    command.add_argument("--html", metavar="FILE", help="also write a page that needs nothing else")


def check_outputs(options: Namespace) -> None:
    """Refuse names under which nothing can be written, before the work."""
    if options.png is not None:
        check_picture(options.png, what="--png")
    if options.html is not None:
        check_output(options.html, what="--html", formats=PAGE_FORMATS)


def write_outputs(options: Namespace, *, title: str, text: str, draw: "Callable[[Axes], object]") -> None:
    """Write the files asked for: one chart, and a page with it and what was printed."""
    if options.png is not None:
        save_chart(options.png, draw)
    if options.html is not None:
        write_page(options.html, title, [("As printed", text), ("Chart", draw)])
    for path in filter(None, (options.png, options.html)):
        print(f"wrote {path}", file=sys.stderr if options.json else sys.stdout)


def save_chart(path: str, draw: "Callable[[Axes], object]", *, size: tuple[float, float] = (8, 4.5)) -> None:
    """Draw one chart into a file, ``size`` inches wide and high."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and only needed here

    figure = Figure(figsize=size, layout="constrained")
    draw(figure.subplots())
    figure.savefig(path, dpi=150)


def write_page(path: str, title: str, parts: "Iterable[tuple[str, str | Callable[[Axes], object]]]") -> None:
    """Write a page: under each heading a text as it was printed, or a chart by the function that draws it."""
    from inmail_credits.forecasting import report  # noqa: PLC0415 - heavy, and only needed here

    sections = [
        report.section(
            heading,
            f"<pre>{escape(part)}</pre>"
            if isinstance(part, str)
            else report.chart(lambda figure, draw=part: draw(figure.subplots()), alt=heading),  # type: ignore[misc] # bound now
        )
        for heading, part in parts
    ]
    report.write(path, report.page(title, [report.head(title), *sections]))
