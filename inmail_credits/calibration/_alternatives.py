"""The uncertainty of a fit as alternatives for the simulation: rate and delay vary together.

Of a fit without parts, alternatives are draws from its posterior. Segments are independent, so each of them
takes its draws in another order. Kinds of answer are not: whoever accepts does not decline. There the rate of
all answers is the one drawn for the fit as a whole, the kinds divide it as they were drawn for each of them,
and each has its own delay.
"""

from itertools import cycle
from typing import TYPE_CHECKING, Final

from inmail_credits.simulation import Replies, SegmentedReplies

if TYPE_CHECKING:
    from inmail_credits.calibration.replies import RepliesFit
    from inmail_credits.simulation.behaviour.delays import Delay

ALTERNATIVES: Final = 200
STRIDES: Final = (1, 77, 119, 61, 33, 143, 9, 187)
"""Have no divisor in common with 200: the draws of each part come in another order."""
SILENT: Final = "silent"


def alternatives(fit: "RepliesFit") -> tuple[Replies, ...]:
    """200 replies of equal weight; see :attr:`RepliesFit.alternatives`."""
    if fit.segments:
        return _of_segments(fit)
    drawn = fit.spread(ALTERNATIVES)
    if fit.by_kind:
        return _of_kinds(fit, [rate for rate, _ in drawn])
    return tuple(Replies(rate=rate, delay=delay, kinds=fit.kinds) for rate, delay in drawn)


def _of_segments(fit: "RepliesFit") -> tuple[Replies, ...]:
    parts = {name: (one.messages, alternatives(one)) for name, one in fit.segments.items()}
    strides = dict(zip(parts, cycle(STRIDES), strict=False))
    return tuple(
        SegmentedReplies(
            segments={
                name: (float(weight), drawn[number * strides[name] % ALTERNATIVES])
                for name, (weight, drawn) in parts.items()
            }
        )
        for number in range(ALTERNATIVES)
    )


def _of_kinds(fit: "RepliesFit", rates: list[float]) -> tuple[Replies, ...]:
    """The draws of the most frequent kind stay in the order of the rate, with which its delay varies."""
    ordered = sorted(fit.by_kind, key=lambda kind: -fit.by_kind[kind].replied)
    drawn = {kind: fit.by_kind[kind].spread(ALTERNATIVES) for kind in ordered}
    strides = dict(zip(ordered, cycle(STRIDES), strict=False))
    result = []
    for number, rate in enumerate(rates):
        parts = {kind: drawn[kind][number * strides[kind] % ALTERNATIVES] for kind in ordered}
        result.append(_answered({str(kind): part for kind, part in parts.items()}, rate))
    return tuple(result)


def _answered(parts: "dict[str, tuple[float, Delay]]", rate: float) -> Replies:
    """Replies of that rate in all, of which each kind has its share and its delay; the others are silent."""
    total = sum(share for share, _ in parts.values())
    answers = {
        kind: (rate * share / total, Replies(rate=1.0, delay=delay, kinds={kind: 1.0}))
        for kind, (share, delay) in parts.items()
    }
    return SegmentedReplies(segments=answers | {SILENT: (1 - rate, Replies(rate=0.0))})
