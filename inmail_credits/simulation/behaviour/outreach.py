"""What a simulation assumes about people: sends, replies, withdrawals, purchases, failed deliveries.

Every assumption is a field of a value here, each states its mean, and the simulation assumes nothing else.
Draws do not depend on the plan: two plans compared on one seed meet the same wishes and the same answers.
"""

from attrs import field, frozen

from inmail_credits._inputs import number, rate, whole
from inmail_credits._zones import UTC_NAME, check_zone
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import CREDITS_MAX
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
class Failures:
    """Messages that never arrive: a ``rate`` (0..1) of all sent, which is known ``after_days`` days later.

    The credit of such a message then comes back (D11); it is neither answered, withdrawn nor followed up. The
    mean number of failures is ``rate`` a message. Messages open at the start have arrived.
    """

    rate: float = field(default=0.0, validator=rate(what="failure rate"))
    after_days: int = field(default=0, validator=whole(0, DAYS_MAX))


@frozen(kw_only=True)
class Purchases:
    """Credits bought beside the allotment, at random and where credits run short.

    Fields:
        per_day: each day a Poisson number of this mean, 0..2,000, before the sends of its step.
        top_up_credits: how many are bought where credits run short; 0 for none.
        below_credits: when that is: a message is about to be sent, and fewer credits than this are held. With
            1, the default, credits are bought where the message would be refused for want of one; not where a
            seat's limit is used up.

    Where the plan sells fewer in its billing period (``purchase_credits_max``), fewer are bought.

    Example:
        >>> Purchases(top_up_credits=10, below_credits=3).per_day
        0.0
    """

    per_day: float = field(default=0.0, validator=number(0, PER_DAY_MAX, what="credits bought a day"))
    top_up_credits: int = field(default=0, validator=whole(0, CREDITS_MAX))
    below_credits: int = field(default=1, validator=whole(1, CREDITS_MAX))

    def pmf(self, *, steps_per_day: int = 1) -> Floats:
        """The chance of 0, 1, 2, ... credits wanted in one step; shape: as long as it needs."""
        return poisson_pmf(self.per_day / steps_per_day)


NO_REPLIES = Replies(rate=0.0)


@frozen(kw_only=True)
class Outreach:
    """All that a simulation assumes: the sends, the replies, the withdrawals, the purchases, the failures.

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
    failures: Failures = Failures()
    zone: str = UTC_NAME

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "zone", check_zone("zone", self.zone))
        for what, value, expected in (
            ("sends", self.sends, Sends),
            ("replies", self.replies, Replies),
            ("withdrawals", self.withdrawals, Withdrawals),
            ("purchases", self.purchases, Purchases),
            ("failures", self.failures, Failures),
        ):
            if not isinstance(value, expected):
                raise InvalidValueError(what, value, f"a {expected.__name__}")
