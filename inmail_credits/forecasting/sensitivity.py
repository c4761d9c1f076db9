"""What a little more of something is worth: one percentage point of reply rate, one message a week, a credit.

Each change is simulated on the draws of the base, and differences are taken path by path, so that their error
is far below that between independent runs.
"""

from datetime import date
from typing import Final

import pandas as pd
from attrs import evolve, frozen

from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_instance, as_number, as_whole
from inmail_credits.forecasting import decision_cards
from inmail_credits.forecasting.candidates import Subject
from inmail_credits.forecasting.cells import Cell, cell_totals, prepare_cells
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.labels import behaviour_label
from inmail_credits.forecasting.run import begin_of
from inmail_credits.forecasting.scores import SCORED, means_and_errors, scores
from inmail_credits.forecasting.variations import PER_WEEK_MAX, at_rate, with_more_replies
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach
from inmail_credits.simulation.run import Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed

PATHS: Final = 10_000
PATHS_MAX: Final = 1_000_000
REPLY: Final = "one more percentage point of reply rate"
MESSAGE: Final = "one more message a week"
CREDIT: Final = "one more credit a grant"


@frozen(kw_only=True, eq=False, repr=False)
class Sensitivity(Shown):
    """What :func:`sensitivity` found.

    Fields:
        frame: one row a change and figure, as :meth:`to_frame` gives it.
        behaviour: the base, in one line.
        horizon: over how long.
        paths, seed: to repeat it.
    """

    frame: pd.DataFrame
    behaviour: str
    horizon: str
    paths: int
    seed: int | None

    def to_frame(self) -> pd.DataFrame:
        """One row a change and figure, indexed by ``change`` and ``figure``.

        Columns: ``base``, the figure without the change; ``difference``, what the change adds to it over the
        horizon; and ``error``, the standard error of the difference (paired, path by path).
        """
        return self.frame.copy()

    def _card(self) -> Card:
        return decision_cards.sensitivity_card(self)

    def __repr__(self) -> str:
        gains = self.frame["difference"].xs("replied", level="figure")
        told = ", ".join(f"{change}: {gain:+.2f} replies" for change, gain in gains.items())
        return f"<Sensitivity over {self.horizon}: {told}>"


def sensitivity(
    subject: Subject,
    outreach: Outreach,
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    start: date | None = None,
    paths: int = PATHS,
    rng: Rng | None = None,
    seats: int = 1,
    reply_points: float = 1.0,
    messages: float = 1.0,
) -> Sensitivity:
    """What one more percentage point of reply rate, or one more message a week, changes.

    Where ``subject`` is a plan, one more credit a grant (a seat) is tried too.

    Args:
        subject: a plan, subscribed to at ``start``; or an account.
        outreach: the behaviour to change a little.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast`; or
        days: instead of it,
        until: instead of it,
        horizon: instead of it.
        start: an instant or a date. An account defaults to its latest fact's instant.
        paths: how many paths, 1 to 1,000,000.
        rng: the seed; drawn and reported if left out.
        seats: seats of the contract, where ``subject`` is a plan.
        reply_points: how many percentage points to raise the reply rate by, above 0 to 100; at most to
            100 % in all.
        messages: how many messages a week more, above 0 to 14,000 in all.

    Raises:
        InvalidValueError: with the value and the limit.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> plan = economies.LINKEDIN_2019["business"]
        >>> more = sensitivity(plan, outreach, start=date(2026, 1, 1), months=6, rng=7, paths=2_000)
        >>> gain, error = more.to_frame().loc[("one more percentage point of reply rate", "replied"),
        ...     ["difference", "error"]]
        >>> 1.0 < gain < 1.8, error < 0.1
        (True, True)
    """
    outreach = as_instance("outreach", outreach, Outreach, "an Outreach")
    points = as_number("reply_points", reply_points, 1e-6, 100)
    more = as_number("messages", messages, 1e-6, PER_WEEK_MAX)
    paths = as_whole("paths", paths, 1, PATHS_MAX)
    begin = begin_of(subject, start)
    ahead = Horizon.of(begin, months=months, days=days, until=until, horizon=horizon, zone=outreach.zone)
    seed = fresh_seed() if rng is None else plain_seed(rng)
    changed = {
        _named(REPLY, points, "percentage points of reply rate"): Cell(
            subject, with_more_replies(outreach, points / 100), seats
        ),
        _named(MESSAGE, more, "messages a week"): Cell(
            subject, at_rate(outreach, outreach.sends.per_week + more), seats
        ),
    }
    if isinstance(subject, Plan):
        larger = evolve(subject, grant_credits=subject.grant_credits + 1)
        changed[CREDIT] = Cell(larger, outreach, seats)
    cells = [Cell(subject, outreach, seats), *changed.values()]
    job = prepare_cells(cells, start=begin, days=ahead.days, paths=paths, rng=seed)
    totals = [cell_totals(job, cell, cell + 1) for cell in range(job.cells)]
    rows = []
    for change, own in zip(changed, totals[1:], strict=True):
        for name in SCORED:
            base = scores(totals[0], name)
            difference, error = means_and_errors(scores(own, name) - base)
            rows.append((change, name, float(base.mean()), float(difference[0]), float(error[0])))
    frame = pd.DataFrame(rows, columns=["change", "figure", "base", "difference", "error"])
    return Sensitivity(
        frame=frame.set_index(["change", "figure"]),
        behaviour=behaviour_label(outreach),
        horizon=ahead.label,
        paths=paths,
        seed=seed if isinstance(seed, int) else None,
    )


def _named(one: str, amount: float, unit: str) -> str:
    return one if amount == 1 else f"{amount:g} more {unit}"
