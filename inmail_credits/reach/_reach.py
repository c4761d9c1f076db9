"""Who can be reached, through which channel, and what it costs (R10-R16).

Which channels are free differs with the degree of connection, shared groups, Open Profiles and the sender's
own membership. :func:`reach` answers for one recipient and one sender: every channel is either open, with its
cost and the rule, or closed, with the reason.

Decisions where the rules are silent:

- A hidden "LinkedIn Member" (R13) cannot be reached whatever else is true of them.
- Beyond the 3rd degree only an InMail leads to a member nobody in between can introduce; R10-R12 end at
  the 3rd degree, so this is the rule of the 3rd degree without its introduction and invitation.
- Where a message to the same profile is free whatever its text (1st degree, Open Profile, a recruiter's
  applicant), a paid InMail is closed: no credit need be spent.
- Among channels of equal cost the one that waits on the fewest people comes first: :data:`PREFERENCE`.
"""

from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from inmail_credits._inputs import Choice
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError

PREFERENCE: Final = (
    Channel.MESSAGE,
    Channel.ANSWER,
    Channel.APPLICANT,
    Channel.OPEN_PROFILE,
    Channel.GROUP,
    Channel.INTRODUCTION,
    Channel.INVITATION,
    Channel.INMAIL,
)
"""The order among channels of equal cost: first those that reach the recipient at once with a full text,
then those that wait on a third person (introduction) or on consent and have room for a note only."""

INMAIL_COST_CREDITS: Final = 1
"""What an InMail costs (R4). Every other channel costs nothing."""

_APPLICANT_PAGES: Final = "help a412220, a1451572"


class Degree(Choice):
    """How far apart two members are."""

    FIRST = "1st"
    SECOND = "2nd"
    THIRD = "3rd"
    OUT_OF_NETWORK = "out of network"


class Membership(Choice):
    """What the sender's own membership allows."""

    BASIC = "basic"
    """Free: no InMail, but InMails received may be answered (R16)."""
    PREMIUM = "premium"
    """Any plan with InMail credits."""
    RECRUITER = "recruiter"
    """A plan with InMail credits whose applicants are messaged free."""


class Page(Choice):
    """Where the sender writes from (R14)."""

    ANY = "any"
    """Wherever the channel is found."""
    PROFILE = "profile"
    """The recipient's profile page: the group is not offered there."""
    GROUP = "group"
    """A shared group: nothing but the group's own message is offered there."""


@frozen(kw_only=True)
class Recipient:
    """What is known of the member to be written to, seen from the sender.

    Fields:
        degree: how far apart the two are: ``"1st"``, ``"2nd"``, ``"3rd"`` or ``"out of network"``.
        shared_group: both are members of one group (R14).
        open_profile: a Premium member who lets anyone write (R15).
        hidden: shown as "LinkedIn Member" only (R13).
        sent_inmail: they have sent the sender an InMail, which may be answered (R16).
        applicant: they applied to one of the sender's jobs.

    Raises:
        InvalidValueError: for an unknown degree, or anything but a ``bool`` elsewhere.

    Example:
        >>> Recipient(degree="2nd", shared_group=True).degree.value
        '2nd'
    """

    degree: Degree = field(converter=Degree)
    shared_group: bool = False
    open_profile: bool = False
    hidden: bool = False
    sent_inmail: bool = False
    applicant: bool = False

    def __attrs_post_init__(self) -> None:
        for what in ("shared_group", "open_profile", "hidden", "sent_inmail", "applicant"):
            if not isinstance(getattr(self, what), bool):
                raise InvalidValueError(what, getattr(self, what), "True or False")


@frozen
class Option:
    """A channel that is open: its cost in credits, the rule it rests on, and why.

    Example:
        >>> str(Option(Channel.INMAIL, 1, "R12", "members who are not connected can be sent an InMail"))
        'inmail, 1 credit (R12): members who are not connected can be sent an InMail'
    """

    channel: Channel
    cost_credits: int
    rule: str
    reason: str

    def __str__(self) -> str:
        cost = "free" if self.cost_credits == 0 else f"{self.cost_credits} credit"
        return f"{self.channel}, {cost} ({self.rule}): {self.reason}"


@frozen
class Closed:
    """A channel that is not open, the rule that says so, and why not.

    Example:
        >>> str(Closed(Channel.INMAIL, "R16", "a Basic member has no InMail"))
        'no inmail (R16): a Basic member has no InMail'
    """

    channel: Channel
    rule: str
    reason: str

    def __str__(self) -> str:
        return f"no {self.channel} ({self.rule}): {self.reason}"


@frozen
class Reach:
    """The answer of :func:`reach`: every channel once, open or closed.

    ``options`` are the open channels, cheapest first; ``closed`` the others, in the order of
    :class:`Channel`.
    """

    options: tuple[Option, ...]
    closed: tuple[Closed, ...]

    @property
    def cheapest(self) -> Option | None:
        """The open channel of least cost, the first of :data:`PREFERENCE` among equals; ``None`` if none is.

        Example:
            >>> print(reach(Recipient(degree="2nd"), Membership.PREMIUM).cheapest)
            invitation, free (R11): a 2nd-degree member can be invited, with a note of at most 299 characters
        """
        return self.options[0] if self.options else None

    def explain(self) -> str:
        """One line a channel: the open ones, cheapest first, then the closed ones and why.

        Example:
            >>> print(reach(Recipient(degree="1st", hidden=True), Membership.PREMIUM).explain())
            no message (R13): a hidden "LinkedIn Member" cannot be reached at all
            ...
        """
        return "\n".join(map(str, (*self.options, *self.closed)))


def reach(recipient: Recipient, membership: Membership | str, *, page: Page | str = Page.ANY) -> Reach:
    """The channels from a sender of that membership to the recipient, their costs, and why (R10-R16).

    Args:
        recipient: what the sender knows of them.
        membership: the sender's own.
        page: where the sender writes from; it decides between group and InMail (R14).

    Raises:
        InvalidValueError: for an unknown membership or page.

    Example:
        >>> answer = reach(Recipient(degree="3rd", shared_group=True), Membership.PREMIUM)
        >>> [(option.channel.value, option.cost_credits, option.rule) for option in answer.options]
        [('group', 0, 'R14'), ('introduction', 0, 'R12'), ('invitation', 0, 'R12'), ('inmail', 1, 'R12')]
    """
    if not isinstance(recipient, Recipient):
        raise InvalidValueError("recipient", recipient, "a Recipient")
    sender, place = Membership(membership), Page(page)
    verdicts = [_verdict(channel, recipient, sender, place) for channel in Channel]
    options = [verdict for verdict in verdicts if isinstance(verdict, Option)]
    options.sort(key=lambda option: (option.cost_credits, PREFERENCE.index(option.channel)))
    return Reach(tuple(options), tuple(verdict for verdict in verdicts if isinstance(verdict, Closed)))


_Verdict = Option | Closed


def _verdict(channel: Channel, recipient: Recipient, membership: Membership, page: Page) -> _Verdict:
    if recipient.hidden:
        return Closed(channel, "R13", 'a hidden "LinkedIn Member" cannot be reached at all')
    verdict = _WAYS[channel](recipient, membership)
    if isinstance(verdict, Option):
        if page is Page.PROFILE and channel is Channel.GROUP:
            return Closed(channel, "R14", "a profile page does not offer it; write through the group")
        if page is Page.GROUP and channel is not Channel.GROUP:
            return Closed(channel, "R14", "a group offers its own message only; open the profile page")
    return verdict


def _message(recipient: Recipient, _membership: Membership) -> _Verdict:
    if recipient.degree is Degree.FIRST:
        return Option(Channel.MESSAGE, 0, "R10", "a 1st-degree connection is messaged directly")
    return Closed(Channel.MESSAGE, "R10", "only 1st-degree connections are messaged directly")


def _invitation(recipient: Recipient, _membership: Membership) -> _Verdict:
    match recipient.degree:
        case Degree.FIRST:
            return Closed(Channel.INVITATION, "R10", "already connected")
        case Degree.SECOND:
            reason = "a 2nd-degree member can be invited, with a note of at most 299 characters"
            return Option(Channel.INVITATION, 0, "R11", reason)
        case Degree.THIRD:
            reason = "an invitation to a 3rd-degree member exists, but is tucked away"
            return Option(Channel.INVITATION, 0, "R12", reason)
        case Degree.OUT_OF_NETWORK:
            reason = "an invitation exists for the 2nd and 3rd degree only"
            return Closed(Channel.INVITATION, "R12", reason)


def _introduction(recipient: Recipient, _membership: Membership) -> _Verdict:
    if recipient.degree is Degree.THIRD:
        reason = "a connection in between can introduce a 3rd-degree member"
        return Option(Channel.INTRODUCTION, 0, "R12", reason)
    return Closed(Channel.INTRODUCTION, "R12", "an introduction exists for the 3rd degree only")


def _group(recipient: Recipient, _membership: Membership) -> _Verdict:
    if recipient.shared_group:
        return Option(Channel.GROUP, 0, "R14", "a co-member of a group is messaged through the group")
    return Closed(Channel.GROUP, "R14", "no group is shared; joining one of theirs opens it")


def _open_profile(recipient: Recipient, _membership: Membership) -> _Verdict:
    if recipient.open_profile:
        return Option(Channel.OPEN_PROFILE, 0, "R15", "an Open Profile can be messaged by anyone")
    return Closed(Channel.OPEN_PROFILE, "R15", "the recipient has not opted in to an Open Profile")


def _inmail(recipient: Recipient, membership: Membership) -> _Verdict:
    if membership is Membership.BASIC:
        return Closed(Channel.INMAIL, "R16", "a Basic member has no InMail")
    for free in (_message, _open_profile, _applicant):
        verdict = free(recipient, membership)
        if isinstance(verdict, Option):
            return Closed(Channel.INMAIL, verdict.rule, f"no credit is needed: {verdict.reason}, free")
    if recipient.degree is Degree.SECOND:
        reason = "a 2nd-degree member can be sent an InMail"
        return Option(Channel.INMAIL, INMAIL_COST_CREDITS, "R11", reason)
    reason = "a member beyond the 2nd degree can be sent an InMail"
    return Option(Channel.INMAIL, INMAIL_COST_CREDITS, "R12", reason)


def _answer(recipient: Recipient, _membership: Membership) -> _Verdict:
    if recipient.sent_inmail:
        return Option(Channel.ANSWER, 0, "R16", "an InMail received may be answered, by Basic members too")
    return Closed(Channel.ANSWER, "R16", "they have sent no InMail to answer")


def _applicant(recipient: Recipient, membership: Membership) -> _Verdict:
    if membership is not Membership.RECRUITER:
        return Closed(Channel.APPLICANT, _APPLICANT_PAGES, "only Recruiter messages applicants free")
    if recipient.applicant:
        return Option(Channel.APPLICANT, 0, _APPLICANT_PAGES, "applicants to one's jobs are messaged free")
    return Closed(Channel.APPLICANT, _APPLICANT_PAGES, "they have not applied to one of the sender's jobs")


_WAYS: Final[dict[Channel, Callable[[Recipient, Membership], _Verdict]]] = {
    Channel.MESSAGE: _message,
    Channel.INVITATION: _invitation,
    Channel.INTRODUCTION: _introduction,
    Channel.GROUP: _group,
    Channel.OPEN_PROFILE: _open_profile,
    Channel.INMAIL: _inmail,
    Channel.ANSWER: _answer,
    Channel.APPLICANT: _applicant,
}
