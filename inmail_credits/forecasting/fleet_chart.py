"""The chart of fleets: what each person wants to send, and can."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from matplotlib.axes import Axes

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, theme_of

if TYPE_CHECKING:
    from inmail_credits.forecasting.fleet_result import FleetForecast

ROLES: Final = ("sent", "refused", "expired", "forfeited")
MARKS: Final = ("o", "^", "s", "D")
MANY: Final = 2_000
"""From so many people on points are small and pale."""


def draw(fleets: "Mapping[str, FleetForecast]", ax: Axes | None, title: str, options: Options) -> Axes:
    """A point a person and fleet; who is on the line sends all that is wanted."""
    axes = canvas.axes_of(ax, 7, 4.5)
    theme = theme_of(axes, options.colors)
    axes.axline((0, 0), slope=1, color=theme.quiet, linewidth=1, linestyle="--", label="all that is wanted")
    for place, (label, one) in enumerate(fleets.items()):
        people = one.by_person()
        many = len(people) > MANY
        axes.plot(
            people["wanted"],
            people["sent"],
            linestyle="none",
            marker=MARKS[place % len(MARKS)],
            markersize=2 if many else 5,
            alpha=0.3 if many else 0.8,
            color=theme.line(ROLES[place % len(ROLES)]),
            label=label,
            rasterized=many,
        )
    canvas.style(axes, theme)
    axes.set(xlim=(0, None), ylim=(0, None))
    canvas.x_label(axes, "messages wanted, mean over paths", theme)
    canvas.y_label(axes, "messages sent", theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, title, theme)
    return axes
