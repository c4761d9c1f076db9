"""People with accounts of their own as columns: a million rows without a million objects.

A row is a person. What rows have in common (a plan, a start, a behaviour) is kept once, and rows say which;
:meth:`Roster.member` puts a row together as a :class:`~inmail_credits.simulation.fleet.Member`.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from inmail_credits.account import Account
from inmail_credits.plans import Plan
from inmail_credits.simulation.behaviour import Outreach, Replies, Sends, Withdrawals
from inmail_credits.simulation.fleet.columns import Coded
from inmail_credits.simulation.fleet.members import Member

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@frozen(eq=False)
class Subject:
    """An account that rows have in common: a plan or an account, when it starts, and the zone of its days."""

    subject: Plan | Account
    start: datetime | None
    zone: str


@frozen(eq=False)
class Roster:
    """Rows of people.

    Fields:
        names: the name of each.
        subjects: the account each begins with.
        sends: a profile of the week and mean messages a week.
        replies: reply rate and sample size, ``None`` for a rate that is known.
        withdrawals: which of the unanswered are withdrawn.
        law: the delay and the kinds of all replies.
    """

    names: list[str]
    subjects: Coded[Subject]
    sends: Coded[tuple[str, float]]
    replies: Coded[tuple[float, int | None]]
    withdrawals: Coded[Withdrawals]
    law: Replies

    def __len__(self) -> int:
        return len(self.names)

    def member(self, row: int) -> Member:
        """The person of a row."""
        subject = self.subjects[row]
        outreach = outreach_of(
            self.sends[row], self.replies[row], self.withdrawals[row], subject.zone, self.law
        )
        return Member(self.names[row], subject.subject, outreach, start=subject.start)


def outreach_of(
    sends: tuple[str, float],
    replies: tuple[float, int | None],
    withdrawals: Withdrawals,
    zone: str,
    law: Replies,
) -> Outreach:
    """The behaviour of a row; ``law`` has the delay and the kinds of the replies."""
    (on, per_week), (rate, sample_size) = sends, replies
    return Outreach(
        sends=Sends.poisson(per_week=per_week, on=on),
        replies=evolve(law, rate=rate, sample_size=sample_size),
        withdrawals=withdrawals,
        zone=zone,
    )
