"""A grid of volumes, reply rates and plans: the figures of every cell, with their errors.

All cells meet the same draws, so that neighbours differ by what was changed and not by chance. One cell gives
the figures that a forecast of its own would from that seed.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import date, datetime
from itertools import pairwise, product
from typing import Final

import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes

from inmail_credits._display.card import Card
from inmail_credits._display.numbers import count
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_instance, as_items, as_number, as_rate, as_whole, known_name
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import decision_cards, sweep_chart
from inmail_credits.forecasting.candidates import Subject, Subjects, labelled_subjects
from inmail_credits.forecasting.cells import Cell, prepare_cells, run_cells
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.labels import behaviour_label, day_label, percent
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.forecasting.run import begin_of
from inmail_credits.forecasting.scores import SCORED
from inmail_credits.forecasting.variations import PER_WEEK_MAX, at_rate, at_reply_rate
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Sends
from inmail_credits.simulation.run import Progress, Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed

CELLS_MAX: Final = 100_000
PATHS_MAX: Final = 100_000
AXES: Final = ("plan", "per_week", "reply_rate")


@frozen(kw_only=True, eq=False, repr=False)
class Sweep(Shown):
    """What :func:`sweep` found.

    Fields:
        frame: one row a cell, as :meth:`to_frame` gives it.
        plans: the labels of the plans or accounts, in order.
        per_week: the volumes, ascending.
        reply_rate: the reply rates, ascending.
        behaviour: what all cells share, in one line.
        start: the instant of day 0; of the first plan.
        horizon: how far ahead, as the caller put it.
        paths: how many paths each cell has.
        seed: the seed, if it was a plain number.

    Example:
        >>> from inmail_credits import economies
        >>> plan = economies.LINKEDIN_2019["business"]
        >>> grid = sweep(
        ...     plan, per_week=[3, 5, 8], reply_rate=[0.1, 0.3], start=date(2026, 1, 1), days=90, rng=7
        ... )
        >>> grid
        <Sweep of business: 3 volumes (3 to 8 a week) x 2 reply rates (10 % to 30 %), 90 days from
        2026-01-01, 1,000 paths, seed 7>
        >>> grid.table("run_dry").round(1)
        per_week    3.0  5.0  8.0
        reply_rate
        0.1         0.2  1.0  1.0
        0.3         0.0  0.7  1.0
    """

    frame: pd.DataFrame
    plans: tuple[str, ...]
    per_week: tuple[float, ...]
    reply_rate: tuple[float, ...]
    behaviour: str
    start: datetime
    horizon: str
    paths: int
    seed: int | None

    def to_frame(self) -> pd.DataFrame:
        """One row a cell: ``plan``, ``per_week``, ``reply_rate``, then the figures and their errors.

        Beside each figure stands its Monte-Carlo error, with ``_error`` after its name. Figures: ``wanted``,
        ``sent``, ``refused``, ``replied`` (messages), ``refunded``, ``expired``, ``forfeited``, ``balance``
        (credits), ``run_dry`` (share of paths with a refused send), ``share_sent`` and ``share_wasted``.
        """
        return self.frame.copy()

    def table(self, figure: str, *, plan: str | None = None) -> pd.DataFrame:
        """One figure: a row a reply rate, a column a volume. ``"sent_error"`` gives the errors of ``"sent"``.

        ``plan`` is the label of one of several plans, and may be left out where there is one.

        Raises:
            UnknownNameError: for a figure or a plan that there is not.
            InvalidValueError: where several plans were swept and none is named.
        """
        name = known_name("figure of a sweep", figure, self.frame.columns[len(AXES) :])
        rows = self.frame[self.frame["plan"] == self._one(plan)]
        return rows.pivot_table(index="reply_rate", columns="per_week", values=name, aggfunc="first")

    def plot(
        self,
        figure: str = "run_dry",
        *,
        plan: str | None = None,
        ax: Axes | None = None,
        contours: Iterable[float] | None = None,
        legend: bool = True,
        title: bool | str = True,
    ) -> Axes:
        """A heat map of one figure over volume and reply rate, with contour lines.

        Args:
            figure: its name, such as ``"replied"`` or ``"run_dry"``.
            plan: which plan, where several were swept.
            ax: axes to draw into; without any, those of a new figure of pyplot.
            contours: at which values lines are drawn, in the unit of the figure; for shares and odds 5, 20,
                50, 80 and 95 % if left out, else what fits.
            legend: whether a bar beside it says what the colours stand for.
            title: ``False`` for none, or a text of one's own.

        Raises:
            UnknownNameError: for a figure or plan that there is not.
            InvalidValueError: for a grid of one row or column, which has no map.
        """
        chosen = self._one(plan)
        table = self.table(figure, plan=chosen)
        if min(table.shape) < 2:  # noqa: PLR2004 - a map needs two of each
            raise InvalidValueError(
                "grid", f"{table.shape[1]} x {table.shape[0]}", "at least two volumes and two reply rates"
            )
        levels = None
        if contours is not None:
            items = as_items("contours", contours, "numbers in the unit of the figure")
            levels = [as_number("contour", level, 0, 1e9) for level in items]
        first = day_label(self.start.date())
        subject = f"{chosen}: {self.horizon} from {first}"
        return sweep_chart.draw(
            table, figure, ax=ax, contours=levels, legend=legend, title=title, subject=subject
        )

    def _one(self, plan: str | None) -> str:
        if plan is not None:
            return known_name("swept plan", plan, self.plans)
        if len(self.plans) > 1:
            raise InvalidValueError("plan", None, f"one of {', '.join(self.plans)}: plan={self.plans[0]!r}")
        return self.plans[0]

    def _card(self) -> Card:
        return decision_cards.sweep_card(self)

    def __repr__(self) -> str:
        volumes = f"{count(len(self.per_week), 'volume')} ({_span(f'{v:g}' for v in self.per_week)} a week)"
        rates = f"{count(len(self.reply_rate), 'reply rate')} ({_span(map(percent, self.reply_rate))})"
        seed = "" if self.seed is None else f", seed {self.seed}"
        return (
            f"<Sweep of {', '.join(self.plans)}: {volumes} x {rates}, {self.horizon} from "
            f"{self.start.date()}, {self.paths:,} paths{seed}>"
        )


def sweep(
    subjects: Subjects,
    *,
    per_week: Iterable[float] | float | None = None,
    reply_rate: Iterable[float] | float | None = None,
    outreach: Outreach | None = None,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    start: date | None = None,
    paths: int = 1_000,
    rng: Rng | None = None,
    seats: int = 1,
    executor: Executor | None = None,
    progress: Progress = False,
) -> Sweep:
    """Every plan at every volume and every reply rate, on the same draws.

    Args:
        subjects: a plan, an account, an economy, or several of them, as for
            :func:`~inmail_credits.forecasting.compare`.
        per_week: the volumes: messages wanted a week, 0 to 14,000. Left out, that of ``outreach``.
        reply_rate: the reply rates, 0 to 1. Left out, that of ``outreach``.
        outreach: everything else about the behaviour: weekdays, delays, withdrawals, time zone. By default
            a Poisson number of messages each day, and the default delay of answers.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast`; or
        days: instead of it,
        until: instead of it,
        horizon: instead of it.
        start: an instant or a date. An account defaults to its latest fact's instant.
        paths: how many paths of each cell, 1 to 100,000.
        rng: the seed; drawn and reported if left out.
        seats: seats of the contract, where a subject is a plan.
        executor: where to run; ``None`` for threads of this process.
        progress: ``True`` for a bar, or a callable of (paths done, paths).

    Raises:
        InvalidValueError: with the value and the limit; also for more than 100,000 cells, a value given
            twice, or neither an ``outreach`` nor both axes.

    Example:
        >>> from inmail_credits import economies
        >>> grid = sweep(
        ...     economies.LINKEDIN_2019["career"],
        ...     per_week=[0, 2],
        ...     reply_rate=0.5,
        ...     start=date(2026, 1, 1),
        ...     months=3,
        ...     rng=7,
        ... )
        >>> grid.to_frame()["expired"].tolist()[0]
        0.0
    """
    labelled = labelled_subjects(subjects)
    base = _base(outreach, per_week, reply_rate)
    volumes = _axis("per_week", per_week, base.sends.per_week, PER_WEEK_MAX)
    rates = _axis("reply_rate", reply_rate, base.replies.rate, 1.0)
    if len(labelled) * len(volumes) * len(rates) > CELLS_MAX:
        raise InvalidValueError(
            "cells", len(labelled) * len(volumes) * len(rates), f"at most {CELLS_MAX:,}; use a coarser grid"
        )
    paths = as_whole("paths", paths, 1, PATHS_MAX)
    seed = fresh_seed() if rng is None else plain_seed(rng)
    begins = {begin_of(subject, start) for subject in labelled.values()}
    if len(begins) > 1:
        raise InvalidValueError("start", None, "given where several accounts are swept")
    (begin,) = begins
    ahead = Horizon.of(begin, months=months, days=days, until=until, horizon=horizon, zone=base.zone)
    cells = _cells(labelled, base, volumes, rates, vary_replies=reply_rate is not None, seats=seats)
    job = prepare_cells(cells, start=begin, days=ahead.days, paths=paths, rng=seed)
    with shared_progress(progress, job.cells * paths) as part_of:
        found = run_cells(job, executor=executor, progress=part_of("sweep"))
    frame = pd.DataFrame(list(product(labelled, volumes, rates)), columns=list(AXES))
    for name in SCORED:
        frame[name], frame[f"{name}_error"] = found[name]
    return Sweep(
        frame=frame,
        plans=tuple(labelled),
        per_week=volumes,
        reply_rate=rates,
        behaviour=behaviour_label(base),
        start=begin,
        horizon=ahead.label,
        paths=paths,
        seed=seed if isinstance(seed, int) else None,
    )


def _base(outreach: Outreach | None, per_week: object, reply_rate: object) -> Outreach:
    if outreach is not None:
        return as_instance("outreach", outreach, Outreach, "an Outreach")
    if per_week is None or reply_rate is None:
        missing = "per_week" if per_week is None else "reply_rate"
        raise InvalidValueError(missing, None, "given where no outreach= says it")
    return Outreach(sends=Sends.poisson(per_week=1))


def _axis(name: str, given: Iterable[float] | float | None, own: float, most: float) -> tuple[float, ...]:
    """The values of one axis, ascending, each once."""
    if given is None:
        return (own,)
    one = not isinstance(given, Iterable) or isinstance(given, str)
    items = [given] if one else list(as_items(name, given, "numbers, such as [2, 4, 6]"))
    check = as_rate if most == 1 else (lambda what, value: as_number(what, value, 0, most))
    values = sorted(check(name, value) for value in items)
    if not values:
        raise InvalidValueError(name, [], "at least one number")
    for before, after in pairwise(values):
        if before == after:
            raise InvalidValueError(name, after, "given once")
    return tuple(values)


def _cells(
    labelled: dict[str, Subject],
    base: Outreach,
    volumes: tuple[float, ...],
    rates: tuple[float, ...],
    *,
    vary_replies: bool,
    seats: int,
) -> list[Cell]:
    """The cells in the order of the frame; behaviours alike are one object, so that tables are shared."""
    behaviours = []
    for volume in volumes:
        at_volume = at_rate(base, volume)
        behaviours += [at_reply_rate(at_volume, rate) if vary_replies else at_volume for rate in rates]
    return [
        Cell(subject, behaviour, seats if isinstance(subject, Plan) else 1)
        for subject in labelled.values()
        for behaviour in behaviours
    ]


def _span(values: Iterable[str]) -> str:
    first, *rest = values
    return f"{first} to {rest[-1]}" if rest else first
