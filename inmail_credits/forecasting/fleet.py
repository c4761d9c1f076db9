"""Forecast a fleet: what each person, each contract and all together will send, lack and waste."""

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import date

from inmail_credits._inputs import as_instance, as_whole
from inmail_credits.forecasting.fleet_result import FleetForecast, checked_prices
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.simulation.fleet import Fleet, simulate_fleet
from inmail_credits.simulation.fleet.run import PATHS_MAX
from inmail_credits.simulation.run import Progress, Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed
from inmail_credits.timeline import instant


def forecast_fleet(
    fleet: Fleet,
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date | None = None,
    paths: int = 1_000,
    prices: Mapping[str, float] | None = None,
    executor: Executor | None = None,
    progress: Progress = False,
) -> FleetForecast:
    """What may become of the credits of many people, on accounts of their own or on seats of contracts.

    Args:
        fleet: who takes part; see :meth:`Fleet.from_frame` for a table of people.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast`, counted from the earliest
            start; or
        days: instead of it,
        until: instead of it,
        horizon: instead of it.
        rng: the seed; drawn and reported if left out. What a person wants and gets as answers follows from
            the seed and the name alone: people are independent of each other, and the same on any account.
        start: an instant or a date, for all that have no start of their own.
        paths: how many paths, 1 to 10,000,000.
        prices: what a seat costs a month, by the name of its plan, in any currency.
        executor: where to run chunks of members; ``None`` for threads of this process.
        progress: ``True`` for a bar, or a callable of (paths of accounts done, paths of accounts).

    Raises:
        InvalidValueError: with the member, the value and the limit.
        UnknownNameError: for a price of a plan that nobody has.
        UnsupportedTermError: for what the simulation cannot do exactly, with the member.
        SimulationCancelledError: if ``progress`` said stop.

    Example:
        >>> people = {
        ...     "name": ["ana", "bo"],
        ...     "plan": ["career", "recruiter-lite"],
        ...     "per_week": [2, 5],
        ...     "reply_rate": [0.3, 0.2],
        ... }
        >>> f = forecast_fleet(Fleet.from_frame(people), start=date(2026, 1, 1), months=3, rng=7, paths=200)
        >>> f.by_person()["run_dry"].round(1).to_dict()
        {'ana': 1.0, 'bo': 0.0}
    """
    fleet = as_instance("fleet", fleet, Fleet, "a Fleet")
    paths = as_whole("paths", paths, 1, PATHS_MAX)
    given = None if start is None else instant(start, what="start")
    begin, zone = fleet.begins_at(given)
    ahead = Horizon.of(begin, months=months, days=days, until=until, horizon=horizon, zone=zone)
    rng = fresh_seed() if rng is None else plain_seed(rng)
    with shared_progress(progress, paths * len(fleet.accounts)) as part_of:
        simulation = simulate_fleet(
            fleet,
            start=given,
            days=ahead.days,
            paths=paths,
            rng=rng,
            executor=executor,
            progress=part_of("fleet"),
        )
    return FleetForecast(
        simulation=simulation,
        horizon=ahead.label,
        seed=rng if isinstance(rng, int) else None,
        zone=zone,
        prices=checked_prices(prices, simulation.terms),
    )
