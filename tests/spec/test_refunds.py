"""When a credit comes back, and where it lives on: R5, R6, R9, D7, D8, D9, D10 and D11."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan, ReplyKind, Ruling, economies
from inmail_credits.facts import DeliveryFailed, Fact, Replied, Sent, Subscribed, TermsChanged, Withdrawn
from inmail_credits.plans import RefundOn, RefundTo
from inmail_credits.testing import Oracle, broken_refunds, strategies
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAREER = economies.LINKEDIN_2019["career"]
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12), lifetime_days=90)
ORIGINAL = evolve(ONCE, refund_to="original")
SILENCE = Plan(
    name="silence",
    grant_credits=3,
    grant_every=Interval(months=12),
    refund_on="silence",
    reply_window_days=7,
)


def one_sent(plan: Plan, at: datetime = START) -> Account:
    """An account that sent ``"m"`` at the instant it was opened."""
    account = Account.open(plan, at=at)
    account.send("m", at=at)
    return account


def returned(account: Account) -> list[tuple[datetime, int, str]]:
    """What came back: when, how many, for which message."""
    return [(e.at, e.credits, e.message_id) for e in account.entries if e.kind is EntryKind.REFUNDED]


@pytest.mark.proves("R5")
@pytest.mark.parametrize("kind", ReplyKind)
def test_r5_any_reaction_gives_the_credit_back(kind: ReplyKind) -> None:
    """In 2019 every kind of answer counts, a refusal included: 3 credits, 2 after the send, 3 again."""
    account = one_sent(CAREER)
    answered_at = START + 2 * DAY
    assert account.reply("m", at=answered_at, kind=kind).outcomes[0].ruling is Ruling.REFUNDED
    assert [account.balance(at=answered_at + tick) for tick in TICKS] == [2, 3, 3]


@pytest.mark.proves("R5")
@given(st.sampled_from(ANCHORS), st.sampled_from(ReplyKind), st.integers(0, 60), st.sampled_from(TICKS))
def test_r5_an_answer_returns_one_credit_whenever_it_comes(
    start: datetime, kind: ReplyKind, days: int, tick: timedelta
) -> None:
    """At any instant from the send on, the answer returns exactly one credit, then and there."""
    account = one_sent(ONCE, start)
    at = max(start, start + days * DAY + tick)
    account.reply("m", at=at, kind=kind)
    assert returned(account) == [(at, 1, "m")]
    assert account.balance(at=at) == 3


@pytest.mark.proves("R6")
def test_r6_an_unanswered_message_gives_nothing_back() -> None:
    """A year after an unanswered message no credit of it has come back."""
    account = one_sent(evolve(ONCE, lifetime_days=None))
    year = START + 364 * DAY
    assert account.balance(at=year) == 2
    assert [message.sent.message_id for message in account.in_flight(at=year)] == ["m"]


@pytest.mark.proves("R6")
@given(strategies.histories(seats=True))
def test_r6_without_an_answer_or_a_failure_nothing_comes_back(history: list[Fact]) -> None:
    """Where replies refund, each refund has an answer or a failed delivery behind it, at that instant."""
    account = Account.replay(history)
    causes = {(f.at, f.id) for f in history if isinstance(f, Replied | DeliveryFailed)}
    plans: dict[str, Plan] = {}
    for fact in history:
        if isinstance(fact, Subscribed | TermsChanged):
            plan = fact.plan
        elif isinstance(fact, Sent):
            plans[fact.message_id] = plan
    for entry in account.entries_until(history[-1].at + 100 * DAY):
        if entry.kind is EntryKind.REFUNDED and entry.cause is not Cause.SILENCE:
            assert (entry.at, entry.fact_id) in causes
        if entry.cause is Cause.SILENCE:
            assert plans[entry.message_id].refund_on is RefundOn.SILENCE


@pytest.mark.proves("R9")
def test_r9_a_withdrawn_message_gives_nothing_back() -> None:
    """2 left after the send, 2 after the withdrawal, 2 after an answer that comes all the same."""
    account = one_sent(ONCE)
    assert account.withdraw("m", at=START + DAY).outcomes[0].ruling is Ruling.WITHDRAWN
    assert account.reply("m", at=START + 2 * DAY).outcomes[0].ruling is Ruling.ALREADY_WITHDRAWN
    assert account.fail_delivery("m", at=START + 3 * DAY).outcomes[0].ruling is Ruling.ALREADY_WITHDRAWN
    assert account.balance(at=START + 4 * DAY) == 2


@pytest.mark.proves("R9", "D8")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.data())
def test_r9_nothing_comes_back_after_a_withdrawal(plan: Plan, start: datetime, data: st.DataObject) -> None:
    """Whatever is recorded after a withdrawal, no plan gives the credit back, nor does silence."""
    account = one_sent(evolve(plan, grant_credits=2, cap_credits=None), start)
    account.withdraw("m", at=start)
    edges = [start, start + (plan.reply_window or DAY), start + 90 * DAY]
    later = strategies.instants(around=edges, start=start, end=start + 99 * DAY)
    for number, kind in enumerate(
        data.draw(st.lists(st.sampled_from((Replied, DeliveryFailed)), max_size=4))
    ):
        receipt = account.record(kind(at=data.draw(later), message_id="m", id=f"more-{number}"))
        assert (receipt.outcomes[0].ruling, receipt.entries) == (Ruling.ALREADY_WITHDRAWN, ())
    coming = account.entries_until(start + 100 * DAY)
    assert not [entry for entry in coming if entry.kind is EntryKind.REFUNDED]


@pytest.mark.proves("D7")
def test_d7_a_fresh_refund_lives_a_life_of_its_own() -> None:
    """Sent on day 0, answered on day 60: the credit lives to day 150, where its lot died on day 90."""
    account = one_sent(ONCE)
    account.reply("m", at=START + 60 * DAY)
    ends = [(lot.expires_at, lot.left) for lot in account.lots(at=START + 60 * DAY)]
    assert ends == [(START + 90 * DAY, 2), (START + 150 * DAY, 1)]
    assert [account.balance(at=START + 150 * DAY + tick) for tick in TICKS] == [1, 0, 0]


@pytest.mark.proves("D7")
@pytest.mark.parametrize(
    ("tick", "ruling", "balance"),
    [(-TICK, Ruling.REFUNDED, 3), (0 * TICK, Ruling.LOT_EXPIRED, 0), (TICK, Ruling.LOT_EXPIRED, 0)],
)
def test_d7_an_original_refund_rejoins_its_lot(tick: timedelta, ruling: Ruling, balance: int) -> None:
    """Back in the lot that paid until that lot's end; at its end and after it the refund is worth nothing."""
    account = one_sent(ORIGINAL)
    at = START + 90 * DAY + tick
    outcome = account.reply("m", at=at).outcomes[0]
    assert (outcome.ruling, account.balance(at=at)) == (ruling, balance)
    assert account.balance(at=START + 90 * DAY) == 0
    assert account.in_flight(at=at) == ()


@pytest.mark.proves("D7")
@given(strategies.plans(seats=True), st.data())
def test_d7_every_refund_is_where_its_plan_wants_it(plan: Plan, data: st.DataObject) -> None:
    """``fresh``: a new lot of one credit, from then on; ``original``: the lot that paid, before its end."""
    history = data.draw(strategies.histories(plan=plan, seats=True))
    paid_by: dict[str, int] = {}
    received: dict[int, datetime] = {}
    for entry in Account.replay(history).entries_until(history[-1].at + 100 * DAY):
        is_new = received.setdefault(entry.lot, entry.at) == entry.at and entry.lot == max(received)
        if entry.kind is EntryKind.SPENT:
            paid_by[entry.message_id] = entry.lot
        if entry.kind is EntryKind.REFUNDED:
            assert entry.credits == 1
            assert (entry.lot == paid_by[entry.message_id]) is (plan.refund_to is RefundTo.ORIGINAL)
            assert is_new or plan.refund_to is RefundTo.ORIGINAL


@pytest.mark.proves("D8")
def test_d8_one_refund_a_message_ever() -> None:
    """Three answers and a withdrawal to one message: the first answer gives one credit back, no more."""
    account = one_sent(ONCE)
    rulings = [
        account.reply("m", at=START + DAY).outcomes[0].ruling,
        account.reply("m", at=START + 2 * DAY, kind="declined").outcomes[0].ruling,
        account.withdraw("m", at=START + 3 * DAY).outcomes[0].ruling,
        account.reply("m", at=START + 4 * DAY).outcomes[0].ruling,
    ]
    assert rulings == [Ruling.REFUNDED] + [Ruling.ALREADY_SETTLED] * 3
    assert returned(account) == [(START + DAY, 1, "m")]
    assert len(account) == 6


@pytest.mark.proves("D8")
@given(strategies.histories(seats=True, impossible=True))
def test_d8_no_history_refunds_a_message_twice(history: list[Fact]) -> None:
    """A message costs one credit once and gives back at most that, whatever is recorded about it."""
    entries = Account.replay(history).entries_until(history[-1].at + 100 * DAY)
    assert broken_refunds(entries) == []


@pytest.mark.proves("D8")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.data())
def test_d8_more_about_a_settled_message_changes_nothing(
    plan: Plan, start: datetime, data: st.DataObject
) -> None:
    """After its refund every further answer, withdrawal or failure is recorded and moves no credit."""
    account = one_sent(evolve(plan, grant_credits=2, cap_credits=None), start)
    account.fail_delivery("m", at=start + DAY)
    kinds = data.draw(st.lists(st.sampled_from((Replied, Withdrawn)), min_size=1, max_size=4))
    later = strategies.instants(
        around=[start + DAY, start + 90 * DAY], start=start + DAY, end=start + 99 * DAY
    )
    before = account.entries_until(start + 100 * DAY)
    for number, kind in enumerate(kinds):
        receipt = account.record(kind(at=data.draw(later), message_id="m", id=f"more-{number}"))
        assert (receipt.outcomes[0].ruling, receipt.entries) == (Ruling.ALREADY_SETTLED, ())
    assert len(account) == 3 + len(kinds)
    assert account.entries_until(start + 100 * DAY) == before


@pytest.mark.proves("D9")
def test_d9_only_the_kinds_a_plan_names_refund() -> None:
    """A plan that names accepted and message: a refusal returns nothing, and a later message still does."""
    account = one_sent(evolve(ONCE, refund_kinds=["accepted", "message"]))
    declined = account.reply("m", at=START + DAY, kind="declined")
    assert declined.outcomes[0].ruling is Ruling.KIND_DOES_NOT_COUNT
    assert account.balance(at=START + DAY) == 2
    assert account.reply("m", at=START + 2 * DAY, kind="message").outcomes[0].ruling is Ruling.REFUNDED
    assert account.balance(at=START + 2 * DAY) == 3


@pytest.mark.proves("D10")
@pytest.mark.parametrize("window_days", [89, 90, 91])
@pytest.mark.parametrize(("tick", "left"), [(-TICK, 3), (0 * TICK, 2), (TICK, 2)])
def test_d10_the_reply_window_is_half_open(window_days: int, tick: timedelta, left: int) -> None:
    """An answer a tick before the end of the window counts; at the end and after it none does."""
    account = one_sent(evolve(ONCE, lifetime_days=None, reply_window_days=window_days))
    at = START + window_days * DAY + tick
    ruling = account.reply("m", at=at).outcomes[0].ruling
    assert ruling is (Ruling.REFUNDED if left == 3 else Ruling.WINDOW_CLOSED)
    assert account.balance(at=at) == left
    assert [m.sent.message_id for m in one_sent(account.facts[0].plan).in_flight(at=at)] == (  # type: ignore[attr-defined] # a subscription
        ["m"] if left == 3 else []
    )


@pytest.mark.proves("R5", "D9", "D10")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.sampled_from(ReplyKind), st.data())
def test_d9_d10_an_answer_counts_by_its_kind_and_by_its_window(
    plan: Plan, start: datetime, kind: ReplyKind, data: st.DataObject
) -> None:
    """Under any plan where replies refund, exactly answers of its kinds and inside its window do."""
    plan = evolve(plan, grant_credits=2, cap_credits=None, refund_on="reply", refund_to="fresh")
    account = one_sent(plan, start)
    ends = start + (plan.reply_window or 90 * DAY)
    at = data.draw(strategies.instants(around=[ends, ends, start + DAY], start=start, end=ends + 40 * DAY))
    account.reply("m", at=at, kind=kind)
    counts = kind in plan.refund_kinds and (plan.reply_window is None or at < ends)
    assert returned(account) == ([(at, 1, "m")] if counts else [])


@pytest.mark.proves("D11")
def test_d11_a_failed_delivery_gives_the_credit_back() -> None:
    """2 after the send, 3 after its failure; an answer recorded later changes nothing."""
    account = one_sent(ONCE)
    assert account.fail_delivery("m", at=START + DAY).outcomes[0].ruling is Ruling.UNDELIVERED
    assert account.balance(at=START + DAY) == 3
    assert account.reply("m", at=START + 2 * DAY).outcomes[0].ruling is Ruling.ALREADY_SETTLED
    assert account.balance(at=START + 2 * DAY) == 3


NO_REFUND = evolve(ONCE, refund_kinds=["accepted"], reply_window_days=90)


@pytest.mark.proves("D11")
@pytest.mark.parametrize("plan", [NO_REFUND, evolve(SILENCE, refund_kinds=["accepted"])])
@pytest.mark.parametrize("days", [1, 90, 120])
def test_d11_any_reply_proves_delivery(plan: Plan, days: int) -> None:
    """Of a kind that does not count, or past the window: a failure recorded after it moves nothing."""
    account = one_sent(plan)
    account.reply("m", at=START + days * DAY, kind="automatic")
    balance = account.balance(at=START + days * DAY + 9 * DAY)
    failed = account.fail_delivery("m", at=START + days * DAY)
    assert failed.entries == ()
    if plan is NO_REFUND:
        assert failed.outcomes[0].ruling is Ruling.DELIVERED
    assert account.balance(at=START + days * DAY + 9 * DAY) == balance
    assert account.reply("m", at=START + 121 * DAY, kind="automatic").entries == ()


@pytest.mark.proves("D11")
def test_d11_a_reply_that_does_not_count_leaves_room_for_one_that_does() -> None:
    """An automatic answer, a failure that moves nothing, and still the acceptance gives the credit back."""
    account = one_sent(NO_REFUND)
    account.reply("m", at=START + DAY, kind="automatic")
    assert account.in_flight(at=START + DAY) != ()
    account.fail_delivery("m", at=START + 2 * DAY)
    assert account.reply("m", at=START + 3 * DAY, kind="accepted").outcomes[0].ruling is Ruling.REFUNDED


@pytest.mark.proves("D11", "D13")
def test_d11_the_order_of_the_account_counts_not_that_of_the_telling() -> None:
    """A failure before the answer refunds, told first or last; an answer told late takes the refund away."""
    account = one_sent(NO_REFUND)
    account.reply("m", at=START + 5 * DAY, kind="automatic")
    account.fail_delivery("m", at=START + 4 * DAY)
    assert returned(account) == [(START + 4 * DAY, 1, "m")]
    account.reply("m", at=START + 3 * DAY, kind="automatic")
    assert returned(account) == []
    assert account.entries == Account.replay(account.facts).entries


@pytest.mark.proves("D11", "R9")
@given(strategies.histories(impossible=True))
def test_d11_no_failure_refunds_what_was_answered_or_withdrawn(history: list[Fact]) -> None:
    """Over random histories: before the failure that gave a credit back, nobody answered or withdrew."""
    account = Account.replay(history)
    order = {fact.id: number for number, fact in enumerate(account.facts)}
    possible = {fact.id for fact in account.facts} - {conflict.fact.id for conflict in account.conflicts}
    for entry in account.entries:
        if entry.cause is Cause.DELIVERY_FAILURE:
            about = [
                fact
                for fact in account.facts
                if isinstance(fact, Replied | Withdrawn) and fact.message_id == entry.message_id
            ]
            assert not [f for f in about if f.id in possible and order[f.id] < order[entry.fact_id]]


@pytest.mark.proves("D11")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.sampled_from(TICKS))
def test_d11_a_failure_refunds_under_every_plan(plan: Plan, start: datetime, tick: timedelta) -> None:
    """Kinds, silence and windows are about answers: a failure refunds once while the message is open."""
    plan = evolve(plan, grant_credits=2, cap_credits=None, refund_to="fresh")
    ends = start + (plan.reply_window or 90 * DAY)
    account = one_sent(plan, start)
    account.fail_delivery("m", at=ends + tick)
    by_silence = plan.refund_on is RefundOn.SILENCE and tick >= timedelta(0)
    assert returned(account) == [(ends if by_silence else ends + tick, 1, "m")]


@pytest.mark.proves("D10")
def test_silence_refunds_at_the_very_end_of_the_window() -> None:
    """The rule of 2014: 7 days without an answer, and the credit is back; with one it is not."""
    account, answered = one_sent(SILENCE), one_sent(SILENCE)
    answered.reply("m", at=START + 7 * DAY - TICK)
    assert [account.balance(at=START + 7 * DAY + tick) for tick in TICKS] == [2, 3, 3]
    assert answered.balance(at=START + 8 * DAY) == 2
    account.reply("m", at=START + 7 * DAY)
    assert account.balance(at=START + 8 * DAY) == 3


@pytest.mark.proves("R5")
@given(strategies.plans(), st.data())
def test_r5_one_more_answered_message_never_lowers_a_balance(plan: Plan, data: st.DataObject) -> None:
    """Under caps, windows and either kind of refund, an answer to a message that gets nothing else back
    leaves at every instant at least what there was without it.

    The scope is exact: where silence refunds, an answer costs a credit; and an answer in the place of a later
    one brings an earlier expiry. Both are shown below.
    """  # noqa: D205 - one sentence, and its scope
    cap = data.draw(st.sampled_from((4, 5, 8, None)))
    plan = evolve(plan, refund_on="reply", grant_credits=4, cap_credits=cap)
    history = data.draw(strategies.histories(plan=plan))
    account, until = Account.replay(history), history[-1].at + 100 * DAY
    back = {entry.message_id for entry in account.entries if entry.kind is EntryKind.REFUNDED}
    unanswered = [f for f in history if isinstance(f, Sent) and f.message_id not in back]
    assume(unanswered)
    sent = data.draw(st.sampled_from(unanswered))
    at = data.draw(strategies.instants(around=[f.at for f in history], start=sent.at, end=until))
    more = [*history, Replied(at=at, message_id=sent.message_id, id="more", recorded=10**6)]
    answered = Account.replay(more)
    assert answered.conflicts == ()
    for boundary in Oracle(more).boundaries(until):
        assert answered.balance(at=boundary) >= account.balance(at=boundary)


@pytest.mark.proves("D7")
def test_an_earlier_answer_in_place_of_a_later_one_can_lower_a_balance() -> None:
    """Answered on day 1 as well as on day 60, the credit dies on day 91 and not on day 150."""
    late, early = one_sent(ONCE), one_sent(ONCE)
    early.reply("m", at=START + DAY)
    for account in (late, early):
        account.reply("m", at=START + 60 * DAY)
    assert [account.balance(at=START + 100 * DAY) for account in (late, early)] == [1, 0]


@pytest.mark.proves("R6")
def test_where_silence_refunds_an_answer_lowers_the_balance() -> None:
    """The reversed rule pays for silence: 3 without an answer, 2 with one."""
    told: list[Callable[[Account], object]] = [lambda _: None, lambda a: a.reply("m", at=START + DAY)]
    accounts = [one_sent(SILENCE) for _ in told]
    for account, tell in zip(accounts, told, strict=True):
        tell(account)
    assert [account.balance(at=START + 7 * DAY) for account in accounts] == [3, 2]


@pytest.mark.proves("R10", "R5")
def test_r10_a_free_message_costs_nothing_and_brings_nothing_back() -> None:
    """Sent to a 1st-degree connection and answered: no entry, no lot, no subscription behind it."""
    account = Account.open(Plan(name="p", grant_credits=3), at=START)
    sent = account.send("m-1", at=START + DAY, channel="message")
    answered = account.reply("m-1", at=START + 2 * DAY)
    failed = account.fail_delivery("m-1", at=START + 3 * DAY)
    rulings = [receipt.outcomes[0].ruling for receipt in (sent, answered, failed)]
    assert rulings == [Ruling.FREE, Ruling.NOT_PAID, Ruling.NOT_PAID]
    assert len(account.entries) == 1
    assert account.in_flight(at=START + DAY) == ()
    (message,) = account.messages(START, START + DAY)
    assert (message.lot, message.subscription) == (0, 0)


@pytest.mark.proves("D8")
def test_d8_the_facts_about_one_message_are_told_in_order_however_many_and_however_late() -> None:
    """Ninety replies, every third late, and one taken back: each is in its place, none in another's."""
    account = Account.open(ONCE, at=START)
    account.send("m", at=START)
    account.send("n", at=START)
    for number in range(90):
        account.reply("m", at=START + (number if number % 3 else 200 - number) * DAY)
    account.preview(Replied(message_id="m", at=START + DAY / 2))
    events = account.explain("m").events
    assert [fact for fact, _ in events] == [
        fact for fact in account.facts if getattr(fact, "message_id", "") == "m"
    ]
    assert len(events) == 91
    assert len(account.explain("n").events) == 1
