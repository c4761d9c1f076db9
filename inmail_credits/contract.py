"""Contracts: one pool of credits for many seats.

The seats of a team plan share one pool. The rules are in the ledger, as for any account: grants and the cap
are per seat and grow with the seats, a refund returns to the pool, and a seat's limit counts what the
seat sent since the last scheduled grant, whatever came back. A contract of one seat is an account.

This module reports what each seat sent. Seats are changed by :meth:`Account.change_seats` and
:meth:`Account.limit_seat`; a send names its seat.
"""

from attrs import frozen

from inmail_credits._inputs import as_instance
from inmail_credits.account import Account
from inmail_credits.timeline import AnyInstant, instant


@frozen
class SeatUse:
    """What one seat took from the pool since the last scheduled grant.

    Fields:
        seat: its name.
        spent: InMails it sent in that span.
        credits_max: its limit for that span; ``None`` for none.
    """

    seat: str
    spent: int
    credits_max: int | None

    @property
    def room(self) -> int | None:
        """How many more it may send before the limit resets, if the pool has them; ``None`` for no limit."""
        return None if self.credits_max is None else max(self.credits_max - self.spent, 0)


def seat_uses(account: Account, *, at: AnyInstant) -> tuple[SeatUse, ...]:
    """Each seat that has sent in the current grant period or has a limit, by name.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import Account, economies
        >>> plan = economies.LINKEDIN_2026["recruiter-corporate"]
        >>> account = Account.open(plan, at=date(2026, 1, 31), seats=2)
        >>> _ = account.limit_seat("ana", credits_max=10, at=date(2026, 1, 31))
        >>> _ = account.send("m-1", at=date(2026, 2, 2), seat="ana")
        >>> account.balance(at=date(2026, 2, 2)), seat_uses(account, at=date(2026, 2, 2))[0].room
        (299, 9)
    """
    as_instance("account", account, Account, "an Account")
    at = instant(at)
    subscription = account.subscription(at=at)
    if subscription is None:
        return ()
    spent = account.seat_sends(at=at)
    seats = sorted(spent.keys() | subscription.limits.keys())
    return tuple(SeatUse(seat, spent.get(seat, 0), subscription.limits.get(seat)) for seat in seats)
