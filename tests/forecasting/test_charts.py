"""Charts carry titles, axes with units, named bands, and nothing that is clipped."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inmail_credits import Plan, economies
from inmail_credits._charts.date_ticks import date_ticks
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import Comparison, Forecast, compare, forecast, plot_plans
from inmail_credits.forecasting.small_multiples import figure_size
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation.behaviour.delays import Fixed
from tests.forecasting.drawn_texts import assert_nothing_clipped, assert_nothing_covered, shown_texts

START = date(2026, 1, 1)
TWINS = (("old", 30), ("new", 90))


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Figures of pyplot are closed after each test."""
    yield
    plt.close("all")


def full(one: Forecast, *, inches: tuple[float, float] = (10, 8)) -> Figure:
    """All three panels of a forecast."""
    figure = Figure(figsize=inches, layout="constrained")
    one.plot(figure=figure)
    return figure


def bars(compared: Comparison) -> Figure:
    """Both panels of a comparison."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    compared.plot(figure=figure)
    return figure


def multiples(forecasts: Sequence[Forecast]) -> Figure:
    """Small multiples on a figure of their own."""
    figure = Figure(figsize=figure_size(forecasts), layout="constrained")
    plot_plans(forecasts, figure=figure)
    return figure


def words_of(figure: Figure) -> str:
    """All that can be read on a chart."""
    return "\n".join(text.get_text() for text in shown_texts(figure))


def legend_of(axes: Axes) -> list[str]:
    """The names in a legend."""
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_a_chart_names_its_plan_behaviour_start_paths_and_seed(year: Forecast) -> None:
    """Whoever finds the picture alone can say what it shows."""
    words = words_of(full(year))
    for expected in (
        "Sales Navigator: 20 credits a month",
        "5 sends a week, 27 % answered",
        "12 months from 31 January 2026",
        "3,000 simulated paths",
        "seed 7",
    ):
        assert expected in words


def test_bands_are_named_and_axes_have_units(year: Forecast) -> None:
    """Legend and axis labels of all three panels."""
    fan, dry, loss = full(year).axes
    assert legend_of(fan) == ["90 % of paths", "50 % of paths", "median", "grant"]
    assert legend_of(loss) == ["messages refused", "credits expired"]
    assert "(credits)" in fan.get_ylabel()
    assert "(%)" in dry.get_ylabel()
    assert "messages, credits" in loss.get_ylabel()
    assert [label.get_text() for label in loss.get_xticklabels()][:3] == ["Feb\n2026", "Mar", "Apr"]


def test_the_lines_are_the_tables(year: Forecast) -> None:
    """The median drawn is the median of the table; so are the odds, and the grants stand where they fall."""
    fan, dry, _ = full(year).axes
    median = next(line for line in fan.get_lines() if line.get_label() == "median")
    table = year.quantiles([0.5])["balance"].to_numpy()
    assert np.array_equal(np.asarray(median.get_ydata())[:-1], table)
    odds = next(line for line in dry.get_lines() if line.get_label() == "have run dry")
    assert np.array_equal(np.asarray(odds.get_ydata()), year.run_dry()["by_then"].to_numpy())
    grants = next(line for line in fan.get_lines() if line.get_label() == "grant")
    assert len(np.asarray(grants.get_xdata())) == len(year.grants) == 12


def test_nothing_is_clipped_on_any_chart(year: Forecast, compared: Comparison) -> None:
    """Titles, labels, legends and notes all lie within the page."""
    for figure in (full(year), multiples(list(compared.forecasts.values())), bars(compared)):
        assert_nothing_clipped(figure)


@pytest.mark.parametrize("inches", [(4, 2.5), (4, 6), (6, 5), (10, 8)])
def test_panels_that_fit_are_drawn_and_cover_nothing(year: Forecast, inches: tuple[float, float]) -> None:
    """All three, or the fan alone in a low figure; labels and headings keep to their place at every size."""
    figure = full(year, inches=inches)
    assert len(figure.axes) == (1 if inches[1] < 3 else 3)
    assert_nothing_clipped(figure)
    assert_nothing_covered(figure)


@pytest.mark.parametrize("inches", [(4, 2.5), (4, 6), (10, 5)])
@pytest.mark.parametrize("title", ["Lite {}", "A plan with quite a long title, number {}"])
def test_many_candidates_are_named_as_room_allows(
    recruiter: Outreach, title: str, inches: tuple[float, float]
) -> None:
    """Both kinds of bars, or the messages alone in a small figure; long titles give way to short labels."""
    plans = [Plan(name=f"p-{k}", title=title.format(k), grant_credits=k) for k in range(2, 10)]
    compared = compare(plans, recruiter, start=START, months=1, rng=7, paths=20)
    for show in ("all", "run_dry"):
        figure = Figure(figsize=inches, layout="constrained")
        if show == "all":
            compared.plot(figure=figure)
            assert len(figure.axes) == (1 if inches[1] < 3 else 2)
        else:
            compared.plot(figure.subplots(), show=show)
        assert_nothing_clipped(figure)
        assert_nothing_covered(figure)


def test_long_labels_are_broken_and_shortened(recruiter: Outreach) -> None:
    """Plans under two behaviours, one with a long label: bars, curves and panels keep within their page."""
    sends, replies = Sends.poisson(per_week=8, on="weekdays"), Replies(rate=0.4, sample_size=120)
    behaviours = [recruiter, Outreach(sends=sends, replies=replies)]
    compared = compare(economies.LINKEDIN_2019, behaviours, start=START, months=1, rng=7, paths=20)
    forecasts = list(compared.forecasts.values())
    for inches in ((4.4, 11), (5, 8.9), (9.5, 12.9)):
        bars_, panels = (Figure(figsize=inches, layout="constrained") for _ in range(2))
        compared.plot(figure=bars_)
        plot_plans(forecasts, figure=panels)
        for figure in (bars_, panels):
            assert_nothing_clipped(figure)
            assert_nothing_covered(figure)
    shown = {label.get_text() for label in bars_.axes[0].get_yticklabels()}
    assert len(shown) == len(forecasts)


def test_the_note_of_a_run_dry_curve_stays_within_the_axes(recruiter: Outreach) -> None:
    """Half of all paths by the middle of the time: the name of the day has room beside the curve."""
    one = forecast(economies.LINKEDIN_2019["career"], recruiter, start=START, days=14, rng=7, paths=200)
    figure = Figure(figsize=(4, 2.5), layout="constrained")
    axes = one.plot_run_dry(figure.subplots())
    (note,) = [text for text in shown_texts(figure) if text.get_text().startswith("half of all paths")]
    assert note.get_window_extent().x1 <= axes.bbox.x1


def test_bounds_of_losses_stay_below_the_legend(year: Forecast) -> None:
    """Error bars count for the height of the axes, not the bars alone."""
    axes = year.plot_losses(Figure().subplots(), legend=False)
    tops = [segment[:, 1].max() for lines in axes.collections for segment in lines.get_segments()]  # type: ignore[attr-defined] # LineCollection
    assert max(tops) <= axes.get_ylim()[1]


def test_a_chart_is_drawn_where_it_is_told_and_its_axes_are_returned(year: Forecast) -> None:
    """What is given is drawn into, and nothing else; without it there is a new figure of pyplot."""
    axes = Figure().subplots()
    assert year.plot(axes) is axes
    assert legend_of(axes)[0] == "90 % of paths"
    page = Figure(figsize=(12, 5))
    part = page.add_subfigure(page.add_gridspec(1, 2)[0])
    inside = part.subplots()
    assert year.plot(ax=inside) is inside
    other = Figure()
    assert year.plot(figure=other) is other.axes[0]
    assert len(other.axes) == 3
    assert plt.get_fignums() == []
    own = year.plot()
    assert own.figure is plt.gcf()
    assert len(plt.gcf().axes) == 3


def test_only_axes_are_drawn_into(year: Forecast, compared: Comparison) -> None:
    """A figure, or a grid of axes, is refused in one line."""
    for draw in (year.plot, year.plot_run_dry, year.plot_losses, compared.plot):
        for other in (Figure(), True, Figure().subplots(2)):
            with pytest.raises(InvalidValueError, match=r"^ax is .*, but must be Axes of Matplotlib"):
                draw(ax=other)  # type: ignore[arg-type] # what is refused


def test_certain_and_impossible_runs_are_drawn_too(recruiter: Outreach) -> None:
    """No path dry, all paths dry, one path, one day's grants: every chart is complete and in the page."""
    nobody = Outreach(sends=Sends.fixed(per_week=0), replies=Replies(rate=0.0))
    plan = economies.LINKEDIN_2019["career"]
    for outreach, paths, months in ((nobody, 10, 1), (recruiter, 1, 1), (recruiter, 20, 30)):
        assert_nothing_clipped(full(forecast(plan, outreach, start=START, months=months, rng=7, paths=paths)))


@pytest.fixture(scope="module")
def compared(recruiter: Outreach) -> Comparison:
    """The four tiers of 2019 over a year."""
    return compare(economies.LINKEDIN_2019, recruiter, start=START, months=12, rng=7, paths=300)


def test_small_multiples_have_plans_down_and_behaviours_across(compared: Comparison) -> None:
    """A panel for each forecast: titled, with its odds; one axis of dates, a scale of credits each."""
    others = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.7))
    again = compare(economies.LINKEDIN_2019, others, start=START, months=12, rng=7, paths=300)
    figure = multiples([*compared.forecasts.values(), *again.forecasts.values()])
    assert len(figure.axes) == 8
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "Premium Career, 3 credits a month\n5 sends a week, 27 % answered"
    assert titles[1] == "Premium Career, 3 credits a month\n5 sends a week, 70 % answered"
    assert all(axes.get_title(loc="right").startswith("runs dry: ") for axes in figure.axes)
    assert figure.axes[0].get_title(loc="right").startswith("runs dry: 100 %\nhalf by ")
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    assert len({axes.get_ylim() for axes in figure.axes[::2]}) == 4
    assert {axes.get_ylabel() for axes in figure.axes[::2]} == {"credits"}
    assert "90 % of paths" in words_of(figure)
    assert_nothing_clipped(figure)


def test_plans_of_one_title_have_panels_and_bars_of_their_own(recruiter: Outreach) -> None:
    """Two plans that read alike are marked by name; two accounts of one plan, by number."""
    twins = [Plan(name=name, title="Lite", grant_credits=6, lifetime_days=days) for name, days in TWINS]
    compared = compare(twins, recruiter, start=START, months=3, rng=7, paths=50)
    figure = multiples(list(compared.forecasts.values()))
    shown = [axes.get_title(loc="left").partition("\n")[0] for axes in figure.axes]
    assert shown == ["Lite (old), 6 credits a month", "Lite (new), 6 credits a month"]
    labels = [label.get_text() for label in compared.plot().get_yticklabels()]
    assert labels == ["Lite (old)\n6 credits a month", "Lite (new)\n6 credits a month"]


def test_two_forecasts_of_one_plan_and_behaviour_have_panels_of_their_own(recruiter: Outreach) -> None:
    """Two accounts, or two seeds: neither is drawn over the other."""
    plan = economies.LINKEDIN_2019["career"]
    both = [forecast(plan, recruiter, start=START, months=1, rng=seed, paths=20) for seed in (1, 2)]
    figure = multiples(both)
    assert [len(axes.get_lines()) for axes in figure.axes] == [2, 2]
    shown = [axes.get_title(loc="left").partition(",")[0] for axes in figure.axes]
    assert shown == ["Premium Career (career", "Premium Career (career"]
    assert "(career, 2)" in figure.axes[1].get_title(loc="left")


def test_behaviours_that_read_alike_have_columns_of_their_own() -> None:
    """The label has no delays: behaviours that differ in them only are numbered."""
    plan = economies.LINKEDIN_2019["career"]
    sends = Sends.poisson(per_week=5)
    both = [Outreach(sends=sends, replies=Replies(rate=0.27, delay=delay)) for delay in (Fixed(1), Fixed(9))]
    figure = multiples([forecast(plan, one, start=START, months=1, rng=7, paths=20) for one in both])
    shown = [axes.get_title(loc="left").partition("\n")[2] for axes in figure.axes]
    assert shown == [f"5 sends a week, 27 % answered (behaviour {number})" for number in (1, 2)]


@pytest.mark.parametrize(("months", "words"), [(12, "at the end of each day"), (120, "before each grant")])
def test_the_heading_of_small_multiples_says_which_balance(
    recruiter: Outreach, months: int, words: str
) -> None:
    """That of each day, or over many years that before each grant."""
    plan = economies.LINKEDIN_2019["career"]
    one = forecast(plan, recruiter, start=START, months=months, rng=7, paths=20)
    assert f"InMail credits left {words}" in words_of(multiples([one]))


def test_small_multiples_of_different_horizons_are_refused(compared: Comparison, recruiter: Outreach) -> None:
    """One axis of dates needs one horizon."""
    other = forecast(economies.LINKEDIN_2019["career"], recruiter, start=START, months=6, rng=7, paths=10)
    with pytest.raises(InvalidValueError, match="365 days from 1 January 2026"):
        plot_plans([*compared.forecasts.values(), other])


def test_the_comparison_chart_shows_messages_and_credits(compared: Comparison) -> None:
    """Stacked bars as long as the messages wanted, plans named, odds shown, units on the axes."""
    figure = bars(compared)
    messages, credits_ = figure.axes
    assert legend_of(messages) == ["messages sent", "messages refused"]
    assert legend_of(credits_) == ["credits spent", "balance at the end", "credits expired"]
    assert messages.get_xlabel().startswith("messages wanted")
    assert credits_.get_xlabel().startswith("credits received")
    words = words_of(figure)
    assert "Premium Career\n3 credits a month" in words
    assert "runs dry:\n100 %" in words


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (5, ["31\nJan 2026", "1\nFeb 2026", "2", "3", "4"]),
        (60, ["31\nJan 2026", "7\nFeb 2026", "14", "21", "28", "7\nMar 2026", "14", "21", "28"]),
        (120, ["Feb\n2026", "Mar", "Apr", "May"]),
        (4_000, [str(year) for year in range(2027, 2038)]),
    ],
)
def test_dates_are_labelled_as_people_name_them(days: int, labels: list[str]) -> None:
    """Days, weeks, months or years, and the year where it begins."""
    ticks = date_ticks(datetime(2026, 1, 30, 9, 17, tzinfo=UTC), days, ticks_max=12)
    assert [label for _, label in ticks] == labels
    assert all(at.hour == at.minute == 0 for at, _ in ticks)
