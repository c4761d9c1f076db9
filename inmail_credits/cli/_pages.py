"""A page of HTML from what a command printed and from charts, by ``forecasting.report``."""

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
