"""What a forecast rests on shows in everything it hands over: the reply rate's sample, and unsure terms."""

import json
from datetime import date

import pytest
from attrs import evolve
from matplotlib.figure import Figure

from inmail_credits import Plan, economies
from inmail_credits.forecasting import Forecast, compare, forecast
from inmail_credits.plans import Source, Sureness
from inmail_credits.simulation import Outreach, Replies, Sends, UncertainReplies
from inmail_credits.simulation.behaviour.delays import Exponential

START = date(2026, 1, 1)
LITE = economies.LINKEDIN_2026["recruiter-lite"]


def forecast_of(replies: Replies, plan: Plan = LITE) -> Forecast:
    """A small forecast under such replies."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=replies)
    return forecast(plan, outreach, start=START, months=1, rng=7, paths=200)


EXACT = Replies(rate=0.27)
OBSERVED = Replies(rate=0.27, sample_size=120)


def chart_text(one: Forecast) -> str:
    """What stands above the chart."""
    axes = one.plot(figure=Figure())
    return "\n".join([*(text.get_text() for text in axes.texts), axes.get_title("left")])


def shown(one: Forecast) -> dict[str, str]:
    """Everything a reader may look at, as text."""
    return {
        "repr": repr(one),
        "behaviour": one.behaviour,
        "notebook": one._repr_html_(),
        "chart": chart_text(one),
        "summary": one.summary().to_string(),
        "data": json.dumps(one.to_dict()),
        "assumptions": one.assumptions().to_string(),
    }


def test_the_sample_of_the_rate_shows_everywhere() -> None:
    """With and without a sample size nothing that is shown reads alike."""
    exact, observed = shown(forecast_of(EXACT)), shown(forecast_of(OBSERVED))
    for name in exact:
        assert exact[name] != observed[name], name
    for name in ("repr", "notebook", "chart", "data"):
        assert "reply rate taken as exact" in exact[name], name
        assert "reply rate from 120 messages" in observed[name], name
    assert "(rate from 120 messages)" in observed["behaviour"]


def test_every_term_that_nobody_confirmed_shows_everywhere() -> None:
    """Recruiter Lite of 2026 has no age limit that a page states: it is inferred, and named."""
    unsure = [source.term for source in LITE.sources if source.sure in {Sureness.OPEN, Sureness.INFERRED}]
    assert "lifetime_days" in unsure
    one = forecast_of(EXACT)
    for name in ("repr", "notebook", "chart", "data", "assumptions"):
        text = shown(one)[name].replace("\n", " ")
        assert [term for term in unsure if term not in text] == [], name
    table = one.assumptions()
    assert (table["value"]["lifetime_days"], table["basis"]["lifetime_days"]) == ("none", "inferred")
    assert "Alternative: 90" in str(table.loc["lifetime_days", "note"])


def test_a_plan_of_which_all_is_known_names_no_terms() -> None:
    """Terms read verbatim or stated by a third party are not named."""
    sure = evolve(
        LITE, sources=(Source("lifetime_days", "a page"), Source("cap_credits", "b", "third party"))
    )
    assert forecast_of(EXACT, sure).rests_on == "reply rate taken as exact"


def test_the_row_of_the_rate_spreads_as_its_sample_says() -> None:
    """Exact: all quantiles are the rate. From 120 messages: those of Beta(32.4, 87.6)."""
    exact = forecast_of(EXACT).summary().loc["reply_rate"]
    assert {exact[name] for name in ("mean", "p5", "p50", "p95")} == {0.27}
    observed = forecast_of(OBSERVED).summary().loc["reply_rate"]
    assert observed["mean"] == 0.27
    assert [observed[name] for name in ("p5", "p50", "p95")] == pytest.approx(
        [0.206, 0.268, 0.339], abs=0.001
    )


def test_alternatives_of_the_rate_show_everywhere() -> None:
    """Replies of which each path follows one: their number, and how far their rates spread."""
    several = UncertainReplies(alternatives=[Replies(rate=rate / 100) for rate in range(20, 35)])
    one = forecast_of(several)
    for name in ("repr", "notebook", "chart", "data"):
        assert "reply rate from 15 alternatives" in shown(one)[name], name
    assert "27 % answered (rate from 15 alternatives)" in one.behaviour
    row = one.summary().loc["reply_rate"]
    assert [round(row[name], 2) for name in ("p5", "p50", "p95")] == [0.2, 0.27, 0.34]


def test_alternatives_that_were_fitted_name_the_messages_behind_them() -> None:
    """As a rate with a sample size does; the alternatives are in the note."""
    fitted = UncertainReplies(alternatives=[Replies(rate=0.2), Replies(rate=0.3)], messages=60)
    one = forecast_of(fitted)
    for name in ("repr", "notebook", "chart", "data"):
        assert "reply rate from 60 messages" in shown(one)[name], name
    assert "25 % answered (rate from 60 messages)" in one.behaviour
    assert "2 alternatives for rate and delay together" in one.assumptions()["note"].to_dict()["reply_rate"]


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_certain_rate_has_no_spread_even_from_a_sample(rate: float) -> None:
    """All or none of the sample answered: every path draws that rate."""
    row = forecast_of(Replies(rate=rate, sample_size=10)).summary().loc["reply_rate"]
    assert {row[name] for name in ("mean", "p5", "p50", "p95")} == {rate}


def test_the_default_delay_is_named_as_an_assumption_and_another_is_not() -> None:
    """It has no primary source; a delay of the caller's own is the caller's."""
    assert "reply_delay" in forecast_of(EXACT).assumptions().index
    own = Replies(rate=0.27, delay=Exponential(2.0))
    assert "reply_delay" not in forecast_of(own).assumptions().index


def test_a_comparison_names_the_assumptions_of_each_plan() -> None:
    """By plan, as a table and in a notebook."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=OBSERVED)
    plans = [LITE, economies.LINKEDIN_2026["career"]]
    compared = compare(plans, outreach, start=START, months=1, rng=7, paths=50)
    table = compared.assumptions()
    assert table.loc[("recruiter-lite", "lifetime_days"), "basis"] == "inferred"
    assert ("career", "lifetime_days") not in table.index
    assert "recruiter-lite rests on: reply rate from 120 messages" in compared._repr_html_()
    assert "(rate from 120 messages)" in repr(compared)
