"""What a simulation assumes about people: sends, replies, withdrawals, purchases.

Every assumption is a field of a value here, each states its mean, and the simulation assumes nothing else.
Draws do not depend on the plan: two plans compared on one seed meet the same wishes and the same answers.
"""

from attrs import field, frozen

from inmail_credits._inputs import number, rate, whole
from inmail_credits._zones import UTC_NAME, check_zone
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.behaviour.delays import Floats
from inmail_credits.simulation.behaviour.replies import Replies
from inmail_credits.simulation.behaviour.sends import Sends, poisson_pmf
from inmail_credits.simulation.behaviour.week_profile import PER_DAY_MAX
from inmail_credits.timeline import DAYS_MAX


@frozen(kw_only=True)
class Withdrawals:
    """Messages taken back: a ``rate`` (0..1) of those still unanswered ``after_days`` days after sending.

    An answer on that very day comes first. What is withdrawn is not answered any more (R9).
    """

    rate: float = field(default=0.0, validator=rate(what="withdrawal rate"))
    after_days: int = field(default=14, validator=whole(0, DAYS_MAX))


@frozen(kw_only=True)
class Purchases:
    """Credits bought beside the allotment: each day a Poisson number of mean ``per_day``, 0..2,000.

    Where the plan sells fewer in its billing period (``purchase_credits_max``), fewer are bought. Purchases
    come before the sends of their step.
    """

    per_day: float = field(default=0.0, validator=number(0, PER_DAY_MAX, what="credits bought a day"))

    def pmf(self, *, steps_per_day: int = 1) -> Floats:
        """The chance of 0, 1, 2, ... credits wanted in one step; shape: as long as it needs."""
        return poisson_pmf(self.per_day / steps_per_day)


NO_REPLIES = Replies(rate=0.0)


@frozen(kw_only=True)
class Outreach:
    """All that a simulation assumes about people: the sends, the replies, the withdrawals, the purchases.

    ``zone`` is the IANA time zone they live in (default UTC): weekdays, holidays, bursts and daily limits are
    dates there, and a day of the simulation is a local day, of 23 to 25 hours at a clock change (D19).

    Example:
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> outreach.sends.per_week, outreach.replies.rate, outreach.withdrawals.rate
        (5.0, 0.27, 0.0)
    """

    sends: Sends
    replies: Replies = NO_REPLIES
    withdrawals: Withdrawals = Withdrawals()
    purchases: Purchases = Purchases()
    zone: str = UTC_NAME

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "zone", check_zone("zone", self.zone))
        for what, value, expected in (
            ("sends", self.sends, Sends),
            ("replies", self.replies, Replies),
            ("withdrawals", self.withdrawals, Withdrawals),
            ("purchases", self.purchases, Purchases),
        ):
            if not isinstance(value, expected):
                raise InvalidValueError(what, value, f"a {expected.__name__}")
