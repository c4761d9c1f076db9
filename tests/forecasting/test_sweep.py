"""Sweeps and sensitivities: many cells on one set of draws."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from inmail_credits import Account, Plan, economies
from inmail_credits.errors import InMailCreditsError
from inmail_credits.forecasting import Sweep, forecast, sensitivity, sweep
from inmail_credits.forecasting.scores import SCORED, scores
from inmail_credits.forecasting.variations import at_rate, at_reply_rate, with_more_replies
from inmail_credits.simulation import (
    Outreach,
    Replies,
    SegmentedReplies,
    Sends,
    UncertainReplies,
    Withdrawals,
)
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import SimulationCancelledError

mpl.use("Agg")

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
BUSINESS = economies.LINKEDIN_2019["business"]
ORIGINAL = Plan(name="original", grant_credits=9, lifetime_days=40, refund_to="original", cap_credits=20)
BASE = Outreach(
    sends=Sends.poisson(per_week=5, on="weekdays"),
    replies=Replies(rate=0.3, sample_size=40),
    withdrawals=Withdrawals(rate=0.3, after_days=9),
    zone="Europe/Berlin",
)


def account() -> Account:
    """An account with credits, and messages unanswered."""
    opened = Account.open(BUSINESS, at=START - timedelta(days=50))
    for number in range(20):
        opened.send(f"m-{number}", at=START - timedelta(days=30 - number))
    return opened


@pytest.fixture(scope="module")
def grid() -> Sweep:
    """Two plans, of both forms of keeping credits, and an account; four volumes, three rates."""
    subjects: dict[str, Plan | Account] = {"queue": BUSINESS, "lots": ORIGINAL, "mine": account()}
    return sweep(
        subjects,
        per_week=[0, 3, 5.5, 20],
        reply_rate=[0, 0.25, 1],
        outreach=BASE,
        start=START,
        days=75,
        paths=200,
        rng=11,
    )


@pytest.mark.parametrize("plan", ["queue", "lots", "mine"])
def test_a_cell_is_the_forecast_of_that_cell(grid: Sweep, plan: str) -> None:
    """Every figure and every error of every cell, to the last bit of the counts."""
    subjects: dict[str, Plan | Account] = {"queue": BUSINESS, "lots": ORIGINAL, "mine": account()}
    subject = subjects[plan]
    for row in grid.to_frame().query("plan == @plan").to_dict("records"):
        outreach = at_reply_rate(at_rate(BASE, row["per_week"]), row["reply_rate"])
        f = forecast(subject, outreach, start=START, days=75, rng=11, paths=200)
        for name in SCORED:
            expected = mean_and_error(scores(f.simulation.path_totals, name))
            found = row[name], row[f"{name}_error"]
            assert np.allclose(found, expected, rtol=1e-12, atol=1e-12, equal_nan=True), (row, name)


def test_without_sends_nothing_is_refused_and_no_share_is_known(grid: Sweep) -> None:
    """Nobody who wants nothing is refused anything; a share of no messages is not a number."""
    nothing = grid.to_frame().query("per_week == 0 and plan == 'queue'")
    assert nothing["wanted"].eq(0).all()
    assert nothing["run_dry"].eq(0).all()
    assert nothing["share_sent"].isna().all()


def test_who_always_answers_costs_nothing_for_long(grid: Sweep) -> None:
    """At a reply rate of 1 more is sent than at 0.25, and there than at 0, on every volume above 0."""
    sent = grid.table("sent", plan="queue")
    assert (sent.diff().iloc[1:, 2:] > 0).all(axis=None)


def test_tables_have_the_axes_asked_for(grid: Sweep) -> None:
    """Rows are rates, columns volumes, both ascending; errors are a figure by name."""
    table = grid.table("replied_error", plan="lots")
    assert [float(rate) for rate in table.index] == [0, 0.25, 1]
    assert [float(volume) for volume in table.columns] == [0, 3, 5.5, 20]
    cell = grid.to_frame().query("plan == 'lots' and per_week == 3 and reply_rate == 0.25")
    assert table.iloc[1, 1] == cell["replied_error"].item()


def test_who_runs_it_does_not_matter(grid: Sweep) -> None:
    """Threads and processes give the same bits; axes may come in any order."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        other = sweep(
            {"queue": BUSINESS, "lots": ORIGINAL},
            per_week=[20, 0, 5.5, 3],
            reply_rate=np.array([1, 0, 0.25]),
            outreach=BASE,
            start=START,
            days=75,
            paths=200,
            rng=11,
            executor=pool,
        )
    same = grid.to_frame().query("plan != 'mine'")
    assert other.to_frame().equals(same.reset_index(drop=True))


def test_progress_counts_all_paths_and_stops() -> None:
    """The callable sees the last path of the last cell; a false answer ends the run."""
    told = []

    def tell(done: int, paths: int) -> None:
        told.append((done, paths))

    sweep(BUSINESS, per_week=[1, 2], reply_rate=[0.1, 0.2], start=START, days=9, rng=7, progress=tell)
    assert told[-1] == (4_000, 4_000)
    with pytest.raises(SimulationCancelledError):
        sweep(
            BUSINESS,
            per_week=[1, 2],
            reply_rate=[0.1, 0.2],
            start=START,
            days=9,
            rng=7,
            progress=lambda _done, _paths: False,
        )


def test_errors_are_those_of_seed_to_seed() -> None:
    """Over 120 seeds the figures of a cell scatter as their errors say."""
    cells = [
        sweep(
            BUSINESS, per_week=[4.5], reply_rate=[0.3], start=START, days=60, paths=200, rng=seed
        ).to_frame()
        for seed in range(120)
    ]
    for name in ("sent", "replied", "expired", "run_dry", "share_sent", "share_wasted"):
        means = np.array([cell[name].item() for cell in cells])
        errors = np.array([cell[f"{name}_error"].item() for cell in cells])
        known = errors > 0
        if known.any():
            z = (means[known] - means[known].mean()) / errors[known]
            assert 0.74 < np.std(z, ddof=1) < 1.26, name


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"per_week": [1, 1]}, "per_week is 1.0, but must be given once"),
        ({"per_week": []}, "per_week"),
        ({"per_week": [-1]}, "per_week is -1"),
        ({"per_week": "5"}, "per_week is '5'"),
        ({"reply_rate": [27]}, "reply_rate is 27"),
        ({"per_week": None}, "per_week is None, but must be given where no outreach= says it"),
        ({"per_week": range(400), "reply_rate": np.linspace(0, 1, 300)}, "cells is 120,000|cells is 120000"),
        ({"paths": 10**6}, "paths"),
        ({"outreach": Sends.poisson(per_week=1)}, "outreach"),
        (
            {
                "outreach": Outreach(
                    sends=BASE.sends, replies=UncertainReplies(alternatives=[Replies(rate=0.1)])
                )
            },
            "one rate that can be set",
        ),
    ],
)
def test_what_cannot_be_swept_is_refused_by_name(terms: dict[str, object], text: str) -> None:
    """One line: what, the value, the limit."""
    given = {"per_week": [1, 2], "reply_rate": [0.1, 0.2], "start": START, "days": 9, "rng": 7} | terms
    with pytest.raises(InMailCreditsError, match=text):
        sweep(BUSINESS, **given)  # type: ignore[arg-type] # whatever a caller gives


def test_figures_and_plans_there_are_not_are_named(grid: Sweep) -> None:
    """Unknown names get the known ones; several plans want one named; a single row has no map."""
    with pytest.raises(InMailCreditsError, match="no figure of a sweep 'luck'"):
        grid.table("luck", plan="lots")
    with pytest.raises(InMailCreditsError, match="plan is None, but must be one of queue, lots, mine"):
        grid.table("sent")
    with pytest.raises(InMailCreditsError, match="no swept plan 'gold'"):
        grid.plot("sent", plan="gold")
    line = sweep(BUSINESS, per_week=[1, 2], reply_rate=0.1, start=START, days=9, rng=7)
    with pytest.raises(InMailCreditsError, match="at least two volumes and two reply rates"):
        line.plot("sent")


def test_the_map_keeps_to_the_axes_given(grid: Sweep) -> None:
    """It returns them, draws a bar only if wanted, and lines only at levels there are."""
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert grid.plot("run_dry", plan="queue", ax=left, legend=False, title=False) is left
    assert len(figure.axes) == 2
    assert left.get_title(loc="left") == ""
    grid.plot("sent", plan="queue", ax=right, contours=[10.0, 1e6], title="mine")
    assert len(figure.axes) == 3
    assert "mine" in right.get_title(loc="left")
    texts = {text.get_text() for text in right.texts}
    assert texts == {"10"}


def row_of(frame: pd.DataFrame, change: str, figure: str) -> tuple[float, float, float]:
    """The base, the difference and its error."""
    row = frame.to_dict("index")[change, figure]
    return row["base"], row["difference"], row["error"]


def test_one_more_point_of_reply_rate_is_worth_a_hundredth_of_the_messages() -> None:
    """Where credits never run short, a point of reply rate brings a hundredth of the messages in replies."""
    quick = Outreach(sends=Sends.poisson(per_week=2), replies=Replies(rate=0.4))
    frame = sensitivity(BUSINESS, quick, start=START, days=400, rng=7, paths=4_000).to_frame()
    base, gain, error = row_of(frame, "one more percentage point of reply rate", "replied")
    sent, more, error_of_more = row_of(frame, "one more message a week", "sent")
    assert abs(gain - base / 40) < 4 * error
    assert abs(more - sent / 2) < 4 * error_of_more
    assert error < 0.2 * base**0.5 / 4_000**0.5


def test_differences_are_those_of_two_forecasts() -> None:
    """A change is the forecast with it, less the forecast without, path by path; errors hold."""
    frame = sensitivity(ORIGINAL, BASE, start=START, days=90, rng=3, paths=300, reply_points=5).to_frame()
    before = forecast(ORIGINAL, BASE, start=START, days=90, rng=3, paths=300).simulation
    after = forecast(
        ORIGINAL, with_more_replies(BASE, 0.05), start=START, days=90, rng=3, paths=300
    ).simulation
    for name in SCORED:
        own, base = scores(after.path_totals, name), scores(before.path_totals, name)
        found = row_of(frame, "5 more percentage points of reply rate", name)
        assert np.allclose(found[1:], mean_and_error(own - base)), name


def test_what_is_sure_has_no_sensitivity() -> None:
    """Nobody answers more than always; without messages nothing changes with the reply rate."""
    always = Outreach(sends=Sends.fixed(per_week=7), replies=Replies(rate=1.0))
    never = Outreach(sends=Sends.fixed(per_week=0), replies=Replies(rate=0.2))
    for outreach in (always, never):
        frame = sensitivity(BUSINESS, outreach, start=START, days=30, rng=7, paths=50).to_frame()
        changed = frame.xs("one more percentage point of reply rate", level="change")
        assert changed["difference"].dropna().eq(0).all()


def test_an_account_has_no_larger_grant_to_try() -> None:
    """One more credit a grant is a question about plans; the two changes of behaviour are about both."""
    frame = sensitivity(account(), BASE, days=30, rng=7, paths=50).to_frame()
    assert frame.index.unique("change").tolist() == [
        "one more percentage point of reply rate",
        "one more message a week",
    ]


def test_segments_have_no_single_rate_to_raise() -> None:
    """Alternatives are raised one by one, segments refused."""
    two = UncertainReplies(alternatives=[Replies(rate=0.2), Replies(rate=1.0)])
    raised = with_more_replies(Outreach(sends=BASE.sends, replies=two), 0.1).replies
    assert isinstance(raised, UncertainReplies)
    assert [round(one.rate, 3) for one in raised.alternatives] == [0.3, 1.0]
    segments = SegmentedReplies(segments={"all": (1, Replies(rate=0.2))})
    with pytest.raises(InMailCreditsError, match="one rate that can be set"):
        with_more_replies(Outreach(sends=BASE.sends, replies=segments), 0.1)


def test_a_sweep_says_what_it_is(grid: Sweep) -> None:
    """Plans, axes, horizon, paths and seed in one line."""
    assert repr(grid) == (
        "<Sweep of queue, lots, mine: 4 volumes (0 to 20 a week) x 3 reply rates (0 % to 100 %), 75 days "
        "from 2026-01-10, 200 paths, seed 11>"
    )
    one = sweep(BUSINESS, per_week=1, reply_rate=0.5, start=date(2026, 1, 1), horizon="1M", rng=7, paths=10)
    assert "1 volume (1 a week) x 1 reply rate (50 %), 1 month" in repr(one)
