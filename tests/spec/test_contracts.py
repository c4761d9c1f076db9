"""R2: team contracts, one pool of credits for many seats; first worked by hand, then as laws.

The allotment and the cap are per seat. A seat may be limited from one scheduled grant to the next; what
comes back comes back to the pool, and gives the seat no room. A contract of one seat is an account.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, Channel, EntryKind, Plan
from inmail_credits.contract import seat_uses
from inmail_credits.errors import InvalidValueError, NoCreditError, RefusedError, SubscriptionError
from inmail_credits.facts import Fact, SeatLimited, SeatsChanged, Sent, Subscribed
from inmail_credits.plans import SeatGrant
from inmail_credits.testing import strategies

pytestmark = pytest.mark.proves("R2")

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
FEBRUARY = datetime(2026, 2, 28, 9, tzinfo=UTC)
MARCH = datetime(2026, 3, 31, 9, tzinfo=UTC)
TEAM = Plan(name="team", grant_credits=3, seats_max=10)
CAPPED = evolve(TEAM, cap_credits=4)


def days(count: int) -> datetime:
    """So many days of 24 hours after the start."""
    return START + timedelta(days=count)


def team(seats: int, plan: Plan = TEAM) -> Account:
    """A contract of so many seats."""
    return Account.open(plan, at=START, seats=seats)


def send_many(account: Account, count: int, at: datetime, seat: str | None = None) -> None:
    """So many sends at one instant, under ids of their own."""
    for _ in range(count):
        account.send(f"m-{len(account)}", at=at, seat=seat)


class TestThePool:
    """Seats come and go; the credits are everybody's."""

    @pytest.mark.parametrize("seats", [1, 2, 10])
    def test_each_seat_brings_its_allotment_to_one_pool(self, seats: int) -> None:
        """3 credits a seat and month, in one lot that any seat may use up."""
        account = team(seats)
        assert [lot.left for lot in account.lots(at=START)] == [3 * seats]
        send_many(account, 3 * seats, days(1), seat="ana")
        assert account.balance(at=days(1)) == 0
        assert account.balance(at=FEBRUARY) == 3 * seats

    def test_no_more_seats_than_the_plan_has(self) -> None:
        """Neither at the start nor later."""
        with pytest.raises(InvalidValueError, match="seats is 11"):
            team(11)
        account = team(10)
        with pytest.raises(SubscriptionError, match="at most 10"):
            account.change_seats(11, at=days(1))
        assert account.balance(at=FEBRUARY) == 60

    def test_a_seat_added_mid_period_brings_its_allotment_at_once(self) -> None:
        """From 2 seats to 4 on day 10: 6 more now, and 12 on the next grant date."""
        account = team(2)
        receipt = account.change_seats(4, at=days(10))
        (entry,) = receipt.entries
        assert (entry.kind, entry.credits, entry.cause) == (EntryKind.GRANTED, 6, Cause.SEAT)
        assert [account.balance(at=at) for at in (days(10) - TICK, days(10), FEBRUARY)] == [6, 12, 24]

    def test_or_with_the_next_grant_where_the_plan_says_so(self) -> None:
        """From 2 seats to 4 on day 10: nothing now, and 12 on the next grant date."""
        account = team(2, evolve(TEAM, seat_grant=SeatGrant.NEXT_GRANT))
        assert account.change_seats(4, at=days(10)).entries == ()
        assert [account.balance(at=at) for at in (days(10), FEBRUARY - TICK, FEBRUARY)] == [6, 6, 18]

    def test_a_seat_removed_takes_nothing_with_it(self) -> None:
        """From 4 seats to 1 on day 10: the 12 stay, and the next grant is 3."""
        account = team(4)
        assert account.change_seats(1, at=days(10)).entries == ()
        assert [account.balance(at=at) for at in (days(10), FEBRUARY)] == [12, 15]

    @pytest.mark.proves("D20")
    def test_d20_a_seat_removed_and_added_again_brings_nothing(self) -> None:
        """Three seats of 10 credits; four rounds of 1 seat and 3 again, and the 30 are still 30."""
        account = team(3, evolve(TEAM, grant_credits=10, seats_max=5, cap_credits=20))
        for number in range(4):
            assert account.change_seats(1, at=days(1) + number * HOUR).entries == ()
            assert account.change_seats(3, at=days(2) + number * HOUR).entries == ()
        assert account.balance(at=days(3)) == 30

    @pytest.mark.proves("D20")
    def test_d20_a_seat_brings_credits_so_far_as_there_were_never_so_many(self) -> None:
        """2, then 1, then 4: two seats more than there were since the grant, 6 credits; then 5: one more."""
        account = team(2)
        account.change_seats(1, at=days(1))
        assert [entry.credits for entry in account.change_seats(4, at=days(2)).entries] == [6]
        account.change_seats(2, at=days(3))
        assert account.change_seats(4, at=days(4)).entries == ()
        assert [entry.credits for entry in account.change_seats(5, at=days(5)).entries] == [3]

    @pytest.mark.proves("D20")
    @pytest.mark.parametrize(("tick", "brought"), [(-TICK, 0), (0 * TICK, 3), (TICK, 3)])
    def test_d20_the_count_begins_anew_with_a_scheduled_grant(self, tick: timedelta, brought: int) -> None:
        """1 of 2 seats on the grant date: a second one from then on is one more than there were."""
        account = team(2)
        account.change_seats(1, at=days(1))
        receipt = account.change_seats(2, at=FEBRUARY + tick)
        assert sum(entry.credits for entry in receipt.entries) == brought

    @pytest.mark.proves("D20", "D13")
    def test_d20_a_change_of_seats_that_comes_late_is_counted_in_its_place(self) -> None:
        """4 seats on day 2, told after the 4 of day 3: those of day 3 bring nothing any more."""
        account = team(2)
        account.change_seats(4, at=days(3))
        account.change_seats(4, at=days(2))
        assert [(e.at, e.credits) for e in account.entries if e.cause is Cause.SEAT] == [(days(2), 6)]
        assert account.entries == Account.replay(account.facts).entries

    @pytest.mark.proves("D20")
    def test_d20_the_same_number_of_seats_again_changes_nothing(self) -> None:
        """No credits, and the same subscription after it."""
        account = team(3)
        before = account.subscription(at=days(1)), account.balance(at=days(1))
        assert account.change_seats(3, at=days(1)).entries == ()
        assert (account.subscription(at=days(1)), account.balance(at=days(1))) == before

    @pytest.mark.proves("D20")
    def test_d20_what_may_be_bought_does_not_scale_with_the_seats(self) -> None:
        """2 credits a billing period, for 3 seats as for one."""
        account = team(3, evolve(TEAM, purchase_credits_max=2))
        account.change_seats(5, at=days(1))
        assert account.purchase_room(at=days(1)) == 2

    def test_a_switch_starts_with_the_seats_it_names(self) -> None:
        """Of 12 credits none follow; the new contract starts with 2 seats."""
        account = team(4)
        account.switch(TEAM, at=days(3), seats=2)
        assert [account.balance(at=at) for at in (days(3) - TICK, days(3))] == [12, 6]


class TestTheCap:
    """A multiple of the contract's seats (D6)."""

    def test_the_cap_scales_with_the_seats(self) -> None:
        """At most 4 a seat: of the 6 carried over by 2 seats, 2 stay beside the new 6."""
        account = team(2, CAPPED)
        assert account.balance(at=FEBRUARY) == 8
        trimmed = [entry for entry in account.entries_until(FEBRUARY) if entry.cause is Cause.CAP]
        assert [(entry.at, entry.credits, entry.balance) for entry in trimmed] == [(FEBRUARY, 4, 2)]

    def test_a_seat_added_makes_room_for_what_it_brings(self) -> None:
        """6 of at most 8, then a third seat: 9 of at most 12; on the grant date 12."""
        account = team(2, CAPPED)
        account.change_seats(3, at=days(10))
        assert [account.balance(at=at) for at in (days(10), FEBRUARY)] == [9, 12]

    @pytest.mark.proves("D20", "D6")
    def test_d20_a_seat_added_trims_nothing(self) -> None:
        """8 of at most 8, then 1 seat and 2 again: 8 still. 9 of at most 4, then 2 of a new seat: 12 of 8."""
        account = team(2, CAPPED)
        account.change_seats(1, at=FEBRUARY)
        assert account.change_seats(2, at=FEBRUARY + TICK).entries == ()
        assert account.balance(at=FEBRUARY + TICK) == 8
        account = team(1, evolve(CAPPED, purchase_credits_max=6))
        account.purchase(6, at=days(1))
        (entry,) = account.change_seats(2, at=days(2)).entries
        assert (entry.kind, entry.credits, entry.balance) == (EntryKind.GRANTED, 3, 12)
        assert [account.balance(at=FEBRUARY + tick) for tick in (-TICK, 0 * TICK)] == [12, 8]

    def test_a_seat_removed_lowers_the_cap_from_the_next_grant_on(self) -> None:
        """12 held by 4 seats; 1 seat may hold 4: on the grant date 1 is left, and 3 come."""
        account = team(4, CAPPED)
        account.change_seats(1, at=days(1))
        assert [account.balance(at=at) for at in (days(1), FEBRUARY - TICK, FEBRUARY)] == [12, 12, 4]


class TestLimits:
    """What one seat may take of the pool."""

    def limited(self, credits_max: int) -> Account:
        """2 seats, 6 credits, one of the seats limited."""
        account = team(2)
        account.limit_seat("ana", credits_max=credits_max, at=START)
        return account

    @pytest.mark.parametrize("credits_max", [0, 1, 2, 6])
    def test_a_seat_sends_no_more_than_its_limit(self, credits_max: int) -> None:
        """Exactly that many, whoever else sends; the pool may hold more."""
        account = self.limited(credits_max)
        send_many(account, credits_max, days(1), seat="ana")
        with pytest.raises(NoCreditError):
            send_many(account, 1, days(2), seat="ana")
        assert account.balance(at=days(2)) == 6 - credits_max
        send_many(account, 6 - credits_max, days(3), seat="ben")
        assert account.balance(at=days(3)) == 0

    @pytest.mark.proves("D20")
    def test_the_limit_resets_on_the_grant_date(self) -> None:
        """Refused one microsecond before, and free again at it and in every period after."""
        account = self.limited(1)
        for grant_at in (START, FEBRUARY, MARCH):
            send_many(account, 1, grant_at, seat="ana")
            with pytest.raises(NoCreditError, match="limit of 1"):
                send_many(account, 1, grant_at, seat="ana")
        late = Account.replay(account.facts[:3])
        with pytest.raises(NoCreditError, match="resets 2026-02-28T09:00:00Z"):
            send_many(late, 1, FEBRUARY - TICK, seat="ana")

    @pytest.mark.proves("D20")
    def test_a_refund_goes_to_the_pool_and_not_to_the_limit(self) -> None:
        """The credit is back, and another seat may use it; the seat that sent may not."""
        account = self.limited(1)
        account.send("m", at=days(1), seat="ana")
        account.reply("m", at=days(2))
        assert account.balance(at=days(2)) == 6
        with pytest.raises(NoCreditError):
            account.send("n", at=days(3), seat="ana")
        send_many(account, 6, days(3), seat="ben")

    def test_a_seat_added_mid_period_resets_no_limit(self) -> None:
        """Only a scheduled grant does."""
        account = self.limited(1)
        send_many(account, 1, days(1), seat="ana")
        account.change_seats(3, at=days(2))
        with pytest.raises(NoCreditError):
            send_many(account, 1, days(3), seat="ana")

    @pytest.mark.proves("D20")
    def test_what_was_sent_before_the_limit_was_set_counts(self) -> None:
        """A limit bounds what the seat sends between two grant dates, whenever it is set."""
        account = team(2)
        send_many(account, 2, days(1), seat="ana")
        account.limit_seat("ana", credits_max=3, at=days(2))
        send_many(account, 1, days(3), seat="ana")
        with pytest.raises(NoCreditError, match="limit of 3"):
            send_many(account, 1, days(3), seat="ana")

    def test_a_limit_can_be_changed_and_lifted(self) -> None:
        """From 1 to 2 gives room for one more; to none, for all there is."""
        account = self.limited(1)
        send_many(account, 1, days(1), seat="ana")
        account.limit_seat("ana", credits_max=2, at=days(2))
        send_many(account, 1, days(2), seat="ana")
        with pytest.raises(NoCreditError):
            send_many(account, 1, days(2), seat="ana")
        account.limit_seat("ana", credits_max=None, at=days(3))
        send_many(account, 4, days(3), seat="ana")

    def test_limits_bind_no_free_message_and_no_other_seat(self) -> None:
        """A seat at its limit still sends free messages; a send that names no seat is not its own."""
        account = self.limited(0)
        account.send("free", at=days(1), channel="open_profile", seat="ana")
        account.send("m", at=days(1))
        account.send("n", at=days(1), seat="ben")
        assert account.balance(at=days(1)) == 4

    def test_a_new_subscription_starts_without_limits(self) -> None:
        """They belong to the contract they were set on."""
        account = self.limited(0)
        account.switch(TEAM, at=days(2), seats=2)
        send_many(account, 1, days(2), seat="ana")


class TestLaws:
    """Over random histories."""

    @given(strategies.histories(seats=True))
    def test_the_labels_of_seats_without_limits_mean_nothing(self, facts: list[Fact]) -> None:
        """One pool: who sent changes no movement."""
        free = [fact for fact in facts if not isinstance(fact, SeatLimited)]
        unnamed = [evolve(fact, seat=None) if isinstance(fact, Sent) else fact for fact in free]
        assert Account.replay(unnamed).entries == Account.replay(free).entries

    @given(strategies.histories(), st.data())
    def test_a_contract_of_one_seat_is_an_account(self, facts: list[Fact], data: st.DataObject) -> None:
        """The same history on a team plan of one seat, with and without names, moves the same credits."""
        seats = st.sampled_from((None, *strategies.SEATS))
        contract: list[Fact] = []
        for fact in facts:
            match fact:
                case Subscribed():
                    contract.append(evolve(fact, plan=evolve(fact.plan, seats_max=10), seats=1))
                case Sent():
                    contract.append(evolve(fact, seat=data.draw(seats)))
                case _:
                    contract.append(fact)
        assert Account.replay(contract).entries == Account.replay(facts).entries

    @given(st.integers(1, 6), st.sampled_from((None, 3, 4, 7)), st.integers(0, 10))
    def test_many_seats_are_one_seat_with_so_many_times_the_terms(
        self, seats: int, cap: int | None, months: int
    ) -> None:
        """An idle contract of n seats holds what an account with n times the grant and the cap holds."""
        plan = evolve(TEAM, cap_credits=cap, lifetime_days=90)
        scaled = evolve(plan, grant_credits=3 * seats, cap_credits=None if cap is None else cap * seats)
        at = START + timedelta(days=30 * months)
        assert team(seats, plan).lots(at=at) == Account.open(scaled, at=START).lots(at=at)

    @pytest.mark.proves("D20")
    @given(
        st.lists(st.tuples(st.integers(1, 6), st.integers(0, 100)), max_size=8),
        st.sampled_from((None, 4)),
    )
    def test_d20_between_two_grants_seats_bring_what_the_most_of_them_bring(
        self, changes: list[tuple[int, int]], cap: int | None
    ) -> None:
        """Whatever the changes, in any order of recording: the allotment of the most seats, and no trim."""
        account = team(2, evolve(TEAM, cap_credits=cap))
        for seats, day in changes:
            account.record(SeatsChanged(seats=seats, at=days(day), id=f"{len(account)}"))
        dates = [START, FEBRUARY, MARCH, datetime(2026, 4, 30, 9, tzinfo=UTC), days(200)]
        for start, end in pairwise(dates):
            moved = [entry for entry in account.entries if start <= entry.at < end]
            held = account.subscription(at=start - TICK)
            counts = [2 if held is None else held.seats]
            counts += [
                fact.seats
                for fact in account.facts
                if isinstance(fact, SeatsChanged) and start <= fact.at < end
            ]
            granted = sum(entry.credits for entry in moved if entry.kind is EntryKind.GRANTED)
            assert granted == 3 * max(counts) or account.latest_at < start
            assert {entry.at for entry in moved if entry.cause is Cause.CAP} <= {start}

    @given(strategies.histories(seats=True, facts_max=20))
    def test_no_seat_passes_its_limit_between_two_grants(self, facts: list[Fact]) -> None:
        """After each send, what the seat sent since the last scheduled grant is within its limit."""
        for length, fact in enumerate(facts, 1):
            if isinstance(fact, Sent) and fact.seat is not None and fact.channel is Channel.INMAIL:
                uses = {use.seat: use for use in seat_uses(Account.replay(facts[:length]), at=fact.at)}
                use = uses[fact.seat]
                assert use.spent >= 1
                assert use.credits_max is None or use.spent <= use.credits_max

    @given(strategies.histories(seats=True, impossible=True))
    def test_refused_changes_of_seats_change_nothing(self, facts: list[Fact]) -> None:
        """Too many seats are refused with the limit, and the pool is as it was (D15)."""
        account = Account.replay(facts)
        running = account.subscription(at=account.latest_at)
        if running is None:
            return
        before = (account.facts, account.entries)
        with pytest.raises(RefusedError, match="at most"):
            account.record(SeatsChanged(at=account.latest_at, seats=running.plan.seats_max + 1))
        assert (account.facts, account.entries) == before
