"""Accounts of known behaviour, made fact by fact on the ledger."""

from datetime import UTC, datetime, timedelta

import numpy as np

from inmail_credits import Account, economies
from inmail_credits.errors import NoCreditError

START = datetime(2026, 1, 1, tzinfo=UTC)


def made_account(
    *,
    seed: int,
    per_week: float = 6.0,
    rate: float = 0.3,
    mean_days: float = 3.0,
    days: int = 365,
    plan: str = "business",
) -> Account:
    """A subscription whose messages are a Poisson number a day, answered by an exponential delay."""
    rng = np.random.default_rng(seed)
    account = Account.open(economies.LINKEDIN_2019[plan], at=START)
    due: list[tuple[datetime, str]] = []
    events: list[tuple[datetime, str]] = []
    for day in range(days):
        for _ in range(int(rng.poisson(per_week / 7))):
            at = START + timedelta(days=day, seconds=int(rng.integers(1, 86_399)))
            events.append((at, f"m-{len(events)}"))
    for at, name in sorted(events):
        for answered, other in sorted(one for one in due if one[0] <= at):
            account.reply(other, at=answered)
        due = [one for one in due if one[0] > at]
        try:
            account.send(name, at=at)
        except NoCreditError:
            continue
        if rng.random() < rate:
            due.append((at + timedelta(days=float(rng.exponential(mean_days))), name))
    return account
