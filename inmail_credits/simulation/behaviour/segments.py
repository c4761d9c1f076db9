"""Replies of recipients who are not alike.

Where some decline at once and others accept in a week, an average rate with an average delay
says neither. So each segment has replies of its own, and what the engine draws from, the chance of each kind
of answer after each delay, is kept jointly: exact, at no cost.
"""

from collections.abc import Iterable, Mapping
from math import fsum

import numpy as np
from attrs import field, fields, frozen

from inmail_credits._inputs import as_pairs, as_text, number
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation.behaviour.delays import Delay, Floats, Mixture
from inmail_credits.simulation.behaviour.replies import Replies, shares_of_kinds

WEIGHT_MAX = 1e100


@frozen(kw_only=True)
class Segment:
    """Recipients who answer alike: their ``weight`` among the messages, 0 or more, and their replies.

    Replies of a segment have no sample size: it is that of all segments together.
    """

    weight: float = field(validator=number(0, WEIGHT_MAX, what="weight of a segment"))
    replies: Replies

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.replies, Replies):
            raise InvalidValueError("replies of a segment", self.replies, "a Replies")
        if self.replies.sample_size is not None:
            raise InvalidValueError(
                "sample_size of a segment",
                self.replies.sample_size,
                "None; give the sample size of all segments together",
            )


Part = tuple[float, Replies] | Segment


def _segments(segments: Mapping[str, Part] | Iterable[tuple[str, Part]]) -> tuple[tuple[str, Segment], ...]:
    pairs = as_pairs("segments", segments, "a weight and Replies by name")
    return tuple([(as_text("name of a segment", name), _segment(part)) for name, part in pairs])


def _segment(part: object) -> Segment:
    if isinstance(part, Segment):
        return part
    if not isinstance(part, tuple | list) or len(part) != len(fields(Segment)):
        raise InvalidValueError("segment", part, "a pair of a weight and Replies, or a Segment")
    return Segment(weight=part[0], replies=part[1])


@frozen(kw_only=True)
class SegmentedReplies(Replies):
    """Replies of several segments, by name: each a weight and replies of its own.

    Each message goes to a segment at random, in proportion to the weights; its rate, its kinds and its delay
    are then that segment's. ``rate``, ``kinds`` and ``delay`` follow from the segments: those of all messages
    together, where kind and delay are not independent. ``sample_size`` is that of all segments together.

    Raises:
        InvalidValueError: for no segment, a weight below 0, weights that are all 0, or a sample size of one.

    Example:
        >>> engineers, recruiters = Replies(rate=0.2), Replies(rate=0.6, kinds={"accepted": 1})
        >>> mixed = SegmentedReplies(segments={"engineers": (3, engineers), "recruiters": (1, recruiters)})
        >>> round(mixed.rate, 3), round(mixed.share("accepted"), 3)
        (0.3, 0.5)
    """

    rate: float = field(init=False)
    delay: Delay = field(init=False)
    kinds: tuple[tuple[ReplyKind, float], ...] = field(init=False)
    segments: tuple[tuple[str, Segment], ...] = field(converter=_segments)

    def __attrs_post_init__(self) -> None:
        total = fsum(part.weight for _, part in self.segments)
        if not total > 0:
            raise InvalidValueError("weights of segments", dict(self.segments), "at least one above 0")
        rate = min(fsum(part.weight / total * part.replies.rate for _, part in self.segments), 1.0)
        answers = [
            (part.weight * (part.replies.rate if rate else 1.0), part.replies) for _, part in self.segments
        ]
        kinds = [(kind, weight * share) for weight, replies in answers for kind, share in replies.kinds]
        object.__setattr__(self, "rate", rate)
        object.__setattr__(self, "delay", Mixture((weight, replies.delay) for weight, replies in answers))
        object.__setattr__(self, "kinds", shares_of_kinds(kinds))

    def chances(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """As for :class:`Replies`."""
        return self._joint(
            part.replies.chances(steps, steps_per_day=steps_per_day) for _, part in self.segments
        )

    def chances_after(self, age_days: float, steps: int, *, steps_per_day: int = 1) -> Floats:
        """As for :class:`Replies`."""
        return self._joint(
            part.replies.chances_after(age_days, steps, steps_per_day=steps_per_day)
            for _, part in self.segments
        )

    def _joint(self, chances: Iterable[Floats]) -> Floats:
        """Each segment's chances, weighted by its share of the answers, with kinds in the order of all."""
        order = [kind for kind, _ in self.kinds]
        total = fsum(part.weight for _, part in self.segments)
        parts = []
        for (_, part), own in zip(self.segments, chances, strict=True):
            aligned = np.zeros((len(own), len(order)))
            aligned[:, [order.index(kind) for kind, _ in part.replies.kinds]] = own
            weight = part.weight / total * (part.replies.rate / self.rate if self.rate else 1.0)
            parts.append(aligned * weight)
        result: Floats = np.sum(parts, axis=0)
        return result
