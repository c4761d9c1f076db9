"""Decisions, plans and accounts show themselves: by ``print()``, and as HTML in notebooks."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from inmail_credits import Account, Plan, economies
from inmail_credits.forecasting import (
    Backtest,
    BalanceForecast,
    CreditValue,
    Pace,
    Prospects,
    ProspectSegment,
    Sensitivity,
    SustainableRate,
    Sweep,
    Targeting,
    backtest,
    credit_value,
    forecast_balance,
    pace,
    sensitivity,
    sustainable_rate,
    sweep,
    target,
)
from inmail_credits.simulation import Outreach, Replies, Sends

START = date(2026, 1, 1)
BUSINESS = economies.LINKEDIN_2019["business"]
FIVE_A_WEEK = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
PEOPLE = Prospects(per_day=2, segments=[ProspectSegment(odds=0.05), ProspectSegment(odds=0.5)])


class Reader(HTMLParser):
    """The text of a page; every element must be closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as of HTMLParser
        """Remember what is open."""
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """What is closed is the last that was opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        if "style" not in self.open:
            self.text += f"{data} "


def account() -> Account:
    """Two months of messages, a quarter of them answered."""
    found = Account.open(BUSINESS, at=START)
    for number in range(20):
        on = START + timedelta(days=3 * number)
        found.send(f"m-{number}", at=on)
        if number % 4 == 0:
            found.reply(f"m-{number}", at=on + timedelta(days=1))
    return found


@cache
def a_rate() -> SustainableRate:
    """The rate of Business."""
    return sustainable_rate(BUSINESS, FIVE_A_WEEK, months=3, start=START, rng=7, paths=200)


@cache
def a_pace() -> Pace:
    """The pace of a new account."""
    return pace(Account.open(BUSINESS, at=START), FIVE_A_WEEK, rng=7, paths=200)


@cache
def a_value() -> CreditValue:
    """The value of its credits."""
    return credit_value(BUSINESS, PEOPLE, start=START)


@cache
def a_targeting() -> Targeting:
    """Two people, one with a name that is HTML."""
    people = pd.DataFrame({"odds": [0.01, 0.7]}, index=["<b>Al</b>", "Bo"])
    return target(people, Account.open(BUSINESS, at=START), per_day=2)


@cache
def a_sweep() -> Sweep:
    """Two volumes and two reply rates."""
    return sweep(BUSINESS, per_week=[3, 8], reply_rate=[0.1, 0.3], start=START, days=60, rng=7, paths=50)


@cache
def a_sensitivity() -> Sensitivity:
    """What a little more is worth."""
    return sensitivity(BUSINESS, FIVE_A_WEEK, months=2, start=START, rng=7, paths=200)


@cache
def a_balance() -> BalanceForecast:
    """From a balance of unknown age."""
    return forecast_balance(
        BUSINESS,
        FIVE_A_WEEK,
        balance=12,
        at=date(2026, 1, 20),
        renews_on=date(2026, 2, 5),
        months=3,
        rng=7,
        paths=50,
    )


@cache
def a_backtest() -> Backtest:
    """One forecast of a past."""
    return backtest(account(), origins=[date(2026, 2, 10)], horizon="14D", paths=100, rng=7)


SHOWN = (a_rate, a_pace, a_value, a_targeting, a_sweep, a_sensitivity, a_balance, a_backtest)
SAID = {
    "a_rate": ["send at most", "200 paths, seed 7"],
    "a_pace": ["15 credits to 1 February 2026", "31 March 2026"],
    "a_value": ["write from odds of", "the last of 15 credits is worth"],
    "a_targeting": ["Write to 1 of 2 now: Bo.", "70 %", "never"],
    "a_sweep": ["odds of running dry", "3 a week", "30 %"],
    "a_sensitivity": ["one more percentage point of reply rate", "points"],
    "a_balance": ["Whatever the age of the credits", "the oldest"],
    "a_backtest": ["as before", "CRPS"],
}


@pytest.mark.parametrize("made", SHOWN, ids=[made.__name__ for made in SHOWN])
def test_a_decision_reads_alike_printed_and_in_a_notebook(made: Callable[[], Any]) -> None:
    """Both name the figures; the HTML is well formed, and what was given is escaped."""
    found = made()
    page = found._repr_html_()
    read = " ".join(Reader(page).text.split())
    printed = " ".join(str(found).split())
    for text in SAID[made.__name__]:
        assert text in read
        if text != "points":
            assert text in printed
    assert "<b>" not in page


@pytest.mark.parametrize("made", [a_rate, a_pace, a_targeting, a_backtest])
def test_a_decision_as_plain_data_is_json(made: Callable[[], Any]) -> None:
    """No infinity, no date that JSON has not."""
    plain = made().to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_pace_without_limit_says_so() -> None:
    """Everybody answers at once: any number may be sent, and the chart has no line of messages."""
    sure = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=1.0))
    plan = Plan(name="own", grant_credits=9_000)
    found = pace(Account.open(plan, at=START), sure, rng=7, paths=20, until=date(2026, 1, 3))
    assert "any number of messages" in found.sentence
    assert found.to_dict()["per_day"] is None
    axes = found.plot(ax=Figure().subplots())
    assert [line.get_label() for line in axes.get_lines()] == ["credits held"]


def test_the_chart_of_a_pace_ends_at_its_budget() -> None:
    """The line rises to the messages of the whole time; credits that die within it are marked."""
    found = pace(Account.open(BUSINESS, at=START), FIVE_A_WEEK, rng=7, paths=200, until=date(2026, 5, 1))
    axes = found.plot(ax=Figure(figsize=(4, 2.5)).subplots())
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert float(lines["messages by then"].get_ydata()[-1]) == pytest.approx(found.per_day * 120)  # type: ignore[index, arg-type] # an array
    assert set(lines["credits held"].get_ydata()) == {15}  # type: ignore[arg-type] # an array
    assert "credits die" in lines
    assert [text.get_text() for text in axes.texts] == ["15 by 31 Mar"]


def test_a_price_of_next_to_nothing_is_not_given_in_powers_of_ten() -> None:
    """The last of many credits is worth less than a thousandth of an answer: the card says just that."""
    few = Prospects(per_day=0.2, segments=[ProspectSegment(odds=0.3, value=2.0)])
    shown = str(credit_value(BUSINESS, few, start=START, days=60))
    assert "Write to anybody: the last of 15 credits is worth <0.002." in shown
    assert "e-" not in shown


def test_plans_accounts_and_statements_show_themselves() -> None:
    """In a notebook; titles are escaped."""
    own = Plan(name="own", title="<i>mine</i>", grant_credits=7)
    found = account()
    pages = [
        Reader(one._repr_html_()).text
        for one in (
            own,
            economies.LINKEDIN_2019,
            found,
            found.statement(START, date(2026, 2, 1)),
            found.explain("m-0"),
            Account(),
        )
    ]
    assert "<i>mine</i>: 7 credits every 1 month" in pages[0]
    assert "recruiter-lite" in pages[1]
    assert "5 credits (Premium Business)" in " ".join(pages[2].split())
    assert "at 2026-02-27 00:00 UTC" in " ".join(pages[2].split())
    assert "2026-01-01 00:00 to 2026-02-01 00:00 UTC" in " ".join(pages[3].split())
    assert pages[3].split()[-2:] == ["balance", "7"]
    assert "the credit came back (R5)" in pages[4]
    assert "without facts" in pages[5]
