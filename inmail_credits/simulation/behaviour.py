"""What people do: how many messages they want to send, who answers, what is taken back.

The problem: a forecast is only as good as the behaviour behind it, and behaviour hidden in code cannot be
read, questioned or fitted. So every assumption is a field of a value here, each states its mean, and the
simulation knows nothing else. Draws do not look at the plan: two plans compared on one seed meet the very
same wishes and the very same answers.
"""

from collections.abc import Iterable, Mapping
from math import fsum
from typing import TypedDict

import numpy as np
from attrs import field, frozen

from inmail_credits._inputs import as_number, as_pairs, number, rate, whole, whole_or_none
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation.delays import Delay, Floats, Weibull
from inmail_credits.simulation.sends import Sends, poisson_pmf
from inmail_credits.simulation.week_profile import PER_DAY_MAX
from inmail_credits.timeline import DAYS_MAX

ASSUMED_DELAY = Weibull.through(within_a_day=0.65, within_a_week=0.90)
"""An assumption: that 65 % of answers come within a day and 90 % within a week is repeated everywhere, and
no primary source was found for it. Replace it with your own data where you have any."""
SAMPLE_SIZE_MAX = 10**12
SHARE_MAX = 1e100

Kinds = Mapping[str, float] | Iterable[tuple[str, float]]


def shares_of_kinds(kinds: Kinds) -> tuple[tuple[ReplyKind, float], ...]:
    """The share of each kind named, scaled to add up to 1."""
    weights: dict[ReplyKind, float] = {}
    for name, share in as_pairs("kinds", kinds, "shares by reply kind, such as {'accepted': 22}"):
        kind = ReplyKind.of("reply kind", name)
        weights[kind] = weights.get(kind, 0.0) + as_number(f"share of {kind}", share, 0, SHARE_MAX)
    total = fsum(weights.values())
    if not total > 0:
        shares = {str(kind): share for kind, share in weights.items()}
        raise InvalidValueError("shares of reply kinds", shares, "at least one above 0")
    return tuple((kind, weight / total) for kind, weight in weights.items())


class ReplyTerms(TypedDict, total=False):
    """The terms of :class:`Replies` besides the rate."""

    delay: Delay
    kinds: Kinds
    sample_size: int | None


@frozen(kw_only=True)
class Replies:
    """Whether and when an answer comes, and of which kind.

    Fields:
        rate: the chance that a message is ever answered, 0..1; its mean, if ``sample_size`` is given.
        delay: how long an answer takes.
        kinds: the share of each kind among the answers; scaled to add up to 1. By default plain messages.
        sample_size: how many messages ``rate`` was observed on. If given, each path draws a rate of its
            own from Beta(rate * n, (1 - rate) * n), of the same mean: the uncertainty of a small sample.

    Raises:
        InvalidValueError: with the field, the value and the limit.

    Example:
        >>> recruiter = Replies(rate=0.27, kinds={"accepted": 22, "declined": 5}, sample_size=121_727)
        >>> round(recruiter.share("declined") * recruiter.rate, 2)
        0.05
    """

    rate: float = field(validator=rate(what="reply rate"))
    delay: Delay = ASSUMED_DELAY
    kinds: tuple[tuple[ReplyKind, float], ...] = field(
        default=((ReplyKind.MESSAGE, 1.0),), converter=shares_of_kinds
    )
    sample_size: int | None = field(default=None, validator=whole_or_none(1, SAMPLE_SIZE_MAX))

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.delay, Delay):
            raise InvalidValueError("delay", self.delay, "a Delay, such as Exponential(mean_days=2)")

    def share(self, kind: ReplyKind | str) -> float:
        """The share of that kind among the answers, 0..1."""
        return dict(self.kinds).get(ReplyKind.of("kind", kind), 0.0)

    @property
    def mean_delay_days(self) -> float:
        """The mean delay of an answer, in days."""
        return self.delay.mean_days

    def chances(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The chance that an answer comes after 0, 1, ... steps and is of each kind; shape (steps, kinds).

        Given that one comes: with those later than ``steps`` it adds up to 1.
        """
        return self._by_kind(self.delay.pmf(steps, steps_per_day=steps_per_day))

    def chances_after(self, age_days: float, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The same for a message that is already ``age_days`` old and unanswered; shape (steps, kinds).

        Among all messages that are ever answered: divide by ``1 - delay.below(age_days)`` for the chances
        given that no answer came so far.
        """
        return self._by_kind(self.delay.pmf_after(age_days, steps, steps_per_day=steps_per_day))

    def _by_kind(self, pmf: Floats) -> Floats:
        return np.outer(pmf, [share for _, share in self.kinds])


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


@frozen(kw_only=True)
class Outreach:
    """All that a simulation assumes about people: the sends, the replies, the withdrawals, the purchases.

    Example:
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> outreach.sends.per_week, outreach.replies.rate, outreach.withdrawals.rate
        (5.0, 0.27, 0.0)
    """

    sends: Sends
    replies: Replies = Replies(rate=0.0)
    withdrawals: Withdrawals = Withdrawals()
    purchases: Purchases = Purchases()

    def __attrs_post_init__(self) -> None:
        for what, value, expected in (
            ("sends", self.sends, Sends),
            ("replies", self.replies, Replies),
            ("withdrawals", self.withdrawals, Withdrawals),
            ("purchases", self.purchases, Purchases),
        ):
            if not isinstance(value, expected):
                raise InvalidValueError(what, value, f"a {expected.__name__}")
