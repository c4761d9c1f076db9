"""Whether, when and how recipients answer.

The chance of an answer, its delay and its kind are independent in :class:`Replies`; in
:class:`~inmail_credits.simulation.SegmentedReplies` delay and kind may hang together.
:class:`UncertainReplies` holds several :class:`Replies`, of which each simulated path follows one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import fsum
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_items, as_number, as_pairs, rate, whole_or_none
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation.behaviour.delays import Delay, Floats, Mixture, Weibull
from inmail_credits.simulation.behaviour.scipy_delays import FrozenDistribution, as_delay

if TYPE_CHECKING:
    from inmail_credits.calibration import RepliesFit, Values

ASSUMED_DELAY = Weibull.through(within_a_day=0.65, within_a_week=0.90)
"""An assumption: that 65 % of answers come within a day and 90 % within a week is repeated everywhere, and
no primary source was found for it. Replace it with your own data where you have any."""
SAMPLE_SIZE_MAX = 10**12
SHARE_MAX = 1e100
ALTERNATIVES_MAX = 100_000

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

    delay: Delay | FrozenDistribution
    kinds: Kinds
    sample_size: int | None


@frozen(kw_only=True)
class Replies:
    """Whether and when an answer comes, and of which kind.

    Fields:
        rate: the chance that a message is ever answered, 0..1; its mean, if ``sample_size`` is given.
        delay: how long an answer takes: one of :mod:`~inmail_credits.simulation.behaviour.delays`, or any
            frozen SciPy distribution of days from 0.
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
    delay: Delay = field(default=ASSUMED_DELAY, converter=as_delay)
    kinds: tuple[tuple[ReplyKind, float], ...] = field(
        default=((ReplyKind.MESSAGE, 1.0),), converter=shares_of_kinds
    )
    sample_size: int | None = field(default=None, validator=whole_or_none(1, SAMPLE_SIZE_MAX))

    @staticmethod
    def fit(
        sent_at: "Values",
        replied_at: "Values",
        *,
        as_of: datetime | None = None,
        kinds: "Values | None" = None,
        segments: "Values | None" = None,
        law: str | None = None,
        prior: str | tuple[float, float] = "jeffreys",
    ) -> "RepliesFit":
        """Replies fitted to messages, some of which may still be answered.

        The same as :func:`inmail_credits.calibration.fit_replies`, which says what each argument is; it needs
        the extra ``forecast``. ``fit.replies`` are replies with the uncertainty of rate and delay together.

        Example:
            >>> from datetime import UTC, timedelta
            >>> sent = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(60)]
            >>> replied = [at + timedelta(hours=9) if day % 3 == 0 else None for day, at in enumerate(sent)]
            >>> fit = Replies.fit(sent, replied, as_of=datetime(2026, 6, 1, tzinfo=UTC))
            >>> round(fit.rate, 2), type(fit.replies).__name__
            (0.33, 'UncertainReplies')
        """
        from inmail_credits.calibration import fit_replies  # noqa: PLC0415 - pandas and SciPy only here

        return fit_replies(
            sent_at, replied_at, as_of=as_of, kinds=kinds, segments=segments, law=law, prior=prior
        )

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
        result: Floats = pmf[:, None] * np.array([share for _, share in self.kinds])
        return result


def _replies(alternatives: Iterable[Replies]) -> tuple[Replies, ...]:
    items = as_items("alternatives", alternatives, "a list of Replies")
    return tuple([as_instance("alternative", one, Replies, "a Replies") for one in items])


@frozen(kw_only=True)
class UncertainReplies(Replies):
    """Replies known only up to one of several: each path follows one of them, drawn with equal odds.

    The alternatives may be draws from a posterior distribution of rate and delay together, as calibration
    gives them. ``rate``, ``delay`` and ``kinds`` are those of all alternatives together.

    Fields:
        alternatives: 1 to 100,000 replies; none of them with a sample size, none of them uncertain.
        messages: how many messages the alternatives were fitted to; ``None`` if they were not fitted.

    Raises:
        InvalidValueError: for none, too many, or one that is uncertain itself.

    Example:
        >>> replies = UncertainReplies(alternatives=[Replies(rate=0.2), Replies(rate=0.4)])
        >>> round(replies.rate, 3)
        0.3
        >>> replies
        <UncertainReplies 30 % answered on average, one of 2 alternatives on each path>
    """

    rate: float = field(init=False)
    delay: Delay = field(init=False)
    kinds: tuple[tuple[ReplyKind, float], ...] = field(init=False)
    sample_size: int | None = field(init=False, default=None)
    alternatives: tuple[Replies, ...] = field(converter=_replies)
    messages: int | None = field(default=None, validator=whole_or_none(1, SAMPLE_SIZE_MAX))

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.alternatives) <= ALTERNATIVES_MAX:
            limit = f"1 to {ALTERNATIVES_MAX:,}"
            raise InvalidValueError("number of alternatives", len(self.alternatives), limit)
        for place, one in enumerate(self.alternatives):
            if not isinstance(one, Replies) or isinstance(one, UncertainReplies) or one.sample_size:
                raise InvalidValueError(
                    f"alternative {place}", one, "a Replies without uncertainty of its own"
                )
        mean = min(fsum(one.rate for one in self.alternatives) / len(self.alternatives), 1.0)
        answers = [(one.rate if mean else 1.0, one) for one in self.alternatives]
        kinds = [(kind, weight * share) for weight, one in answers for kind, share in one.kinds]
        object.__setattr__(self, "rate", mean)
        object.__setattr__(self, "delay", Mixture((weight, one.delay) for weight, one in answers))
        object.__setattr__(self, "kinds", shares_of_kinds(kinds))

    def __repr__(self) -> str:
        fitted = "" if self.messages is None else f", from {self.messages:,} messages"
        count = f"one of {len(self.alternatives):,} alternatives on each path"
        return f"<UncertainReplies {100 * self.rate:.3g} % answered on average, {count}{fitted}>"
