"""How often the intervals of fits, and the bands of backtests, hold the truth: one long run, one table.

``campaign.py [fits|backtests] [samples]``; the docs quote what it prints.
"""

import sys
from collections import Counter
from datetime import date

import numpy as np

from inmail_credits.calibration import fit_replies
from inmail_credits.forecasting import backtest
from tests.calibration.accounts import made_account
from tests.calibration.test_replies_fit import AS_OF, sample

LEVELS = (0.5, 0.8, 0.9)
RATE, WITHIN = 0.3, 0.3 * float(-np.expm1(-((7 / 3.0) ** 0.8)))


def fits(samples: int) -> None:
    """Coverage of the rate, and of the share answered within 7 days."""
    print("| messages | samples | what | 50 % | 80 % | 90 % | binomial error |")
    print("|---|---|---|---|---|---|---|")
    for messages in (30, 120, 1_000):
        hits: Counter[tuple[str, float]] = Counter()
        for seed in range(samples):
            found = fit_replies(*sample(messages, 10_000 * messages + seed), as_of=AS_OF)
            for level in LEVELS:
                low, high = found.rate_interval(level)
                hits["rate", level] += low <= RATE <= high
                _, low, high = found.answered_within(7, level)
                hits["answered within 7 days", level] += low <= WITHIN <= high
        error = 100 * (0.9 * 0.1 / samples) ** 0.5
        for what in ("rate", "answered within 7 days"):
            cells = " | ".join(f"{100 * hits[what, level] / samples:.1f}" for level in LEVELS)
            print(f"| {messages:,} | {samples:,} | {what} | {cells} | {error:.1f} |", flush=True)


def backtests(samples: int) -> None:
    """Coverage of bands three months ahead after two months of data, with and without uncertainty."""
    print("| uncertainty | forecasts | figure | 50 % | 80 % | 90 % | binomial error |")
    print("|---|---|---|---|---|---|---|")
    for uncertainty in (True, False):
        pits: dict[str, list[float]] = {"spent": [], "refunded": [], "balance": []}
        for seed in range(samples):
            account = made_account(seed=seed, plan="recruiter-lite", per_week=5.0, days=152)
            found = backtest(
                account,
                origins=[date(2026, 3, 1)],
                horizon="3M",
                uncertainty=uncertainty,
                until=date(2026, 6, 1),
                paths=400,
                rng=seed,
            )
            rows = found.frame.set_index("figure")["pit"].to_dict() if len(found.frame) else {}
            for figure, values in pits.items():
                if figure in rows:
                    values.append(float(rows[figure]))
        for figure, values in pits.items():
            inside = np.abs(np.array(values) - 0.5)
            cells = " | ".join(f"{100 * np.mean(inside <= level / 2):.1f}" for level in LEVELS)
            error = 100 * (0.9 * 0.1 / len(values)) ** 0.5
            print(
                f"| {'on' if uncertainty else 'off'} | {len(values)} | {figure} | {cells} | {error:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    what, count = sys.argv[1] if len(sys.argv) > 1 else "fits", int(sys.argv[2]) if len(sys.argv) > 2 else 200
    (fits if what == "fits" else backtests)(count)
