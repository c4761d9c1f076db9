"""What a forecast rests on: how sure the reply rate is, and which terms of the plan nobody has confirmed.

A reply rate that was observed on few messages is uncertain, and a plan has terms that were inferred from a
page or not found at all (:attr:`Plan.sources`). Neither shows in a Monte-Carlo error, so each forecast names
them: in its repr, below its title, in its tables and in its plain data.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd
from attrs import frozen

from inmail_credits._display.numbers import count
from inmail_credits.forecasting.labels import percent
from inmail_credits.plans import Plan, Source, Sureness
from inmail_credits.simulation import Outreach, Replies, UncertainReplies
from inmail_credits.simulation.behaviour.replies import ASSUMED_DELAY

UNSURE: Final = (Sureness.OPEN, Sureness.INFERRED)
COLUMNS: Final = ("value", "basis", "page", "note")


@frozen
class Assumption:
    """One thing taken for granted.

    Fields:
        name: a term of the plan, by the name of its field; ``"reply_rate"`` or ``"reply_delay"``.
        value: what is taken for it.
        basis: ``"open"`` or ``"inferred"`` for a term; ``"assumed"`` for the delay; for the reply rate
            ``"exact"``, the messages it was observed on, or the alternatives of which a path follows one.
        page: the page that was read; empty if none.
        note: what is known, and the alternatives.
    """

    name: str
    value: str
    basis: str
    page: str = ""
    note: str = ""


def assumptions(plan: Plan, outreach: Outreach) -> tuple[Assumption, ...]:
    """The assumptions of a forecast: the reply rate, the delay if it is the default, and the unsure terms.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Sends
        >>> outreach = Outreach(sends=Sends.fixed(per_week=5), replies=Replies(rate=0.27, sample_size=120))
        >>> for one in assumptions(economies.LINKEDIN_2019["career"], outreach):
        ...     print(one.name, one.value, one.basis, sep=", ")
        reply_rate, 27 %, 120 messages
        reply_delay, 65 % in a day, 90 % in a week, assumed
        grant_on, anniversary, open
        ...
    """
    return (_rate(outreach.replies), *_delay(outreach.replies), *_terms(plan))


def unsure_terms(plan: Plan) -> dict[Sureness, list[Source]]:
    """The sources of a plan that are open or inferred, each kind in the order of the plan's sources."""
    return {sure: [source for source in plan.sources if source.sure is sure] for sure in UNSURE}


def rests_on(plan: Plan, outreach: Outreach) -> str:
    """The assumptions in one line.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Sends
        >>> outreach = Outreach(sends=Sends.fixed(per_week=5), replies=Replies(rate=0.27))
        >>> rests_on(economies.LINKEDIN_2019["career"], outreach)
        'reply rate taken as exact; open: grant_on, refund_to, ...; inferred: refund_kinds'
    """
    rate = _rate(outreach.replies)
    basis = "taken as exact" if rate.basis == "exact" else f"from {rate.basis}"
    terms = [
        f"{sure}: {', '.join(source.term for source in sources)}"
        for sure, sources in unsure_terms(plan).items()
        if sources
    ]
    return "; ".join([f"reply rate {basis}", *terms])


def assumption_table(rows: Sequence[Assumption]) -> pd.DataFrame:
    """The assumptions as a table indexed by name, with the columns of :data:`COLUMNS`."""
    index = pd.Index([row.name for row in rows], name="assumption")
    return pd.DataFrame({column: [getattr(row, column) for row in rows] for column in COLUMNS}, index=index)


def _rate(replies: Replies) -> Assumption:
    if isinstance(replies, UncertainReplies):
        several = count(len(replies.alternatives), "alternative")
        if replies.messages is None:
            return Assumption(
                "reply_rate", percent(replies.rate), several, note="each path follows one of them"
            )
        basis = count(replies.messages, "message")
        note = f"each path follows one of {several} for rate and delay together"
        return Assumption("reply_rate", percent(replies.rate), basis, note=note)
    if replies.sample_size is None:
        note = "no uncertainty of the rate is counted in; sample_size says how many messages it rests on"
        return Assumption("reply_rate", percent(replies.rate), "exact", note=note)
    basis = count(replies.sample_size, "message")
    return Assumption("reply_rate", percent(replies.rate), basis, note="each path draws a rate of its own")


def _delay(replies: Replies) -> list[Assumption]:
    if replies.delay != ASSUMED_DELAY:
        return []
    return [
        Assumption(
            "reply_delay",
            "65 % in a day, 90 % in a week",
            "assumed",
            note="repeated in many places; no primary source was found",
        )
    ]


def _terms(plan: Plan) -> list[Assumption]:
    return [
        Assumption(source.term, _text(getattr(plan, source.term, None)), str(sure), source.page, source.note)
        for sure, sources in unsure_terms(plan).items()
        for source in sources
    ]


def _text(value: object) -> str:
    if value is None:
        return "none"
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
