"""An account that begins from what is known: D17."""

from collections.abc import Iterable
from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, Entry, EntryKind, Interval, Plan, Ruling, economies, wire
from inmail_credits.contract import seat_uses
from inmail_credits.errors import BeforeOpeningError, InvalidValueError, SubscriptionError
from inmail_credits.facts import Cancelled, Fact, Opened, Purchased, Replied, Sent, Subscribed, TermsChanged
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.policy import diff
from inmail_credits.testing import Oracle, strategies
from inmail_credits.testing.strategies import TICK, TICKS

DAY = timedelta(days=1)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)
CAREER = economies.LINKEDIN_2019["career"]
BUSINESS = economies.LINKEDIN_2026["business"]


def after(facts: Iterable[Fact], at: datetime) -> list[Fact]:
    """The facts from an instant on."""
    return [fact for fact in facts if fact.at >= at]


def moved(account: Account, at: datetime, until: datetime) -> list[Entry]:
    """The entries from an instant on, but for what the account begins with."""
    return [e for e in account.entries_until(until) if e.at >= at and e.kind is not EntryKind.OPENING]


def answers(
    account: Account, at: datetime, facts: Iterable[Fact], edges: list[datetime]
) -> dict[str, object]:
    """Everything that can be asked of an account about instants from ``at`` on."""
    until = edges[-1]
    subscriptions = [account.subscription(at=edge) for edge in edges]
    return {
        "entries": moved(account, at, until),
        "balances": [account.balance(at=edge) for edge in edges],
        "lots": [account.lots(at=edge) for edge in edges],
        "statements": [
            (line.start, line.opening, line.granted, line.refunded, line.spent, line.expired, line.balance)
            for grain in ("week", "month")
            for line in account.history(at, until, grain=grain)
        ],
        "subscriptions": [
            running and (running.number, running.plan, running.seats, running.schedule, running.ends_at)
            for running in subscriptions
        ],
        "room": [account.purchase_room(at=edge) for edge in edges],
        "seats": [seat_uses(account, at=edge) for edge in edges],
        "in flight": [[m.sent for m in account.in_flight(at=edge)] for edge in edges],
        "conflicts": [(c.fact.id, str(c.error)) for c in account.conflicts if c.fact.at >= at],
        "explained": [
            account.explain(fact.message_id)
            for fact in facts
            if isinstance(fact, Sent) and fact.id not in {c.fact.id for c in account.conflicts}
        ],
    }


def outcomes(account: Account, facts: Iterable[Fact]) -> list[tuple[str, Ruling]]:
    """How each fact was ruled."""
    found = []
    for fact in facts:
        outcome = account.outcome(fact.id)
        assert outcome is not None
        found.append((fact.id, outcome.ruling))
    return found


@pytest.mark.proves("D17")
@given(strategies.histories(seats=True), st.data())
def test_d17_an_opening_in_the_place_of_its_history_changes_no_later_answer(
    history: list[Fact], data: st.DataObject
) -> None:
    """At any edge, the opening and the facts from there on answer as the whole history does."""
    account = Account.replay(history)
    end = account.latest_at + 120 * DAY
    edges = Oracle(history).boundaries(end)
    at = data.draw(st.sampled_from(edges)) + data.draw(st.sampled_from(TICKS))
    assume(history[0].at < at)
    later = after(account.facts, at)
    opening = account.checkpoint(at=at)
    assert Account.replay(history) == account, "a checkpoint leaves the account as it was"
    (again,) = wire.loads(wire.dumps([opening]))
    assert again == opening
    short = Account.replay([again, *later])
    near = [edge + tick for edge in edges for tick in TICKS if edge + tick > at]
    asked = sorted({at, at + TICK, *near[:9], *near[-9:], end})
    assert answers(short, at, later, asked) == answers(account, at, later, asked)
    for (id_, ours), (_, theirs) in zip(outcomes(short, later), outcomes(account, later), strict=True):
        assert ours is theirs or ours is Ruling.BEFORE_OPENING, id_
    assert short.checkpoint(at=end) == account.checkpoint(at=end)


def opened(plan: Plan | None = CAREER, **values: object) -> Opened:
    """An opening of 1 May 2026 whose dates are counted from 31 January."""
    return Opened(**{"plan": plan, "at": date(2026, 5, 1), "anchor_at": START if plan else None, **values})  # type: ignore[arg-type]


def lot(number: int = 1, *, left: int = 2, credits_: int = 3, day: int = 31) -> OpeningLot:
    """A lot of March 2026, of which something is left."""
    received_at = datetime(2026, 3, day, 9, tzinfo=UTC)
    return OpeningLot(
        number=number,
        received_at=received_at,
        expires_at=received_at + 90 * DAY,
        credits=credits_,
        left=left,
        origin="schedule",
    )


@pytest.mark.proves("D17", "D5")
def test_d17_an_opening_goes_on_from_what_it_states() -> None:
    """Two credits of March, a third in flight, the next grant on the 31st of the old anchor."""
    sent = OpeningMessage(message_id="m", sent_at=datetime(2026, 4, 20, tzinfo=UTC), lot=7)
    account = Account.replay([opened(lots=[lot(7)], messages=[sent])])
    grant = datetime(2026, 5, 31, 9, tzinfo=UTC)
    assert [account.balance(at=at) for at in (date(2026, 4, 30), date(2026, 5, 1))] == [0, 2]
    assert [account.balance(at=grant + tick) for tick in TICKS] == [2, 5, 5]
    assert [(held.number, held.left, held.cause) for held in account.lots(at=grant)] == [
        (7, 2, Cause.SCHEDULE),
        (8, 3, Cause.SCHEDULE),
    ]
    assert account.reply("m", at=date(2026, 5, 2)).outcomes[0].ruling is Ruling.REFUNDED
    assert account.lot(8).left == 1
    with pytest.raises(InvalidValueError, match="lot is 3, but must be a lot left when the account begins"):
        account.lot(3)


@pytest.mark.proves("D17")
def test_d17_opening_credits_count_as_received_so_that_all_adds_up() -> None:
    """Entries, totals and statements begin with an opening, and the sums hold from there on."""
    account = Account.replay([opened(lots=[lot(1), lot(2, left=3, day=15)])])
    account.send("m", at=date(2026, 5, 3))
    kinds = [(entry.kind, entry.credits, entry.balance) for entry in account.entries]
    assert kinds == [("opening", 2, 2), ("opening", 3, 5), ("spent", 1, 4)]
    totals = account.totals(before=date(2026, 6, 1))
    assert (totals.opening, totals.granted, totals.spent, totals.balance) == (5, 3, 1, 7)
    first, second = account.history(date(2026, 4, 15), date(2026, 5, 20), grain="month")
    assert (first.opening, first.balance) == (0, 0)
    assert (second.opening, second.spent, second.balance) == (5, 1, 4)
    assert account.statement(date(2026, 4, 1), date(2026, 6, 1)).opening == 5


@pytest.mark.proves("D17", "D6")
def test_d17_what_time_brings_at_the_opening_itself_follows_it() -> None:
    """A lot that dies at that instant dies, a grant due then comes, a silence that ends then refunds."""
    at = datetime(2026, 5, 31, 9, tzinfo=UTC)
    dying = OpeningLot(number=1, received_at=at - 90 * DAY, expires_at=at, credits=3, left=2)
    account = Account.replay([opened(at=at, lots=[dying])])
    assert [(entry.kind, entry.credits) for entry in account.entries] == [
        ("opening", 2),
        ("expired", 2),
        ("granted", 3),
    ]
    silent = evolve(CAREER, refund_on="silence", reply_window_days=7)
    message = OpeningMessage(message_id="m", sent_at=at - 7 * DAY, lot=1)
    paid = evolve(dying, expires_at=at + DAY)
    account = Account.replay([opened(silent, at=at, lots=[paid], messages=[message])])
    assert [entry.cause for entry in account.entries] == ["opening", "schedule", "silence"]
    account = Account.replay([opened(at=at, ends_at=at, lots=[paid])])
    assert [(entry.kind, entry.balance) for entry in account.entries] == [("opening", 2), ("forfeited", 0)]


@pytest.mark.proves("D17", "D13", "D15")
def test_d17_facts_before_the_opening_are_refused() -> None:
    """Recorded, they are refused and change nothing; in a log they are conflicts and move nothing."""
    opening = opened(lots=[lot()])
    account = Account.replay([opening])
    early = Sent(message_id="early", at=datetime(2026, 4, 30, tzinfo=UTC))
    for attempt in (account.record, account.preview):
        with pytest.raises(
            BeforeOpeningError, match="the account begins 2026-05-01T00:00:00Z, and what happ"
        ):
            attempt(early)
    account.record(Sent(message_id="later", at=date(2026, 5, 2)))
    with pytest.raises(BeforeOpeningError):
        account.record(early, Sent(message_id="other", at=date(2026, 5, 2)))
    assert [fact.id for fact in account.facts] == [opening.id, "sent:later"]
    before = Subscribed(plan=CAREER, at=START)
    mixed = Account.replay([before, early, *account.facts])
    assert [conflict.fact.id for conflict in mixed.conflicts] == [before.id, early.id]
    assert mixed.entries == account.entries


@pytest.mark.proves("D17")
def test_d17_an_account_begins_once() -> None:
    """An opening in an account that has begun is refused; the account is as it was."""
    account = Account.open(CAREER, at=START)
    with pytest.raises(
        SubscriptionError, match="cannot open the account at 2026-05-01T00:00:00Z: it has begun"
    ):
        account.record(opened(lots=[lot()]))
    assert account.balance(at=date(2026, 5, 1)) == Account.open(CAREER, at=START).balance(at=date(2026, 5, 1))
    account = Account.replay([opened(lots=[lot()])])
    with pytest.raises(SubscriptionError, match="it has begun before"):
        account.record(opened(at=date(2026, 5, 2)))
    assert account.preview(Sent(message_id="m", at=date(2026, 5, 2))).outcomes[0].ruling is Ruling.SPENT


@pytest.mark.proves("D17", "D8")
def test_d17_what_is_said_of_an_unknown_message_is_recorded_and_moves_nothing() -> None:
    """A second answer to a message settled long ago is no error; one that is sent late is taken as usual."""
    account = Account.replay([opened(lots=[lot()])])
    for outcome in (
        account.reply("old", at=date(2026, 5, 2)),
        account.withdraw("old", at=date(2026, 5, 3)),
        account.fail_delivery("old", at=date(2026, 5, 4)),
        account.reply("new", at=date(2026, 5, 5)),
    ):
        assert (outcome.outcomes[0].ruling, outcome.entries) == (Ruling.BEFORE_OPENING, ())
    account.send("new", at=date(2026, 5, 2))
    assert outcomes(account, account.facts)[-1][1] is Ruling.REFUNDED
    assert account.conflicts == ()


@pytest.mark.proves("D17", "D20")
def test_d17_seats_limits_and_purchases_go_on() -> None:
    """Most seats, sends of the period and what was bought count as if nothing had been cut."""
    team = evolve(CAREER, seats_max=5, purchase_credits_max=10)
    opening = opened(
        team,
        seats=2,
        seats_most=4,
        lots=[lot(left=3)],
        seat_uses=[OpeningSeat(seat="ana", spent=2, credits_max=3)],
        purchases=[
            OpeningPurchase(at=datetime(2026, 4, 1, tzinfo=UTC), credits=5),
            OpeningPurchase(at=datetime(2026, 4, 30, 10, tzinfo=UTC), credits=4),
        ],
    )
    account = Account.replay([opening])
    day = date(2026, 5, 2)
    assert account.purchase_room(at=day) == 6
    assert account.change_seats(4, at=day).entries == ()
    assert [entry.credits for entry in account.change_seats(5, at=day + DAY).entries] == [3]
    account.send("m", at=day, seat="ana")
    (use,) = seat_uses(account, at=day)
    assert (use.seat, use.spent, use.room) == ("ana", 3, 0)
    assert account.preview(Sent(message_id="n", at=datetime(2026, 5, 31, 9, tzinfo=UTC), seat="ana")).entries


@pytest.mark.proves("D17", "D20", "D11")
def test_d17_a_checkpoint_keeps_the_most_seats_and_what_proves_delivery() -> None:
    """Seats removed and added again bring nothing, a failure after an answer moves nothing."""
    team = evolve(CAREER, seats_max=5, refund_kinds=["accepted"], purchase_credits_max=9)
    account = Account.open(team, at=START, seats=4)
    account.send("m", at=START, seat="ana")
    account.send("n", at=START)
    account.reply("m", at=START + DAY, kind="automatic")
    account.purchase(7, at=START + DAY)
    account.change_seats(1, at=START + DAY)
    opening = account.checkpoint(at=START + 2 * DAY)
    assert (opening.seats, opening.seats_most) == (1, 4)
    assert [(message.message_id, message.answered) for message in opening.messages] == [
        ("m", True),
        ("n", False),
    ]
    short = Account.replay([opening])
    for each in (account, short):
        assert each.purchase_room(at=START + 2 * DAY) == 2
        assert each.change_seats(4, at=START + 2 * DAY).entries == ()
        assert each.fail_delivery("m", at=START + 2 * DAY).outcomes[0].ruling is Ruling.DELIVERED
        assert each.fail_delivery("n", at=START + 2 * DAY).outcomes[0].ruling is Ruling.UNDELIVERED
        assert [(use.seat, use.spent) for use in seat_uses(each, at=START + 2 * DAY)] == [("ana", 1)]
    assert short.lots(at=START + 3 * DAY) == account.lots(at=START + 3 * DAY)


@pytest.mark.proves("D17")
def test_d17_an_opening_without_a_subscription_waits_for_one() -> None:
    """A checkpoint of an account that ended; what was held then is gone."""
    account = Account.open(CAREER, at=START)
    account.cancel(at=START)
    opening = account.checkpoint(at=START + 60 * DAY)
    assert (opening.plan, opening.lots, opening.last_lot, opening.subscriptions) == (CAREER, (), 1, 1)
    short = Account.replay([opening, Subscribed(plan=CAREER, at=START + 61 * DAY)])
    running = short.subscription(at=START + 61 * DAY)
    assert running is not None
    assert (running.number, short.lots(at=START + 61 * DAY)[0].number) == (2, 2)
    with pytest.raises(
        InvalidValueError, match="at is '2026-01-31T09:00:00Z', but must be after the first fact"
    ):
        account.checkpoint(at=START)


@pytest.mark.proves("D17", "D16")
def test_d17_messages_keep_the_terms_they_were_sent_under() -> None:
    """Through a checkpoint after new terms, each message is judged by the plan of its sending."""
    account = Account.open(CAREER, at=START)
    account.send("before", at=START)
    account.change_terms(evolve(CAREER, name="short", reply_window_days=10), at=START + DAY)
    account.send("after", at=START + DAY)
    account.reply("after", at=START + 2 * DAY, kind="automatic")
    account.send("third", at=START + 2 * DAY)
    short = Account.replay([account.checkpoint(at=START + 20 * DAY)])
    assert [message.sent.message_id for message in short.in_flight(at=START + 21 * DAY)] == ["before"]
    assert short.reply("third", at=START + 21 * DAY).outcomes[0].ruling is Ruling.WINDOW_CLOSED
    assert short.reply("before", at=START + 21 * DAY).outcomes[0].ruling is Ruling.REFUNDED
    told = str(short.explain("before"))
    assert "paid by" not in told or "lot 1" in told
    assert short.explain("before").paid_by == short.lot(1)._replace(left=0)


@pytest.mark.proves("D17")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"plan": None, "lots": [lot()]},
            "lots is .*, but must be left out where no subscription is running",
        ),
        ({"anchor_at": None}, "anchor_at is None, but must be given where a subscription is running"),
        (
            {"seats": 2},
            r"seats, seats_most is \(2, 2\), but must be in that order, and at most the 1 of plan",
        ),
        ({"ends_at": START, "lots": [lot()]}, "but must be left out where no subscription is running"),
        ({"lots": [lot(2), lot(1)]}, "lots is 1, but must be numbers in ascending order, each once"),
        ({"lots": [lot()], "at": date(2026, 3, 1)}, "received_at of lot 1 is .*, but must be by the opening"),
        ({"lots": [lot()], "at": date(2026, 9, 1)}, "expires_at of lot 1 is .*, where credits are left"),
        (
            {"lots": [lot(3)], "last_lot": 2},
            "last_lot is 2, but must be at least the highest number, 3, or 0",
        ),
        ({"lots": [1]}, "lots is 1, but must be a OpeningLot in each place"),
        (
            {"messages": [OpeningMessage(message_id="m", sent_at=date(2026, 4, 1), lot=1)]},
            "lot of message 'm' is 1, but must be the number of a lot of this opening, live when it was sent",
        ),
        (
            {"seat_uses": [OpeningSeat(seat="b"), OpeningSeat(seat="a")]},
            "seat_uses is .*, but must be ordered",
        ),
        ({"subscriptions": 0}, "subscriptions is 0, but must be 1 or more where one is running"),
    ],
)
def test_d17_what_contradicts_itself_is_no_opening(values: dict[str, object], message: str) -> None:
    """Each part is checked against the others and the instant; the error names part, value and limit."""
    with pytest.raises(InvalidValueError, match=message):
        opened(**{"lots": [], **values})  # type: ignore[arg-type]


def sent(day: int, count: int = 1, *, lot_number: int = 1) -> list[OpeningMessage]:
    """Messages of one day of April 2026."""
    at = datetime(2026, 4, day, tzinfo=UTC)
    return [OpeningMessage(message_id=f"m-{day}-{n}", sent_at=at, lot=lot_number) for n in range(count)]


@pytest.mark.proves("D17", "D8")
@pytest.mark.parametrize(
    ("plan", "messages", "message"),
    [
        (
            CAREER,
            [*sent(2), *sent(1)],
            "instant of 'm-1-0' in messages is '2026-04-01T00:00:00Z', but must be in order",
        ),
        (CAREER, [*sent(1), *sent(1)], "messages is 'm-1-0', but must be each id once"),
        (
            CAREER,
            sent(1, 2),
            "lot 1 is '2 left and 2 open messages', but must be at most the 3 credits it brought",
        ),
        (
            evolve(CAREER, refund_on="silence", reply_window_days=7),
            sent(20),
            "sent_at of message 'm-20-0' is .*, but must be at most 7 days ago: silence has given its",
        ),
    ],
)
def test_d17_messages_must_fit_their_lots_and_terms(
    plan: Plan, messages: list[OpeningMessage], message: str
) -> None:
    """In order, each once, paid for by a credit that was there, and not settled by silence already."""
    with pytest.raises(InvalidValueError, match=message):
        opened(plan, lots=[lot()], messages=messages)


@pytest.mark.proves("D17", "D4")
@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ("newest", [("03-31", 1), ("04-30", 3)]),
        ("oldest", [("02-28", 3), ("03-31", 1)]),
        ("spread", [("02-28", 1), ("03-31", 1), ("04-30", 2)]),
    ],
)
def test_d17_a_bare_balance_is_left_of_the_grants_that_are_alive(
    ages: str, expected: list[tuple[str, int]]
) -> None:
    """Four credits on 10 May: of three grants alive by then, as the assumption says, and no others."""
    account = Account.from_balance(CAREER, balance=4, at=date(2026, 5, 10), renews_on=START, ages=ages)
    assert [
        (f"{each.received_at:%m-%d}", each.left) for each in account.lots(at=date(2026, 5, 10))
    ] == expected
    assert account.balance(at=date(2026, 5, 10)) == 4


@pytest.mark.proves("D17", "R8", "D6")
@pytest.mark.parametrize(
    ("plan", "balance", "message"),
    [
        (CAREER, 10, "balance is 10, but must be at most 9, what the 3 grants of plan 'career' alive at"),
        (BUSINESS, 46, "balance is 46, but must be at most 45"),
        (evolve(BUSINESS, lifetime_days=None), 46, "balance is 46, but must be at most 45"),
        (Plan(name="none", grant_credits=0), 1, "balance is 1, but must be at most 0"),
        (CAREER, -1, "balance is -1, but must be a whole number from 0"),
    ],
)
def test_d17_a_balance_the_plan_cannot_hold_is_refused(plan: Plan, balance: int, message: str) -> None:
    """More than the living grants brought, or than the cap allows, came from elsewhere: lots can say so."""
    at = date(2026, 5, 10)
    with pytest.raises(InvalidValueError, match=message):
        Account.from_balance(plan, balance=balance, at=at, renews_on=START)
    if balance > 0:
        account = Account.from_balance(plan, lots=[(date(2026, 5, 1), balance)], at=at, renews_on=START)
        assert account.balance(at=at) == balance


@pytest.mark.proves("D17", "D4", "D7")
def test_d17_open_messages_are_paid_by_what_was_alive_when_they_were_sent() -> None:
    """The first grant to expire that had room; where all were used up, a credit that had come back."""
    plan = evolve(CAREER, refund_to="original")
    at = datetime(2026, 5, 10, tzinfo=UTC)
    messages = {f"m-{n}": at - (20 - n) * DAY for n in range(8)}
    account = Account.from_balance(plan, balance=2, at=at, renews_on=START, open_messages=messages)
    opening = account.opening
    assert opening is not None
    assert [(f"{each.received_at:%m-%d}", each.credits, each.left) for each in opening.lots] == [
        ("01-31", 3, 0),
        ("02-28", 3, 0),
        ("03-31", 3, 0),
        ("04-30", 3, 2),
    ]
    assert [message.sent.message_id for message in account.in_flight(at=at)] == list(messages)
    for message_id in messages:
        account.reply(message_id, at=at)
    assert account.balance(at=at) == 2 + 5  # the three of 31 January had expired by then


@pytest.mark.proves("D17")
@given(
    strategies.plans(),
    st.integers(0, 12),
    strategies.instants(),
    st.integers(0, 40),
    st.sampled_from(["newest", "oldest", "spread"]),
    st.lists(st.integers(0, 90), max_size=6),
)
def test_d17_any_balance_that_is_taken_is_the_balance(
    plan: Plan, balance: int, at: datetime, days: int, ages: str, sent_days: list[int]
) -> None:
    """Whatever the plan, the date and the assumption: the balance is that balance, or it is refused."""
    messages = {f"m-{n}": at - back * DAY for n, back in enumerate(sent_days)}
    try:
        account = Account.from_balance(
            plan,
            balance=balance,
            at=at,
            renews_on=at + days * DAY + TICK,
            ages=ages,
            open_messages=messages,
        )
    except InvalidValueError as error:
        refused = error.what
    else:
        refused = ""
    if refused:
        assert refused.startswith(("at", "balance", "sent_at of message"))
        return
    assert account.balance(at=at) == balance
    grants = plan.schedule(at + days * DAY + TICK)
    for held in account.lots(at=at):
        assert grants[grants.index(held.received_at)] == held.received_at
        assert held.left <= plan.grant_credits
    assert len(account.messages(at - 91 * DAY, at)) == len(messages)


@pytest.mark.proves("D17")
def test_d17_at_the_instant_of_a_grant_a_balance_is_ambiguous() -> None:
    """Whether it holds that grant is for the caller to say, by a moment before or after."""
    with pytest.raises(
        InvalidValueError, match="but must be a moment before or after the grant of that instant"
    ):
        Account.from_balance(CAREER, balance=3, at=START, renews_on=START)
    after_it = Account.from_balance(CAREER, balance=3, at=START + TICK, renews_on=START)
    assert [each.received_at for each in after_it.lots(at=START + TICK)] == [START]
    with pytest.raises(
        InvalidValueError, match="balance is 2, but must be the sum of the lots, 1, or left out"
    ):
        Account.from_balance(CAREER, balance=2, lots=[(START, 1)], at=START + TICK, renews_on=START)


@pytest.mark.proves("D17")
def test_d17_under_other_rules_an_opening_keeps_its_lots() -> None:
    """A policy diff replaces the plan of an opening and of its messages; what was held is held."""
    account = Account.replay([opened(lots=[lot()]), TermsChanged(plan=CAREER, at=date(2026, 5, 2))])
    result = diff(account.facts, economies.LINKEDIN_2026, until=date(2026, 6, 1))
    assert [(str(change.kind), change.before, change.after) for change in result.changes] == [
        ("granted", 3, 5)
    ]
    assert result.totals[1].opening == 2


def test_replies_to_a_message_of_the_opening_are_explained() -> None:
    """The explanation says what is known: the lot as it stood, and the answer."""
    message = OpeningMessage(message_id="m", sent_at=datetime(2026, 4, 20, tzinfo=UTC), lot=1)
    account = Account.replay([opened(lots=[lot()], messages=[message])])
    account.record(Replied(message_id="m", at=date(2026, 5, 3)))
    told = account.explain("m")
    assert told.paid_by is not None
    assert (told.paid_by.number, told.paid_by.left, told.passed_over) == (1, 2, ())
    assert told.returned is not None
    assert str(told).splitlines()[1:] == [
        (
            "  2026-04-20T00:00:00Z sent, before the account begins: paid by lot 1 (schedule "
            "2026-03-31T09:00:00Z, expires 2026-06-29T09:00:00Z, 2 left when it begins)"
        ),
        "  2026-05-03T00:00:00Z replied: the credit came back (R5)",
        "  2026-05-03T00:00:00Z back in lot 2 (reply)",
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"plan": "career"},
        {"at": "soon"},
        {"renews_on": None},
        {"balance": None},
        {"balance": 1.5},
        {"ages": "middle"},
        {"ages": []},
        {"lots": 3},
        {"lots": [1]},
        {"lots": [("2026-05-01", "one")]},
        {"lots": [(None, 1)], "balance": None},
        {"lots": [(date(2025, 1, 1), 1)], "balance": None},
        {"open_messages": "m-1"},
        {"open_messages": {"m-1": "yesterday"}},
        {"open_messages": {1: date(2026, 5, 1)}},
        {"open_messages": {"m-1": date(2026, 6, 1)}},
        {"seats": 2},
        {"ends_on": date(2026, 1, 1)},
    ],
)
def test_wrong_values_of_a_beginning_are_refused_in_one_line(values: dict[str, object]) -> None:
    """Every door of a beginning refuses with field, value and fix, and makes nothing."""
    given: dict[str, Any] = {
        "plan": CAREER,
        "balance": 1,
        "at": date(2026, 5, 10),
        "renews_on": START,
        **values,
    }
    with pytest.raises(InvalidValueError) as refused:
        Account.from_balance(**given)
    assert "\n" not in str(refused.value)
    assert "but must be" in str(refused.value)


@pytest.mark.proves("D17")
def test_d17_a_copy_begins_where_its_original_does() -> None:
    """Copies refuse what came before the opening too, and go their own ways."""
    account = Account.replay([opened(lots=[lot()])])
    other = copy(account)
    other.send("m", at=date(2026, 5, 2))
    assert (account.balance(at=date(2026, 5, 3)), other.balance(at=date(2026, 5, 3))) == (2, 1)
    with pytest.raises(BeforeOpeningError):
        other.send("early", at=START)
    assert other.opening == account.opening


@pytest.mark.proves("D17", "D13")
@pytest.mark.parametrize("number", [0, 3, 9])
def test_d17_facts_of_its_instant_follow_it_whatever_their_number(number: int) -> None:
    """What an opening states is from before its instant, so it comes first there; in any order of arrival."""
    opening = evolve(opened(lots=[lot()]), recorded=number)
    sent = Sent(message_id="a", at=opening.at, id="a", recorded=3)
    for facts in ([opening, sent], [sent, opening]):
        account = Account.replay(facts)
        assert ([fact.id for fact in account.facts], account.conflicts) == ([opening.id, "a"], ())
        assert account.balance(at=opening.at) == lot().left - 1


@pytest.mark.proves("D17", "D2")
def test_d17_a_checkpoint_stands_just_before_its_instant_and_numbers_go_on() -> None:
    """At the instant of a grant the grant still comes, under the number it has in the whole history."""
    account = Account.open(evolve(CAREER, grant_credits=1), at=START)
    account.send("m", at=START)
    account.withdraw("m", at=START)
    grant = datetime(2026, 2, 28, 9, tzinfo=UTC)
    for tick, entries in zip(TICKS, ([], ["granted"], ["opening"]), strict=True):
        opening = account.checkpoint(at=grant + tick)
        short = Account.replay([opening])
        assert [str(entry.kind) for entry in short.entries] == entries
        assert short.lots(at=grant + DAY) == account.lots(at=grant + DAY)
        assert [each.number for each in short.lots(at=grant + DAY)] == [2]


@pytest.mark.proves("D17", "D13")
def test_d17_purchases_of_an_opening_stay_when_later_facts_are_taken_back() -> None:
    """A preview and a late fact leave the room to buy as it was, with no lot in the opening as well."""
    team = evolve(CAREER, purchase_credits_max=10)
    bought = OpeningPurchase(at=datetime(2026, 4, 30, 10, tzinfo=UTC), credits=6)
    account = Account.replay([opened(team, purchases=[bought])])
    day = date(2026, 5, 3)
    account.preview(Purchased(credits=1, at=day))
    assert account.purchase_room(at=day) == 4
    account.purchase(2, at=day)
    account.purchase(1, at=date(2026, 5, 2))
    assert account.purchase_room(at=day) == 1
    known = Account.replay(account.facts)
    with pytest.raises(BeforeOpeningError):
        known.record(Purchased(credits=1, at=date(2026, 4, 30)))
    assert known.purchase_room(at=day) == 1


@pytest.mark.proves("D17", "D18")
def test_d17_a_checkpoint_keeps_the_dates_of_a_subscription_that_ended() -> None:
    """Months and billing periods after the end are those of its zone, through a checkpoint as well."""
    berlin = evolve(CAREER, zone="Europe/Berlin")
    account = Account.open(berlin, at=START)
    account.cancel(at=START)
    at, until = date(2026, 4, 1), date(2026, 7, 1)
    short = Account.replay([account.checkpoint(at=at)])
    for grain in ("month", "billing_period"):
        starts = [line.start for line in short.history(at, until, grain=grain)]
        assert starts == [line.start for line in account.history(at, until, grain=grain)]
    assert datetime(2026, 4, 30, 22, tzinfo=UTC) in [line.start for line in short.history(at, until)]
    assert short.subscription(at=at) is None
    assert short.checkpoint(at=until) == account.checkpoint(at=until)
    assert diff(short.facts, BUSINESS).changes == ()


@pytest.mark.proves("D18", "D12")
def test_d18_after_the_end_dates_are_those_of_the_subscription_that_ended_last() -> None:
    """Of two that ended, the later one says where months begin; before the first, the first does."""
    account = Account.open(evolve(CAREER, zone="Europe/Berlin"), at=START)
    account.cancel(at=START)
    account.record(
        Subscribed(plan=evolve(CAREER, zone="America/New_York", cancel_at="at_once"), at=date(2026, 4, 2)),
        Cancelled(at=date(2026, 4, 3)),
    )
    second = [
        account.history(at, date(2026, 7, 1))[1].start for at in ("2026-01-01", "2026-03-15", "2026-04-15")
    ]
    assert [start.hour for start in second] == [23, 22, 4]


@pytest.mark.proves("D17", "D16")
def test_d17_a_checkpoint_holds_the_purchases_that_still_count() -> None:
    """Those of the billing period; under new terms with a longer one, those of the old period still do."""
    monthly = evolve(CAREER, purchase_credits_max=9)
    account = Account.open(monthly, at=START)
    for month in range(2, 8):
        account.purchase(month, at=date(2026, month, 10))
    yearly = evolve(monthly, billing_every=Interval(months=12))
    account.change_terms(yearly, at=date(2026, 7, 20))
    account.purchase(1, at=date(2026, 7, 21))
    opening = account.checkpoint(at=date(2026, 7, 22))
    assert [purchase.credits for purchase in opening.purchases] == [7, 1]
    assert account.purchase_room(at=date(2026, 12, 1)) == 1
    assert Account.replay([opening]).purchase_room(at=date(2026, 12, 1)) == 1


@pytest.mark.proves("D17", "D8")
def test_d17_settled_messages_are_not_in_a_checkpoint() -> None:
    """What is said of one moves nothing, as of one that never was; its id is free again."""
    account = Account.open(CAREER, at=START)
    account.send("m", at=START)
    account.reply("m", at=START + DAY)
    short = Account.replay([account.checkpoint(at=START + 2 * DAY)])
    late = [short.reply(name, at=START + 3 * DAY).outcomes[0].ruling for name in ("m", "never")]
    assert late == [Ruling.BEFORE_OPENING, Ruling.BEFORE_OPENING]
    assert short.send("m", at=START + 4 * DAY).outcomes[0].ruling is Ruling.SPENT


@pytest.mark.proves("D17")
def test_d17_a_checkpoint_at_the_instant_of_the_opening_is_that_opening() -> None:
    """Nothing else is known of the time before, whatever was told of that instant and after it."""
    account = Account.open(CAREER, at=START)
    account.send("m", at=START)
    opening = account.checkpoint(at=START + DAY)
    short = Account.replay([opening, Sent(message_id="n", at=START + DAY)])
    assert short.checkpoint(at=START + DAY) == opening
    assert len(short) == 2
    with pytest.raises(InvalidValueError, match="after the first fact: before it nothing is known"):
        short.checkpoint(at=START + DAY - TICK)
