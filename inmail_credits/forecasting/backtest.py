"""Was the forecast any good: forecasts from instants in the past, against what happened then.

At each origin the account is rebuilt from the facts recorded by then, behaviour is fitted to those facts
alone, and a forecast of one horizon is compared with the account as it is known today. A fact tells when it
happened and in which order it was recorded, not when: it counts as recorded at the latest instant of all
facts recorded up to it, so a fact that came late is unknown until the facts recorded around it.

Uncertainty of the fitted behaviour is part of the forecast: paths follow 20 draws of replies and sends from
their posteriors. What was refused leaves no fact, so sends are fitted to messages sent: where credits had
run out, the wish to send was larger.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import accumulate
from typing import Final

import numpy as np
import pandas as pd
from attrs import evolve

from inmail_credits._inputs import as_instance, as_instant, as_items, as_whole
from inmail_credits.account import Account
from inmail_credits.calibration import fit_replies, fit_sends
from inmail_credits.calibration.scores import brier, crps_ensemble, pinball, pit
from inmail_credits.errors import InMailCreditsError, InvalidValueError, stamp
from inmail_credits.facts import Replied, Sent
from inmail_credits.forecasting.backtest_result import FIGURES, LEVELS, Backtest
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.simulation import Outreach, simulate
from inmail_credits.simulation.run import Rng
from inmail_credits.simulation.seeds import seed_sequence
from inmail_credits.timeline import DAY, instant

DRAWS: Final = 20
STRIDE: Final = 7
"""Has no divisor in common with 20: the draws of sends come in another order than those of replies."""
PATHS_MAX: Final = 1_000_000


def known_by(account: Account, at: date) -> Account:
    """The account as it was known at an instant: made of the facts recorded by then.

    Example:
        >>> from datetime import UTC
        >>> from inmail_credits import economies
        >>> start, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at=start)
        >>> _ = account.send("m-2", at=later)
        >>> _ = account.send("m-1", at=datetime(2026, 1, 5, tzinfo=UTC))  # recorded late
        >>> len(account), len(known_by(account, datetime(2026, 1, 10, tzinfo=UTC)))
        (3, 1)
    """
    as_instance("account", account, Account, "an Account")
    moment = instant(at)
    recorded = sorted(account.facts, key=lambda fact: fact.recorded or 0)
    known = accumulate((fact.at for fact in recorded), max)
    return Account.replay([fact for fact, when in zip(recorded, known, strict=True) if when <= moment])


def fitted(account: Account, at: datetime, base: Outreach | None, zone: str) -> tuple[Outreach, ...]:
    """Draws of equal weight of the behaviour behind the messages of an account, as known at an instant.

    Raises:
        InvalidValueError: if there are too few messages.
    """
    sent = {fact.message_id: fact.at for fact in account.facts if isinstance(fact, Sent)}
    first: dict[str, datetime] = {}
    for fact in account.facts:
        if isinstance(fact, Replied) and fact.message_id in sent:
            first.setdefault(fact.message_id, fact.at)
    replies = fit_replies(list(sent.values()), [first.get(name) for name in sent], as_of=at)
    start = min(fact.at for fact in account.facts)
    sends = fit_sends(list(sent.values()), zone=zone, start=start.date(), end=(at - DAY).date())
    alternatives = replies.alternatives
    step = len(alternatives) // DRAWS
    kept = Outreach(sends=sends.sends) if base is None else base
    return tuple(
        evolve(
            kept,
            sends=sends.draws(DRAWS)[number * STRIDE % DRAWS],
            replies=alternatives[number * step + step // 2],
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
    zone: str = "UTC",
    paths: int = 1_000,
    rng: Rng,
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
        zone: the time zone whose weekdays sends are fitted to.
        paths: simulated paths for each origin, at least 100.
        rng: the seed.

    Raises:
        InvalidValueError: for a value outside its limits, or a horizon that ends after what is known.

    An origin at which nothing can be fitted or simulated is left out, with the reason in ``skipped``.
    """
    as_instance("account", account, Account, "an Account")
    paths = as_whole("paths", paths, 100, PATHS_MAX)
    if not refit and outreach is None:
        raise InvalidValueError("outreach", None, "an Outreach where behaviour is not refitted")
    known_until = account.latest_at if until is None else instant(until, what="until")
    moments = sorted(
        {as_instant("origin", origin) for origin in as_items("origins", origins, "instants or dates")}
    )
    if not moments:
        raise InvalidValueError("origins", (), "at least one instant")
    spans = [Horizon.of(moment, horizon=horizon).days for moment in moments]
    if moments[-1] + spans[-1] * DAY > known_until:
        limit = f"so early that the horizon ends by {stamp(known_until)}, as far as the account is known"
        raise InvalidValueError("latest origin", stamp(moments[-1]), limit)
    seeds = seed_sequence(rng).spawn(len(moments))
    rows: list[dict[str, object]] = []
    skipped: dict[datetime, str] = {}
    for moment, days, seed in zip(moments, spans, seeds, strict=True):
        try:
            then = known_by(account, moment)
            behaviours = _behaviours(then, moment, outreach, zone, refit=refit, uncertainty=uncertainty)
            rows += _scored(account, then, moment, days, behaviours, paths, seed)
        except InMailCreditsError as error:
            skipped[moment] = str(error)
    return Backtest(frame=pd.DataFrame(rows), horizon=horizon, paths=paths, skipped=skipped)


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


def _scored(
    account: Account,
    then: Account,
    start: datetime,
    days: int,
    behaviours: tuple[Outreach, ...],
    paths: int,
    seed: np.random.SeedSequence,
) -> list[dict[str, object]]:
    """The rows of one origin: each figure, and whether credits ran out."""
    parts: dict[str, list[np.ndarray[tuple[int], np.dtype[np.int64]]]] = {
        name: [] for name in (*FIGURES, "empty")
    }
    for behaviour, own in zip(behaviours, seed.spawn(len(behaviours)), strict=True):
        found = simulate(
            then,
            behaviour,
            start=start,
            days=days,
            paths=-(-paths // len(behaviours)),
            rng=own,
            daily_paths=True,
        )
        for name in FIGURES:
            parts[name].append(found.total(name).astype(np.int64))
        if found.daily is not None:
            parts["empty"].append((found.daily.balance == 0).any(axis=0).astype(np.int64))
    ensembles = {name: np.concatenate(each) for name, each in parts.items()}
    end = start + days * DAY
    happened, before = _figures(account, start, end), _figures(account, start - days * DAY, start)
    uniform = np.random.default_rng(seed.spawn(1)[0]).random(len(FIGURES))
    rows = [
        _row(name, start, ensembles[name], happened[name], before[name], float(uniform[place]))
        for place, name in enumerate(FIGURES)
    ]
    balances = [account.balance(at=start + day * DAY) for day in range(1, days + 1)]
    probability = float(ensembles["empty"].mean())
    rows.append(
        {
            "origin": start,
            "figure": "run_dry",
            "actual": float(min(balances) == 0),
            "mean": probability,
            "brier": brier(probability, min(balances) == 0),
            "naive": float(_was_empty(account, start - days * DAY, days)),
            "naive_brier": brier(float(_was_empty(account, start - days * DAY, days)), min(balances) == 0),
        }
    )
    return rows


def _was_empty(account: Account, start: datetime, days: int) -> bool:
    return min(account.balance(at=start + day * DAY) for day in range(1, days + 1)) == 0


def _figures(account: Account, start: datetime, end: datetime) -> dict[str, int]:
    statement = account.statement(start, end)
    return {name: int(getattr(statement, name)) for name in FIGURES}


def _row(
    name: str,
    origin: datetime,
    ensemble: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    actual: int,
    before: int,
    uniform: float,
) -> dict[str, object]:
    quantiles = np.quantile(ensemble, LEVELS, method="inverted_cdf")
    losses = [pinball(float(at), actual, level) for at, level in zip(quantiles, LEVELS, strict=True)]
    return {
        "origin": origin,
        "figure": name,
        "actual": float(actual),
        "mean": float(ensemble.mean()),
        **{f"p{round(100 * level)}": float(at) for level, at in zip(LEVELS, quantiles, strict=True)},
        "crps": crps_ensemble(ensemble, actual),
        "pinball": float(np.mean(losses)),
        "pit": pit(ensemble, actual, uniform),
        "naive": float(before),
        "naive_crps": float(abs(before - actual)),
    }
