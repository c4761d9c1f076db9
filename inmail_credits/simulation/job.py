"""One simulation's worth of work: all that a worker must know, in one value that pickles."""

import numpy as np
from attrs import evolve, frozen

from inmail_credits.plans import Plan, RefundTo
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.calendar import Calendar
from inmail_credits.simulation.draws import Draws
from inmail_credits.simulation.opening import Opening


@frozen(kw_only=True, eq=False)
class Job:
    """What to simulate. ``opening`` travels without its account."""

    plan: Plan
    outreach: Outreach
    opening: Opening
    calendar: Calendar
    draws: Draws
    days: int
    steps_per_day: int
    paths: int
    keep_daily: bool

    @property
    def steps(self) -> int:
        """Steps of the whole horizon."""
        return self.days * self.steps_per_day

    @property
    def cap_credits(self) -> int | None:
        """The cap of all seats."""
        return None if self.plan.cap_credits is None else self.plan.cap_credits * self.opening.seats

    @property
    def counting_kinds(self) -> tuple[bool, ...]:
        """For each kind of reply of the behaviour, whether it counts as an answer (D9)."""
        return tuple(kind in self.plan.refund_kinds for kind, _ in self.outreach.replies.kinds)

    @property
    def wanted_max(self) -> int:
        """The most messages that are ever wanted in a step, follow-ups included."""
        wishes = self.draws.wishes
        return wishes.step_max if self.outreach.sends.follow_up is None else wishes.count_max

    @property
    def state_type(self) -> np.dtype[np.signedinteger]:
        """The narrowest type that holds every count of a path, and every bound on one."""
        return np.dtype(np.int16) if self.count_max < np.iinfo(np.int16).max else np.dtype(np.int32)

    @property
    def count_max(self) -> int:
        """The most credits or messages that a path can come to, or that bound them."""
        wanted = self.draws.wishes.count_max * (2 if self.outreach.sends.follow_up else 1)
        received = sum(lot.credits for lot in self.calendar.lots) + self._bought_max
        most = received + wanted + len(self.opening.messages)
        return max(most, self.cap_credits or 0, self.outreach.sends.prospects or 0)

    @property
    def buys(self) -> bool:
        """Whether credits are ever bought: wanted, and sold."""
        return self._bought_max > 0

    @property
    def _bought_max(self) -> int:
        sold = self.opening.purchase_room
        sold += self.plan.purchase_credits_max * len(self.calendar.billing_steps)
        return min(self.draws.purchases_max, sold)

    def without_account(self) -> "Job":
        """The same job, lighter to send to another process."""
        return evolve(self, opening=evolve(self.opening, account=None))


def is_queue(plan: Plan) -> bool:
    """Whether what is received first burns first: then :mod:`fifo` keeps the credits, else :mod:`cohorts`."""
    return plan.refund_to is RefundTo.FRESH or plan.lifetime_days is None
