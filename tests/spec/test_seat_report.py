"""What each seat of a contract took from the pool, and has room for (R2)."""

from datetime import UTC, datetime, timedelta

import pytest

from inmail_credits import Account, Channel, Plan, economies
from inmail_credits.contract import SeatUse, seat_uses
from inmail_credits.errors import NoCreditError

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def contract() -> Account:
    """Two seats of Recruiter Corporate: one pool of 300."""
    return Account.open(economies.LINKEDIN_2026["recruiter-corporate"], at=START, seats=2)


@pytest.mark.proves("R2")
def test_r2_a_seat_is_reported_with_what_it_spent_and_its_room(contract: Account) -> None:
    """Sends count by seat, free ones do not; a limit gives the room, no limit none."""
    contract.limit_seat("ana", credits_max=3, at=START)
    for number in range(2):
        contract.send(f"a-{number}", at=START + DAY, seat="ana")
    contract.send("b-0", at=START + DAY, seat="bo")
    contract.send("b-1", at=START + DAY, seat="bo", channel=Channel.GROUP)
    ana, bo = seat_uses(contract, at=START + DAY)
    assert (ana, ana.room) == (SeatUse("ana", 2, 3), 1)
    assert (bo, bo.room) == (SeatUse("bo", 1, None), None)


@pytest.mark.proves("R2")
def test_r2_the_report_starts_anew_with_each_grant(contract: Account) -> None:
    """One microsecond before the grant the sends still count; at the grant they no longer do."""
    contract.send("a-0", at=START + DAY, seat="ana")
    grant_at = datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert seat_uses(contract, at=grant_at - timedelta(microseconds=1)) == (SeatUse("ana", 1, None),)
    assert seat_uses(contract, at=grant_at) == ()


def test_a_refund_gives_no_room_under_the_limit(contract: Account) -> None:
    """The credit returns to the pool; the seat has sent all the same."""
    contract.limit_seat("ana", credits_max=1, at=START)
    contract.send("a-0", at=START + DAY, seat="ana")
    contract.reply("a-0", at=START + 2 * DAY)
    assert contract.balance(at=START + 2 * DAY) == 300
    assert seat_uses(contract, at=START + 2 * DAY)[0].room == 0


def test_a_limit_below_what_was_sent_leaves_no_room(contract: Account) -> None:
    """A limit set late never makes the room negative."""
    for number in range(3):
        contract.send(f"a-{number}", at=START + DAY, seat="ana")
    contract.limit_seat("ana", credits_max=1, at=START + 2 * DAY)
    assert seat_uses(contract, at=START + 2 * DAY) == (SeatUse("ana", 3, 1),)
    assert seat_uses(contract, at=START + 2 * DAY)[0].room == 0


@pytest.mark.proves("R2")
def test_r2_a_limit_below_what_was_sent_refuses_the_next(contract: Account) -> None:
    """Three sent, then a limit of one: the next send is refused, with the instant the limit resets."""
    for number in range(3):
        contract.send(f"a-{number}", at=START + DAY, seat="ana")
    contract.limit_seat("ana", credits_max=1, at=START + 2 * DAY)
    with pytest.raises(NoCreditError, match="seat 'ana' has used its limit of 1, which resets 2026-02-28"):
        contract.send("a-3", at=START + 3 * DAY, seat="ana")


@pytest.mark.proves("D6")
def test_d6_an_unchanged_number_of_seats_trims_nothing() -> None:
    """Above the cap after a refund, telling the same seats again is no grant and forfeits nothing."""
    plan = Plan(name="p", grant_credits=3, cap_credits=3, seats_max=9)
    account = Account.open(plan, at=START)
    account.send("m-0", at=START + DAY)
    grant_at = datetime(2026, 2, 28, 9, tzinfo=UTC)
    account.reply("m-0", at=grant_at)
    assert account.balance(at=grant_at) == 4
    account.change_seats(1, at=grant_at + DAY)
    assert account.balance(at=grant_at + DAY) == 4


def test_each_seat_keeps_its_own_limit(contract: Account) -> None:
    """Limiting one seat, or lifting its limit, leaves the others' as they were."""
    for seat, most in (("bo", 2), ("ana", 1), ("cy", 3)):
        contract.limit_seat(seat, credits_max=most, at=START)
    contract.limit_seat("bo", credits_max=None, at=START + DAY)
    contract.limit_seat("dee", credits_max=None, at=START + DAY)
    assert seat_uses(contract, at=START + DAY) == (SeatUse("ana", 0, 1), SeatUse("cy", 0, 3))


def test_nothing_is_reported_where_no_subscription_runs(contract: Account) -> None:
    """Before the start and after the end there are no seats."""
    contract.cancel(at=START + DAY)
    assert seat_uses(contract, at=START - DAY) == ()
    assert seat_uses(contract, at=START + 40 * DAY) == ()


@pytest.mark.proves("D20", "D16")
def test_d20_changed_terms_bring_no_sends_of_an_earlier_period_back(contract: Account) -> None:
    """Through a change of terms, what each seat sent is counted from the last scheduled grant alone."""
    second, third, fourth = (
        datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((2, 28), (3, 31), (4, 30))
    )
    for number in range(2):
        contract.send(f"a-{number}", at=START + DAY, seat="ana")
    contract.send("b-0", at=second + DAY, seat="bo")
    contract.change_terms(economies.LINKEDIN_2015["recruiter-corporate"], at=second + 2 * DAY)
    assert contract.seat_sends(at=second + 2 * DAY) == {"bo": 1}
    assert [contract.seat_sends(at=grant_at) for grant_at in (third, fourth)] == [{}, {}]
    contract.send("c-0", at=fourth + DAY, seat="cy")
    assert [contract.seat_sends(at=grant_at) for grant_at in (third, fourth)] == [{}, {}]
