"""Labels of plans and of behaviour, for titles and tables: one line each, made from their fields."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from inmail_credits._display.numbers import count
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Sends, UncertainReplies
from inmail_credits.timeline import MONTHLY

SMALLEST = 0.001
_FREE_WEEKEND = (0.0, 0.0)


MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Names of months that do not depend on the machine's language."""


def day_label(day: date) -> str:
    """A date for a title.

    Example:
        >>> day_label(date(2026, 3, 1))
        '1 March 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def plan_label(plan: Plan, seats: int = 1) -> str:
    """What a plan grants.

    Example:
        >>> from inmail_credits import economies
        >>> plan_label(economies.LINKEDIN_2019["business"])
        'Premium Business: 15 credits a month'
    """
    every = "month" if plan.grant_every == MONTHLY else str(plan.grant_every).removeprefix("1 ")
    a_time = f"a {every}" if " " not in every else f"every {every}"
    contract = f"{seats} seats of {plan.title}" if seats > 1 else plan.title
    return f"{contract}: {count(plan.grant_credits * seats, 'credit')} {a_time}"


def sends_label(sends: Sends) -> str:
    """How many messages are wanted, and what shapes them.

    Example:
        >>> sends_label(Sends.poisson(per_week=5, on="weekdays", daily_max=3))
        '5 sends a week on weekdays, at most 3 a day'
    """
    extra = [
        f"at most {sends.daily_max} a day" if sends.daily_max is not None else "",
        count(len(sends.holidays), "holiday") if sends.holidays else "",
        count(len(sends.bursts), "campaign day") if sends.bursts else "",
        count(sends.prospects, "prospect") if sends.prospects is not None else "",
        "paced" if sends.pacing else "",
        "followed up" if sends.follow_up else "",
    ]
    regular = f"{count(round(sends.per_week, 2), 'send')} a week{_profile(sends)}"
    return ", ".join([regular, *filter(None, extra)])


def answers_label(outreach: Outreach) -> str:
    """How many messages are answered, on how many this was observed, and how many others are withdrawn.

    Example:
        >>> from inmail_credits.simulation import Replies
        >>> answers_label(Outreach(sends=Sends.fixed(per_week=5), replies=Replies(rate=0.27)))
        '27 % answered'
        >>> observed = Replies(rate=0.27, sample_size=120)
        >>> answers_label(Outreach(sends=Sends.fixed(per_week=5), replies=observed))
        '27 % answered (rate from 120 messages)'
    """
    answered = f"{percent(outreach.replies.rate)} answered"
    replies = outreach.replies
    messages = replies.messages if isinstance(replies, UncertainReplies) else replies.sample_size
    if messages is not None:
        answered += f" (rate from {count(messages, 'message')})"
    elif isinstance(replies, UncertainReplies):
        answered += f" (rate from {count(len(replies.alternatives), 'alternative')})"
    taken_back = outreach.withdrawals
    if not taken_back.rate:
        return answered
    after = count(taken_back.after_days, "day")
    return f"{answered}, {percent(taken_back.rate)} of the rest withdrawn after {after}"


def behaviour_label(outreach: Outreach) -> str:
    """The whole behaviour in one line.

    Example:
        >>> behaviour_label(Outreach(sends=Sends.fixed(per_week=1)))
        '1 send a week, 0 % answered'
    """
    return f"{sends_label(outreach.sends)}, {answers_label(outreach)}"


def distinct(labels: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels that differ: equal ones get the name too, and a number where that is equal as well.

    A name comes before the first colon of a label, if it has one.

    Example:
        >>> distinct(["Lite: 3 credits", "Lite: 3 credits", "Full: 9 credits"], ["old", "new", "full"])
        ['Lite (old): 3 credits', 'Lite (new): 3 credits', 'Full: 9 credits']
        >>> distinct(["a", "a"], ["same", "same"])
        ['a (same, 1)', 'a (same, 2)']
    """
    pairs = list(zip(labels, names, strict=True))
    result = []
    for place, (label, name) in enumerate(pairs):
        number = f", {pairs[: place + 1].count((label, name))}" if pairs.count((label, name)) > 1 else ""
        head, colon, rest = label.partition(":")
        mark = f" ({name}{number})" if labels.count(label) > 1 else ""
        result.append(f"{head}{mark}{colon}{rest}")
    return result


def percent(share: float) -> str:
    """A share in per cent, with no more digits than it has (and at most one).

    Example:
        >>> percent(0.27), percent(0.7119), percent(0.0004), percent(0.9996)
        ('27 %', '71.2 %', '<0.1 %', '>99.9 %')
    """
    if 0 < share < SMALLEST:
        return "<0.1 %"
    if 1 - SMALLEST < share < 1:
        return ">99.9 %"
    return f"{round(100 * share, 1):g} %"


def _profile(sends: Sends) -> str:
    days = sends.by_weekday
    if len(set(days)) == 1:
        return ""
    if len(set(days[:5])) == 1 and days[5:] == _FREE_WEEKEND:
        return " on working days" if sends.holidays else " on weekdays"
    return ", more on some weekdays than on others"
