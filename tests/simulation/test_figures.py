"""The one table of figures: the names it has are the names a simulation answers to."""

from datetime import date

import pytest

from inmail_credits import economies
from inmail_credits.errors import UnknownNameError
from inmail_credits.simulation import Outreach, Replies, Sends, simulate
from inmail_credits.simulation.figures import COUNTED, FIGURES, FLOWS, Kind, Unit, figure


def test_names_and_labels_are_each_used_once() -> None:
    """A figure has one name and one label, and is found by its name."""
    assert len({one.name for one in FIGURES}) == len({one.label for one in FIGURES}) == len(FIGURES)
    assert [figure(one.name) for one in FIGURES] == list(FIGURES)


def test_ratios_are_shares_or_odds_and_the_others_count_something() -> None:
    """Kind and unit agree."""
    for one in FIGURES:
        assert (one.kind is Kind.RATIO) == (one.unit in {Unit.SHARE, Unit.ODDS}), one.name


def test_a_simulation_has_every_figure_that_is_counted() -> None:
    """A total of each name, one number a path; levels and flows together make the totals."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
    plan = economies.LINKEDIN_2019["career"]
    run = simulate(plan, outreach, start=date(2026, 1, 1), days=60, paths=50, rng=7)
    for one in COUNTED:
        assert run.total(one.name).shape == (50,), one.name
    assert (run.total("sent") == run.total("spent")).all(), "a message costs one credit (R4)"
    assert {one.name for one in COUNTED} - {one.name for one in FLOWS} == {"opening", "balance"}


def test_an_unknown_figure_is_refused_with_those_there_are() -> None:
    """The message names the value and the choice."""
    with pytest.raises(
        UnknownNameError, match="no figure 'closing'; known: wanted, sent, refused, held_back"
    ):
        figure("closing")
