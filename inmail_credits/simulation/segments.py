"""Replies of recipients who are not alike.

The problem: engineers answer one in five, recruiters one in two and at once; an average rate with an average
delay loses that the quick answers are the ones of the many. So each segment has replies of its own, and what
the engine draws from, the chance of each kind of answer after each delay, is kept jointly: exact, at no cost.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from attrs import frozen

from inmail_credits._checks import check_number
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.behaviour import Replies
from inmail_credits.simulation.delays import Floats, Mixture


@frozen(kw_only=True)
class Segment:
    """Recipients who answer alike: their ``share`` of the messages, 0..1, and their replies."""

    name: str
    share: float
    replies: Replies


@frozen(kw_only=True)
class SegmentedReplies(Replies):
    """Replies of several segments: build it with :meth:`of`.

    ``rate``, ``kinds`` and ``delay`` are those of all messages together; kind and delay are not independent.
    """

    segments: tuple[Segment, ...]

    @classmethod
    def of(
        cls, segments: Mapping[str, tuple[float, Replies]], *, sample_size: int | None = None
    ) -> "SegmentedReplies":
        """The replies of segments, each by its name with a weight and replies of its own.

        Each message goes to a segment at random, in proportion to the weights; its rate, its kinds and its
        delay are then that segment's. ``sample_size`` is that of all segments together; a segment has none of
        its own.

        Raises:
            InvalidValueError: for no segment, a weight below 0, weights that are all 0, or a segment with a
                sample size.

        Example:
            >>> engineers, recruiters = Replies(rate=0.2), Replies(rate=0.6, kinds={"accepted": 1})
            >>> mixed = SegmentedReplies.of({"engineers": (3, engineers), "recruiters": (1, recruiters)})
            >>> round(mixed.rate, 3), round(mixed.share("accepted"), 3)
            (0.3, 0.5)
        """
        for name, (weight, replies) in segments.items():
            _check_segment(name, weight, replies)
        total = sum(weight for weight, _ in segments.values())
        if not total > 0:
            raise InvalidValueError("weights of segments", dict(segments), "at least one above 0")
        parts = tuple(
            Segment(name=name, share=weight / total, replies=replies)
            for name, (weight, replies) in segments.items()
        )
        rate = min(sum(part.share * part.replies.rate for part in parts), 1.0)
        answers = [(part.share * (part.replies.rate if rate else 1.0), part.replies) for part in parts]
        kinds: dict[str, float] = {}
        for weight, replies in answers:
            for kind, share in replies.kinds:
                kinds[kind] = kinds.get(kind, 0.0) + weight * share
        return cls(
            rate=rate,
            delay=Mixture((weight, replies.delay) for weight, replies in answers),
            kinds=kinds,
            sample_size=sample_size,
            segments=parts,
        )

    def chances(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """As for :class:`Replies`."""
        return self._joint(part.replies.chances(steps, steps_per_day=steps_per_day) for part in self.segments)

    def chances_after(self, age_days: float, steps: int, *, steps_per_day: int = 1) -> Floats:
        """As for :class:`Replies`."""
        return self._joint(
            part.replies.chances_after(age_days, steps, steps_per_day=steps_per_day) for part in self.segments
        )

    def _joint(self, chances: Iterable[Floats]) -> Floats:
        """Each segment's chances, weighted by its share of the answers, with kinds in the order of all."""
        order = [kind for kind, _ in self.kinds]
        parts = []
        for part, own in zip(self.segments, chances, strict=True):
            aligned = np.zeros((len(own), len(order)))
            aligned[:, [order.index(kind) for kind, _ in part.replies.kinds]] = own
            parts.append(aligned * part.share * (part.replies.rate / self.rate if self.rate else 1.0))
        result: Floats = np.sum(parts, axis=0)
        return result


def _check_segment(name: str, weight: float, replies: Replies) -> None:
    check_number(f"weight of segment {name!r}", weight, 0)
    if not isinstance(replies, Replies):
        raise InvalidValueError(f"replies of segment {name!r}", replies, "a Replies")
    if replies.sample_size is not None:
        raise InvalidValueError(
            f"sample_size of segment {name!r}",
            replies.sample_size,
            "None; give the sample size of all segments together",
        )
