"""R10-R16: who can be reached, through which channel, and what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError
from inmail_credits.reach import (
    PREFERENCE,
    TEXT_LIMITS,
    Degree,
    Membership,
    Page,
    Reach,
    Recipient,
    TextLimit,
    check_text_limits,
    reach,
)

memberships = st.sampled_from(Membership)
pages = st.sampled_from(Page)


@st.composite
def recipients(draw: st.DrawFn, /, **known: object) -> Recipient:
    """Any recipient, with what is known of them held fixed."""
    terms: dict[str, object] = {
        "degree": draw(st.sampled_from(Degree)),
        "shared_group": draw(st.booleans()),
        "open_profile": draw(st.booleans()),
        "hidden": draw(st.booleans()),
        "sent_inmail": draw(st.booleans()),
        "applicant": draw(st.booleans()),
        **known,
    }
    return make_recipient(terms)


def make_recipient(terms: dict[str, object]) -> Recipient:
    """A recipient from terms by name."""
    degree = Degree(str(terms.pop("degree")))
    return Recipient(degree=degree, **{name: bool(value) for name, value in terms.items()})


def costs(answer: Reach) -> dict[str, int]:
    """The open channels, cheapest first, with their costs."""
    return {option.channel.value: option.cost_credits for option in answer.options}


def why_not(answer: Reach, channel: Channel) -> tuple[str, str]:
    """The rule and reason by which a channel is closed."""
    (closed,) = [closed for closed in answer.closed if closed.channel is channel]
    return closed.rule, closed.reason


# --- R10: 1st degree ----------------------------------------------------------------------------------


@pytest.mark.proves("R10")
@pytest.mark.parametrize("membership", Membership)
def test_r10_a_connection_is_messaged_directly_free(membership: Membership) -> None:
    """A 1st-degree connection is written to directly and for nothing, whoever the sender is."""
    answer = reach(Recipient(degree=Degree.FIRST), membership)
    assert costs(answer) == {"message": 0}
    assert str(answer.cheapest) == "message, free (R10): a 1st-degree connection is messaged directly"


@pytest.mark.proves("R10")
@given(recipient=recipients(degree=Degree.FIRST, hidden=False), membership=memberships)
def test_r10_no_connection_ever_costs_a_credit(recipient: Recipient, membership: Membership) -> None:
    """Whatever else is true of a connection, the direct message comes first and no InMail is sold."""
    answer = reach(recipient, membership)
    assert answer.cheapest is not None
    assert answer.cheapest.channel is Channel.MESSAGE
    assert not any(answer_cost for answer_cost in costs(answer).values())


# --- R11: 2nd degree ----------------------------------------------------------------------------------


@pytest.mark.proves("R11")
def test_r11_second_degree_an_invitation_or_an_inmail() -> None:
    """A 2nd-degree member gets a free invitation or an InMail of one credit; the invitation is cheapest."""
    answer = reach(Recipient(degree=Degree.SECOND), Membership.PREMIUM)
    assert costs(answer) == {"invitation": 0, "inmail": 1}
    assert answer.cheapest is not None
    assert (answer.cheapest.channel, answer.cheapest.rule) == (Channel.INVITATION, "R11")


@pytest.mark.proves("R11")
@given(recipient=recipients(degree=Degree.SECOND, hidden=False), membership=memberships)
def test_r11_second_degree_can_always_be_invited(recipient: Recipient, membership: Membership) -> None:
    """The invitation stays open, free, whatever else is true."""
    assert costs(reach(recipient, membership))["invitation"] == 0


@pytest.mark.proves("R11")
@pytest.mark.parametrize("length", [0, 1, 298, 299])
def test_r11_a_note_of_at_most_299_characters_passes(length: int) -> None:
    """A note may have 0 to 299 characters."""
    check_text_limits(Channel.INVITATION, note="x" * length)


@pytest.mark.proves("R11")
def test_r11_a_note_of_300_characters_is_refused() -> None:
    """One character too many is refused with the length, the limit, its source and the cut."""
    with pytest.raises(InvalidValueError) as caught:
        check_text_limits(Channel.INVITATION, note="x" * 300)
    assert str(caught.value) == (
        "length of the invitation note is 300, but must be at most 299 characters "
        "(R11: article on LinkedIn messaging (2019)): cut 1"
    )


@pytest.mark.proves("R11")
@given(length=st.integers(0, 400))
def test_r11_the_limit_counts_characters_not_bytes(length: int) -> None:
    """A note passes exactly when it has at most 299 characters, of whatever script."""
    refused = False
    try:
        check_text_limits(Channel.INVITATION, note="é" * length)
    except InvalidValueError:
        refused = True
    assert refused == (length > 299)


# --- R12: 3rd degree ----------------------------------------------------------------------------------


@pytest.mark.proves("R12")
def test_r12_third_degree_an_introduction_an_inmail_or_a_hidden_away_invitation() -> None:
    """A 3rd-degree member: introduction first, the invitation after it, the InMail for one credit."""
    answer = reach(Recipient(degree=Degree.THIRD), Membership.PREMIUM)
    assert costs(answer) == {"introduction": 0, "invitation": 0, "inmail": 1}
    assert list(costs(answer)) == ["introduction", "invitation", "inmail"]
    invitation = answer.options[1]
    assert (invitation.rule, "tucked away" in invitation.reason) == ("R12", True)


@pytest.mark.proves("R12")
def test_r12_beyond_the_third_degree_only_an_inmail() -> None:
    """Nobody in between can introduce a member out of the network: an InMail is what is left."""
    assert costs(reach(Recipient(degree=Degree.OUT_OF_NETWORK), Membership.PREMIUM)) == {"inmail": 1}
    assert reach(Recipient(degree=Degree.OUT_OF_NETWORK), Membership.BASIC).cheapest is None


@pytest.mark.proves("R12")
@given(recipient=recipients(hidden=False), membership=memberships)
def test_r12_an_introduction_leads_to_the_third_degree_only(
    recipient: Recipient, membership: Membership
) -> None:
    """An introduction is open exactly when the recipient is of the 3rd degree."""
    open_ = "introduction" in costs(reach(recipient, membership))
    assert open_ == (recipient.degree is Degree.THIRD)


# --- R13: hidden --------------------------------------------------------------------------------------


@pytest.mark.proves("R13")
def test_r13_a_hidden_member_cannot_be_reached() -> None:
    """A hidden "LinkedIn Member" has no open channel, and each is closed for that reason."""
    answer = reach(Recipient(degree=Degree.SECOND, hidden=True), Membership.PREMIUM)
    assert answer.options == ()
    assert answer.cheapest is None
    assert why_not(answer, Channel.INMAIL) == (
        "R13",
        'a hidden "LinkedIn Member" cannot be reached at all',
    )


@pytest.mark.proves("R13")
@given(recipient=recipients(hidden=True), membership=memberships, page=pages)
def test_r13_hidden_means_nothing_whatever_else_is_true(
    recipient: Recipient, membership: Membership, page: Page
) -> None:
    """No group, Open Profile, degree or membership opens a channel to a hidden member."""
    answer = reach(recipient, membership, page=page)
    assert answer.options == ()
    assert {closed.rule for closed in answer.closed} == {"R13"}


# --- R14: groups --------------------------------------------------------------------------------------


@pytest.mark.proves("R14")
def test_r14_a_group_member_is_messaged_free_through_the_group() -> None:
    """Through the group a co-member costs nothing."""
    answer = reach(
        Recipient(degree=Degree.OUT_OF_NETWORK, shared_group=True), Membership.PREMIUM, page=Page.GROUP
    )
    assert costs(answer) == {"group": 0}


@pytest.mark.proves("R14")
def test_r14_from_the_profile_page_a_group_member_takes_an_inmail() -> None:
    """From the profile page the same member costs a credit, and the answer says where it is free."""
    answer = reach(
        Recipient(degree=Degree.OUT_OF_NETWORK, shared_group=True), Membership.PREMIUM, page=Page.PROFILE
    )
    assert costs(answer) == {"inmail": 1}
    assert why_not(answer, Channel.GROUP) == (
        "R14",
        "a profile page does not offer it; write through the group",
    )


@pytest.mark.proves("R14")
@given(recipient=recipients(hidden=False), membership=memberships, page=pages)
def test_r14_the_group_is_open_exactly_to_co_members_off_the_profile_page(
    recipient: Recipient, membership: Membership, page: Page
) -> None:
    """The group channel exists for a shared group, anywhere but on the profile page, and is free."""
    open_ = costs(reach(recipient, membership, page=page))
    assert ("group" in open_) == (recipient.shared_group and page is not Page.PROFILE)
    assert open_.get("group", 0) == 0
    if page is Page.GROUP:
        assert set(open_) <= {"group"}


# --- R15: Open Profile --------------------------------------------------------------------------------


@pytest.mark.proves("R15")
@pytest.mark.parametrize("membership", Membership)
def test_r15_an_open_profile_is_messaged_free_by_anyone(membership: Membership) -> None:
    """An Open Profile costs nothing, to Basic and Premium senders alike, and no InMail is sold."""
    answer = reach(Recipient(degree=Degree.OUT_OF_NETWORK, open_profile=True), membership)
    assert costs(answer) == {"open_profile": 0}


@pytest.mark.proves("R15")
@given(recipient=recipients(hidden=False), membership=memberships)
def test_r15_opting_in_never_makes_anyone_dearer(recipient: Recipient, membership: Membership) -> None:
    """With an Open Profile the cheapest channel is free; it is open exactly when they opted in."""
    answer = reach(recipient, membership)
    assert ("open_profile" in costs(answer)) == recipient.open_profile
    if recipient.open_profile:
        assert answer.cheapest is not None
        assert answer.cheapest.cost_credits == 0


# --- R16: Basic members -------------------------------------------------------------------------------


@pytest.mark.proves("R16")
def test_r16_a_basic_member_has_no_inmail() -> None:
    """A Basic member may invite a 2nd-degree member but not send an InMail."""
    answer = reach(Recipient(degree=Degree.SECOND), Membership.BASIC)
    assert costs(answer) == {"invitation": 0}
    assert why_not(answer, Channel.INMAIL) == ("R16", "a Basic member has no InMail")


@pytest.mark.proves("R16")
def test_r16_a_basic_member_may_answer_an_inmail() -> None:
    """Somebody out of reach who sent an InMail can be answered, free."""
    answer = reach(Recipient(degree=Degree.OUT_OF_NETWORK, sent_inmail=True), Membership.BASIC)
    assert costs(answer) == {"answer": 0}
    assert answer.options[0].rule == "R16"


@pytest.mark.proves("R16")
@given(recipient=recipients(), page=pages)
def test_r16_a_basic_member_never_pays(recipient: Recipient, page: Page) -> None:
    """No combination offers a Basic member a channel that costs a credit."""
    assert not any(costs(reach(recipient, Membership.BASIC, page=page)).values())


@pytest.mark.proves("R16")
@given(recipient=recipients(), page=pages)
def test_r16_premium_opens_inmail_and_nothing_else(recipient: Recipient, page: Page) -> None:
    """Premium has every channel that Basic has, at the same cost, and perhaps InMail."""
    basic = costs(reach(recipient, Membership.BASIC, page=page))
    premium = costs(reach(recipient, Membership.PREMIUM, page=page))
    assert premium.items() >= basic.items()
    assert premium.keys() - basic.keys() <= {"inmail"}


# --- Recruiter (2026) ---------------------------------------------------------------------------------


def test_a_recruiter_messages_applicants_free() -> None:
    """An applicant to one's job costs a recruiter nothing, and another sender an InMail."""
    recipient = Recipient(degree=Degree.OUT_OF_NETWORK, applicant=True)
    assert costs(reach(recipient, Membership.RECRUITER)) == {"applicant": 0}
    assert costs(reach(recipient, Membership.PREMIUM)) == {"inmail": 1}


# --- laws of every answer -----------------------------------------------------------------------------


@pytest.mark.proves("R4", "R10", "R11", "R12", "R13", "R14", "R15", "R16")
@given(recipient=recipients(), membership=memberships, page=pages)
def test_every_channel_is_open_or_closed_with_a_reason(
    recipient: Recipient, membership: Membership, page: Page
) -> None:
    """Each channel appears exactly once, with a rule and a reason; only an InMail costs, one credit."""
    answer = reach(recipient, membership, page=page)
    verdicts = [(each.channel, each.rule, each.reason) for each in answer.options]
    verdicts += [(each.channel, each.rule, each.reason) for each in answer.closed]
    assert sorted(channel for channel, _, _ in verdicts) == sorted(Channel)
    assert all(rule and reason for _, rule, reason in verdicts)
    for option in answer.options:
        assert option.cost_credits == (1 if option.channel is Channel.INMAIL else 0)
    assert answer.explain().count("\n") == len(Channel) - 1


@pytest.mark.proves("R10", "R11", "R12", "R14", "R15")
@given(recipient=recipients(), membership=memberships, page=pages)
def test_the_cheapest_is_minimal_and_free_channels_come_before_paid(
    recipient: Recipient, membership: Membership, page: Page
) -> None:
    """The cheapest costs no more than any other; options are ordered by cost, then preference."""
    answer = reach(recipient, membership, page=page)
    order = [(option.cost_credits, PREFERENCE.index(option.channel)) for option in answer.options]
    assert order == sorted(order)
    if answer.options:
        assert answer.cheapest is not None
        assert answer.cheapest.cost_credits == min(costs(answer).values())


def test_the_preference_names_every_channel_once() -> None:
    """No channel is without a place in the order."""
    assert sorted(PREFERENCE) == sorted(Channel)


# --- what is refused ----------------------------------------------------------------------------------


def test_a_wrong_degree_membership_page_or_flag_is_refused() -> None:
    """Each wrong input is refused with its name, value and limit."""
    with pytest.raises(InvalidValueError, match="degree is '4th', but must be one of 1st, 2nd, 3rd, out of"):
        Recipient(degree="4th")
    with pytest.raises(InvalidValueError, match="hidden is 'no', but must be True or False"):
        make_hidden("no")
    somebody = Recipient(degree="2nd")
    with pytest.raises(InvalidValueError, match="membership is 'gold', but must be one of basic, premium"):
        reach(somebody, "gold")
    with pytest.raises(InvalidValueError, match="page is 'feed', but must be one of any, profile, group"):
        reach(somebody, Membership.BASIC, page="feed")
    with pytest.raises(InvalidValueError, match="channel is 'fax', but must be one of message, invitation"):
        check_text_limits("fax", body="Hello")
    with pytest.raises(InvalidValueError, match="recipient is 'Ann', but must be a Recipient"):
        reach(as_recipient("Ann"), Membership.BASIC)


def make_hidden(value: object) -> Recipient:
    """A recipient with a flag that untyped code got wrong."""
    return Recipient(degree="2nd", hidden=value)  # type: ignore[arg-type]


def as_recipient(value: object) -> Recipient:
    """What untyped code may pass for a recipient."""
    return value  # type: ignore[return-value]


# --- text limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "body"), [(0, 0), (200, 2_000), (199, 1_999)])
def test_inmail_texts_within_their_limits_pass(subject: int, body: int) -> None:
    """An InMail's subject has at most 200 characters, its body 2,000 (2026)."""
    check_text_limits(Channel.INMAIL, subject="x" * subject, body="x" * body)


def test_inmail_texts_past_their_limits_are_refused() -> None:
    """The subject at 201 and the body at 2,005 are refused with the limit, its page and the cut."""
    with pytest.raises(InvalidValueError) as caught:
        check_text_limits(Channel.INMAIL, subject="x" * 201, body="short")
    assert str(caught.value) == (
        "length of the inmail subject is 201, but must be at most 200 characters "
        "(help page a554514 (2026)): cut 1"
    )
    with pytest.raises(InvalidValueError) as caught:
        check_text_limits(Channel.INMAIL, subject="short", body="x" * 2_005)
    assert str(caught.value) == (
        "length of the inmail body is 2005, but must be at most 2,000 characters "
        "(help page a554514 (2026)): cut 5"
    )


def test_a_text_the_channel_does_not_carry_is_refused() -> None:
    """A subject on an invitation is a mistake, and the message names what it does carry."""
    with pytest.raises(InvalidValueError) as caught:
        check_text_limits(Channel.INVITATION, subject="Hello")
    assert str(caught.value) == "text of the channel invitation is 'subject', but must be one of note"


def test_a_text_that_is_no_text_is_refused() -> None:
    """A number in the place of a body is refused."""
    with pytest.raises(InvalidValueError, match="inmail body is 7, but must be a text"):
        check_text_limits(Channel.INMAIL, body=7)  # type: ignore[arg-type]


def test_a_channel_without_known_limits_lets_every_text_pass() -> None:
    """No limit of direct messages is published, so none is checked."""
    check_text_limits(Channel.MESSAGE, body="x" * 100_000)


def test_limits_are_data() -> None:
    """A caller's own limits replace those that ship; wrong ones are refused."""
    own = (*TEXT_LIMITS[1:], TextLimit("invitation", "note", 200, "a Basic member's"))
    with pytest.raises(InvalidValueError, match="is 201, but must be at most 200 characters"):
        check_text_limits(Channel.INVITATION, limits=own, note="x" * 201)
    with pytest.raises(InvalidValueError, match="length_max is -1"):
        TextLimit("inmail", "body", -1)
    with pytest.raises(InvalidValueError, match="text is 'title', but must be one of note, subject, body"):
        TextLimit("inmail", "title", 10)
    with pytest.raises(InvalidValueError, match="channel is 'fax'"):
        TextLimit("fax", "body", 10)
