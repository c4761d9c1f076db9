"""Fit replies: how many messages are answered in the end, how long that takes, and how sure that is.

The naive rate, answers over messages, is too low: young messages had no time to be answered yet. So the rate
and the law of delay are fitted together (a mixture cure model, see ``_mixture``); the Kaplan-Meier curve,
which assumes no law, stands beside it. Uncertainty is Bayesian, with a named prior of the rate, and goes into
the simulation as a set of alternatives for rate and delay together.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from attrs import evolve, field, frozen

from inmail_credits._inputs import as_number, as_rate
from inmail_credits.calibration._instants import Waits, moment, waits
from inmail_credits.calibration._laws import LAWS
from inmail_credits.calibration._mixture import Data, Fit, data, fit
from inmail_credits.calibration._posterior import Posterior, posterior, posterior_of_rate, prior_of
from inmail_credits.calibration._replies_summary import replies_summary
from inmail_credits.calibration._typing import Floats, Longs, Values
from inmail_credits.calibration.delays import Observed
from inmail_credits.calibration.survival import kaplan_meier
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation import Outreach, Replies, SegmentedReplies, Sends, delays

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from inmail_credits.calibration.sends import SendsFit

MESSAGES_MIN: Final = 10
"""With fewer messages nothing is fitted."""
REPLIES_MIN: Final = 5
"""With fewer answers the delay is assumed, not fitted."""
ALTERNATIVES: Final = 200
LEVEL: Final = 0.9
ASSUMED_DELAY: Final = Replies(rate=0.0).delay
"""What replies have where nothing is known of delays."""
WIDE: Final = 2.0
"""How much wider than for messages followed to the end the rate's posterior may be without a note."""
EFFECTIVE_MIN: Final = 100.0
STRIDES: Final = (1, 77, 119, 61, 33, 143, 9, 187)
"""Have no divisor in common with 200: each segment's alternatives come in another order."""


@frozen(kw_only=True, eq=False, repr=False)
class RepliesFit:
    """Replies fitted to data. Made by :func:`fit_replies`.

    Fields:
        messages: messages sent by ``as_of``.
        replied: how many of them were answered by then.
        as_of: the instant up to which answers are known.
        law: ``"weibull"``, ``"lognormal"``, ``"exponential"``; ``"assumed"`` where answers were too few.
        rate: the share of messages answered in the end, by maximum likelihood.
        rate_error: its standard error; ``None`` where the likelihood has no peak inside 0..1.
        delay: the delay of an answer, by maximum likelihood, or as assumed.
        kinds: the share of each kind among the answers.
        log_likelihood, aic: of the fit; NaN where the delay is assumed.
        laws: the laws tried, best first: ``law``, ``log_likelihood``, ``aic``, ``rate``.
        parameters: ``estimate``, ``error``, and the posterior ``mean``, ``low`` and ``high`` (90 %).
        prior: the name of the prior of the rate and its two parameters.
        kaplan_meier: the curve without a law: see :func:`kaplan_meier`.
        waits: the delays and ages the fit rests on.
        segments: the fit of each segment, if segments were given.
        notes: what else to keep in mind, one sentence each.
    """

    messages: int
    replied: int
    as_of: datetime
    law: str
    rate: float
    rate_error: float | None
    delay: delays.Delay
    kinds: tuple[tuple[ReplyKind, float], ...]
    log_likelihood: float
    aic: float
    laws: pd.DataFrame
    parameters: pd.DataFrame
    prior: tuple[str, float, float]
    kaplan_meier: pd.DataFrame
    waits: Waits
    segments: Mapping[str, "RepliesFit"] = field(factory=dict)
    notes: tuple[str, ...] = ()
    _posterior: Posterior

    def __repr__(self) -> str:
        low, high = self.rate_interval()
        return (
            f"<RepliesFit {100 * self.rate:.1f} % answered (90 %: {100 * low:.1f} to {100 * high:.1f}), "
            f"{self.law} delay, from {self.messages:,} messages>"
        )

    @property
    def naive_rate(self) -> float:
        """Answers so far over messages: too low while messages are young."""
        return self.replied / self.messages

    @property
    def beta(self) -> tuple[float, float]:
        """The Beta distribution with the posterior mean and variance of the rate."""
        return self._posterior.beta()

    def rate_interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The central posterior interval of the rate: with probability ``level``, 0..1, it is in there."""
        level = as_rate("level", level)
        low, high = self._posterior.quantiles(
            self._posterior.rate, np.array([(1 - level) / 2, (1 + level) / 2])
        )
        return float(low), float(high)

    @property
    def alternatives(self) -> tuple[Replies, ...]:
        """200 replies of equal weight, drawn from the posterior of rate and delay together.

        Where segments were fitted, each is of all segments, which are independent of each other.
        """
        if self.segments:
            return self._alternatives_of_segments()
        rates, thetas = self._posterior.spread(ALTERNATIVES)
        law = LAWS.get(self.law)
        return tuple(
            Replies(
                rate=float(rate),
                delay=self.delay if law is None else law.delay(theta),
                kinds=self.kinds,
            )
            for rate, theta in zip(rates, thetas, strict=True)
        )

    def _alternatives_of_segments(self) -> tuple[Replies, ...]:
        parts = {name: (one.messages, one.alternatives) for name, one in self.segments.items()}
        strides = dict(zip(parts, cycle(STRIDES), strict=False))
        return tuple(
            SegmentedReplies(
                segments={
                    name: (float(weight), alternatives[number * strides[name] % ALTERNATIVES])
                    for name, (weight, alternatives) in parts.items()
                }
            )
            for number in range(ALTERNATIVES)
        )

    @property
    def replies(self) -> Replies:
        """The fitted behaviour with its uncertainty: each simulated path follows one alternative."""
        a, b = self.beta
        return Replies(rate=a / (a + b), delay=self.delay, kinds=self.kinds, sample_size=max(1, round(a + b)))

    @property
    def empirical_delay(self) -> Observed:
        """The delays without a law: the Kaplan-Meier curve, scaled to those who answer.

        Raises:
            InvalidValueError: if nobody answered.
        """
        return Observed.of_curve(self.kaplan_meier)

    def outreach(self, sends: "Sends | SendsFit") -> Outreach:
        """An outreach with these replies, and with sends as given or fitted."""
        return Outreach(sends=sends if isinstance(sends, Sends) else sends.sends, replies=self.replies)

    def answered_within(self, days: float, level: float = LEVEL) -> tuple[float, float, float]:
        """The share of messages answered within that many days: fitted, and its posterior interval."""
        days = as_number("days", days, 0)
        level = as_rate("level", level)
        share = self.rate * float(self.delay.below(np.array([float(days)]))[0])
        low, high = self.answered_by(np.array([float(days)]), np.array([(1 - level) / 2, (1 + level) / 2]))
        return share, float(low[0]), float(high[0])

    def answered_by(self, days: Floats, levels: Floats) -> Floats:
        """Posterior quantiles of the share answered by each age; shape (levels, days)."""
        law = LAWS.get(self.law)
        drawn = self._posterior
        if law is None:
            below = np.broadcast_to(self.delay.below(days), (len(drawn.rate), len(days)))
        else:
            theta = drawn.theta.T[:, :, None]
            with np.errstate(divide="ignore"):
                below = -np.expm1(law.log_survival(np.maximum(days, 1e-300), theta))
        shares = drawn.rate[:, None] * below
        return np.stack([drawn.quantiles(column, levels) for column in shares.T], axis=1)

    def summary(self) -> str:
        """The fit as a table, to be printed."""
        return replies_summary(self)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share answered by age: observed (Kaplan-Meier) and fitted, with its 90 % band.

        Args:
            ax: the axes to draw into; left out, those of a new figure.

        Returns:
            The axes.
        """
        from inmail_credits.calibration._plots import plot_replies  # noqa: PLC0415 - Matplotlib only here

        return plot_replies(self, ax)


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
        kinds: the kind of each answer (see :class:`~inmail_credits.plans.ReplyKind`); ``None`` for none.
        segments: a name for each message; each segment of at least 10 messages is fitted apart.
        law: ``"weibull"``, ``"lognormal"`` or ``"exponential"``; left out, the one of least AIC.
        prior: of the rate: ``"jeffreys"`` (Beta(0.5, 0.5)), ``"uniform"`` (Beta(1, 1)), or two numbers.

    Raises:
        InvalidValueError: for fewer than 10 messages, columns of different length, an answer before its
            message, a message without instant.
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
        own = Waits(
            days=sample.days[places],
            replied=sample.replied[places],
            kept=sample.kept[places],
            as_of=sample.as_of,
            resolution_days=sample.resolution_days,
        )
        check_size(f"messages of segment {segment!r}", len(places))
        own_kinds = None if found_kinds is None else [found_kinds[place] for place in places]
        apart[segment] = _fit(own, own_kinds, law, named)
    return evolve(whole, segments=apart) if apart else whole


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
    sample: Waits,
    kinds: list[ReplyKind | None] | None,
    law: str | None,
    prior: tuple[str, float, float],
) -> RepliesFit:
    grouped = data(sample.days, sample.replied)
    curve = kaplan_meier(sample.days, sample.replied)
    shares = _shares(kinds)
    if grouped.replies < REPLIES_MIN:
        return _with_assumed_delay(sample, grouped, curve, shares, prior)
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
    shares: tuple[tuple[ReplyKind, float], ...],
    prior: tuple[str, float, float],
) -> RepliesFit:
    """The rate alone, under the assumed delay: there are too few answers to fit one."""
    below = ASSUMED_DELAY.below(sample.days[~sample.replied])
    drawn = posterior_of_rate(below, grouped.replies, prior[1:])
    likelihood = posterior_of_rate(below, grouped.replies, (0.0, 0.0))
    rate = float(likelihood.rate[np.argmax(likelihood.weight)]) if grouped.replies else 0.0
    note = (
        f"{grouped.replies} answers are too few to fit a delay: an assumed one is used, "
        f"{ASSUMED_DELAY!r}; only the rate is fitted"
    )
    row = _row("rate", (rate, float("nan")), drawn, drawn.rate)
    return RepliesFit(
        messages=grouped.messages,
        replied=grouped.replies,
        as_of=moment(sample.as_of),
        law="assumed",
        rate=rate,
        rate_error=None,
        delay=ASSUMED_DELAY,
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
    """The kind of each kept and answered message; ``None`` where the message has no answer yet."""
    if values is None:
        return None
    given = list(values)
    if len(given) <= int(sample.kept.max(initial=-1)):
        raise InvalidValueError("kinds", f"of length {len(given)}", "as long as sent_at")
    kept = [given[place] for place in sample.kept.tolist()]
    return [
        ReplyKind(kind) if replied and isinstance(kind, str) else None
        for kind, replied in zip(kept, sample.replied.tolist(), strict=True)
    ]


def _shares(kinds: list[ReplyKind | None] | None) -> tuple[tuple[ReplyKind, float], ...]:
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
    given = list(values)
    if len(given) <= int(sample.kept.max(initial=-1)):
        raise InvalidValueError("segments", f"of length {len(given)}", "as long as sent_at")
    places: dict[str, list[int]] = {}
    for at, place in enumerate(sample.kept.tolist()):
        places.setdefault(str(given[place]), []).append(at)
    return {name: np.array(places[name]) for name in sorted(places)}
