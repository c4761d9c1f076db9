"""Was the forecast any good: forecasts from instants in the past, against what happened then.

At each origin the account is rebuilt from the facts recorded by then, behaviour is fitted to those facts
alone, and a forecast of one horizon is compared with the account as it is known today. A fact tells when it
happened and in which order it was recorded, not when: it counts as recorded at the latest instant of all
facts recorded up to it, so a fact that came late is unknown until the facts recorded around it.

Uncertainty of the fitted behaviour is part of the forecast: paths follow 20 draws of replies and sends from
their posteriors. Fitted are messages that cost a credit. What was refused usually leaves no fact, so sends
are fitted to messages sent: where credits had run out, more were wanted.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd
from attrs import evolve

from inmail_credits._inputs import as_instance, as_instant, as_items, as_truth, as_whole, check_progress
from inmail_credits._zones import UTC_NAME, check_zone, from_local, to_local
from inmail_credits.account import Account
from inmail_credits.calibration import fit_replies, fit_sends
from inmail_credits.channels import Channel
from inmail_credits.errors import InMailCreditsError, InvalidValueError, stamp
from inmail_credits.facts import Replied, Sent
from inmail_credits.forecasting.backtest_result import Backtest
from inmail_credits.forecasting.backtest_scores import scored
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.known import known_by
from inmail_credits.forecasting.progress import PartOf, shared_progress
from inmail_credits.simulation import Outreach
from inmail_credits.simulation.run import Progress, Rng, SimulationCancelledError
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence
from inmail_credits.timeline import DAY, instant

DRAWS: Final = 20
STRIDE: Final = 7
"""Has no divisor in common with 20: the draws of sends come in another order than those of replies."""
PATHS_MAX: Final = 1_000_000


def fitted(account: Account, at: datetime, base: Outreach | None, zone: str) -> tuple[Outreach, ...]:
    """Draws of equal weight of the behaviour behind the messages of an account, as known at an instant.

    Messages through a free channel are left out. One for which there was no credit (a conflict of the
    account) was wanted, so it counts as a send; whether it went out at all is not known, so not as a message
    that waits for its answer. Sends are those of whole local days.

    Raises:
        InvalidValueError: if there are too few messages.
    """
    wanted = {
        fact.message_id: fact.at
        for fact in account.facts
        if isinstance(fact, Sent) and fact.channel is Channel.INMAIL
    }
    refused = {conflict.fact.id for conflict in account.conflicts}
    sent = {
        fact.message_id: fact.at
        for fact in account.facts
        if isinstance(fact, Sent) and fact.message_id in wanted and fact.id not in refused
    }
    first: dict[str, datetime] = {}
    for fact in account.facts:
        if isinstance(fact, Replied) and fact.message_id in sent:
            first.setdefault(fact.message_id, fact.at)
    replies = fit_replies(list(sent.values()), [first.get(name) for name in sent], as_of=at)
    begun, end = account.facts[0].at, to_local(at, zone).date() - DAY
    start = to_local(begun - timedelta.resolution, zone).date() + DAY
    sends = fit_sends(list(wanted.values()), zone=zone, start=start, end=end)
    alternatives = replies.alternatives
    step = len(alternatives) // DRAWS
    kept = Outreach(sends=sends.sends) if base is None else base
    return tuple(
        evolve(
            kept,
            sends=sends.draws(DRAWS)[number * STRIDE % DRAWS],
            replies=alternatives[number * step + step // 2],
            zone=zone,
        )
        for number in range(DRAWS)
    )


def backtest(
    account: Account,
    *,
    origins: Iterable[date],
    horizon: str = "1M",
    refit: bool = True,
    outreach: Outreach | None = None,
    uncertainty: bool = True,
    until: date | None = None,
    zone: str | None = None,
    paths: int = 1_000,
    rng: Rng | None = None,
    progress: Progress = False,
) -> Backtest:
    """Forecast from each origin as it would have been done then, and compare with what happened.

    Args:
        account: the account with its whole history.
        origins: the instants, or dates (their midnight UTC), to forecast from.
        horizon: how far each forecast looks ahead: ``"1M"``, ``"6W"``, ``"90D"``.
        refit: whether behaviour is fitted at each origin to what was known then; or ``outreach`` is used.
        outreach: the behaviour where nothing is refitted; where it is, what is not fitted (withdrawals,
            purchases) comes from here.
        uncertainty: whether paths follow draws of the fitted behaviour, or all its best estimate.
        until: the instant up to which the account is known; by default that of its latest fact.
        zone: the time zone whose days and weekdays count (D19); by default that of ``outreach``, or UTC.
        paths: simulated paths for each origin, at least 100.
        rng: the seed; left out, one is drawn from the operating system and reported as ``seed``.
        progress: ``True`` for a bar on standard error, or a callable of (paths done, paths) after each
            origin; if it returns anything false but ``None``, the backtest stops.

    Raises:
        InvalidValueError: for a value outside its limits, or a horizon that ends after what is known.
        SimulationCancelledError: if ``progress`` said stop.

    An origin at which nothing can be fitted or simulated is left out, with the reason in ``skipped``.

    Example:
        >>> from datetime import timedelta
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> account = Account.open(economies.LINKEDIN_2019["business"], at=date(2026, 1, 31))
        >>> for day in range(0, 90, 2):
        ...     _ = account.send(f"m-{day}", at=date(2026, 1, 31) + timedelta(days=day))
        >>> found = backtest(
        ...     account,
        ...     origins=[date(2026, 3, 2), date(2026, 4, 2)],
        ...     horizon="2W",
        ...     refit=False,
        ...     outreach=Outreach(sends=Sends.fixed(per_day=0.5), replies=Replies(rate=0.0)),
        ...     paths=100,
        ...     rng=7,
        ... )
        >>> found.summary().loc["balance", ["crps", "naive_crps"]].tolist()
        [0.5, 7.0]
    """
    as_instance("account", account, Account, "an Account")
    paths = as_whole("paths", paths, 100, PATHS_MAX)
    refit, uncertainty = as_truth("refit", refit), as_truth("uncertainty", uncertainty)
    check_progress(progress)
    if outreach is not None:
        as_instance("outreach", outreach, Outreach, "an Outreach")
    elif not refit:
        raise InvalidValueError("outreach", None, "an Outreach where behaviour is not refitted")
    zone = _zone(zone, outreach, refit=refit)
    known_until = account.latest_at if until is None else instant(until, what="until")
    moments = sorted(
        {as_instant("origin", origin) for origin in as_items("origins", origins, "instants or dates")}
    )
    spans = _spans(moments, horizon, zone, known_until)
    rng = fresh_seed() if rng is None else plain_seed(rng)
    seeds = seed_sequence(rng).spawn(len(moments))
    rows: list[dict[str, object]] = []
    skipped: dict[datetime, str] = {}
    with shared_progress(progress, paths * len(moments)) as part_of:
        for moment, days, seed in zip(moments, spans, seeds, strict=True):
            try:
                then = known_by(account, moment)
                behaviours = _behaviours(then, moment, outreach, zone, refit=refit, uncertainty=uncertainty)
                rows += scored(account, then, moment, days, behaviours, paths, seed)
            except InMailCreditsError as error:
                skipped[moment] = str(error)
            _report(part_of, moment, paths)
    return Backtest(
        frame=pd.DataFrame(rows),
        horizon=horizon,
        paths=paths,
        seed=rng if isinstance(rng, int) else None,
        skipped=skipped,
    )


def _zone(zone: str | None, outreach: Outreach | None, *, refit: bool) -> str:
    """The zone of all days: as given, or that of the outreach, which keeps its own if nothing is fitted."""
    own = UTC_NAME if outreach is None else outreach.zone
    chosen = own if zone is None else check_zone("zone", zone)
    if not refit and chosen != own:
        raise InvalidValueError("zone", chosen, f"left out, or that of the outreach, {own!r}")
    return chosen


def _spans(moments: list[datetime], horizon: str, zone: str, known_until: datetime) -> list[int]:
    """The local days from each origin to its end, all of which must be known."""
    if not moments:
        raise InvalidValueError("origins", (), "at least one instant")
    spans = [Horizon.of(moment, horizon=horizon, zone=zone).days for moment in moments]
    for moment, days in zip(moments, spans, strict=True):
        if from_local(to_local(moment, zone) + days * DAY, zone) > known_until:
            limit = f"so early that the horizon ends by {stamp(known_until)}, as far as the account is known"
            raise InvalidValueError("origin", stamp(moment), limit)
    return spans


def _report(part_of: PartOf, moment: datetime, paths: int) -> None:
    """Count one origin; stop if the caller says so."""
    part = part_of(f"{moment:%Y-%m-%d}")
    if callable(part):
        answer = part(paths, paths)
        if answer is not None and not answer:
            raise SimulationCancelledError(f"stopped after the origin {stamp(moment)}")


def _behaviours(
    then: Account, at: datetime, outreach: Outreach | None, zone: str, *, refit: bool, uncertainty: bool
) -> tuple[Outreach, ...]:
    if outreach is not None and not refit:
        return (outreach,)
    draws = fitted(then, at, outreach, zone)
    if uncertainty:
        return draws
    middle = sorted(draws, key=lambda one: one.replies.rate)[DRAWS // 2]
    sends = sorted(draws, key=lambda one: one.sends.per_week)[DRAWS // 2].sends
    return (evolve(middle, sends=sends),)
