"""Charts compose, follow the style in force, and can be told apart in grey print and by the colour-blind."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from inmail_credits import Account, Plan, economies
from inmail_credits._charts.theme import DARK, LIGHT, TOUCHING, Theme, contrast, theme_of
from inmail_credits.calibration import fit_replies, fit_sends, read_linkedin_messages
from inmail_credits.calibration.examples import ME, example_archive
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.forecasting import (
    Comparison,
    CreditValue,
    Forecast,
    Prospects,
    ProspectSegment,
    compare,
    credit_value,
    fan_chart,
    forecast,
    forecast_fleet,
    pace,
)
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation.fleet import Fleet
from tests.forecasting.drawn_texts import assert_nothing_covered

START: Final = date(2026, 1, 1)
BUSINESS: Final = economies.LINKEDIN_2019["business"]
GREY_STEPS_MIN: Final = 15.0
"""The least difference in lightness, of 100, between colours that touch."""
APART_MIN: Final = 20.0
"""The least distance in CIE Lab between colours that touch, as the colour-blind see them."""

Floats = npt.NDArray[np.float64]
TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
SIGHT: Final = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What is left of linear RGB at full severity: Machado, Oliveira and Fernandes (2009)."""


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Figures of pyplot are closed after each test."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def compared(recruiter: Outreach) -> Comparison:
    """The four tiers of 2019 over half a year."""
    return compare(economies.LINKEDIN_2019, recruiter, start=START, months=6, rng=7, paths=200)


@pytest.fixture(scope="module")
def worth() -> CreditValue:
    """The value of a credit of Business."""
    segments = [ProspectSegment(odds=odds) for odds in (0.05, 0.3, 0.5)]
    return credit_value(BUSINESS, Prospects(per_day=2, segments=segments), start=START, days=120)


def linear(color: str) -> Floats:
    """The linear RGB of a colour."""
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    """CIE Lab under D65 of linear RGB."""
    xyz = TO_XYZ @ rgb / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(color: str) -> float:
    """CIE L*: 0 for black, 100 for white."""
    return float(lab(linear(color))[0])


def test_the_measures_are_right() -> None:
    """White, black and a grey of known lightness; red and green fall together under protanopia."""
    assert lightness("white") == pytest.approx(100, abs=1e-3)
    assert lightness("black") == pytest.approx(0, abs=1e-3)
    assert lightness("#777777") == pytest.approx(50, abs=0.5)
    seen = SIGHT["protanopia"]
    red, green = (lab(np.clip(seen @ linear(color), 0, 1)) for color in ("#a04000", "#556b00"))
    plain = np.linalg.norm(lab(linear("#a04000")) - lab(linear("#556b00")))
    assert np.linalg.norm(red - green) < 0.5 * plain


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", TOUCHING, ids="-".join)
def test_colours_that_touch_differ_in_grey_print(palette: dict[str, str], pair: tuple[str, str]) -> None:
    """A step of lightness that shows without any colour."""
    one, other = (lightness(palette[role]) for role in pair)
    assert abs(one - other) >= GREY_STEPS_MIN, (one, other)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", TOUCHING, ids="-".join)
def test_colours_that_touch_differ_for_the_colour_blind(
    palette: dict[str, str], pair: tuple[str, str], sight: str
) -> None:
    """Far enough apart under each of the three dichromacies."""
    one, other = (lab(np.clip(SIGHT[sight] @ linear(palette[role]), 0, 1)) for role in pair)
    assert np.linalg.norm(one - other) >= APART_MIN


@pytest.mark.parametrize(
    ("palette", "back", "ink"), [(LIGHT, "#ffffff", "#000000"), (DARK, "#000000", "#ffffff")]
)
def test_the_bands_of_a_fan_differ_from_each_other_and_the_background(
    palette: dict[str, str], back: str, ink: str
) -> None:
    """Background, 90 %, 50 % and median: each a visible step of lightness from the one before."""
    theme = Theme(ink, back, palette)
    bands = theme.pale("fan", fan_chart.WIDE), theme.pale("fan", fan_chart.MIDDLE)
    shades = [back, *bands, theme.strong("fan", 0.45)]
    steps = np.abs(np.diff([lightness(shade) for shade in shades]))
    assert steps.min() >= 15


def test_the_charts_use_the_colours_that_are_measured(year: Forecast, compared: Comparison) -> None:
    """Bars of a stack, neighbours in order, are of the palette; and pairs of it are all measured."""
    axes = compared.plot(Figure().subplots())
    drawn = {to_hex(patch.get_facecolor()) for patch in axes.patches}
    assert drawn == {LIGHT["sent"], LIGHT["refused"]}
    losses = year.plot_losses(Figure().subplots())
    assert {to_hex(patch.get_facecolor()) for patch in losses.patches} == {LIGHT["refused"], LIGHT["expired"]}
    measured = {frozenset(pair) for pair in TOUCHING}
    stacks = (("sent", "held_back", "refused"), ("spent", "balance", "expired", "forfeited"))
    assert {frozenset(pair) for stack in stacks for pair in combinations(stack, 2)} <= measured


def every_chart(year: Forecast, compared: Comparison, worth: CreditValue, axes: list[Axes]) -> None:
    """Every chart that takes axes, but for the map of a sweep, each into one of the twelve given."""
    year.plot(axes[0])
    year.plot_run_dry(axes[1])
    year.plot_losses(axes[2])
    compared.plot(axes[3])
    compared.plot(axes[4], show="credits")
    compared.plot(axes[5], show="run_dry")
    worth.plot(axes[6])
    messages = read_linkedin_messages(StringIO(example_archive(200)), me=ME).frame
    fit_replies(messages["sent_at"], messages["answered_at"]).plot(axes[7])
    fit_sends(messages["sent_at"]).plot(axes[8])
    old = Account.from_balance(BUSINESS, balance=40, ages="spread", at=START, renews_on=date(2026, 1, 9))
    outreach = year.simulation.outreach
    pace(old, outreach, until=date(2026, 12, 31), rng=7, paths=100).plot(axes[9])
    volumes = list(range(1, 9))
    columns = {"plan": ["business"] * 8, "per_week": volumes, "reply_rate": [0.3] * 8}
    people = {"name": [f"person {volume}" for volume in volumes], **columns}
    forecast_fleet(Fleet.from_frame(people), start=START, months=3, rng=7, paths=20).plot(axes[10])
    titles = [f"A plan with quite a long title, of {credits_} credits" for credits_ in range(2, 10)]
    plans = [Plan(name=f"p-{k}", title=title, grant_credits=k) for k, title in enumerate(titles, 2)]
    compare(plans, outreach, start=START, months=3, rng=7, paths=20).plot(axes[11])


@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot", "grayscale"])
def test_text_reads_on_its_background_in_every_style(
    style: str, year: Forecast, compared: Comparison, worth: CreditValue
) -> None:
    """At least 3 to 1, the least for large text and graphics in WCAG 2, in light and dark styles."""
    with plt.style.context(style):
        figure, axes = plt.subplots(3, 4, figsize=(16, 9), layout="constrained")
        every_chart(year, compared, worth, list(axes.flat))
        figure.draw_without_rendering()
        for panel in axes.flat:
            back = theme_of(panel).background
            for text in panel.findobj(Text):
                if isinstance(text, Text) and text.get_visible() and text.get_text():
                    assert contrast(to_hex(text.get_color()), back) >= 3, text.get_text()


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_lines_show_on_their_background(
    style: str, year: Forecast, compared: Comparison, worth: CreditValue
) -> None:
    """No curve is pale: each has 3 to 1, whatever its role."""
    with plt.style.context(style):
        _, axes = plt.subplots(3, 4, figsize=(16, 9))
        every_chart(year, compared, worth, list(axes.flat))
        for panel in axes.flat:
            back = theme_of(panel).background
            lines = [line for line in panel.get_lines() if line.get_linestyle() != "None"]
            assert all(contrast(to_hex(line.get_color()), back) >= 3 for line in lines), panel.get_title(
                "left"
            )


def test_a_grid_of_charts_overprints_nothing(
    year: Forecast, compared: Comparison, worth: CreditValue
) -> None:
    """In panels of about 4 x 2.5 inches no title, label or legend covers that of a neighbour."""
    figure, axes = plt.subplots(3, 4, figsize=(16, 8), layout="constrained")
    every_chart(year, compared, worth, list(axes.flat))
    figure.draw_without_rendering()
    boxes = [panel.get_tightbbox() for panel in axes.flat]
    for one, other in combinations(boxes, 2):
        overlap = Bbox.intersection(one, other)
        assert overlap is None or overlap.width < 1 or overlap.height < 1
    assert_nothing_covered(figure)
    for panel in axes.flat:
        legend = panel.get_legend()
        assert legend is not None or panel is axes[0, 1]
        if legend is not None:
            box = legend.get_window_extent()
            assert box.x1 <= panel.bbox.x1 + 2, panel.get_title("left")


def test_legend_title_and_colours_are_the_callers_to_set(year: Forecast, compared: Comparison) -> None:
    """Off, one's own, or as they come; a role that is none is named with those there are."""
    axes = year.plot(Figure().subplots(), legend=False, title=False, colors={"fan": "#ff0000"})
    assert axes.get_legend() is None
    assert axes.get_title("left") == ""
    median = next(line for line in axes.get_lines() if line.get_label() == "median")
    assert to_rgb(str(median.get_color()))[0] > 0.4 > to_rgb(str(median.get_color()))[2]
    assert compared.plot(Figure().subplots(), title="Mine").get_title("left") == "Mine"
    page = Figure()
    year.plot(figure=page, legend=False, title="Mine")
    assert [axes.get_legend() for axes in page.axes] == [None, None, None]
    assert "Mine" in [text.get_text() for text in page.axes[0].texts]
    with pytest.raises(UnknownNameError, match="no role of a colour 'red'; known: balance, expired"):
        year.plot(Figure().subplots(), colors={"red": "red"})
    with pytest.raises(InvalidValueError, match="color of refused is 'reddish'"):
        year.plot_losses(Figure().subplots(), colors={"refused": "reddish"})
    with pytest.raises(UnknownNameError, match="kind of chart 'pie'"):
        compared.plot(show="pie")


@pytest.mark.parametrize(("days", "grants_marked"), [(14, True), (365, True), (3_650, False)])
def test_from_two_weeks_to_ten_years_lines_can_be_told_apart(days: int, *, grants_marked: bool) -> None:
    """Steps of days while there is room for them; then the balance before each grant, and losses as lines."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
    one = forecast(BUSINESS, outreach, start=START, days=days, rng=7, paths=100)
    for inches in ((4, 2.5), (10, 4)):
        fan = one.plot(Figure(figsize=inches).subplots())
        labels = [line.get_label() for line in fan.get_lines()]
        assert ("grant" in labels) == grants_marked
        median = next(line for line in fan.get_lines() if line.get_label() == "median")
        assert len(np.asarray(median.get_xdata())) == (days + 1 if grants_marked else 120)
    losses = one.plot_losses(Figure(figsize=(4, 2.5)).subplots())
    assert bool(losses.patches) == grants_marked
    assert {line.get_label() for line in losses.get_lines()} >= (
        set() if grants_marked else {"messages refused", "credits expired"}
    )


def test_the_balance_before_grants_is_that_of_the_table() -> None:
    """What is drawn over ten years are rows of the daily table, those before each grant and the last."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
    one = forecast(BUSINESS, outreach, start=START, days=3_650, rng=7, paths=100)
    fan = one.plot(Figure(figsize=(4, 2.5)).subplots())
    drawn = next(line for line in fan.get_lines() if line.get_label() == "median")
    table = one.quantiles([0.5]).set_index("date")["balance"]
    before = [grant.date() for grant in one.grants[1:]]
    expected = [int(table[str(date.fromordinal(day.toordinal() - 1))]) for day in before]
    assert [int(value) for value in np.asarray(drawn.get_ydata())[:-1]] == expected
