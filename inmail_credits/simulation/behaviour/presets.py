"""Reply behaviour that somebody observed, each with its source and the size of its sample.

None of the sources says how long answers took; all presets share
:data:`~inmail_credits.simulation.behaviour.replies.ASSUMED_DELAY`, which is an assumption.
"""

from attrs import frozen

from inmail_credits.simulation.behaviour.replies import Replies


@frozen(kw_only=True)
class Preset:
    """Observed replies.

    Fields:
        name: how to call it.
        replies: the behaviour.
        source: where the figures are from.
        sample_size: the messages they rest on; ``None`` where the source tells none.
        note: what to keep in mind.
    """

    name: str
    replies: Replies
    source: str
    sample_size: int | None
    note: str = ""


RECRUITER_INMAILS = Preset(
    name="recruiter-inmails",
    replies=Replies(rate=0.27, kinds={"accepted": 22, "declined": 5}),
    source="121,727 recruiter InMails: 27 % answered, 22 % accepted and 5 % declined (rstudio-pubs 176046)",
    sample_size=121_727,
    note="third party, provenance unclear; delays are an assumption",
)
"""27 % answered: InMails of recruiters."""
CONVERSATIONS_2016 = Preset(
    name="conversations-2016",
    replies=Replies(rate=215 / 302),
    source="302 conversations opened with connections in 2016, 87 without an answer (S1)",
    sample_size=302,
    note="free messages to connections, not InMails: an upper end; delays are an assumption",
)
"""71 % answered: free messages to connections."""
TEMPLATED = Preset(
    name="templated",
    replies=Replies(rate=0.2 / 0.9),
    source="1 of 5 templated requests answered within a week (S2)",
    sample_size=None,
    note="a rule of thumb from one article; with the assumed delays, 90 % of answers come within a week",
)
"""22 % answered in the end: the same text for all."""
PERSONALISED = Preset(
    name="personalised",
    replies=Replies(rate=0.8 / 0.9),
    source="4 of 5 personalised requests answered within a week (S2)",
    sample_size=None,
    note="a rule of thumb from one article; with the assumed delays, 90 % of answers come within a week",
)
"""89 % answered in the end: a text for each."""

ALL = (RECRUITER_INMAILS, CONVERSATIONS_2016, TEMPLATED, PERSONALISED)
"""Every preset."""
