"""What was known of an account at an instant in the past.

A fact says when it happened and in which order it was recorded, not when: it counts as recorded at the latest
instant of all facts recorded up to it. So a fact that came late is unknown until those recorded around it.
"""

from datetime import date
from itertools import accumulate

from inmail_credits._inputs import as_instance
from inmail_credits.account import Account
from inmail_credits.timeline import instant


def known_by(account: Account, at: date) -> Account:
    """The account as it was known at an instant: made of the facts recorded by then.

    Example:
        >>> from datetime import UTC, datetime
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
