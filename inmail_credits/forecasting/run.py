"""Forecast a plan or an account some way ahead."""

from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import date, datetime, timedelta

import numpy as np

from inmail_credits._inputs import as_instance, as_whole, check_executor, check_progress
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Fact
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.in_flight import in_flight_cuts, in_flight_table, quiet
from inmail_credits.forecasting.known import known_by
from inmail_credits.forecasting.labels import behaviour_label, plan_label
from inmail_credits.forecasting.periods import all_cuts, periods_by_grain
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.waste import lot_periods
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach
from inmail_credits.simulation._engine.calendar import grant_dates
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation.run import Progress, Rng, make_job, run_job
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence
from inmail_credits.timeline import instant

PATHS_MAX = 10_000_000


def forecast(
    subject: Plan | Account,
    outreach: Outreach,
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date | None = None,
    as_of: date | None = None,
    paths: int = 10_000,
    seats: int = 1,
    planned: Iterable[Fact] = (),
    executor: Executor | None = None,
    progress: Progress = False,
) -> Forecast:
    """What may become of the credits of a plan, or of an account from where it stands.

    Args:
        subject: a plan, subscribed to at ``start``; or an account, which keeps its own seats.
        outreach: the behaviour to assume.
        months: how far ahead, 1 to 1,200 calendar months, counted from the start; or instead of it
        days: so many local days of the outreach (D19), 1 to 36,500;
        until: the instant or date (its midnight UTC) at which to end;
        horizon: a text such as ``"3M"``, ``"6W"`` or ``"90D"``.
        rng: the seed. The same seed gives the same bits, whatever the executor. A Generator is drawn
            from once. Left out, a seed is drawn from the operating system and reported as ``seed``, so that
            the forecast can be repeated.
        start: an instant, or a date (its midnight UTC). An account defaults to its latest fact's instant.
        as_of: of an account, use only the facts recorded by then (:func:`known_by`), and start then unless
            ``start`` says later.
        paths: how many paths to simulate, 1 to 10,000,000. Errors shrink with the root of it.
        seats: seats of the contract, where ``subject`` is a plan.
        planned: facts that will happen within the horizon: a cancellation, a switch, other terms, seats or
            limits, a purchase; see :func:`~inmail_credits.simulation.run.simulate`.
        executor: where to run parts of the paths; ``None`` for threads of this process.
        progress: ``True`` for a bar on standard error, or a callable of (paths done, paths); if it returns
            anything false but ``None``, the forecast stops.

    Raises:
        InvalidValueError: with the value and the limit.
        RefusedError: for a planned fact that the rules do not allow in its place.
        UnsupportedTermError: for what the simulation cannot do exactly.
        SimulationCancelledError: if ``progress`` said stop.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> outreach = Outreach(sends=Sends.fixed(per_week=7), replies=Replies(rate=0.0))
        >>> plan = economies.LINKEDIN_2019["career"]
        >>> forecast(plan, outreach, start=date(2026, 1, 31), months=1, rng=7, paths=10).run_dry_on(1.0)
        datetime.date(2026, 2, 3)
    """
    paths = as_whole("paths", paths, 1, PATHS_MAX)
    check_executor(executor)
    check_progress(progress)
    if isinstance(subject, Account) and seats != 1:
        raise InvalidValueError("seats", seats, "left out where an account is forecast: it has its own")
    outreach = as_instance("outreach", outreach, Outreach, "an Outreach")
    if as_of is not None:
        subject, start = _known_then(subject, as_of, start)
    begin = begin_of(subject, start)
    ahead = Horizon.of(begin, months=months, days=days, until=until, horizon=horizon, zone=outreach.zone)
    rng = fresh_seed() if rng is None else plain_seed(rng)
    seed = rng if isinstance(rng, int) else seed_sequence(rng)

    def job_of(behaviour: Outreach, facts: Iterable[Fact]) -> Job:
        return make_job(
            subject,
            behaviour,
            start=begin,
            days=ahead.days,
            paths=paths,
            rng=seed,
            seats=seats,
            planned=facts,
        )

    job = job_of(outreach, planned)
    periods = periods_by_grain(job.grid, job.days, job.opening.billing)
    cuts = all_cuts(periods)
    grants = tuple(grant_dates(job.opening, job.grid.begin_of_day(job.days) - timedelta.resolution))
    lots = lot_periods(job.opening, grants, job.grid, job.days, place=len(cuts))
    job = job.with_periods(np.concatenate([cuts, lots.periods.cuts]))
    with shared_progress(progress, paths) as part_of:
        simulation = run_job(job, executor=executor, progress=part_of(job.plan.name))
    open_alone = None
    if job.opening.messages:
        facts = [turn.fact for turn in job.opening.turns]
        quiet_job = job_of(quiet(outreach), facts).with_periods(in_flight_cuts(job.days))
        open_alone = run_job(quiet_job, executor=executor)
    return Forecast(
        simulation=simulation,
        horizon=ahead.label,
        seed=rng if isinstance(rng, int) else None,
        title=plan_label(simulation.plan, simulation.seats),
        behaviour=behaviour_label(outreach),
        billing=job.opening.billing,
        grants=grants,
        periods=periods,
        lots=lots,
        coming_back=in_flight_table(simulation, open_alone),
    )


def _known_then(subject: Plan | Account, as_of: date, start: date | None) -> tuple[Account, date]:
    """The account as it was known at ``as_of``, and where the forecast begins."""
    account = as_instance("subject", subject, Account, "an Account where as_of is given")
    moment = instant(as_of, what="as_of")
    if start is None:
        return known_by(account, moment), moment
    if instant(start, what="start") < moment:
        raise InvalidValueError("start", stamp(instant(start)), f"at or after as_of, {stamp(moment)}")
    return known_by(account, moment), start


def begin_of(subject: Plan | Account, start: date | None) -> datetime:
    """The instant at which to begin: ``start``, or the latest fact of an account."""
    if start is not None:
        return instant(start, what="start")
    if isinstance(subject, Account):
        return subject.latest_at
    if isinstance(subject, Plan):
        raise InvalidValueError("start", None, "an aware datetime or a date where a plan is forecast")
    raise InvalidValueError("subject", subject, "a Plan or an Account")
