"""The message for bad input, in full: what failed, the value, the limit and the fix; and nothing changes."""

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from attrs import evolve

from inmail_credits import Account, Interval, Plan, economies, errors
from inmail_credits.errors import (
    BeforeOpeningError,
    ConcurrentUseError,
    DuplicateMessageError,
    FactConflictError,
    InMailCreditsError,
    InvalidValueError,
    NaiveInstantError,
    NoCreditError,
    RefusedError,
    SubscriptionError,
    UnknownMessageError,
    UnknownNameError,
    UnreadableTableError,
    UnsupportedTermError,
    WireError,
)
from inmail_credits.facts import Cancelled, Purchased, Replied, SeatLimited, SeatsChanged, Sent, Subscribed

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
LATER = datetime(2026, 2, 5, 9, tzinfo=UTC)
NAIVE = datetime(2026, 2, 5, 9)  # noqa: DTZ001 - the point of the tests
CAREER = economies.LINKEDIN_2019["career"]
TEAM = Plan(name="team", grant_credits=2, seats_max=3, purchase_credits_max=5)
Command = Callable[[Account], object]


def an_account() -> Account:
    """Career since 31 January, "m-1" sent on 2 February."""
    account = Account.open(CAREER, at=START)
    account.send("m-1", at=datetime(2026, 2, 2, 9, tzinfo=UTC))
    return account


def a_team() -> Account:
    """Two seats of three, one of them limited to one message."""
    account = Account.open(TEAM, at=START, seats=2)
    account.limit_seat("ann", credits_max=1, at=START)
    account.send("m-1", at=START, seat="ann")
    return account


def cancelled() -> Account:
    """Career, cancelled on 5 February: it ends on the 28th."""
    account = an_account()
    account.cancel(at=LATER)
    return account


def spent() -> Account:
    """Career with all three credits spent."""
    account = an_account()
    for name in ("m-2", "m-3"):
        account.send(name, at=LATER)
    return account


NO_ZONE = (
    "at is 2026-02-05T09:00:00, which has no time zone. Say which one it is in, "
    "for example 2026-02-05T09:00:00+00:00 (datetime(..., tzinfo=UTC))"
)

REFUSED: list[tuple[str, Callable[[], Account], Command, type[InMailCreditsError], str]] = [
    ("naive send", an_account, lambda a: a.send("m-2", at=NAIVE), NaiveInstantError, NO_ZONE),
    ("naive question", an_account, lambda a: a.balance(at=NAIVE), NaiveInstantError, NO_ZONE),
    (
        "a text for an instant",
        an_account,
        lambda a: a.send("m-2", at="soon"),
        InvalidValueError,
        (
            "at is 'soon', but must be an instant: an aware datetime, a date, "
            "or a text such as '2026-03-01T09:00:00Z' or '2026-03-01'"
        ),
    ),
    (
        "second message of one id",
        an_account,
        lambda a: a.send("m-1", at=LATER),
        DuplicateMessageError,
        (
            "cannot send 'm-1' at 2026-02-05T09:00:00Z: that id was sent 2026-02-02T09:00:00Z; "
            "give each message an id of its own"
        ),
    ),
    (
        "second message of one id, as a fact",
        an_account,
        lambda a: a.record(Sent(at=LATER, message_id="m-1", id="other")),
        DuplicateMessageError,
        (
            "cannot send 'm-1' at 2026-02-05T09:00:00Z: that id was sent 2026-02-02T09:00:00Z; "
            "give each message an id of its own"
        ),
    ),
    (
        "reply to nothing",
        an_account,
        lambda a: a.reply("m-9", at=LATER),
        UnknownMessageError,
        (
            "cannot record a reply to 'm-9' at 2026-02-05T09:00:00Z: no such message was sent by then; "
            "record its sending first"
        ),
    ),
    (
        "withdrawal of nothing",
        an_account,
        lambda a: a.withdraw("m-9", at=LATER),
        UnknownMessageError,
        (
            "cannot withdraw 'm-9' at 2026-02-05T09:00:00Z: no such message was sent by then; "
            "record its sending first"
        ),
    ),
    (
        "failure of nothing",
        an_account,
        lambda a: a.fail_delivery("m-9", at=LATER),
        UnknownMessageError,
        (
            "cannot record the failed delivery of 'm-9' at 2026-02-05T09:00:00Z: "
            "no such message was sent by then; "
            "record its sending first"
        ),
    ),
    (
        "reply before its message",
        an_account,
        lambda a: a.reply("m-1", at=date(2026, 2, 1)),
        UnknownMessageError,
        (
            "cannot record a reply to 'm-1' at 2026-02-01T00:00:00Z: no such message was sent by then; "
            "record its sending first"
        ),
    ),
    (
        "unknown kind of reply",
        an_account,
        lambda a: a.reply("m-1", at=LATER, kind="maybe"),
        InvalidValueError,
        "kind is 'maybe', but must be one of accepted, declined, message, quick_reply, automatic",
    ),
    (
        "unknown channel",
        an_account,
        lambda a: a.send("m-2", at=LATER, channel="pigeon"),
        InvalidValueError,
        (
            "channel is 'pigeon', but must be one of message, invitation, introduction, group, open_profile, "
            "inmail, answer, applicant"
        ),
    ),
    (
        "empty message id",
        an_account,
        lambda a: a.send("", at=LATER),
        InvalidValueError,
        "message id is '', but must be a text of 1 to 200 characters",
    ),
    (
        "no credit",
        spent,
        lambda a: a.send("m-4", at=LATER),
        NoCreditError,
        "cannot send 'm-4' at 2026-02-05T09:00:00Z: 0 credits left; next grant 2026-02-28T09:00:00Z (3)",
    ),
    (
        "no credit, and none to come",
        lambda: (account := spent(), account.cancel(at=LATER))[0],
        lambda a: a.send("m-4", at=LATER),
        NoCreditError,
        (
            "cannot send 'm-4' at 2026-02-05T09:00:00Z: "
            "0 credits left and no further grant: the subscription is cancelled"
        ),
    ),
    (
        "nothing running",
        cancelled,
        lambda a: a.send("m-2", at=date(2026, 3, 1)),
        NoCreditError,
        (
            "cannot send 'm-2' at 2026-03-01T00:00:00Z: "
            "0 credits left and no subscription is running; subscribe first"
        ),
    ),
    (
        "a send before the subscription",
        an_account,
        lambda a: a.send("m-2", at=date(2026, 1, 1)),
        NoCreditError,
        (
            "cannot send 'm-2' at 2026-01-01T00:00:00Z: "
            "0 credits left and no subscription is running; subscribe first"
        ),
    ),
    (
        "second subscription",
        an_account,
        lambda a: a.record(Subscribed(at=LATER, plan=TEAM)),
        SubscriptionError,
        (
            "cannot subscribe to 'team' at 2026-02-05T09:00:00Z: "
            "'career' is running since 2026-01-31T09:00:00Z; "
            "switch instead"
        ),
    ),
    (
        "subscription while a cancelled one runs out",
        cancelled,
        lambda a: a.record(Subscribed(at=LATER, plan=TEAM)),
        SubscriptionError,
        (
            "cannot subscribe to 'team' at 2026-02-05T09:00:00Z: "
            "'career' is running since 2026-01-31T09:00:00Z "
            "until 2026-02-28T09:00:00Z; switch instead"
        ),
    ),
    (
        "cancelled twice",
        cancelled,
        lambda a: a.cancel(at=date(2026, 2, 6)),
        SubscriptionError,
        "cannot cancel at 2026-02-06T00:00:00Z: it is cancelled already and ends 2026-02-28T09:00:00Z",
    ),
    (
        "cancelled after the end",
        cancelled,
        lambda a: a.cancel(at=date(2026, 3, 1)),
        SubscriptionError,
        "cannot cancel at 2026-03-01T00:00:00Z: no subscription is running; subscribe first",
    ),
    (
        "switched after the end",
        cancelled,
        lambda a: a.switch(TEAM, at=date(2026, 3, 1)),
        SubscriptionError,
        "cannot switch to 'team' at 2026-03-01T00:00:00Z: no subscription is running; subscribe first",
    ),
    (
        "switched to a name",
        an_account,
        lambda a: a.switch("business", at=LATER),  # type: ignore[arg-type] # the point
        InvalidValueError,
        "plan is 'business', but must be a Plan",
    ),
    (
        "purchase where none is sold",
        an_account,
        lambda a: a.purchase(1, at=LATER),
        SubscriptionError,
        (
            "cannot buy 1 credits at 2026-02-05T09:00:00Z: "
            "'career' sells 0 more in the billing period that ends 2026-02-28T09:00:00Z"
        ),
    ),
    (
        "purchase over the limit",
        a_team,
        lambda a: a.purchase(6, at=LATER),
        SubscriptionError,
        (
            "cannot buy 6 credits at 2026-02-05T09:00:00Z: "
            "'team' sells 5 more in the billing period that ends 2026-02-28T09:00:00Z"
        ),
    ),
    (
        "too many seats",
        a_team,
        lambda a: a.change_seats(4, at=LATER),
        SubscriptionError,
        "cannot change to 4 seats at 2026-02-05T09:00:00Z: 'team' has at most 3",
    ),
    (
        "a seat over its limit",
        a_team,
        lambda a: a.send("m-2", at=LATER, seat="ann"),
        NoCreditError,
        (
            "cannot send 'm-2' at 2026-02-05T09:00:00Z: "
            "seat 'ann' has used its limit of 1, which resets 2026-02-28T09:00:00Z"
        ),
    ),
    (
        "one fact id, two contents",
        an_account,
        lambda a: a.record(Cancelled(at=LATER, id="x"), Cancelled(at=START, id="x")),
        FactConflictError,
        (
            "fact 'x' is already recorded with other content (at 2026-02-05T09:00:00Z recorded, "
            "2026-01-31T09:00:00Z offered); give the new fact an id of its own"
        ),
    ),
    (
        "unknown grain",
        an_account,
        lambda a: a.history(START, LATER, grain="year"),
        InvalidValueError,
        "grain is 'year', but must be one of day, week, month, billing_period",
    ),
    (
        "a span that runs backwards",
        an_account,
        lambda a: a.history(LATER, START),
        InvalidValueError,
        "end is '2026-01-31T09:00:00Z', but must be at or after the start, 2026-02-05T09:00:00Z",
    ),
    (
        "an explanation of nothing",
        an_account,
        lambda a: a.explain("m-9"),
        UnknownMessageError,
        "cannot explain 'm-9' at 2026-02-02T09:00:00Z: no such message was sent",
    ),
]


@pytest.mark.proves("D15", "D1")
@pytest.mark.parametrize(
    ("make", "command", "error", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_refusal_says_why_and_changes_nothing(
    make: Callable[[], Account], command: Command, error: type[InMailCreditsError], message: str
) -> None:
    """Every refused command raises its error with the whole message, and the account is as it was."""
    account = make()
    before = (account.facts, account.entries, account.balance(at=LATER), repr(account))
    with pytest.raises(InMailCreditsError) as refused:
        command(account)
    assert (type(refused.value), str(refused.value)) == (error, message)
    assert (account.facts, account.entries, account.balance(at=LATER), repr(account)) == before
    assert account == make()


Make = Callable[[], object]
WHOLE = "a whole number from"

INVALID: list[tuple[str, Make, str]] = [
    (
        "negative purchase",
        lambda: Purchased(at=START, credits=-1),
        f"credits is -1, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "empty purchase",
        lambda: Purchased(at=START, credits=0),
        f"credits is 0, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "fractional purchase",
        lambda: Purchased(at=START, credits=1.5),  # type: ignore[arg-type] # the point
        f"credits is 1.5, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "a bool for a number",
        lambda: Purchased(at=START, credits=True),
        f"credits is True, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "huge purchase",
        lambda: Purchased(at=START, credits=10**30),
        f"credits is {10**30}, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "negative allotment",
        lambda: Plan(name="own", grant_credits=-1),
        f"grant_credits is -1, but must be {WHOLE} 0 to 1,000,000",
    ),
    (
        "fractional allotment",
        lambda: Plan(name="own", grant_credits=2.5),  # type: ignore[arg-type] # the point
        f"grant_credits is 2.5, but must be {WHOLE} 0 to 1,000,000",
    ),
    (
        "a life of no days",
        lambda: Plan(name="own", grant_credits=1, lifetime_days=0),
        f"lifetime_days is 0, but must be {WHOLE} 1 to 36,500",
    ),
    (
        "a bool for days",
        lambda: Plan(name="own", grant_credits=1, lifetime_days=True),
        f"lifetime_days is True, but must be {WHOLE} 1 to 36,500",
    ),
    (
        "a cap below the grant",
        lambda: Plan(name="own", grant_credits=5, cap_credits=4),
        "cap_credits is 4, but must be at least the grant of 5 credits, or None",
    ),
    (
        "silence without a window",
        lambda: Plan(name="own", grant_credits=5, refund_on="silence"),
        "reply_window_days is None, but must be given where silence gives the credit back",
    ),
    (
        "one text for a list of kinds",
        lambda: Plan(name="own", grant_credits=5, refund_kinds="accepted"),
        (
            "refund_kinds is 'accepted', but must be a list of: "
            "accepted, declined, message, quick_reply, automatic"
        ),
    ),
    (
        "an interval of nothing",
        Interval,
        "interval is (0, 0), but must be either months or days, one of them above 0",
    ),
    (
        "an interval of both",
        lambda: Interval(months=1, days=1),
        "interval is (1, 1), but must be either months or days, one of them above 0",
    ),
    (
        "a plan's name for a plan",
        lambda: Account.open("career", at=START),  # type: ignore[arg-type] # the point
        "plan is 'career', but must be a Plan",
    ),
    (
        "seats a plan has not",
        lambda: Account.open(TEAM, at=START, seats=4),
        "seats is 4, but must be at most the 3 of plan 'team'",
    ),
    (
        "no seat at all",
        lambda: SeatsChanged(at=START, seats=0),
        f"seats is 0, but must be {WHOLE} 1 to 1,000,000",
    ),
    (
        "a seat without a name",
        lambda: SeatLimited(at=START, seat="", credits_max=1),
        "seat is '', but must be a text of 1 to 200 characters",
    ),
    (
        "a negative limit",
        lambda: SeatLimited(at=START, seat="ann", credits_max=-1),
        f"credits_max is -1, but must be {WHOLE} 0 to 1,000,000",
    ),
    (
        "a fractional number of a fact",
        lambda: Replied(at=START, message_id="m", recorded=1.5),  # type: ignore[arg-type] # the point
        f"recorded is 1.5, but must be {WHOLE} 0 to 9,007,199,254,740,991",
    ),
    (
        "no facts",
        lambda: Account.replay([]),
        "facts is [], but must be at least one, the first a subscription",
    ),
]


@pytest.mark.proves("D15")
@pytest.mark.parametrize(
    ("make", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_a_value_outside_its_limits_is_named_with_them(make: Make, message: str) -> None:
    """Negative, fractional, boolean, huge and contradictory values are refused before anything is made."""
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert str(refused.value) == message


def test_an_unknown_name_is_answered_with_those_known() -> None:
    """A plan and an economy that do not exist: the error names the ones that do."""
    with pytest.raises(UnknownNameError) as refused:
        economies.LINKEDIN_2019["gold"]
    assert str(refused.value) == (
        "economy 'linkedin-2019' has no plan 'gold'; known: career, business, sales, recruiter-lite"
    )
    with pytest.raises(UnknownNameError) as refused:
        economies.get("linkedin-2020")
    assert str(refused.value) == (
        "there is no economy 'linkedin-2020'; "
        "known: linkedin-2014, linkedin-2015, linkedin-2019, linkedin-2026"
    )


def test_a_fact_of_a_running_subscription_only() -> None:
    """With nothing running, seats and purchases are refused with the way out."""
    account = cancelled()
    at = date(2026, 3, 1)
    commands: tuple[Command, ...] = (
        lambda a: a.change_seats(1, at=at),
        lambda a: a.limit_seat("ann", credits_max=1, at=at),
        lambda a: a.purchase(1, at=at),
    )
    for command in commands:
        with pytest.raises(SubscriptionError, match="no subscription is running; subscribe first"):
            command(account)
    assert account == cancelled()


ERRORS: list[tuple[InMailCreditsError, type[Exception]]] = [
    (InvalidValueError("rate", 1.2, "a number from 0 to 1"), ValueError),
    (NaiveInstantError("at", NAIVE), ValueError),
    (UnknownNameError("plan", "gold", ("career",)), LookupError),
    (UnknownNameError("plan", "gold", ("career",), "economy 'mine'"), LookupError),
    (RefusedError("send 'm'", START, "no"), RuntimeError),
    (NoCreditError("send 'm'", START, "no"), RuntimeError),
    (DuplicateMessageError("send 'm'", START, "no"), RuntimeError),
    (UnknownMessageError("send 'm'", START, "no"), RuntimeError),
    (SubscriptionError("cancel", START, "no"), RuntimeError),
    (BeforeOpeningError("record the fact 'x'", START, "no"), RuntimeError),
    (ConcurrentUseError("record a fact"), RuntimeError),
    (FactConflictError("x", Cancelled(at=START), Cancelled(at=LATER)), ValueError),
    (WireError(3, "not JSON"), ValueError),
    (UnreadableTableError("messages.csv", 1, "no column 'DATE'"), ValueError),
    (UnsupportedTermError("grant_every", "3 months", "use the ledger"), ValueError),
]


@pytest.mark.parametrize(("error", "builtin"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_every_error_pickles_and_is_the_nearest_builtin(
    error: InMailCreditsError, builtin: type[Exception]
) -> None:
    """An error comes back from a pickle with its class, fields and message, and is caught as its builtin."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(back), back.args, str(back)) == (type(error), error.args, str(error))
    assert isinstance(error, InMailCreditsError)
    assert isinstance(error, builtin)
    assert "Attribute(" not in str(error)


@pytest.mark.parametrize(
    "error", [error for error, _ in ERRORS], ids=[type(error).__name__ for error, _ in ERRORS]
)
def test_an_error_is_rebuilt_attribute_by_attribute(error: InMailCreditsError) -> None:
    """As tblib does, which carries exceptions out of the workers of Dask."""
    back = type(error).__new__(type(error), *error.args)
    for name in ("args", "__dict__", "__cause__", "__context__", "__traceback__"):
        setattr(back, name, getattr(error, name))
    assert str(back) == str(error)


def test_no_error_class_is_left_out() -> None:
    """Every error the package defines is among those pickled above, but for the base."""
    defined = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, InMailCreditsError)
    }
    assert defined - {InMailCreditsError} == {type(error) for error, _ in ERRORS}


def test_a_raised_refusal_pickles_as_it_was_raised() -> None:
    """The error of a real refusal, with its traceback cut, says the same on the other side."""
    with pytest.raises(NoCreditError) as refused:
        spent().send("m-4", at=LATER)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301 - our own bytes


def test_a_plan_that_is_changed_is_checked_again() -> None:
    """Evolving a plan to a contradiction is refused like making one."""
    with pytest.raises(InvalidValueError, match="grant_every is '7 days', but must be 1 month"):
        evolve(CAREER, grant_on="calendar", grant_every=Interval(days=7))
