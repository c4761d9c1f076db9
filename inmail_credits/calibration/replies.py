"""A fit of replies: how many messages are answered in the end, how long that takes, and how sure that is.

The naive rate, answers over messages, is too low: young messages had no time to be answered yet. So the rate
and the law of delay are fitted together (a mixture cure model, see ``_mixture``); the Kaplan-Meier curve,
which assumes no law, stands beside it. Uncertainty is Bayesian, with a named prior of the rate, and goes into
the simulation as a set of alternatives for rate and delay together.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from attrs import field, frozen

from inmail_credits._inputs import as_number, as_rate
from inmail_credits.calibration._alternatives import alternatives
from inmail_credits.calibration._instants import Waits
from inmail_credits.calibration._laws import LAWS
from inmail_credits.calibration._posterior import Posterior
from inmail_credits.calibration._replies_summary import replies_summary
from inmail_credits.calibration._typing import Floats
from inmail_credits.calibration.delays import Observed
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation import Outreach, Replies, Sends, UncertainReplies, delays

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from inmail_credits._charts.theme import Colors
    from inmail_credits.calibration.sends import SendsFit

LEVEL: Final = 0.9
SIMULATED: Final = slice(2, None, 4)
"""Which of the 200 alternatives are simulated: with all of them, a forecast that starts with hundreds of
messages in flight takes four times as long, and its bands are no different."""


@frozen(kw_only=True, eq=False, repr=False)
class RepliesFit:
    """Replies fitted to data. Made by :func:`~inmail_credits.calibration.fit_replies`.

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
        segments: the fit of each segment, if segments were given, by name.
        by_kind: where answers of two kinds or more were seen, the fit of each kind: ``rate`` is the share of
            all messages answered in that way, ``replied`` the number of such answers.
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
    by_kind: Mapping[ReplyKind, "RepliesFit"] = field(factory=dict)
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

        Where segments were fitted, each is of all segments, which are independent of each other; where kinds
        of answer were, each kind has a delay of its own.
        """
        return alternatives(self)

    @property
    def replies(self) -> UncertainReplies:
        """The fitted behaviour with its uncertainty: each simulated path follows one of 50 alternatives.

        They are every fourth of :attr:`alternatives`, which stand in order of their rate: rate and delay vary
        together, as far as the data leave both open.
        """
        return UncertainReplies(alternatives=self.alternatives[SIMULATED], messages=self.messages)

    @property
    def best(self) -> Replies:
        """The fitted behaviour without its uncertainty: the rate and delay of maximum likelihood."""
        return Replies(rate=self.rate, delay=self.delay, kinds=self.kinds)

    @property
    def empirical_delay(self) -> Observed:
        """The delays without a law: the Kaplan-Meier curve, scaled to those who answer.

        Raises:
            InvalidValueError: if nobody answered.
        """
        return Observed.of_curve(self.kaplan_meier)

    def outreach(self, sends: "Sends | SendsFit") -> Outreach:
        """An outreach with these replies, and with sends as given, or fitted with their time zone."""
        if isinstance(sends, Sends):
            return Outreach(sends=sends, replies=self.replies)
        return sends.outreach(self)

    def median_interval(self, level: float = LEVEL) -> tuple[float, float, float]:
        """The delay, in days, within which half of the answers come: fitted, and its posterior interval.

        NaN where the delay was assumed, not fitted.
        """
        level = as_rate("level", level)
        law = LAWS.get(self.law)
        if law is None:
            return (float("nan"),) * 3
        theta = np.log(self.parameters["estimate"].to_numpy(np.float64)[1:])
        drawn = self._posterior
        low, high = drawn.quantiles(law.median(drawn.theta.T), np.array([(1 - level) / 2, (1 + level) / 2]))
        return float(law.median(theta)), float(low), float(high)

    def table(self, level: float = LEVEL) -> pd.DataFrame:
        """The fit as a whole, of each segment and of each kind of answer, one row each, with intervals.

        Columns: ``messages``, ``replied``, ``rate`` with ``rate_low`` and ``rate_high``, ``law``, and
        ``median_days`` with ``median_low`` and ``median_high`` (of the delay; NaN where it was assumed). The
        index is ``all``, ``segment NAME``, ``kind NAME``; the rates of kinds are of all messages.
        """
        names = ("rate", "rate_low", "rate_high", "law", "median_days", "median_low", "median_high")
        rows = {"all": self}
        rows |= {f"segment {name}": one for name, one in self.segments.items()}
        rows |= {f"kind {kind}": one for kind, one in self.by_kind.items()}
        cells = [
            (
                one.messages,
                one.replied,
                one.rate,
                *one.rate_interval(level),
                one.law,
                *one.median_interval(level),
            )
            for one in rows.values()
        ]
        index = pd.Index(list(rows), name="part")
        return pd.DataFrame(cells, columns=["messages", "replied", *names], index=index)

    def answered_within(self, days: float, level: float = LEVEL) -> tuple[float, float, float]:
        """The share of messages answered within that many days: fitted, and its posterior interval."""
        days = as_number("days", days, 0)
        level = as_rate("level", level)
        share = self.rate * float(self.delay.below(np.array([float(days)]))[0])
        low, high = self.answered_by(np.array([float(days)]), np.array([(1 - level) / 2, (1 + level) / 2]))
        return share, float(low[0]), float(high[0])

    def spread(self, count: int) -> tuple[tuple[float, delays.Delay], ...]:
        """Rates and delays of equal weight from the posterior, in order of the rate; ``count`` of them."""
        law = LAWS.get(self.law)
        rates, thetas = self._posterior.spread(count)
        return tuple(
            (rate, self.delay if law is None else law.delay(theta))
            for rate, theta in zip(rates.tolist(), thetas, strict=True)
        )

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

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: "Colors | None" = None,
    ) -> "Axes":
        """Draw the share answered by age: observed (Kaplan-Meier) and fitted, with its 90 % band.

        Args:
            ax: the axes to draw into; left out, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``fitted`` and ``observed``.

        Returns:
            The axes.
        """
        from inmail_credits._charts.theme import Options  # noqa: PLC0415 - as above
        from inmail_credits.calibration._plots import plot_replies  # noqa: PLC0415 - Matplotlib only here

        return plot_replies(self, ax, Options(legend=legend, title=title, colors=colors))
