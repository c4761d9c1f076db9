"""One origin of a backtest: the forecast made there, what happened, and the scores.

A figure of a day is that at its end, which lies before the grant of the next midnight, in the simulation and
in the account alike. The naive forecast is "as in the span before": it has none where that span begins before
the account does, but for the balance, which is that of the origin.

What happens at the very instant of an origin, a grant and what it forfeits above all, is known there: it
belongs to the state that the forecast starts from, and so not to what happened after it.
"""

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from inmail_credits.account import Account
from inmail_credits.calibration.scores import brier, crps_ensemble, pinball, pit
from inmail_credits.forecasting.backtest_result import BACKTESTED, LEVELS
from inmail_credits.simulation import Outreach, simulate

Ensemble = np.ndarray[tuple[int], np.dtype[np.int64]]
NONE: Final = float("nan")
EMPTY: Final = "empty"


def scored(
    account: Account,
    then: Account,
    start: datetime,
    days: int,
    behaviours: tuple[Outreach, ...],
    paths: int,
    seed: np.random.SeedSequence,
) -> list[dict[str, object]]:
    """The rows of one origin: each figure, and whether credits ran out.

    Args:
        account: the account with its whole history.
        then: the account as known at ``start``.
        start: the origin.
        days: how many local days ahead.
        behaviours: draws of equal weight, of one zone; ``paths`` are divided among them.
        paths: paths in all, rounded up to a multiple of the draws.
        seed: of this origin.
    """
    ensembles, bounds = _ensembles(then, start, days, behaviours, paths, seed)
    end = bounds[-1]
    happened, before = _figures(account, start, end), _before(account, start, end)
    uniform = np.random.default_rng(seed.spawn(1)[0]).random(len(BACKTESTED))
    rows = [
        _row(name, start, ensembles[name], happened[name], before[name], float(uniform[place]))
        for place, name in enumerate(BACKTESTED)
    ]
    return [*rows, _run_dry(account, start, bounds, float(ensembles[EMPTY].mean()))]


def _ensembles(
    then: Account,
    start: datetime,
    days: int,
    behaviours: tuple[Outreach, ...],
    paths: int,
    seed: np.random.SeedSequence,
) -> tuple[dict[str, Ensemble], tuple[datetime, ...]]:
    """What each path came to, by figure; and the beginnings of the days, with the end of the last one."""
    parts: dict[str, list[Ensemble]] = {name: [] for name in (*BACKTESTED, EMPTY)}
    bounds: tuple[datetime, ...] = ()
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
        bounds = found.day_starts
        for name in BACKTESTED:
            parts[name].append(found.total(name).astype(np.int64))
        if found.daily is not None:
            parts[EMPTY].append((found.daily.balance == 0).any(axis=0).astype(np.int64))
    return {name: np.concatenate(each) for name, each in parts.items()}, bounds


def _run_dry(
    account: Account, start: datetime, bounds: tuple[datetime, ...], probability: float
) -> dict[str, object]:
    """The row of an empty balance at the end of a day, with its Brier score."""
    happened = _was_empty(account, bounds)
    first = start - (bounds[-1] - start)
    step = (bounds[-1] - start) / (len(bounds) - 1)
    naive = (
        float(_was_empty(account, tuple(first + step * day for day in range(len(bounds)))))
        if first >= account.facts[0].at
        else NONE
    )
    return {
        "origin": start,
        "figure": "run_dry",
        "actual": float(happened),
        "mean": probability,
        "brier": brier(probability, happened),
        "naive": naive,
        "naive_brier": NONE if np.isnan(naive) else brier(naive, happened),
    }


def _was_empty(account: Account, bounds: tuple[datetime, ...]) -> bool:
    """Whether the balance was 0 at the end of a day, just before the instant at which the next begins."""
    return any(account.balance(at=end - timedelta.resolution) == 0 for end in bounds[1:])


def _figures(account: Account, start: datetime, end: datetime) -> dict[str, float]:
    statement = account.statement(start + timedelta.resolution, end)
    return {name: float(getattr(statement, name)) for name in BACKTESTED}


def _before(account: Account, start: datetime, end: datetime) -> dict[str, float]:
    """The figures of the span before, as long; NaN where the account does not reach back so far."""
    first = start - (end - start)
    if first >= account.facts[0].at:
        return _figures(account, first, start)
    balance = float(account.balance(at=start - timedelta.resolution))
    return {name: balance if name == "balance" else NONE for name in BACKTESTED}


def _row(
    name: str, origin: datetime, ensemble: Ensemble, actual: float, before: float, uniform: float
) -> dict[str, object]:
    quantiles = np.quantile(ensemble, LEVELS, method="inverted_cdf")
    losses = [pinball(float(at), actual, level) for at, level in zip(quantiles, LEVELS, strict=True)]
    return {
        "origin": origin,
        "figure": name,
        "actual": actual,
        "mean": float(ensemble.mean()),
        **{f"p{round(100 * level)}": float(at) for level, at in zip(LEVELS, quantiles, strict=True)},
        "crps": crps_ensemble(ensemble, actual),
        "pinball": float(np.mean(losses)),
        "pit": pit(ensemble, actual, uniform),
        "naive": before,
        "naive_crps": abs(before - actual),
    }
