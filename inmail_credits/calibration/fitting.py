"""Fit replies to messages: the rate, the delay, and both again for each segment and each kind of answer.

The model is in ``_mixture``, its uncertainty in ``_posterior``; the result is a
:class:`~inmail_credits.calibration.RepliesFit`.
"""

from collections import Counter
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import evolve

from inmail_credits.calibration._instants import Waits, moment, waits
from inmail_credits.calibration._laws import LAWS
from inmail_credits.calibration._mixture import Data, Fit, data, fit
from inmail_credits.calibration._posterior import Posterior, posterior, posterior_of_rate, prior_of
from inmail_credits.calibration._typing import Floats, Longs, Values
from inmail_credits.calibration.replies import LEVEL, RepliesFit
from inmail_credits.calibration.survival import kaplan_meier
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation import Replies

Shares = tuple[tuple[ReplyKind, float], ...]

MESSAGES_MIN: Final = 10
"""With fewer messages nothing is fitted."""
REPLIES_MIN: Final = 5
"""With fewer answers the delay is assumed, not fitted."""
ASSUMED_DELAY: Final = Replies(rate=0.0).delay
"""What replies have where nothing is known of delays."""
WIDE: Final = 2.0
"""How much wider than for messages followed to the end the rate's posterior may be without a note."""
EFFECTIVE_MIN: Final = 100.0


def fit_replies(
    sent_at: Values,
    replied_at: Values,
    *,
    as_of: datetime | None = None,
    kinds: Values | None = None,
    segments: Values | None = None,
    law: str | None = None,
    prior: str | tuple[float, float] = "jeffreys",
) -> RepliesFit:
    """Fit the rate and the delay of replies to messages, of which some may still be answered.

    Args:
        sent_at: the instant each message was sent: a Series, an array or a list of aware datetimes.
        replied_at: the instant of its answer; ``None`` or NaT for none.
        as_of: the instant up to which answers are known; messages and answers after it are left out. By
            default the latest instant given, which is a little early where answers are rare.
        kinds: the kind of each answer (see :class:`~inmail_credits.plans.ReplyKind`); ``None`` for none, or
            not known. Where two kinds or more were seen, each is fitted apart as well.
        segments: a name for each message; each segment, of at least 10 messages, is fitted apart.
        law: ``"weibull"``, ``"lognormal"`` or ``"exponential"``; left out, the one of least AIC.
        prior: of the rate: ``"jeffreys"`` (Beta(0.5, 0.5)), ``"uniform"`` (Beta(1, 1)), or two numbers.

    Raises:
        InvalidValueError: for fewer than 10 messages, columns of different length, an answer before its
            message, a message without instant, a kind that is none.
        NaiveInstantError: for an instant without time zone.
        UnknownNameError: for a law or prior that is not known.

    Example:
        >>> from datetime import UTC, datetime, timedelta
        >>> sent = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(60)]
        >>> replied = [at + timedelta(hours=7 * day + 1) if day % 3 == 0 and day < 30 else None
        ...     for day, at in enumerate(sent)]
        >>> found = fit_replies(sent, replied, as_of=datetime(2026, 6, 1, tzinfo=UTC))
        >>> found.messages, found.replied, round(found.rate, 2)
        (60, 10, 0.17)
    """
    named = prior_of(prior)
    if law is not None and law not in LAWS:
        raise UnknownNameError("law of delay", law, tuple(LAWS))
    sample = waits(sent_at, replied_at, as_of)
    check_size("messages sent by as_of", len(sample.kept))
    found_kinds = _kinds(kinds, sample)
    whole = _fit(sample, found_kinds, law, named)
    apart: dict[str, RepliesFit] = {}
    for segment, places in _parts(segments, sample).items():
        check_size(f"messages of segment {segment!r}", len(places))
        own_kinds = None if found_kinds is None else [found_kinds[place] for place in places]
        apart[segment] = _fit(sample.at(places), own_kinds, law, named)
    return evolve(whole, segments=apart)


def check_size(what: str, messages: int) -> None:
    """Refuse to fit from fewer than ten messages."""
    if messages < MESSAGES_MIN:
        raise InvalidValueError(
            what,
            messages,
            f"at least {MESSAGES_MIN} to fit anything from; with fewer, state what you assume: "
            "Replies(rate=..., sample_size=...)",
        )


def _fit(
    sample: Waits, kinds: list[ReplyKind | None] | None, law: str | None, prior: tuple[str, float, float]
) -> RepliesFit:
    """One fit, and beside it one for each kind of answer where there are two kinds or more."""
    whole = _fit_one(sample, _shares(kinds), law, prior, None)
    if kinds is None or len(whole.kinds) == 1:
        return whole
    given = np.array([None if kind is None else str(kind) for kind in kinds], object)
    return evolve(
        whole,
        by_kind={
            kind: _fit_one(sample.counting(given == str(kind)), ((kind, 1.0),), law, prior, whole)
            for kind, _ in whole.kinds
        },
    )


def _fit_one(
    sample: Waits,
    shares: Shares,
    law: str | None,
    prior: tuple[str, float, float],
    whole: RepliesFit | None,
) -> RepliesFit:
    """A fit of all answers, or of those of one kind; ``whole`` is then the fit of all.

    The time to an answer of one kind is censored at the age of a message without one, answered otherwise or
    silent: a marginal likelihood, which takes no other kind into account.
    """
    grouped = data(sample.days, sample.replied)
    curve = kaplan_meier(sample.days, sample.replied)
    if grouped.replies < REPLIES_MIN:
        return _with_assumed_delay(sample, grouped, curve, shares, prior, whole)
    fits = sorted(
        (fit(each, grouped) for name, each in LAWS.items() if law in {None, name}), key=lambda one: one.aic
    )
    best = fits[0]
    drawn = posterior(best.law, grouped, prior[1:], best.parameters)
    return RepliesFit(
        messages=grouped.messages,
        replied=grouped.replies,
        as_of=moment(sample.as_of),
        law=best.law.name,
        rate=best.rate,
        rate_error=None if best.covariance is None else _rate_error(best),
        delay=best.law.delay(best.parameters[1:]),
        kinds=shares,
        log_likelihood=best.value,
        aic=best.aic,
        laws=pd.DataFrame(
            {
                "law": [one.law.name for one in fits],
                "log_likelihood": [one.value for one in fits],
                "aic": [one.aic for one in fits],
                "rate": [one.rate for one in fits],
            }
        ),
        parameters=_parameters(best, drawn),
        prior=prior,
        kaplan_meier=curve,
        waits=sample,
        notes=_notes(sample, drawn),
        posterior=drawn,
    )


def _with_assumed_delay(
    sample: Waits,
    grouped: Data,
    curve: pd.DataFrame,
    shares: Shares,
    prior: tuple[str, float, float],
    whole: RepliesFit | None,
) -> RepliesFit:
    """The rate alone, under the delay of all answers or an assumed one: there are too few to fit one."""
    delay = ASSUMED_DELAY if whole is None else whole.delay
    below = delay.below(sample.days[~sample.replied])
    drawn = posterior_of_rate(below, grouped.replies, prior[1:])
    likelihood = posterior_of_rate(below, grouped.replies, (0.0, 0.0))
    rate = float(likelihood.rate[np.argmax(likelihood.weight)]) if grouped.replies else 0.0
    instead = f"an assumed one is used, {delay!r}" if whole is None else "that of all answers is used"
    note = f"{grouped.replies} answers are too few to fit a delay: {instead}; only the rate is fitted"
    row = _row("rate", (rate, float("nan")), drawn, drawn.rate)
    return RepliesFit(
        messages=grouped.messages,
        replied=grouped.replies,
        as_of=moment(sample.as_of),
        law="assumed",
        rate=rate,
        rate_error=None,
        delay=delay,
        kinds=shares,
        log_likelihood=float("nan"),
        aic=float("nan"),
        laws=pd.DataFrame(columns=["law", "log_likelihood", "aic", "rate"]),
        parameters=pd.DataFrame([row]).set_index("parameter"),
        prior=prior,
        kaplan_meier=curve,
        waits=sample,
        notes=(note,),
        posterior=drawn,
    )


def _rate_error(best: Fit) -> float:
    """The standard error of the rate, by the delta method."""
    covariance = best.covariance
    variance = float("nan") if covariance is None else float(covariance[0, 0])
    return float(best.rate * (1 - best.rate) * np.sqrt(variance))


def _parameters(best: Fit, drawn: Posterior) -> pd.DataFrame:
    errors = [float("nan")] * len(best.parameters)
    if best.covariance is not None:
        errors = np.sqrt(np.diag(best.covariance)).tolist()
    rows = [_row("rate", (best.rate, best.rate * (1 - best.rate) * errors[0]), drawn, drawn.rate)]
    for at, name in enumerate(best.law.parameters):
        value = float(np.exp(best.parameters[1 + at]))
        rows.append(_row(name, (value, value * errors[1 + at]), drawn, np.exp(drawn.theta[:, at])))
    return pd.DataFrame(rows).set_index("parameter")


def _row(name: str, estimate: tuple[float, float], drawn: Posterior, values: Floats) -> dict[str, object]:
    low, high = drawn.quantiles(values, np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return {
        "parameter": name,
        "estimate": estimate[0],
        "error": estimate[1],
        "mean": float(drawn.weight @ values),
        "low": float(low),
        "high": float(high),
    }


def _notes(sample: Waits, drawn: Posterior) -> tuple[str, ...]:
    notes = []
    messages = len(sample.days)
    a, b = drawn.beta()
    spread = (a * b / (a + b + 1)) ** 0.5 / (a + b)
    followed = (a / (a + b) * b / (a + b) / messages) ** 0.5
    if spread > WIDE * followed:
        notes.append(
            f"messages are too young to tell the rate from the delay: the rate is as unsure as from "
            f"{max(1, round(a + b)):,} messages followed to the end, not {messages:,}"
        )
    if sample.resolution_days >= 1:
        notes.append("instants are known to the day only: delays below half a day count as half a day")
    if drawn.effective_draws < EFFECTIVE_MIN:
        notes.append(
            f"the posterior rests on {drawn.effective_draws:.0f} effective draws: intervals are rough"
        )
    return tuple(notes)


def _kinds(values: Values | None, sample: Waits) -> list[ReplyKind | None] | None:
    """The kind of each kept and answered message; ``None`` where it has no answer yet, or of no kind."""
    if values is None:
        return None
    return [
        ReplyKind.of(f"kinds[{place}]", kind) if replied and not _blank(kind) else None
        for place, kind, replied in zip(
            sample.kept.tolist(), _kept("kinds", values, sample), sample.replied.tolist(), strict=True
        )
    ]


def _kept(what: str, values: Values, sample: Waits) -> list[object]:
    """The entries of a column that belong to the messages kept."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InvalidValueError(what, values, "a column with one entry for each message")
    given = list(values)
    if len(given) != sample.given:
        raise InvalidValueError(what, f"of length {len(given)}", f"as long as sent_at, {sample.given}")
    return [given[place] for place in sample.kept.tolist()]


def _blank(value: object) -> bool:
    """Whether that is ``None``, NaN, NaT, or an empty text."""
    return value is None or value is pd.NaT or value is pd.NA or value != value or value == ""  # noqa: PLR0124 - NaN


def _shares(kinds: list[ReplyKind | None] | None) -> Shares:
    """The share of each kind among the answers whose kind is known; plain messages if none is."""
    counted = Counter(kind for kind in kinds or () if kind is not None)
    total = sum(counted.values())
    if not total:
        return ((ReplyKind.MESSAGE, 1.0),)
    return tuple((kind, counted[kind] / total) for kind in ReplyKind if counted[kind])


def _parts(values: Values | None, sample: Waits) -> dict[str, Longs]:
    """The places of each segment's messages among those kept, in the order of the names."""
    if values is None:
        return {}
    places: dict[str, list[int]] = {}
    for at, name in enumerate(_kept("segments", values, sample)):
        if _blank(name):
            raise InvalidValueError(f"segments[{sample.kept[at]}]", name, "a name for each message")
        places.setdefault(str(name), []).append(at)
    return {name: np.array(places[name]) for name in sorted(places)}
