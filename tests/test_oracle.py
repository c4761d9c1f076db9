"""The oracle's own proof: every rule worked by hand with plain numbers, then laws over random histories."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inmail_credits.channels import Channel
from inmail_credits.errors import FactConflictError, InvalidValueError, NaiveInstantError
from inmail_credits.facts import (
    FACT_TYPES,
    Cancelled,
    DeliveryFailed,
    Fact,
    Opened,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans import (
    CancelAt,
    FirstGrant,
    GrantOn,
    OnSwitch,
    Plan,
    RefundOn,
    RefundTo,
    ReplyKind,
    SeatGrant,
)
from inmail_credits.testing import (
    Movement,
    Oracle,
    Run,
    broken_bounds,
    broken_conservation,
    broken_lots,
    broken_refunds,
    in_order,
    lived_through,
    opening_of,
    strategies,
    summed,
)
from inmail_credits.testing.strategies import TICK, TICKS
from inmail_credits.timeline import MONTHLY, Interval

YEARLY = Interval(months=12)
WEEKLY = Interval(days=7)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)
GRANTED, REFUNDED, SPENT = EntryKind.GRANTED, EntryKind.REFUNDED, EntryKind.SPENT
EXPIRED, FORFEITED, OPENING = EntryKind.EXPIRED, EntryKind.FORFEITED, EntryKind.OPENING

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def utc(month: int, day: int, hour: int = 9, *, year: int = 2026) -> datetime:
    """An hour of 2026, or of another year, in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def days(count: int) -> datetime:
    """So many days of 24 hours after START."""
    return START + timedelta(days=count)


YEARLY_3 = Plan(name="yearly", grant_credits=3, grant_every=YEARLY)
"""Three credits at the start, and none within the year."""


def subscribed(plan: Plan, at: datetime = START, *, seats: int = 1) -> Subscribed:
    """A subscription that starts then."""
    return Subscribed(at=at, plan=plan, seats=seats)


def sent(message_id: str, at: datetime, *, seat: str | None = None) -> Sent:
    """One InMail."""
    return Sent(at=at, message_id=message_id, seat=seat)


def replied(message_id: str, at: datetime, kind: ReplyKind = ReplyKind.MESSAGE) -> Replied:
    """One answer."""
    return Replied(at=at, message_id=message_id, kind=kind)


def moved(oracle: Oracle, until: datetime) -> list[tuple[datetime, EntryKind, Cause, int]]:
    """What moved when and why, as plain figures."""
    return [(m.at, m.kind, m.cause, m.credits) for m in oracle.movements(until)]


def totals(oracle: Oracle, start: datetime, end: datetime) -> dict[EntryKind, int]:
    """The kinds of which any moved, with how many; the oracle counts the others as 0."""
    counted = oracle.totals(start, end)
    assert counted.keys() == set(EntryKind)
    return {kind: credits_ for kind, credits_ in counted.items() if credits_}


def granted_at(oracle: Oracle, until: datetime) -> list[datetime]:
    """When grants came."""
    return [m.at for m in oracle.movements(until) if m.kind is GRANTED]


class TestGrants:
    """When the allotment comes, and how much."""

    def test_monthly_grants_are_counted_from_the_anchor_and_return_to_the_31st(self) -> None:
        """R3, D5: from 31 January they come on 28 February, 31 March, 30 April and 31 May."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=2))])
        assert granted_at(oracle, utc(5, 31)) == [START, utc(2, 28), utc(3, 31), utc(4, 30), utc(5, 31)]
        assert [oracle.balance(at) for at in (utc(2, 28) - TICK, utc(2, 28), utc(3, 31) - TICK)] == [2, 4, 4]

    def test_nothing_is_there_before_the_subscription(self) -> None:
        """The account is empty until the very instant of subscribing."""
        oracle = Oracle([subscribed(YEARLY_3)])
        assert (oracle.balance(START - TICK), oracle.balance(START)) == (0, 3)

    def test_a_leap_day_comes_back_in_a_leap_year(self) -> None:
        """D5: yearly grants from 29 February 2028 come on 28 February until 2032."""
        oracle = Oracle([subscribed(YEARLY_3, utc(2, 29, year=2028))])
        until = utc(3, 1, year=2032)
        assert [(at.year, at.day) for at in granted_at(oracle, until)] == [
            (2028, 29),
            (2029, 28),
            (2030, 28),
            (2031, 28),
            (2032, 29),
        ]

    def test_quarterly_grants_cross_the_year(self) -> None:
        """D5: every three months from 30 November: 28 February, 30 May."""
        plan = Plan(name="own", grant_credits=1, grant_every=Interval(months=3))
        oracle = Oracle([subscribed(plan, utc(11, 30))])
        later = [utc(2, 28, year=2027), utc(5, 30, year=2027)]
        assert granted_at(oracle, utc(6, 30, year=2027)) == [utc(11, 30), *later]

    def test_weekly_grants_are_168_hours_apart(self) -> None:
        """R2: a plan may grant every so many days."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=1, grant_every=WEEKLY))])
        assert granted_at(oracle, days(21) - TICK) == [START, days(7), days(14)]

    def test_calendar_grants_come_on_the_first_at_midnight(self) -> None:
        """A subscriber of 31 January at nine is granted again 15 hours later."""
        plan = Plan(name="own", grant_credits=2, grant_on=GrantOn.CALENDAR)
        oracle = Oracle([subscribed(plan)])
        assert granted_at(oracle, utc(3, 1, 0)) == [START, utc(2, 1, 0), utc(3, 1, 0)]

    def test_a_calendar_subscription_on_the_first_grants_once_that_day(self) -> None:
        """The grant of subscribing is that midnight's grant; the next is a month later."""
        plan = Plan(name="own", grant_credits=2, grant_on=GrantOn.CALENDAR)
        oracle = Oracle([subscribed(plan, utc(2, 1, 0))])
        assert granted_at(oracle, utc(3, 1, 0)) == [utc(2, 1, 0), utc(3, 1, 0)]

    def test_a_grant_of_no_credits_is_no_movement(self) -> None:
        """A plan of no credits moves nothing and has no lots."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=0))])
        assert oracle.movements(utc(12, 31)) == []
        assert oracle.lots(utc(12, 31)) == []

    def test_unspent_credits_roll_over(self) -> None:
        """R7: without a cap or an age limit, a year of 2 a month leaves 24."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=2))])
        assert oracle.balance(utc(12, 31)) == 24


class TestExpiry:
    """When a credit dies."""

    @pytest.mark.parametrize(
        ("lifetime_days", "last_day"), [(89, utc(4, 30)), (90, utc(5, 1)), (91, utc(5, 2)), (1, utc(2, 1))]
    )
    def test_a_credit_dies_after_its_days_of_24_hours(self, lifetime_days: int, last_day: datetime) -> None:
        """R8, D2: from 31 January 90 days end on 1 May, not after three months on 30 April."""
        oracle = Oracle([subscribed(evolve(YEARLY_3, lifetime_days=lifetime_days))])
        assert oracle.balance(last_day - TICK) == 3
        assert oracle.balance(last_day) == 0
        assert moved(oracle, last_day)[-1] == (last_day, EXPIRED, Cause.AGE, 3)

    def test_a_credit_without_a_lifetime_stays(self) -> None:
        """With no age limit the credits of today are there in a century's eighth."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=1, grant_every=Interval(months=1200)))])
        assert oracle.balance(utc(1, 31, year=2038)) == 1

    def test_only_what_is_left_of_a_lot_expires(self) -> None:
        """D3: of 3 credits, 1 spent, 2 expire."""
        oracle = Oracle([subscribed(evolve(YEARLY_3, lifetime_days=2)), sent("m", days(1))])
        assert moved(oracle, days(2))[-1] == (days(2), EXPIRED, Cause.AGE, 2)

    def test_a_dead_credit_pays_for_nothing(self) -> None:
        """D2: the send at the instant of expiry is refused, one microsecond before it is not."""
        plan = evolve(YEARLY_3, lifetime_days=2)
        late, in_time = sent("late", days(2)), sent("in time", days(2) - TICK)
        assert Oracle([subscribed(plan), late]).refused == {late.id}
        assert Oracle([subscribed(plan), in_time]).refused == set()


class TestBurnOrder:
    """Which credit pays."""

    def test_the_soonest_expiry_pays(self) -> None:
        """D4: the credit of January pays before that of February."""
        plan = Plan(name="own", grant_credits=1, lifetime_days=90)
        oracle = Oracle([subscribed(plan), sent("m", utc(3, 1))])
        assert oracle.lots(utc(3, 1)) == [(utc(2, 28), utc(2, 28) + timedelta(days=90), 1)]

    def test_without_expiry_the_earliest_received_pays(self) -> None:
        """D4: among credits that never expire, the oldest goes first."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=1)), sent("m", utc(3, 1))])
        assert oracle.lots(utc(3, 1)) == [(utc(2, 28), None, 1)]

    def test_at_a_tie_the_lot_received_first_pays(self) -> None:
        """D4: of a grant and a purchase at one instant, the grant goes first."""
        plan = evolve(YEARLY_3, grant_credits=1, purchase_credits_max=5)
        facts = [
            subscribed(plan),
            Purchased(at=START, credits=2),
            *(sent(message_id, START) for message_id in ("m-1", "m-2")),
        ]
        oracle = Oracle(facts)
        spent = [movement.lot for movement in oracle.movements(START) if movement.kind is SPENT]
        received = [movement.lot for movement in oracle.movements(START) if movement.kind is GRANTED]
        assert spent == received

    def test_lots_are_listed_in_burn_order(self) -> None:
        """D4: what expires first stands first, with all that is left of it."""
        plan = Plan(name="own", grant_credits=2, lifetime_days=90)
        oracle = Oracle([subscribed(plan), sent("m", days(1))])
        assert oracle.lots(utc(2, 28)) == [(START, days(90), 1), (utc(2, 28), days(28 + 90), 2)]

    def test_a_refund_to_the_original_lot_goes_before_later_lots(self) -> None:
        """D4, D7: the credit that rejoins January's lot pays again before February's."""
        plan = Plan(name="own", grant_credits=1, lifetime_days=90, refund_to=RefundTo.ORIGINAL)
        facts = [subscribed(plan), sent("a", days(1)), replied("a", utc(3, 1)), sent("b", utc(3, 2))]
        assert Oracle(facts).lots(utc(3, 2)) == [(utc(2, 28), utc(2, 28) + timedelta(days=90), 1)]


class TestCap:
    """What a grant forfeits."""

    def test_the_oldest_carried_credits_make_room(self) -> None:
        """D6: 2 + 2 against a cap of 3 forfeits 1 of January's."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=2, cap_credits=3))])
        assert oracle.lots(utc(2, 28)) == [(START, None, 1), (utc(2, 28), None, 2)]
        assert moved(oracle, utc(2, 28))[1:] == [
            (utc(2, 28), FORFEITED, Cause.CAP, 1),
            (utc(2, 28), GRANTED, Cause.SCHEDULE, 2),
        ]

    def test_the_trim_goes_through_several_lots(self) -> None:
        """D6: 2 of January and 2 of February against a cap of 4 and a grant of 2 forfeits January's 2."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=2, cap_credits=4))])
        assert oracle.lots(utc(3, 31)) == [(utc(2, 28), None, 2), (utc(3, 31), None, 2)]

    def test_a_full_cap_is_no_excess(self) -> None:
        """D6: 2 + 2 against a cap of 4 forfeits nothing."""
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=2, cap_credits=4))])
        assert oracle.balance(utc(2, 28)) == 4
        assert oracle.totals(START, utc(3, 1))[FORFEITED] == 0

    def test_expiry_comes_before_the_trim(self) -> None:
        """D6: what dies as the grant comes leaves room for it."""
        plan = Plan(name="own", grant_credits=3, grant_every=WEEKLY, lifetime_days=7, cap_credits=3)
        oracle = Oracle([subscribed(plan)])
        assert moved(oracle, days(7))[1:] == [
            (days(7), EXPIRED, Cause.AGE, 3),
            (days(7), GRANTED, Cause.SCHEDULE, 3),
        ]

    def test_only_a_grant_trims(self) -> None:
        """D6: a purchase and a refund may pass the cap, until the next grant."""
        plan = Plan(name="own", grant_credits=2, cap_credits=2, purchase_credits_max=5)
        facts = [
            subscribed(plan),
            sent("m", days(1)),
            Purchased(at=days(2), credits=4),
            replied("m", days(3)),
        ]
        oracle = Oracle(facts)
        assert [oracle.balance(at) for at in (days(2), days(3), utc(2, 28))] == [5, 6, 2]

    def test_a_grant_of_no_credits_still_trims(self) -> None:
        """D6: the cap of 1 holds on each grant date, though nothing is granted."""
        plan = Plan(name="own", grant_credits=0, cap_credits=1, purchase_credits_max=3)
        oracle = Oracle([subscribed(plan), Purchased(at=days(1), credits=3)])
        assert [oracle.balance(at) for at in (days(1), utc(2, 28) - TICK, utc(2, 28))] == [3, 3, 1]

    def test_a_cap_below_what_the_seats_carry_takes_no_more_than_is_there(self) -> None:
        """D6: the cap counts every seat: 2 seats of 2 carried, cap 3 each, hold 6 after the grant of 4."""
        plan = Plan(name="own", grant_credits=2, cap_credits=3, seats_max=2)
        oracle = Oracle([subscribed(plan, seats=2)])
        assert oracle.lots(utc(2, 28)) == [(START, None, 2), (utc(2, 28), None, 4)]


class TestSending:
    """What a message costs, and when it is refused."""

    def test_an_inmail_costs_one_credit(self) -> None:
        """R4: one message, one credit, for that message."""
        oracle = Oracle([subscribed(YEARLY_3), sent("m", days(1))])
        last = oracle.movements(days(1))[-1]
        assert (last.kind, last.cause, last.credits, last.message_id) == (SPENT, Cause.SEND, 1, "m")
        assert oracle.balance(days(1)) == 2

    def test_with_no_credit_the_send_is_refused_and_nothing_changes(self) -> None:
        """R4, D15: the fourth of three is refused, and its id is free for later."""
        facts: list[Fact] = [subscribed(YEARLY_3), *(sent(f"m-{n}", days(1)) for n in range(3))]
        late = Sent(at=days(1), message_id="m-3", id="late")
        back = replied("m-0", days(2))
        again = Sent(at=days(3), message_id="m-3", id="again")
        oracle = Oracle([*facts, late, back, again])
        assert oracle.refused == {"late"}
        assert [oracle.balance(days(n)) for n in (1, 2, 3)] == [0, 1, 0]

    def test_a_message_id_is_used_once(self) -> None:
        """A second message under one id is refused, paid or free."""
        facts = [
            subscribed(YEARLY_3),
            sent("m", days(1)),
            Sent(at=days(2), message_id="m", id="again"),
            Sent(at=days(2), message_id="m", id="free", channel=Channel.MESSAGE),
        ]
        oracle = Oracle(facts)
        assert (oracle.refused, oracle.balance(days(3))) == ({"again", "free"}, 2)

    @pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.INMAIL])
    def test_other_channels_are_free_and_bring_nothing_back(self, channel: Channel) -> None:
        """R10-R15: no subscription is needed, nothing is paid, no answer pays back."""
        free = Sent(at=START - TICK, message_id="free", channel=channel)
        facts = [
            free,
            subscribed(YEARLY_3),
            replied("free", days(1)),
            DeliveryFailed(at=days(2), message_id="free"),
        ]
        oracle = Oracle(facts)
        assert (oracle.refused, oracle.balance(days(2))) == (set(), 3)

    def test_an_inmail_needs_a_subscription(self) -> None:
        """R16: without one the send is refused."""
        early = sent("m", START - TICK)
        assert Oracle([early, subscribed(YEARLY_3)]).refused == {early.id}


class TestAnswers:
    """What brings a credit back under the rule of replies."""

    @pytest.mark.parametrize("kind", list(ReplyKind))
    def test_any_answer_gives_the_credit_back(self, kind: ReplyKind) -> None:
        """R5, D9: acceptance, refusal or anything else, when all kinds count."""
        oracle = Oracle([subscribed(YEARLY_3), sent("m", days(1)), replied("m", days(5), kind)])
        assert moved(oracle, days(5))[-1] == (days(5), REFUNDED, Cause.REPLY, 1)
        assert (oracle.balance(days(5)), oracle.refunded("m")) == (3, days(5))

    def test_silence_gives_nothing_back(self) -> None:
        """R6: unanswered is gone."""
        oracle = Oracle([subscribed(YEARLY_3), sent("m", days(1))])
        assert (oracle.balance(days(300)), oracle.refunded("m", until=days(300))) == (2, None)

    def test_kinds_that_do_not_count_change_nothing_and_settle_nothing(self) -> None:
        """D9: a refusal first, then an acceptance, where only acceptances count."""
        plan = evolve(YEARLY_3, refund_kinds=["accepted"])
        facts = [
            subscribed(plan),
            sent("m", days(1)),
            replied("m", days(2), ReplyKind.DECLINED),
            replied("m", days(3), ReplyKind.ACCEPTED),
        ]
        oracle = Oracle(facts)
        assert (oracle.balance(days(2)), oracle.refunded("m")) == (2, days(3))

    def test_later_answers_change_nothing_and_are_not_refused(self) -> None:
        """D8: one refund per message, ever."""
        facts = [subscribed(YEARLY_3), sent("m", days(1)), *(replied("m", days(n)) for n in (2, 3, 4))]
        oracle = Oracle([*facts, DeliveryFailed(at=days(5), message_id="m")])
        assert (oracle.balance(days(9)), oracle.refunded("m"), oracle.refused) == (3, days(2), set())

    @pytest.mark.parametrize(("late", "refunded"), [(-TICK, True), (timedelta(0), False), (TICK, False)])
    def test_the_reply_window_is_half_open(self, late: timedelta, *, refunded: bool) -> None:
        """D10: of 90 days, the last instant that counts is one microsecond before their end."""
        plan = evolve(YEARLY_3, reply_window_days=90)
        at = days(1 + 90) + late
        oracle = Oracle([subscribed(plan), sent("m", days(1)), replied("m", at)])
        assert oracle.refunded("m") == (at if refunded else None)
        assert oracle.refused == set()

    @pytest.mark.parametrize(
        ("kind", "at"),
        [
            (ReplyKind.MESSAGE, days(3) - TICK),
            (ReplyKind.MESSAGE, days(3)),
            (ReplyKind.MESSAGE, days(40)),
            (ReplyKind.DECLINED, days(2)),
            (ReplyKind.DECLINED, days(40)),
        ],
    )
    @pytest.mark.parametrize("refund_on", list(RefundOn))
    def test_any_answer_proves_delivery(self, kind: ReplyKind, at: datetime, refund_on: RefundOn) -> None:
        """D11: of whatever kind and however late; a failure that stands after it moves nothing."""
        plan = evolve(YEARLY_3, reply_window_days=2, refund_kinds=["message"], refund_on=refund_on)
        facts = [subscribed(plan), sent("m", days(1)), replied("m", at, kind)]
        failed = DeliveryFailed(at=days(50), message_id="m")
        without, oracle = Oracle(facts), Oracle([*facts, failed])
        assert oracle.movements(days(99)) == without.movements(days(99))
        assert oracle.refused == set()

    @pytest.mark.parametrize(("numbers", "cause"), [((1, 2), None), ((2, 1), Cause.DELIVERY_FAILURE)])
    def test_the_accounts_order_says_which_came_first(
        self, numbers: tuple[int, int], cause: Cause | None
    ) -> None:
        """D11, D13: at one instant the recorded number decides between an answer and a failure."""
        plan = evolve(YEARLY_3, refund_kinds=["accepted"])
        answer = evolve(replied("m", days(2), ReplyKind.AUTOMATIC), recorded=numbers[0])
        failed = DeliveryFailed(at=days(2), message_id="m", recorded=numbers[1])
        message = evolve(sent("m", days(1)), recorded=0)
        oracle = Oracle([subscribed(plan), message, failed, answer])
        causes = [m.cause for m in oracle.movements(days(9)) if m.kind is REFUNDED]
        assert causes == ([] if cause is None else [cause])

    def test_an_answer_told_late_takes_the_failures_credit_back(self) -> None:
        """D11, D13: what was given for a failure goes when an earlier answer becomes known."""
        plan = evolve(YEARLY_3, refund_kinds=["accepted"])
        failed = DeliveryFailed(at=days(3), message_id="m")
        oracle = Oracle([subscribed(plan), sent("m", days(1)), failed])
        assert oracle.balance(days(3)) == 3
        assert oracle.tell(replied("m", days(2), ReplyKind.AUTOMATIC))
        assert oracle.balance(days(3)) == 2

    def test_a_withdrawn_message_gives_nothing_back(self) -> None:
        """R9, D8: not for the withdrawal, not for a later answer, not for a failed delivery."""
        facts = [subscribed(YEARLY_3), sent("m", days(1)), Withdrawn(at=days(2), message_id="m")]
        oracle = Oracle([*facts, replied("m", days(3)), DeliveryFailed(at=days(4), message_id="m")])
        assert (oracle.balance(days(9)), oracle.refunded("m"), oracle.refused) == (2, None, set())

    def test_a_withdrawal_after_an_answer_takes_nothing_back(self) -> None:
        """D8: what came back stays."""
        facts = [subscribed(YEARLY_3), sent("m", days(1)), replied("m", days(2))]
        assert Oracle([*facts, Withdrawn(at=days(3), message_id="m")]).balance(days(3)) == 3

    def test_a_failed_delivery_gives_the_credit_back_at_any_time(self) -> None:
        """D11: once, and no reply window ends it."""
        plan = evolve(YEARLY_3, reply_window_days=1)
        facts = [subscribed(plan), sent("m", days(1)), DeliveryFailed(at=days(200), message_id="m")]
        oracle = Oracle([*facts, DeliveryFailed(at=days(201), message_id="m", id="again")])
        assert moved(oracle, days(300))[-1] == (days(200), REFUNDED, Cause.DELIVERY_FAILURE, 1)

    @pytest.mark.parametrize("kind", [Replied, Withdrawn, DeliveryFailed])
    def test_facts_about_unknown_messages_are_refused(
        self, kind: type[Replied | Withdrawn | DeliveryFailed]
    ) -> None:
        """D13: nothing can be recorded of a message before it was sent, nor of one that was refused."""
        early, stray = (
            kind(at=days(0), message_id="m", id="early"),
            kind(at=days(2), message_id="n", id="stray"),
        )
        oracle = Oracle([subscribed(YEARLY_3), early, sent("m", days(1)), stray])
        assert (oracle.refused, oracle.balance(days(2))) == ({"early", "stray"}, 2)


class TestRefundTerms:
    """Where a credit that comes back lives."""

    def test_a_fresh_refund_is_a_new_lot_with_a_lifetime_of_its_own(self) -> None:
        """D7: answered on day 80, the credit lives to day 170 while its lot died on day 90."""
        plan = evolve(YEARLY_3, lifetime_days=90)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), replied("m", days(80))])
        assert oracle.lots(days(80)) == [(START, days(90), 2), (days(80), days(170), 1)]
        assert [oracle.balance(at) for at in (days(90), days(170) - TICK, days(170))] == [1, 1, 0]

    def test_a_fresh_refund_comes_back_after_its_lot_died(self) -> None:
        """D7: an answer on day 100 to a credit that would have died on day 90 still brings one."""
        plan = evolve(YEARLY_3, lifetime_days=90)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), replied("m", days(100))])
        assert oracle.lots(days(100)) == [(days(100), days(190), 1)]

    def test_an_original_refund_rejoins_its_lot(self) -> None:
        """D7: no new lot, and the old expiry."""
        plan = evolve(YEARLY_3, lifetime_days=90, refund_to=RefundTo.ORIGINAL)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), replied("m", days(80))])
        assert oracle.lots(days(80)) == [(START, days(90), 3)]
        assert oracle.balance(days(90)) == 0
        assert len({movement.lot for movement in oracle.movements(days(90))}) == 1

    @pytest.mark.parametrize(("late", "back"), [(-TICK, 1), (timedelta(0), 0), (TICK, 0)])
    def test_an_original_refund_is_worthless_once_the_lot_died(self, late: timedelta, back: int) -> None:
        """D7, D2: at the instant of expiry it is too late, and there is no movement for it."""
        plan = evolve(YEARLY_3, lifetime_days=90, refund_to=RefundTo.ORIGINAL)
        answer = replied("m", days(90) + late)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), answer])
        assert oracle.totals(START, days(99))[REFUNDED] == back
        assert (oracle.refunded("m"), oracle.refused) == (answer.at if back else None, set())

    def test_an_original_refund_without_expiry_always_rejoins(self) -> None:
        """D7: a lot that never expires takes its credit back at any time."""
        plan = evolve(YEARLY_3, refund_to=RefundTo.ORIGINAL)
        assert Oracle([subscribed(plan), sent("m", days(1)), replied("m", days(300))]).lots(days(300)) == [
            (START, None, 3)
        ]


SILENCE = evolve(YEARLY_3, refund_on=RefundOn.SILENCE, reply_window_days=7)


class TestSilence:
    """What brings a credit back under the rule of silence."""

    def test_silence_gives_the_credit_back_at_the_end_of_the_window(self) -> None:
        """The rule of 2014: sent on day 1, unanswered for 7 days, back on day 8 by itself."""
        oracle = Oracle([subscribed(SILENCE), sent("m", days(1))])
        assert [oracle.balance(at) for at in (days(8) - TICK, days(8), days(300))] == [2, 3, 3]
        assert moved(oracle, days(8))[-1] == (days(8), REFUNDED, Cause.SILENCE, 1)
        assert (oracle.refunded("m"), oracle.refunded("m", until=days(8))) == (None, days(8))

    @pytest.mark.parametrize(
        ("late", "balance", "cause"), [(-TICK, 2, None), (timedelta(0), 3, "silence"), (TICK, 3, "silence")]
    )
    def test_an_answer_inside_the_window_keeps_it_spent(
        self, late: timedelta, balance: int, cause: str | None
    ) -> None:
        """D10: the window is half-open, and at its end silence comes before the answer."""
        oracle = Oracle([subscribed(SILENCE), sent("m", days(1)), replied("m", days(8) + late)])
        assert oracle.balance(days(9)) == balance
        last = oracle.movements(days(9))[-1]
        assert (last.cause.value if last.kind is REFUNDED else None) == cause

    def test_an_answer_of_another_kind_is_silence(self) -> None:
        """D9: where automatic answers do not count, they do not keep it spent."""
        plan = evolve(SILENCE, refund_kinds=["accepted"])
        facts = [subscribed(plan), sent("m", days(1)), replied("m", days(2), ReplyKind.AUTOMATIC)]
        assert Oracle(facts).balance(days(8)) == 3

    @pytest.mark.parametrize(("late", "balance"), [(-TICK, 2), (timedelta(0), 3)])
    def test_a_withdrawal_before_the_end_prevents_it(self, late: timedelta, balance: int) -> None:
        """R9: withdrawn inside the window is gone for good; at its end it came back already."""
        facts = [subscribed(SILENCE), sent("m", days(1)), Withdrawn(at=days(8) + late, message_id="m")]
        assert Oracle(facts).balance(days(9)) == balance

    def test_a_failed_delivery_gives_it_back_at_once_and_only_once(self) -> None:
        """D11, D8: on day 2 for the failure, and nothing more on day 8."""
        facts = [subscribed(SILENCE), sent("m", days(1)), DeliveryFailed(at=days(2), message_id="m")]
        oracle = Oracle(facts)
        assert [oracle.balance(at) for at in (days(2), days(8))] == [3, 3]
        assert moved(oracle, days(9))[-1] == (days(2), REFUNDED, Cause.DELIVERY_FAILURE, 1)

    def test_a_failed_delivery_after_an_answer_changes_nothing(self) -> None:
        """D8: a counting answer settles the message, though nothing came back."""
        failed = DeliveryFailed(at=days(3), message_id="m")
        assert (
            Oracle([subscribed(SILENCE), sent("m", days(1)), replied("m", days(2)), failed]).balance(days(9))
            == 2
        )

    def test_silence_comes_after_the_grant_of_that_instant(self) -> None:
        """Order at one instant: the trim to the cap does not see the credit that silence brings."""
        plan = Plan(
            name="own",
            grant_credits=2,
            cap_credits=2,
            refund_on=RefundOn.SILENCE,
            reply_window_days=28,
        )
        oracle = Oracle([subscribed(plan, utc(2, 1)), sent("m", utc(2, 1))])
        assert oracle.balance(utc(3, 1)) == 3
        assert moved(oracle, utc(3, 1))[2:] == [
            (utc(3, 1), FORFEITED, Cause.CAP, 1),
            (utc(3, 1), GRANTED, Cause.SCHEDULE, 2),
            (utc(3, 1), REFUNDED, Cause.SILENCE, 1),
        ]

    def test_silence_comes_before_the_facts_of_that_instant(self) -> None:
        """Order at one instant: a send at the window's end may use the credit that just came back."""
        plan = evolve(SILENCE, grant_credits=1)
        oracle = Oracle([subscribed(plan), sent("a", days(1)), sent("b", days(8))])
        assert oracle.refused == set()

    def test_an_original_silence_refund_is_worthless_once_the_lot_died(self) -> None:
        """D7: sent on day 1 of a 7-day lot, silence on day 8 brings nothing."""
        plan = evolve(SILENCE, lifetime_days=7, refund_to=RefundTo.ORIGINAL)
        oracle = Oracle([subscribed(plan), sent("m", days(1))])
        assert totals(oracle, START, days(99)) == {GRANTED: 3, SPENT: 1, EXPIRED: 2}

    def test_silence_after_the_subscription_brings_nothing(self) -> None:
        """D12: a new subscription does not pay back what an older one spent."""
        facts = [subscribed(SILENCE), sent("m", days(1)), Switched(at=days(2), plan=SILENCE)]
        assert Oracle(facts).balance(days(30)) == 3

    def test_silence_at_the_very_end_of_the_subscription_brings_nothing(self) -> None:
        """D12: the subscription ends before the silence of that instant."""
        plan = evolve(SILENCE, billing_every=Interval(days=8))
        facts = [subscribed(plan), sent("m", days(1)), Cancelled(at=days(2))]
        assert Oracle(facts).totals(START, days(30))[REFUNDED] == 0


class TestCancelling:
    """How a subscription ends."""

    @pytest.mark.parametrize(
        ("at", "ends_at"),
        [
            (START, utc(2, 28)),
            (utc(2, 28) - TICK, utc(2, 28)),
            (utc(2, 28), utc(3, 31)),
            (utc(3, 30), utc(3, 31)),
        ],
    )
    def test_credits_live_to_the_end_of_the_billing_period(self, at: datetime, ends_at: datetime) -> None:
        """D12, D5: the period that holds the instant, half-open, counted from the start."""
        oracle = Oracle([subscribed(YEARLY_3), Cancelled(at=at)])
        assert [oracle.balance(when) for when in (ends_at - TICK, ends_at)] == [3, 0]
        assert moved(oracle, ends_at)[-1] == (ends_at, FORFEITED, Cause.CANCEL, 3)

    def test_at_its_end_it_grants_nothing_and_before_it_does(self) -> None:
        """D12: with quarterly billing two more monthly grants come, and not the one due at the end."""
        plan = Plan(name="own", grant_credits=2, billing_every=Interval(months=3))
        oracle = Oracle([subscribed(plan), Cancelled(at=days(1))])
        assert granted_at(oracle, utc(12, 31)) == [START, utc(2, 28), utc(3, 31)]
        assert [oracle.balance(at) for at in (utc(4, 30) - TICK, utc(4, 30))] == [6, 0]

    def test_what_expires_at_the_end_is_not_forfeited(self) -> None:
        """Order at one instant: expiry comes before the end."""
        plan = evolve(YEARLY_3, lifetime_days=7, billing_every=WEEKLY)
        oracle = Oracle([subscribed(plan), Cancelled(at=days(1))])
        assert moved(oracle, days(7))[1:] == [(days(7), EXPIRED, Cause.AGE, 3)]

    def test_at_once_forfeits_at_once(self) -> None:
        """D12: where the plan says so, all is over at that instant."""
        plan = evolve(YEARLY_3, cancel_at=CancelAt.AT_ONCE)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), Cancelled(at=days(2)), replied("m", days(3))])
        assert moved(oracle, days(400))[2:] == [(days(2), FORFEITED, Cause.CANCEL, 2)]
        assert oracle.refused == set()

    def test_answers_count_until_the_end_and_not_after(self) -> None:
        """D12: on the last microsecond the credit comes back, to be forfeited; at the end it does not."""
        for at, refunded in ((utc(2, 28) - TICK, 1), (utc(2, 28), 0)):
            facts = [subscribed(YEARLY_3), sent("m", days(1)), Cancelled(at=days(2)), replied("m", at)]
            assert Oracle(facts).totals(START, days(99))[REFUNDED] == refunded

    def test_a_cancelled_subscription_still_sends_and_buys(self) -> None:
        """D12: until its end it is a subscription like any other, but for a second cancellation."""
        plan = evolve(YEARLY_3, purchase_credits_max=1)
        facts = [
            subscribed(plan),
            Cancelled(at=days(1)),
            Purchased(at=days(2), credits=1),
            sent("m", days(2)),
        ]
        oracle = Oracle(
            [*facts, Cancelled(at=days(3), id="again"), Subscribed(at=days(3), plan=plan, id="more")]
        )
        assert (oracle.balance(days(3)), oracle.refused) == (3, {"again", "more"})

    def test_after_its_end_all_but_subscribing_is_refused(self) -> None:
        """D12: no switch, no cancellation, no purchase, no seats, no InMail without a subscription."""
        plan = evolve(YEARLY_3, cancel_at=CancelAt.AT_ONCE, purchase_credits_max=9, seats_max=9)
        later = [
            Switched(at=days(2), plan=plan),
            Cancelled(at=days(2)),
            Purchased(at=days(2), credits=1),
            SeatsChanged(at=days(2), seats=2),
            SeatLimited(at=days(2), seat="s", credits_max=1),
            sent("m", days(2)),
            sent("n", days(2), seat="s"),
        ]
        oracle = Oracle([subscribed(plan), Cancelled(at=days(1)), *later])
        assert oracle.refused == {fact.id for fact in later}
        assert oracle.balance(days(400)) == 0

    @pytest.mark.parametrize(("late", "possible"), [(-TICK, False), (timedelta(0), True)])
    def test_subscribing_again_is_possible_from_the_end_on(self, late: timedelta, *, possible: bool) -> None:
        """D12: at the very end the old one is over, and the new one starts with a grant."""
        again = Subscribed(at=utc(2, 28) + late, plan=YEARLY_3)
        oracle = Oracle([subscribed(YEARLY_3), Cancelled(at=days(1)), again])
        assert oracle.refused == (set() if possible else {again.id})
        assert oracle.balance(utc(2, 28)) == (3 if possible else 0)

    def test_an_answer_after_resubscribing_brings_nothing(self) -> None:
        """D12: a message belongs to the subscription it was sent under."""
        facts = [
            subscribed(YEARLY_3),
            sent("m", days(1)),
            Cancelled(at=days(1)),
            subscribed(YEARLY_3, utc(2, 28)),
        ]
        oracle = Oracle([*facts, replied("m", utc(3, 1)), DeliveryFailed(at=utc(3, 2), message_id="m")])
        assert (oracle.balance(utc(3, 2)), oracle.refused) == (3, set())


class TestSwitching:
    """How one subscription follows another."""

    def test_a_switch_forfeits_grants_and_starts_a_new_anchor(self) -> None:
        """D12: 3 are lost, 2 come, and from then on on the new day of the month."""
        other = Plan(name="other", grant_credits=2, lifetime_days=7)
        oracle = Oracle([subscribed(Plan(name="own", grant_credits=3)), Switched(at=utc(2, 10), plan=other)])
        assert moved(oracle, utc(3, 10)) == [
            (START, GRANTED, Cause.SCHEDULE, 3),
            (utc(2, 10), FORFEITED, Cause.SWITCH, 3),
            (utc(2, 10), GRANTED, Cause.SCHEDULE, 2),
            (utc(2, 17), EXPIRED, Cause.AGE, 2),
            (utc(3, 10), GRANTED, Cause.SCHEDULE, 2),
        ]

    def test_a_switch_needs_a_subscription(self) -> None:
        """D12: there is nothing to switch from."""
        switched = Switched(at=START, plan=YEARLY_3)
        oracle = Oracle([switched])
        assert (oracle.refused, oracle.balance(days(1))) == ({switched.id}, 0)

    def test_subscribing_needs_none_running(self) -> None:
        """D12: a second subscription beside the first is refused."""
        second = subscribed(YEARLY_3, days(1))
        oracle = Oracle([subscribed(YEARLY_3), second])
        assert (oracle.refused, oracle.balance(days(1))) == ({second.id}, 3)

    def test_a_switch_undoes_a_cancellation(self) -> None:
        """D12: a cancelled subscription that still runs can be switched, and the new one has no end."""
        facts = [subscribed(YEARLY_3), Cancelled(at=days(1)), Switched(at=days(2), plan=YEARLY_3)]
        assert Oracle(facts).balance(days(200)) == 3

    def test_answers_to_older_messages_bring_nothing(self) -> None:
        """D12: the message was paid with a credit of the plan that was left."""
        facts = [subscribed(YEARLY_3), sent("m", days(1)), Switched(at=days(2), plan=YEARLY_3)]
        oracle = Oracle([*facts, replied("m", days(3))])
        assert (oracle.balance(days(3)), oracle.refunded("m"), oracle.refused) == (3, None, set())

    def test_seat_limits_end_with_their_subscription(self) -> None:
        """D12: after the switch the seat is free again."""
        facts = [
            subscribed(YEARLY_3),
            SeatLimited(at=START, seat="s", credits_max=0),
            Switched(at=days(1), plan=YEARLY_3),
            sent("m", days(1), seat="s"),
        ]
        assert Oracle(facts).refused == set()


class TestSwitchingOn:
    """What follows to another plan, where the plan that is left says so."""

    PLAN = evolve(YEARLY_3, on_switch=OnSwitch.FOLLOW, reply_window_days=10)
    OTHER = Plan(name="other", grant_credits=1, grant_every=YEARLY, lifetime_days=20)

    def switched(self, *facts: Fact, old: Plan = PLAN, new: Plan = OTHER) -> Oracle:
        """Sent on day 1, switched on day 2, and what happens next."""
        return Oracle([subscribed(old), sent("m", days(1)), Switched(at=days(2), plan=new), *facts])

    @pytest.mark.parametrize(("late", "back"), [(-TICK, 1), (timedelta(0), 0)])
    def test_an_answer_counts_as_it_was_sent_and_its_credit_lives_as_the_new_plan_says(
        self, late: timedelta, back: int
    ) -> None:
        """D12: within the 10 days of its window it comes back, for 20 days."""
        oracle = self.switched(replied("m", days(11) + late))
        assert oracle.lots(days(11) + late)[1:] == [
            (days(11) + late, days(31) + late, 1) for _ in range(back)
        ]

    def test_silence_follows_too(self) -> None:
        """D12: sent under silence on day 1, back on day 8, though answers count in the new plan."""
        oracle = self.switched(old=evolve(SILENCE, on_switch=OnSwitch.FOLLOW))
        assert moved(oracle, days(8))[-1] == (days(8), REFUNDED, Cause.SILENCE, 1)

    def test_the_lot_that_paid_takes_it_back_where_the_new_plan_says_original(self) -> None:
        """D7, D12: the first lot holds one credit again, besides the one of the new plan."""
        oracle = self.switched(replied("m", days(3)), new=evolve(self.OTHER, refund_to=RefundTo.ORIGINAL))
        assert oracle.lots(days(3)) == [(days(2), days(22), 1), (START, None, 1)]

    def test_each_plan_that_is_left_says_what_follows(self) -> None:
        """D12: from the first to the second, and not on to the third."""
        third = Switched(at=days(3), plan=self.OTHER, id="third")
        assert self.switched(third, replied("m", days(4))).totals(START, days(5))[REFUNDED] == 0
        on = evolve(self.OTHER, on_switch=OnSwitch.FOLLOW)
        assert self.switched(third, replied("m", days(4)), new=on).totals(START, days(5))[REFUNDED] == 1

    def test_an_end_ends_them_all_the_same(self) -> None:
        """D12: nothing follows over a cancellation to a later subscription."""
        plan = evolve(self.PLAN, cancel_at=CancelAt.AT_ONCE)
        facts = [subscribed(plan), sent("m", days(1)), Cancelled(at=days(2)), subscribed(plan, days(3))]
        assert Oracle([*facts, replied("m", days(4))]).totals(START, days(5))[REFUNDED] == 0

    def test_what_seats_sent_under_the_old_plan_does_not_count_under_the_new(self) -> None:
        """D12, D20: the limit of 1 is on what is sent from the switch on, at its instant as later."""
        plan = evolve(self.PLAN, seats_max=2)
        facts = [
            subscribed(plan),
            sent("a", days(1), seat="s"),
            Switched(at=days(1), plan=plan),
            SeatLimited(at=days(1), seat="s", credits_max=1),
            sent("b", days(1), seat="s"),
            sent("c", days(1), seat="s"),
        ]
        assert Oracle(facts).refused == {"sent:c"}


class TestTermsChanged:
    """The provider changes the terms of a running subscription (D16)."""

    PLAN = Plan(name="own", grant_credits=3, lifetime_days=90, purchase_credits_max=3, seats_max=3)

    def changed(self, new: Plan, *facts: Fact, at: datetime | None = None, old: Plan = PLAN) -> Oracle:
        """Subscribed, sent on day 1, new terms on day 2 or another, and what else happens."""
        changed = TermsChanged(at=days(2) if at is None else at, plan=new)
        return Oracle([subscribed(old), sent("m", days(1)), changed, *facts])

    def test_nothing_moves_at_once_and_what_comes_follows_the_new_plan(self) -> None:
        """Of 2 left none goes; February grants 5, for 30 days, up to 6, on the same date."""
        oracle = self.changed(Plan(name="new", grant_credits=5, lifetime_days=30, cap_credits=6))
        assert moved(oracle, utc(2, 28))[2:] == [
            (utc(2, 28), FORFEITED, Cause.CAP, 1),
            (utc(2, 28), GRANTED, Cause.SCHEDULE, 5),
        ]
        assert oracle.lots(utc(2, 28)) == [
            (utc(2, 28), utc(2, 28) + timedelta(days=30), 5),
            (START, days(90), 1),
        ]

    def test_dates_are_counted_from_the_same_anchor(self) -> None:
        """D5: weekly from the 31st of January; the week that began before the change ends as counted."""
        for at, first in ((days(2), 7), (days(7) - TICK, 7), (days(7), 14), (days(9), 14)):
            oracle = self.changed(Plan(name="new", grant_credits=1, grant_every=WEEKLY), at=at)
            assert granted_at(oracle, days(21)) == [START, *(days(n) for n in range(first, 22, 7))]

    def test_a_grant_due_at_its_instant_is_of_the_old_plan(self) -> None:
        """D6: time comes before facts, and the date that was granted is not granted again."""
        oracle = self.changed(Plan(name="new", grant_credits=5), at=utc(2, 28))
        assert moved(oracle, utc(3, 31))[2:] == [
            (utc(2, 28), GRANTED, Cause.SCHEDULE, 3),
            (utc(3, 31), GRANTED, Cause.SCHEDULE, 5),
        ]

    @pytest.mark.parametrize(
        ("answer", "back"),
        [
            (replied("m", days(5), ReplyKind.DECLINED), 1),
            (replied("m", days(8) - TICK), 1),
            (replied("m", days(8)), 0),
            (replied("m", days(5), ReplyKind.AUTOMATIC), 0),
        ],
    )
    def test_a_message_keeps_its_window_and_its_kinds(self, answer: Replied, back: int) -> None:
        """Sent under 7 days and all kinds but automatic, whatever the new plan says."""
        kinds = set(ReplyKind) - {ReplyKind.AUTOMATIC}
        old = evolve(self.PLAN, reply_window_days=7, refund_kinds=kinds)
        new = evolve(self.PLAN, reply_window_days=1, refund_kinds=["automatic"], refund_on=RefundOn.SILENCE)
        assert self.changed(new, answer, old=old).totals(START, days(20))[REFUNDED] == back

    def test_a_message_sent_under_silence_stays_so(self) -> None:
        """It comes back at the end of its window, though the new plan refunds replies."""
        oracle = self.changed(self.PLAN, old=evolve(self.PLAN, refund_on="silence", reply_window_days=7))
        assert moved(oracle, days(8))[-1] == (days(8), REFUNDED, Cause.SILENCE, 1)

    def test_a_refund_lives_as_the_new_plan_says(self) -> None:
        """D7: a new lot of 30 days, or the lot that paid, whatever held at the sending."""
        fresh = evolve(self.PLAN, lifetime_days=30)
        assert self.changed(fresh, replied("m", days(3))).lots(days(3))[0] == (days(3), days(33), 1)
        original = evolve(fresh, refund_to=RefundTo.ORIGINAL)
        assert self.changed(original, replied("m", days(3))).lots(days(3)) == [(START, days(90), 3)]

    def test_what_was_bought_counts_in_the_new_billing_period(self) -> None:
        """2 of 3 are bought under the old terms; under 4 a week one may be bought on day 3, two not."""
        new = evolve(self.PLAN, billing_every=WEEKLY, purchase_credits_max=3)
        bought = [
            Purchased(at=days(1), credits=2, id="old"),
            Purchased(at=days(3), credits=2, id="too-many"),
            Purchased(at=days(3), credits=1, id="one"),
            Purchased(at=days(7), credits=3, id="next-week"),
        ]
        assert self.changed(new, *bought).refused == {"too-many"}

    def test_a_cancellation_before_stays_and_one_after_follows_the_new_plan(self) -> None:
        """D12: cancelled on day 1 it ends in a month; on day 3, under weekly billing, in a week."""
        new = evolve(self.PLAN, billing_every=WEEKLY)
        for at, end in ((days(1), utc(2, 28)), (days(3), days(7))):
            oracle = self.changed(new, Cancelled(at=at))
            assert [oracle.balance(when) for when in (end - TICK, end)] == [2, 0]

    def test_seats_and_their_counts_go_on(self) -> None:
        """D20: 2 seats, then 1, then terms that grant 5: a second seat again brings nothing, a third 5."""
        facts = [
            subscribed(self.PLAN, seats=2),
            SeatLimited(at=START, seat="s", credits_max=1),
            sent("a", days(1), seat="s"),
            SeatsChanged(at=days(1), seats=1),
            TermsChanged(at=days(2), plan=evolve(self.PLAN, grant_credits=5)),
            sent("b", days(3), seat="s"),
            SeatsChanged(at=days(3), seats=2),
            SeatsChanged(at=days(4), seats=3),
        ]
        oracle = Oracle(facts)
        assert oracle.refused == {"sent:b"}
        assert [oracle.balance(days(n)) for n in (2, 3, 4)] == [5, 5, 10]

    def test_terms_that_do_not_hold_the_seats_there_are_are_refused(self) -> None:
        """As a plan of 1 seat cannot be subscribed to with 2; and so are terms without a subscription."""
        one = TermsChanged(at=days(2), plan=YEARLY_3, id="one")
        nothing = TermsChanged(at=START - TICK, plan=YEARLY_3, id="nothing")
        assert Oracle([nothing, subscribed(self.PLAN, seats=2), one]).refused == {"nothing", "one"}


class TestZones:
    """Grant and billing dates are counted on the calendar of the plan's time zone (D18)."""

    def in_zone(self, zone: str, start: datetime, every: Interval = MONTHLY) -> Oracle:
        """A plan that grants 1 there, from that instant on."""
        return Oracle([subscribed(Plan(name="own", grant_credits=1, grant_every=every, zone=zone), start)])

    @pytest.mark.parametrize(
        ("zone", "start", "every", "dates"),
        [
            # midnight of the 1st in Berlin, in winter and in summer
            ("Europe/Berlin", "2026-02-28T23:00", MONTHLY, ["2026-03-31T22:00", "2026-04-30T22:00"]),
            # 02:30 there is skipped on 29 March: 03:30 then, 02:30 again after
            ("Europe/Berlin", "2026-03-28T01:30", Interval(days=1), ["2026-03-29T01:30", "2026-03-30T00:30"]),
            # 02:30 there is twice on 25 October: the first
            ("Europe/Berlin", "2026-10-24T00:30", Interval(days=1), ["2026-10-25T00:30", "2026-10-26T01:30"]),
            # an anchor in the second of the two hours; days after it are at 02:30
            ("Europe/Berlin", "2026-10-25T01:30", Interval(days=1), ["2026-10-26T01:30", "2026-10-27T01:30"]),
            # 02:15 in New York is skipped on 8 March 2026: 03:15 summer time
            (
                "America/New_York",
                "2026-03-07T07:15",
                Interval(days=1),
                ["2026-03-08T07:15", "2026-03-09T06:15"],
            ),
            # 01:30 in New York is twice on 1 November 2026: summer time's
            (
                "America/New_York",
                "2026-10-31T05:30",
                Interval(days=1),
                ["2026-11-01T05:30", "2026-11-02T06:30"],
            ),
            # Lord Howe moves by half an hour: 02:10 on 4 October 2026 is skipped, 02:40 instead
            (
                "Australia/Lord_Howe",
                "2026-10-02T15:40",
                Interval(days=1),
                ["2026-10-03T15:40", "2026-10-04T15:10"],
            ),
            # and back on 5 April 2026: 01:45 is twice, the first in summer time
            (
                "Australia/Lord_Howe",
                "2026-04-03T14:45",
                Interval(days=1),
                ["2026-04-04T14:45", "2026-04-05T15:15"],
            ),
            # Apia had no 30 December 2011: noon of the 29th, then noon of the 31st, once
            ("Pacific/Apia", "2011-12-28T22:00", Interval(days=1), ["2011-12-29T22:00", "2011-12-30T22:00"]),
            # and a month from noon of 30 November is noon of the 31st
            ("Pacific/Apia", "2011-11-30T22:00", MONTHLY, ["2011-12-30T22:00", "2012-01-29T22:00"]),
        ],
    )
    def test_dates_keep_to_the_clock_on_the_wall(
        self, zone: str, start: str, every: Interval, dates: list[str]
    ) -> None:
        """By hand, at both clock changes of four places."""
        begin, *expected = [datetime.fromisoformat(f"{at}+00:00") for at in (start, *dates)]
        oracle = self.in_zone(zone, begin, every)
        assert granted_at(oracle, expected[-1]) == [begin, *expected]

    def test_calendar_grants_come_at_local_midnight(self) -> None:
        """In Berlin on the 1st of March and of April; in Asunción 1 October 2017 begins at 01:00."""
        plan = Plan(name="own", grant_credits=1, grant_on=GrantOn.CALENDAR, zone="Europe/Berlin")
        midnights = [utc(2, 28, 23), utc(3, 31, 22)]
        assert granted_at(Oracle([subscribed(plan, utc(2, 28, 22))]), utc(3, 31, 22))[1:] == midnights
        there = evolve(plan, zone="America/Asuncion")
        dates = granted_at(Oracle([subscribed(there, utc(9, 20, year=2017))]), utc(11, 1, 3, year=2017))
        assert dates[1:] == [utc(10, 1, 4, year=2017), utc(11, 1, 3, year=2017)]

    def test_billing_periods_end_at_local_dates(self) -> None:
        """D12: cancelled in March in Berlin, over on 1 April at midnight there."""
        plan = evolve(YEARLY_3, zone="Europe/Berlin")
        oracle = Oracle([subscribed(plan, utc(2, 28, 23)), Cancelled(at=utc(3, 5))])
        assert [oracle.balance(at) for at in (utc(3, 31, 22) - TICK, utc(3, 31, 22))] == [3, 0]

    def test_lifetimes_and_windows_stay_days_of_24_hours(self) -> None:
        """D2: a lot of 7 days from 23 March in Berlin dies an hour later by the clock there."""
        plan = Plan(name="own", grant_credits=1, grant_every=WEEKLY, lifetime_days=7, zone="Europe/Berlin")
        start = utc(3, 23)
        oracle = Oracle([subscribed(plan, start)])
        assert [oracle.balance(at) for at in (utc(3, 30, 8), utc(3, 30, 9))] == [2, 1]

    @pytest.mark.parametrize(
        ("zone", "start", "share"),
        [
            ("UTC", utc(1, 1, 0), 50),
            ("UTC", utc(1, 31), 1),
            ("Europe/Berlin", utc(1, 31, 23), 50),
            ("UTC", utc(2, 15), 25),
        ],
    )
    def test_a_first_grant_by_share_counts_the_days_left_there(
        self, zone: str, start: datetime, share: int
    ) -> None:
        """D5: of 50 for the month, rounded down, today included; the next grant is whole."""
        plan = Plan(
            name="own", grant_credits=50, grant_on="calendar", first_grant=FirstGrant.PRORATED, zone=zone
        )
        oracle = Oracle([subscribed(plan, start)])
        assert [m.credits for m in oracle.movements(start + timedelta(days=31))][:2] == [share, 50]


class TestPurchases:
    """What may be bought."""

    PLAN = evolve(YEARLY_3, purchase_credits_max=4, lifetime_days=30)

    def test_a_purchase_is_a_lot_with_the_plans_lifetime(self) -> None:
        """What is bought on day 5 lives to day 35."""
        oracle = Oracle([subscribed(self.PLAN), Purchased(at=days(5), credits=2)])
        assert oracle.lots(days(5)) == [(START, days(30), 3), (days(5), days(35), 2)]
        assert moved(oracle, days(5))[-1] == (days(5), GRANTED, Cause.PURCHASE, 2)

    def test_a_billing_period_has_a_limit(self) -> None:
        """4 a period: 3, then 2 too many, then 1, and again 4 from the next period's first instant."""
        facts = [
            subscribed(self.PLAN),
            Purchased(at=days(1), credits=3),
            Purchased(at=days(2), credits=2),
            Purchased(at=days(3), credits=1),
            Purchased(at=utc(2, 28) - TICK, credits=1),
            Purchased(at=utc(2, 28), credits=4),
            Purchased(at=utc(3, 30), credits=1),
            Purchased(at=utc(3, 31), credits=1),
        ]
        assert Oracle(facts).refused == {facts[n].id for n in (2, 4, 6)}

    def test_a_plan_that_sells_none_refuses(self) -> None:
        """The limit of 0 is a limit."""
        purchased = Purchased(at=days(1), credits=1)
        assert Oracle([subscribed(YEARLY_3), purchased]).refused == {purchased.id}


class TestSeats:
    """What seats bring."""

    TEAM = Plan(name="team", grant_credits=2, seats_max=5)

    def test_grants_count_the_seats(self) -> None:
        """R2: 3 seats of 2 credits are 6."""
        oracle = Oracle([subscribed(self.TEAM, seats=3)])
        assert [oracle.balance(at) for at in (START, utc(2, 28))] == [6, 12]

    def test_an_added_seat_brings_its_allotment_at_once(self) -> None:
        """From 1 to 3 seats brings 4 now, and the next grant is for 3."""
        oracle = Oracle([subscribed(self.TEAM), SeatsChanged(at=days(1), seats=3)])
        assert moved(oracle, utc(2, 28))[1:] == [
            (days(1), GRANTED, Cause.SEAT, 4),
            (utc(2, 28), GRANTED, Cause.SCHEDULE, 6),
        ]

    def test_or_at_the_next_grant(self) -> None:
        """Where the plan says so, nothing moves until the next date."""
        plan = evolve(self.TEAM, seat_grant=SeatGrant.NEXT_GRANT)
        oracle = Oracle([subscribed(plan), SeatsChanged(at=days(1), seats=3)])
        assert moved(oracle, utc(2, 28))[1:] == [(utc(2, 28), GRANTED, Cause.SCHEDULE, 6)]

    def test_an_added_seat_trims_nothing(self) -> None:
        """D6, D20: 2 granted and 5 bought, one seat more: 9 stand above 2 x 3 until the next grant."""
        plan = evolve(self.TEAM, cap_credits=3, purchase_credits_max=5)
        facts = [subscribed(plan), Purchased(at=days(1), credits=5), SeatsChanged(at=days(2), seats=2)]
        oracle = Oracle(facts)
        assert moved(oracle, days(2))[2:] == [(days(2), GRANTED, Cause.SEAT, 2)]
        assert [oracle.balance(at) for at in (days(2), utc(2, 28) - TICK, utc(2, 28))] == [9, 9, 6]

    def test_a_seat_removed_and_added_again_brings_nothing(self) -> None:
        """D20: four rounds of 3, 1, 3 seats of 2 credits leave the 6 of the start; a fourth seat brings 2."""
        rounds: list[Fact] = [
            SeatsChanged(at=days(n), seats=seats) for n, seats in enumerate((1, 3, 1, 3, 1, 2, 1, 3, 4), 1)
        ]
        oracle = Oracle([subscribed(self.TEAM, seats=3), *rounds])
        assert [oracle.balance(at) for at in (days(8), days(9))] == [6, 8]

    def test_seats_count_anew_from_each_scheduled_grant(self) -> None:
        """D20: 3 seats, then 1 for the grant of February, then 3: the two added bring 4 in March."""
        facts = [
            subscribed(self.TEAM, seats=3),
            SeatsChanged(at=utc(2, 28) - TICK, seats=1),
            SeatsChanged(at=utc(3, 1), seats=3),
        ]
        assert moved(Oracle(facts), utc(3, 1))[1:] == [
            (utc(2, 28), GRANTED, Cause.SCHEDULE, 2),
            (utc(3, 1), GRANTED, Cause.SEAT, 4),
        ]

    def test_seats_taken_at_the_instant_of_a_grant_were_still_granted(self) -> None:
        """D6, D20: the grant comes before the facts of its instant, so 3 seats are the most there were."""
        facts = [
            subscribed(self.TEAM, seats=3),
            SeatsChanged(at=utc(2, 28), seats=1),
            SeatsChanged(at=utc(3, 1), seats=3),
        ]
        assert moved(Oracle(facts), utc(3, 1))[1:] == [(utc(2, 28), GRANTED, Cause.SCHEDULE, 6)]

    def test_seats_do_not_add_to_what_may_be_bought(self) -> None:
        """D20: a limit of 1 is a limit of 1 for 3 seats."""
        plan = evolve(self.TEAM, purchase_credits_max=1)
        bought = [Purchased(at=days(1), credits=1, id=name) for name in ("p-1", "p-2")]
        assert Oracle([subscribed(plan, seats=3), *bought]).refused == {"p-2"}

    def test_fewer_seats_take_nothing_until_the_next_grant(self) -> None:
        """From 3 to 1: the 6 stay, the next grant is 2, and the cap is that of 1 seat."""
        plan = evolve(self.TEAM, cap_credits=4)
        oracle = Oracle([subscribed(plan, seats=3), SeatsChanged(at=days(1), seats=1)])
        assert [oracle.balance(at) for at in (days(1), utc(2, 28) - TICK, utc(2, 28))] == [6, 6, 4]

    def test_the_same_number_of_seats_changes_nothing(self) -> None:
        """It is recorded, not refused, and trims nothing above the cap of 3."""
        plan = evolve(self.TEAM, cap_credits=3, purchase_credits_max=5)
        facts = [subscribed(plan), Purchased(at=days(1), credits=5), SeatsChanged(at=days(2), seats=1)]
        oracle = Oracle(facts)
        assert (oracle.balance(days(2)), oracle.refused) == (7, set())

    def test_more_seats_than_the_plan_allows_are_refused(self) -> None:
        """5 are the limit: 6 change nothing, 5 do."""
        six, five = SeatsChanged(at=days(1), seats=6), SeatsChanged(at=days(2), seats=5)
        oracle = Oracle([subscribed(self.TEAM), six, five])
        assert (oracle.refused, oracle.balance(days(1)), oracle.balance(days(2))) == ({six.id}, 2, 10)


class TestSeatLimits:
    """What one seat may send."""

    TEAM = Plan(name="team", grant_credits=9, seats_max=5)

    def limited(self, credits_max: int | None, at: datetime = START, *more: Fact) -> list[Fact]:
        """A team whose seat "s" has a limit, and what happens next."""
        return [subscribed(self.TEAM), SeatLimited(at=at, seat="s", credits_max=credits_max), *more]

    def test_a_seat_may_send_up_to_its_limit(self) -> None:
        """2 of 9: the third is refused; another seat and no seat at all are not bound."""
        facts = self.limited(2, START, *(sent(f"m-{n}", days(n), seat="s") for n in (1, 2, 3)))
        more = [sent("other", days(3), seat="t"), sent("none", days(3))]
        assert Oracle([*facts, *more]).refused == {"sent:m-3"}

    def test_what_was_sent_before_the_limit_counts(self) -> None:
        """1 sent, then a limit of 1: no more until the next grant."""
        facts = self.limited(1, days(2), sent("a", days(1), seat="s"), sent("b", days(3), seat="s"))
        assert Oracle(facts).refused == {"sent:b"}

    @pytest.mark.parametrize(("late", "refused"), [(-TICK, {"sent:b"}), (timedelta(0), set())])
    def test_the_count_starts_anew_on_each_grant_date(self, late: timedelta, refused: set[str]) -> None:
        """From the very instant of the scheduled grant the seat may send again."""
        sends = [sent("a", days(1), seat="s"), sent("b", utc(2, 28) + late, seat="s")]
        assert Oracle(self.limited(1, START, *sends)).refused == refused

    @pytest.mark.parametrize("at", [START, utc(2, 28)])
    def test_a_send_on_the_grant_date_itself_counts(self, at: datetime) -> None:
        """At the instant of the start, or of a grant, the one send there is has been used."""
        sends = [sent("a", at, seat="s"), sent("b", at + TICK, seat="s")]
        assert Oracle(self.limited(1, START, *sends)).refused == {"sent:b"}

    def test_an_added_seats_grant_does_not_start_the_count_anew(self) -> None:
        """Only scheduled dates count."""
        sends = [
            sent("a", days(1), seat="s"),
            SeatsChanged(at=days(2), seats=2),
            sent("b", days(3), seat="s"),
        ]
        assert Oracle(self.limited(1, START, *sends)).refused == {"sent:b"}

    def test_a_refund_gives_no_room_back(self) -> None:
        """The limit is on messages sent, answered or not."""
        more = [sent("a", days(1), seat="s"), replied("a", days(2)), sent("b", days(3), seat="s")]
        assert Oracle(self.limited(1, START, *more)).refused == {"sent:b"}

    def test_free_messages_do_not_count_and_are_not_bound(self) -> None:
        """A limit of 1 is on InMails."""
        free = [
            Sent(at=days(1), message_id=name, channel=Channel.GROUP, seat="s")
            for name in ("free-1", "free-2")
        ]
        facts = self.limited(1, START, *free, sent("a", days(2), seat="s"))
        assert Oracle(facts).refused == set()

    def test_a_refused_send_does_not_count(self) -> None:
        """After a refusal under a limit of 1 that is raised to 2, one more may go."""
        more = [
            sent("a", days(1), seat="s"),
            sent("b", days(2), seat="s"),
            SeatLimited(at=days(3), seat="s", credits_max=2),
            sent("c", days(3), seat="s"),
        ]
        assert Oracle(self.limited(1, START, *more)).refused == {"sent:b"}

    def test_a_limit_can_be_lifted(self) -> None:
        """None is no limit."""
        more = [SeatLimited(at=days(1), seat="s"), sent("a", days(2), seat="s")]
        assert Oracle(self.limited(0, START, *more)).refused == set()


class TestOrderOfFacts:
    """What comes first."""

    def test_facts_count_in_order_of_instant_then_number_then_arrival(self) -> None:
        """D13: numbered ones first at one instant, the others as they arrive."""
        facts = [
            Cancelled(at=days(1), id="e"),
            Cancelled(at=days(1), id="d", recorded=1),
            Cancelled(at=days(1), id="f"),
            Cancelled(at=days(1), id="c", recorded=0),
            Cancelled(at=START, id="b"),
            Cancelled(at=START, id="a", recorded=9),
        ]
        assert "".join(fact.id for fact in in_order(facts)) == "abcdef"

    def test_recorded_order_decides_at_one_instant(self) -> None:
        """D6, D13: an answer recorded before its message is refused, after it it counts."""
        message, answer = sent("m", days(1)), replied("m", days(1))
        first, second = [evolve(message, recorded=n) for n in (1, 3)]
        middle = evolve(answer, recorded=2)
        assert Oracle([subscribed(YEARLY_3), middle, first]).refused == set()
        assert Oracle([subscribed(YEARLY_3), middle, second]).refused == {answer.id}

    def test_a_late_fact_is_put_in_its_place_and_what_follows_is_computed_anew(self) -> None:
        """D13: of 1 credit, an earlier send recorded later takes it, and the later send is refused."""
        oracle = Oracle([subscribed(evolve(YEARLY_3, grant_credits=1)), sent("later", days(5))])
        assert (oracle.balance(days(4)), oracle.refused) == (1, set())
        assert oracle.tell(sent("earlier", days(3)))
        assert (oracle.balance(days(4)), oracle.refused) == (0, {"sent:later"})
        assert oracle.tell(sent("earliest", days(2)))
        assert oracle.refused == {"sent:later", "sent:earlier"}

    def test_facts_told_in_order_are_refused_as_they_come(self) -> None:
        """D13: the second send of 1 credit is impossible when recorded, and stays in the log."""
        oracle = Oracle([subscribed(evolve(YEARLY_3, grant_credits=1))])
        assert oracle.tell(sent("a", days(1)))
        assert not oracle.tell(sent("b", days(2)))
        assert (oracle.refused, len(oracle.facts)) == ({"sent:b"}, 3)

    def test_a_fact_told_twice_counts_once(self) -> None:
        """D14: the same id with the same content, whatever its number."""
        bought = Purchased(at=days(1), credits=1, recorded=1)
        plan = evolve(YEARLY_3, purchase_credits_max=9)
        oracle = Oracle([subscribed(plan), bought, evolve(bought, recorded=2)])
        assert (len(oracle.facts), oracle.balance(days(1))) == (2, 4)
        assert oracle.tell(bought)
        assert (len(oracle.facts), oracle.balance(days(1))) == (2, 4)

    def test_one_id_with_two_contents_is_a_conflict(self) -> None:
        """D14: nobody guesses which is true."""
        facts = [subscribed(YEARLY_3), Purchased(at=days(1), credits=1, id="p")]
        oracle = Oracle(facts)
        with pytest.raises(FactConflictError):
            oracle.tell(Purchased(at=days(1), credits=2, id="p"))
        assert len(oracle.facts) == 2
        with pytest.raises(FactConflictError):
            Oracle([*facts, Purchased(at=days(1), credits=2, id="p")])


class TestAsking:
    """What the questions mean."""

    def test_totals_are_half_open(self) -> None:
        """D2: a period holds its first instant and not its last."""
        oracle = Oracle([subscribed(YEARLY_3), sent("m", days(1)), replied("m", days(2))])
        assert totals(oracle, START, days(1)) == {GRANTED: 3}
        assert totals(oracle, days(1), days(2)) == {SPENT: 1}
        assert oracle.totals(days(2), days(2) + TICK)[REFUNDED] == 1

    def test_movements_name_their_fact_and_their_message(self) -> None:
        """The schedule has no fact behind it; a send and an answer have."""
        plan = Plan(name="own", grant_credits=1)
        oracle = Oracle([subscribed(plan), sent("m", days(1)), replied("m", days(2))])
        assert [(m.fact_id.partition(":")[0], m.message_id) for m in oracle.movements(utc(2, 28))] == [
            ("subscribed", ""),
            ("sent", "m"),
            ("replied", "m"),
            ("", ""),
        ]

    def test_asking_ahead_changes_no_earlier_answer(self) -> None:
        """The future can be asked about first."""
        oracle = Oracle([subscribed(SILENCE), sent("m", days(1))])
        assert [oracle.balance(days(n)) for n in (8, 1, 7, 8)] == [3, 2, 2, 3]
        assert oracle.refunded("m") is None

    def test_a_date_is_its_midnight(self) -> None:
        """D1: and a naive instant is refused."""
        oracle = Oracle([subscribed(YEARLY_3)])
        assert (oracle.balance(date(2026, 1, 31)), oracle.balance(date(2026, 2, 1))) == (0, 3)
        with pytest.raises(NaiveInstantError):
            oracle.balance(datetime(2026, 2, 1))  # noqa: DTZ001 - the point of the test

    def test_an_empty_account_answers(self) -> None:
        """No facts, no credits."""
        oracle = Oracle()
        assert (oracle.balance(START), oracle.lots(START), oracle.refunded("m")) == (0, [], None)
        assert oracle.boundaries(START) == []

    def test_boundaries_are_facts_and_movements(self) -> None:
        """A refused fact and an expiry are both instants at which something may go wrong."""
        oracle = Oracle([subscribed(evolve(YEARLY_3, lifetime_days=7)), replied("m", days(1))])
        assert oracle.boundaries(days(7)) == [START, days(1), days(7)]
        assert oracle.boundaries(days(7) - TICK) == oracle.boundaries(days(1)) == [START, days(1)]

    def test_time_does_not_run_backwards(self) -> None:
        """A run refuses an instant that has passed; the oracle is there to put facts in order."""
        run = Run()
        run.advance(days(1))
        with pytest.raises(InvalidValueError):
            run.advance(START)


class TestLaws:
    """The laws see what breaks them."""

    BASE = (
        Movement(START, GRANTED, 2, 1, Cause.SCHEDULE),
        Movement(days(1), SPENT, 1, 1, Cause.SEND, "m"),
        Movement(days(2), REFUNDED, 1, 2, Cause.REPLY, "m"),
        Movement(days(3), EXPIRED, 1, 1, Cause.AGE),
    )

    def test_good_movements_break_none(self) -> None:
        """2 - 1 + 1 - 1 = 1."""
        assert broken_conservation(self.BASE, balance=1) == []
        assert broken_bounds(self.BASE) == []
        assert broken_refunds(self.BASE) == []

    def test_a_wrong_balance_is_seen(self) -> None:
        """Each kind counts, on its own side."""
        for balance in (0, 2):
            assert broken_conservation(self.BASE, balance=balance)
        for movement in self.BASE:
            assert broken_conservation([*self.BASE, movement], balance=1)

    @pytest.mark.parametrize(
        "more",
        [
            Movement(days(4), EXPIRED, 1, 1, Cause.AGE),
            Movement(days(4), REFUNDED, 3, 1, Cause.REPLY, "m"),
            Movement(days(4), SPENT, 1, 9, Cause.SEND, "n"),
            Movement(days(4), EXPIRED, 0, 2, Cause.AGE),
            Movement(days(2), EXPIRED, 1, 2, Cause.AGE),
        ],
    )
    def test_a_lot_out_of_bounds_is_seen(self, more: Movement) -> None:
        """Below 0, above its size, from nowhere, of nothing, or out of time."""
        assert broken_bounds([*self.BASE, more])

    @pytest.mark.parametrize(
        "more",
        [
            Movement(days(4), REFUNDED, 1, 3, Cause.REPLY, "m"),
            Movement(days(4), SPENT, 1, 2, Cause.SEND, "m"),
            Movement(days(4), REFUNDED, 1, 3, Cause.REPLY, "n"),
            Movement(days(4), SPENT, 2, 2, Cause.SEND, "n"),
            Movement(days(4), SPENT, 1, 2, Cause.SEND),
            Movement(days(4), REFUNDED, 1, 3, Cause.REPLY),
        ],
    )
    def test_a_wrong_refund_is_seen(self, more: Movement) -> None:
        """Twice back, twice sent, back unsent, at two credits, or for no message."""
        assert broken_refunds([*self.BASE, more])

    def test_wrong_lots_are_seen(self) -> None:
        """Dead, empty, not yet received, in the wrong order or adding up wrong."""
        old, new, ever = (START, days(9), 1), (days(1), days(10), 2), (START, None, 1)
        assert broken_lots([old, new, ever], at=days(5), balance=4) == []
        assert broken_lots([new, old], at=days(5), balance=3)
        assert broken_lots([ever, old], at=days(5), balance=2)
        assert broken_lots([old, new], at=days(5), balance=4)
        assert broken_lots([old, new], at=days(9), balance=3)
        assert broken_lots([old, new], at=days(1) - TICK, balance=3)
        assert broken_lots([(START, None, 0)], at=days(5), balance=0)

    def test_sums_are_by_instant_kind_cause_and_message(self) -> None:
        """Two lots that expire at one instant are one figure."""
        twice = [Movement(START, EXPIRED, 1, 1, Cause.AGE), Movement(START, EXPIRED, 2, 2, Cause.AGE)]
        assert summed(twice) == {(START, EXPIRED, Cause.AGE, ""): 3}


def edges(facts: Iterable[Fact], oracle: Oracle) -> list[datetime]:
    """The instants about every fact and movement to 100 days after the last fact."""
    until = max(fact.at for fact in facts) + timedelta(days=100)
    return [at + tick for at in oracle.boundaries(until) for tick in TICKS]


anything = st.one_of(strategies.histories(), strategies.histories(seats=True, impossible=True, opened=True))


class TestHistories:
    """Laws over random histories."""

    @relaxed
    @given(anything)
    def test_the_laws_hold_about_every_boundary(self, facts: list[Fact]) -> None:
        """Conservation, bounds, live lots in burn order, at most one refund a message: at every edge."""
        oracle = Oracle(facts)
        times = edges(facts, oracle)
        movements = oracle.movements(times[-1])
        opened = next((fact for fact in facts if isinstance(fact, Opened)), None)
        assert broken_bounds(movements, opened) == []
        assert broken_refunds(movements, opened) == []
        for at in times[-60:]:
            balance = oracle.balance(at)
            assert broken_conservation((m for m in movements if m.at <= at), balance=balance) == []
            assert broken_lots(oracle.lots(at), at=at, balance=balance) == []

    @relaxed
    @given(strategies.histories(seats=True))
    def test_histories_are_valid_and_in_order(self, facts: list[Fact]) -> None:
        """By construction: nothing is refused, ids are unique, time never steps back."""
        assert Oracle(facts).refused == set()
        assert len({fact.id for fact in facts}) == len(facts)
        assert in_order(facts) == facts

    @relaxed
    @given(anything, st.data())
    def test_the_order_of_arrival_does_not_matter(self, facts: list[Fact], data: st.DataObject) -> None:
        """D13: the same facts, shuffled, or recorded one by one, are the same account."""
        oracle, mixed = Oracle(facts), data.draw(strategies.shuffled(facts))
        told = Oracle()
        for fact in mixed:
            told.tell(fact)
        until = facts[-1].at + timedelta(days=100)
        for other in (Oracle(mixed), told):
            assert other.refused == oracle.refused
            assert other.movements(until) == oracle.movements(until)

    @relaxed
    @given(anything, st.data())
    def test_later_facts_never_change_an_answer_about_before(
        self, facts: list[Fact], data: st.DataObject
    ) -> None:
        """D13: up to the microsecond before the next fact, the shorter history says the same."""
        known = data.draw(st.integers(1, len(facts)))
        until = (facts[known].at if known < len(facts) else facts[-1].at + timedelta(days=1)) - TICK
        assert Oracle(facts[:known]).movements(until) == Oracle(facts).movements(until)

    @relaxed
    @given(strategies.histories(seats=True, impossible=True))
    def test_a_refused_fact_changes_nothing(self, facts: list[Fact]) -> None:
        """D15: without the refused facts the account is the same."""
        oracle = Oracle(facts)
        possible = Oracle(fact for fact in facts if fact.id not in oracle.refused)
        until = facts[-1].at + timedelta(days=100)
        assert possible.refused == set()
        assert possible.movements(until) == oracle.movements(until)

    @relaxed
    @given(anything, st.data())
    def test_looking_in_between_changes_nothing(self, facts: list[Fact], data: st.DataObject) -> None:
        """D3: however often time stops on the way, the same happens."""
        until = facts[-1].at + timedelta(days=100)
        whole, stops, run = Oracle(facts), data.draw(st.sets(st.integers(0, 100), max_size=5)), Run()
        for fact in facts:
            run.apply(fact)
        for stop in sorted(stops):
            run.advance(facts[-1].at + timedelta(days=stop))
        run.advance(until)
        assert summed(run.history) == summed(whole.movements(until))


class TestOpenings:
    """An account may begin from what is known (D17)."""

    PLAN = Plan(name="own", grant_credits=3, lifetime_days=90, reply_window_days=30, cap_credits=5)

    KNOWN = Opened(
        at=utc(2, 10),
        plan=PLAN,
        anchor_at=START,
        lots=[OpeningLot(number=4, received_at=START, expires_at=days(90), credits=3, left=2)],
        messages=[OpeningMessage(message_id="m", sent_at=utc(2, 5), lot=4)],
    )
    """On 10 February: 2 of a lot of 3, renewed on the 31st; one message sent on the 5th is open."""

    def test_an_account_begins_with_what_is_known(self) -> None:
        """The two credits count as received then, as of their lot; before, there is nothing."""
        oracle = Oracle([self.KNOWN])
        assert [oracle.balance(at) for at in (utc(2, 10) - TICK, utc(2, 10), utc(2, 28))] == [0, 2, 5]
        assert moved(oracle, utc(2, 10)) == [(utc(2, 10), OPENING, Cause.OPENING, 2)]
        assert oracle.lots(utc(2, 10)) == [(START, days(90), 2)]
        assert totals(oracle, START, utc(2, 11)) == {OPENING: 2}

    def test_grants_go_on_from_its_anchor(self) -> None:
        """D5: on the last of February and the 31st of March, be the anchor before the opening or after it."""
        for anchor_at in (START, utc(3, 31), utc(1, 31, year=2025)):
            oracle = Oracle([evolve(self.KNOWN, anchor_at=anchor_at)])
            assert granted_at(oracle, utc(4, 29)) == [utc(2, 28), utc(3, 31)]

    @pytest.mark.parametrize(("late", "back"), [(-TICK, 1), (timedelta(0), 0)])
    def test_an_open_message_gives_back_within_its_window(self, late: timedelta, back: int) -> None:
        """D10: of 30 days from its sending, which was before the account begins."""
        oracle = Oracle([self.KNOWN, replied("m", utc(3, 7) + late)])
        assert totals(oracle, START, utc(3, 8)).get(REFUNDED, 0) == back

    def test_an_original_refund_rejoins_the_lot_that_paid(self) -> None:
        """D7: the lot of the opening then holds 3, up to its old expiry."""
        plan = evolve(self.PLAN, refund_to=RefundTo.ORIGINAL)
        oracle = Oracle([evolve(self.KNOWN, plan=plan), replied("m", utc(2, 11))])
        assert oracle.lots(utc(2, 11)) == [(START, days(90), 3)]

    def test_an_answered_message_was_delivered(self) -> None:
        """D11: no failure gives its credit back, an answer that counts still does."""
        answered = OpeningMessage(message_id="m", sent_at=utc(2, 5), lot=4, answered=True)
        failed = DeliveryFailed(at=utc(2, 11), message_id="m")
        assert Oracle([evolve(self.KNOWN, messages=[answered]), failed]).balance(utc(2, 11)) == 2
        assert Oracle([self.KNOWN, failed]).balance(utc(2, 11)) == 3
        assert (
            Oracle([evolve(self.KNOWN, messages=[answered]), replied("m", utc(2, 11))]).balance(utc(2, 11))
            == 3
        )

    def test_a_message_keeps_the_terms_it_was_sent_under(self) -> None:
        """D16: sent under a window of 3 days, it gives nothing back on the 11th."""
        short = evolve(self.PLAN, reply_window_days=3)
        message = OpeningMessage(message_id="m", sent_at=utc(2, 5), lot=4, plan=short)
        assert (
            Oracle([evolve(self.KNOWN, messages=[message]), replied("m", utc(2, 11))]).balance(utc(2, 11))
            == 2
        )

    @pytest.mark.parametrize("anchor_at", [utc(2, 10), utc(3, 10)])
    def test_what_time_brings_at_its_instant_follows_it(self, anchor_at: datetime) -> None:
        """D6: a lot that dies then, a grant that is due then, a window of silence that ends then."""
        plan = evolve(self.PLAN, refund_on=RefundOn.SILENCE, reply_window_days=5)
        dying = OpeningLot(number=4, received_at=START, expires_at=utc(2, 10), credits=3, left=2)
        oracle = Oracle([evolve(self.KNOWN, plan=plan, lots=[dying], anchor_at=anchor_at)])
        assert [(m.kind, m.cause, m.credits) for m in oracle.movements(utc(2, 10))] == [
            (OPENING, Cause.OPENING, 2),
            (EXPIRED, Cause.AGE, 2),
            (GRANTED, Cause.SCHEDULE, 3),
            (REFUNDED, Cause.SILENCE, 1),
        ]
        ended = Oracle([evolve(self.KNOWN, plan=plan, anchor_at=anchor_at, ends_at=utc(2, 10))])
        assert moved(ended, utc(9, 1))[1:] == [(utc(2, 10), FORFEITED, Cause.CANCEL, 2)]

    def test_an_account_begins_once(self) -> None:
        """A second opening is refused, and so is all before the first."""
        second = evolve(evolve(self.KNOWN, at=utc(2, 11)), id="second")
        assert Oracle([self.KNOWN, second]).refused == {"second"}

    def test_facts_before_it_are_refused_and_those_of_its_instant_are_not(self) -> None:
        """What happened before is unknown, whatever its number; what is of its instant comes after."""
        facts: list[Fact] = [
            Subscribed(at=utc(1, 1), plan=self.PLAN, id="before", recorded=0),
            Sent(at=utc(2, 10) - TICK, message_id="x", id="just-before", recorded=1),
            Sent(at=utc(2, 10), message_id="y", id="then", recorded=2),
            evolve(self.KNOWN, recorded=3),
        ]
        oracle = Oracle(facts)
        assert (oracle.refused, oracle.balance(utc(2, 10))) == ({"before", "just-before"}, 1)

    def test_facts_about_messages_not_known_move_nothing(self) -> None:
        """They were settled, or free, before: recorded, not refused."""
        facts = [kind(at=utc(2, 11), message_id="old") for kind in (Replied, Withdrawn, DeliveryFailed)]
        oracle = Oracle([self.KNOWN, *facts])
        assert (oracle.refused, oracle.balance(utc(2, 11))) == (set(), 2)

    def test_counts_of_seats_go_on(self) -> None:
        """D20: 2 of at most 3 seats, of which one sent 1 of its 2; a third brings nothing, a fourth its 3."""
        team = evolve(self.PLAN, seats_max=5, cap_credits=None, purchase_credits_max=4)
        use = OpeningSeat(seat="s", spent=1, credits_max=2)
        bought = OpeningPurchase(at=utc(2, 9), credits=3)
        known = evolve(self.KNOWN, plan=team, seats=2, seats_most=3, seat_uses=[use], purchases=[bought])
        facts = [
            sent("a", utc(2, 11), seat="s"),
            sent("b", utc(2, 11), seat="s"),
            SeatsChanged(at=utc(2, 12), seats=3),
            SeatsChanged(at=utc(2, 13), seats=4),
            Purchased(at=utc(2, 14), credits=2, id="too-many"),
            Purchased(at=utc(2, 14), credits=1),
        ]
        oracle = Oracle([known, *facts])
        assert oracle.refused == {"sent:b", "too-many"}
        assert [oracle.balance(utc(2, day)) for day in (11, 12, 13, 14)] == [1, 1, 4, 5]

    def test_an_account_may_begin_without_a_subscription(self) -> None:
        """Then nothing is there until one starts."""
        nothing = Opened(at=START, plan=None)
        early, start = sent("m", days(1)), subscribed(YEARLY_3, days(2))
        oracle = Oracle([nothing, early, start])
        assert (oracle.refused, oracle.balance(days(1)), oracle.balance(days(2))) == ({early.id}, 0, 3)

    @relaxed
    @given(strategies.histories(seats=True, opened=True), st.data())
    def test_an_opening_stands_for_all_before_it(self, facts: list[Fact], data: st.DataObject) -> None:
        """D17: the opening at any edge, then the later facts: every later answer is the same."""
        whole = Oracle(facts)
        until = facts[-1].at + timedelta(days=100)
        at = data.draw(st.sampled_from([at for at in edges(facts, whole) if facts[0].at < at <= until]))
        run, _ = lived_through([fact for fact in facts if fact.at < at])
        known = opening_of(run, at, fact_id="known", recorded=0)
        later = Oracle([known, *(fact for fact in facts if fact.at >= at)])
        assert later.refused == set()
        assert later.lots(at) == whole.lots(at)
        assert later.lots(until) == whole.lots(until)
        assert summed(m for m in later.movements(until) if m.at >= at and m.kind is not OPENING) == summed(
            m for m in whole.movements(until) if m.at >= at
        )


class TestStrategies:
    """The strategies keep what they promise."""

    def test_ninety_days_are_rarely_three_months_from_an_anchor(self) -> None:
        """The anchors distinguish the two rules, but for the leap day, which is there for its own sake."""
        alike = [
            anchor for anchor in strategies.ANCHORS if MONTHLY.after(anchor, 3) == anchor + timedelta(days=90)
        ]
        assert [(anchor.month, anchor.day) for anchor in alike] == [(2, 29)]

    @relaxed
    @given(strategies.instants([START], start=START, end=START + timedelta(days=40)))
    def test_instants_stay_in_their_bounds(self, at: datetime) -> None:
        """Half-open, like every window."""
        assert START <= at < START + timedelta(days=40)
        assert at.tzinfo is UTC

    @relaxed
    @given(st.data())
    def test_histories_keep_to_a_plan_that_is_given(self, data: st.DataObject) -> None:
        """Every subscription in them is on that plan, and they are no longer than asked."""
        facts = data.draw(strategies.histories(SILENCE, facts_max=4))
        assert 1 <= len(facts) <= 4
        assert {fact.plan for fact in facts if isinstance(fact, Subscribed)} == {SILENCE}

    def test_histories_reach_every_movement(self) -> None:
        """Among some hundred histories each kind and cause of movement occurs, and each kind of fact."""
        seen: set[tuple[EntryKind, Cause]] = set()
        types: set[str] = set()

        @settings(max_examples=400, database=None, derandomize=True, deadline=None)
        @given(strategies.histories(seats=True, facts_max=20, opened=True))
        def look(facts: list[Fact]) -> None:
            types.update(fact.type for fact in facts)
            seen.update((m.kind, m.cause) for m in Oracle(facts).movements(facts[-1].at))

        look()
        assert {cause for _, cause in seen} == set(Cause)
        assert {kind for kind, _ in seen} == set(EntryKind)
        assert types == set(FACT_TYPES)

    def test_impossible_facts_occur_where_they_are_asked_for(self) -> None:
        """Without them a refusal would never be tried."""
        refused: set[str] = set()

        @settings(max_examples=300, database=None, derandomize=True, deadline=None)
        @given(strategies.histories(seats=True, impossible=True, facts_max=20))
        def look(facts: list[Fact]) -> None:
            ids = Oracle(facts).refused
            refused.update(fact.type for fact in facts if fact.id in ids)

        look()
        assert {"sent", "replied", "purchased", "subscribed", "cancelled", "seats_changed"} <= refused
