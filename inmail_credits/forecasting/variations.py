"""One behaviour varied: the same outreach at another volume, or at another reply rate."""

from attrs import evolve

from inmail_credits._inputs import as_instance, as_number, as_rate
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation import Outreach, Replies, UncertainReplies

PER_WEEK_MAX = 14_000.0


def at_rate(outreach: Outreach, per_week: float) -> Outreach:
    """The same outreach at another number of messages a week, its weekdays scaled together.

    Raises:
        InvalidValueError: for a number that is not 0 to 14,000.

    Example:
        >>> from inmail_credits.simulation import Sends
        >>> at_rate(Outreach(sends=Sends.poisson(per_week=5, on="weekdays")), 10).sends.by_weekday
        (2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0)
    """
    week = as_instance("outreach", outreach, Outreach, "an Outreach").sends.by_weekday
    per_week = as_number("per_week", per_week, 0, PER_WEEK_MAX)
    total = sum(week)
    scaled = [per_week * day / total for day in week] if total > 0 else [per_week / 7] * 7
    return evolve(outreach, sends=evolve(outreach.sends, by_weekday=scaled))


def at_reply_rate(outreach: Outreach, rate: float) -> Outreach:
    """The same outreach at another reply rate.

    Raises:
        InvalidValueError: for a rate that is not 0 to 1, or replies that have no single rate to set (several
            alternatives, or segments).

    Example:
        >>> from inmail_credits.simulation import Sends
        >>> at_reply_rate(Outreach(sends=Sends.poisson(per_week=5)), 0.3).replies.rate
        0.3
    """
    replies = as_instance("outreach", outreach, Outreach, "an Outreach").replies
    rate = as_rate("reply_rate", rate)
    if type(replies) is not Replies:
        raise InvalidValueError("replies", replies, "Replies(rate=...), with one rate that can be set")
    return evolve(outreach, replies=evolve(replies, rate=rate))


def with_more_replies(outreach: Outreach, points: float) -> Outreach:
    """The same outreach with the reply rate raised by so much (0.01 is one percentage point), at most to 1.

    Of several alternatives each is raised.

    Raises:
        InvalidValueError: for replies of segments, which have no single rate.
    """
    replies = outreach.replies
    if isinstance(replies, UncertainReplies):
        raised = [evolve(one, rate=min(one.rate + points, 1.0)) for one in replies.alternatives]
        return evolve(outreach, replies=UncertainReplies(alternatives=raised))
    return at_reply_rate(outreach, min(replies.rate + points, 1.0))
