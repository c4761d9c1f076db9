"""The texts of a chart as they are drawn: whether each lies within the page, and none covers another."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCHING = 2.0
"""Pixels that boxes of texts may share: letters do not fill them."""


def shown_texts(figure: Figure) -> list[Text]:
    """Every text that is drawn."""
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    hidden = {id(label) for axes in figure.axes for label in labels_out_of_view(axes)}
    return [
        text for text in texts if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]


def labels_out_of_view(axes: Axes) -> list[Text]:
    """Labels of ticks that Matplotlib keeps but does not draw, for they lie beyond the axis."""
    low, high = sorted(axes.get_xlim())
    x_ticks = [tick for tick in axes.xaxis.get_major_ticks() if not low <= tick.get_loc() <= high]
    low, high = sorted(axes.get_ylim())
    y_ticks = [tick for tick in axes.yaxis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return [tick.label1 for tick in (*x_ticks, *y_ticks)]


def assert_nothing_clipped(figure: Figure) -> None:
    """Each text lies within the page."""
    page = figure.bbox
    for text in shown_texts(figure):
        if text.axes is not None and not text.axes.get_visible():
            continue
        box = text.get_window_extent()
        inside = (
            page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1 and page.y0 - 1 <= box.y0 <= box.y1 <= page.y1 + 1
        )
        assert inside, f"{text.get_text()!r} leaves the page"


def assert_nothing_covered(figure: Figure) -> None:
    """No text lies on another."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown_texts(figure)]
    for (one, here), (other, there) in combinations(boxes, 2):
        both = Bbox.intersection(here, there)
        assert both is None or min(both.width, both.height) < TOUCHING, f"{one!r} and {other!r}"
