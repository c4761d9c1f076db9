"""Random cases, engine against ledger, for as long as you like: ``campaign.py [cases] [seed] [processes]``.

A case is a plan over every term (or one that ships), a behaviour over every field, an opening (a plan, or an
account with a history) and a grid; a few paths of it are driven through the engine and through the
real ledger on the same draws, and every figure of every path and day must be equal. Every tenth case is a
fleet instead, of members or with a contract. The seed of a case that
fails is printed: ``campaign.py 1 SEED`` runs it again.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

from attrs import evolve

from inmail_credits import economies
from inmail_credits.account import Account
from inmail_credits.errors import InMailCreditsError, UnsupportedTermError
from inmail_credits.facts import (
    Cancelled,
    Fact,
    Purchased,
    SeatLimited,
    SeatsChanged,
    Switched,
    TermsChanged,
)
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
from inmail_credits.simulation import (
    Failures,
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    Withdrawals,
    delays,
)
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation.run import make_job
from inmail_credits.testing.engine_reference import difference
from inmail_credits.timeline import Interval

CASES = 2_000
BATCH = 250
PATHS = 3
FLEETS_EVERY = 10
"""Every tenth seed is a fleet."""
ZONES = ("UTC", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut")
EVERY_PLAN = [plan for economy in economies.ALL for plan in economy]
STARTS = (
    datetime(2026, 1, 31, 9, 17, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 30, tzinfo=UTC),
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2027, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 8, 15, 6, tzinfo=UTC),
    datetime(2026, 3, 26, 23, tzinfo=UTC),
    datetime(2026, 10, 23, 22, 30, tzinfo=UTC),
    datetime(2027, 3, 12, 7, tzinfo=UTC),
)


def own_plan(rnd: Random) -> Plan:
    """A plan with small figures, over every term."""
    grant = rnd.choice((0, 1, 2, 3, 5))
    on = rnd.choice((GrantOn.ANNIVERSARY, GrantOn.ANNIVERSARY, GrantOn.CALENDAR))
    refund_on = rnd.choice((RefundOn.REPLY, RefundOn.REPLY, RefundOn.SILENCE))
    windows = (1, 2, 3, 7) if refund_on is RefundOn.SILENCE else (None, None, 1, 2, 5)
    month = Interval(months=1)
    # No draw of its own: every seed keeps the case it had before this term was among them.
    is_share = on is GrantOn.CALENDAR and grant > 2
    return Plan(
        name="own",
        grant_credits=grant,
        grant_every=month
        if on is GrantOn.CALENDAR
        else rnd.choice((month, Interval(days=1), Interval(days=3))),
        grant_on=on,
        first_grant=FirstGrant.PRORATED if is_share else FirstGrant.FULL,
        billing_every=rnd.choice((month, Interval(days=5))),
        lifetime_days=rnd.choice((None, 1, 2, 3, 5, 10, 90)),
        cap_credits=rnd.choice((None, None, grant, grant + 1, grant + 4)),
        refund_on=refund_on,
        refund_kinds=rnd.choice((frozenset(ReplyKind), frozenset(ReplyKind), {ReplyKind.ACCEPTED}, ())),
        reply_window_days=rnd.choice(windows),
        refund_to=rnd.choice(tuple(RefundTo)),
        purchase_credits_max=rnd.choice((0, 1, 5, 1_000)),
        seats_max=rnd.choice((1, 1, 3)),
        zone=rnd.choice(("UTC", "UTC", "Europe/Berlin")),
        cancel_at=rnd.choice(tuple(CancelAt)),
        on_switch=rnd.choice(tuple(OnSwitch)),
        seat_grant=rnd.choice(tuple(SeatGrant)),
    )


def some_delay(rnd: Random) -> delays.Delay:
    """Any kind of delay."""
    return rnd.choice(
        (
            delays.Fixed(rnd.randrange(4)),
            delays.Geometric(rnd.choice((0.3, 0.7, 1.0))),
            delays.Exponential(rnd.choice((0.5, 3.0, 20.0))),
            delays.Lognormal(rnd.choice((0.5, 3.0)), 1.0),
            delays.Empirical((1, 0, 2, 3)),
            delays.with_reminder(delays.Exponential(1.0), share=0.3),
        )
    )


def some_sends(rnd: Random, start: datetime) -> Sends:
    """Any kind of sends, few a day."""
    day = start.date()
    rate = rnd.choice((0.0, 0.3, 1.0, 2.5, 5.0))
    make = rnd.choice((Sends.poisson, Sends.poisson, Sends.fixed))
    return make(
        per_day=rate,
        on=rnd.choice(("all_days", "working_days", (0, 1, 2, 0, 0, 1, 0))),
        holidays=[day + timedelta(days=k) for k in range(20) if rnd.random() < 0.1],
        bursts={day + timedelta(days=rnd.randrange(20)): rnd.randrange(9)} if rnd.random() < 0.2 else {},
        daily_max=rnd.choice((None, None, None, 0, 2)),
        prospects=rnd.choice((None, None, None, 0, 6)),
        pacing=rnd.choice((None, None, Pacing(), Pacing(reserve_credits=1, spread=False))),
        follow_up=rnd.choice((None, None, None, FollowUp(share=0.7, after_days=rnd.choice((1, 3))))),
    )


def some_outreach(rnd: Random, start: datetime) -> Outreach:
    """Any behaviour."""
    kinds = rnd.choice(({"message": 1}, {"accepted": 2, "declined": 1}))
    replies = Replies(
        rate=rnd.choice((0.0, 0.27, 0.6, 1.0)),
        delay=some_delay(rnd),
        kinds=kinds,
        sample_size=rnd.choice((None, None, None, 10)),
    )
    if rnd.random() < 0.2 and replies.sample_size is None:
        other = Replies(
            rate=rnd.choice((0.0, 0.5)), delay=some_delay(rnd), kinds={"declined": 3, "automatic": 1}
        )
        replies = SegmentedReplies(segments={"one": (2, replies), "other": (1, other)})
    return Outreach(
        sends=some_sends(rnd, start),
        replies=replies,
        withdrawals=Withdrawals(rate=rnd.choice((0.0, 0.0, 0.3, 1.0)), after_days=rnd.choice((0, 1, 2, 6))),
        purchases=Purchases(
            per_day=rnd.choice((0.0, 0.0, 0.0, 0.2, 1.0)),
            top_up_credits=rnd.choice((0, 0, 0, 1, 3)),
            below_credits=rnd.choice((1, 1, 2)),
        ),
        failures=Failures(rate=rnd.choice((0.0, 0.0, 0.0, 0.3, 1.0)), after_days=rnd.choice((0, 1, 4))),
        zone=rnd.choice(ZONES),
    )


def planned_facts(rnd: Random, subject: Plan | Account, begin: datetime, seats: int, days: int) -> list[Fact]:
    """Up to four facts within the horizon that the ledger allows, at instants of steps and between them."""
    if not days or rnd.random() < 0.5:
        return []
    account = subject if isinstance(subject, Account) else Account.open(subject, at=begin, seats=seats)
    account = Account.replay(account.facts)
    facts: list[Fact] = []
    at = begin
    for number in range(rnd.randrange(1, 5)):
        at += rnd.choice((timedelta(0), timedelta(hours=7), timedelta(days=1), timedelta(days=3)))
        if at >= begin + timedelta(days=days, hours=-2):
            break
        running = account.subscription(at=at)
        most = 1 if running is None else running.plan.seats_max
        fact: Fact = rnd.choice(
            (
                Cancelled(at=at),
                Switched(plan=evolve(own_plan(rnd), name="next"), at=at),
                TermsChanged(plan=evolve(own_plan(rnd), name="new", seats_max=3), at=at),
                SeatsChanged(seats=rnd.randint(1, most), at=at),
                SeatLimited(seat="ana", credits_max=rnd.choice((None, 0, 1, 3)), at=at),
                Purchased(credits=rnd.randint(1, 3), at=at),
            )
        )
        fact = evolve(fact, id=f"planned-{number}")
        try:
            account.record(fact)
        except InMailCreditsError:
            continue
        facts.append(fact)
    return facts


def some_account(rnd: Random, plan: Plan, start: datetime, seats: int) -> Account:
    """An account with a short history, messages in flight and perhaps a cancellation."""
    account = Account.open(plan, at=start, seats=seats)
    at = start
    for number in range(rnd.randrange(14)):
        at += rnd.choice((timedelta(0), timedelta(hours=5), timedelta(days=1), timedelta(days=2, hours=3)))
        try:
            what = rnd.random()
            if what < 0.6:
                account.send(f"before-{number}", at=at, seat=rnd.choice((None, "ana")))
            elif what < 0.75 and number:
                account.reply(f"before-{rnd.randrange(number)}", at=at, kind=rnd.choice(tuple(ReplyKind)))
            elif what < 0.85 and number:
                account.withdraw(f"before-{rnd.randrange(number)}", at=at)
            elif what < 0.95:
                account.purchase(1, at=at)
            elif what < 0.97:
                account.limit_seat("ana", credits_max=rnd.randrange(4), at=at)
            else:
                account.cancel(at=at)
        except InMailCreditsError:
            continue
    return account


def case(seed: int) -> Job:
    """The case of that seed."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    plan = rnd.choice(EVERY_PLAN) if rnd.random() < 0.05 else own_plan(rnd)
    start = rnd.choice(STARTS)
    seats = rnd.randint(1, min(plan.seats_max, 3))
    days = rnd.choice((0, 1, 3, 5, 8, 8, 12, 35)) if plan.name == "own" else rnd.choice((40, 100))
    outreach = some_outreach(rnd, start)
    per_day = 1 if outreach.sends.daily_max is not None else rnd.choice((1, 1, 2, 3))
    subject: Plan | Account = plan
    begin: datetime | None = start
    if rnd.random() < 0.4:
        subject = some_account(rnd, plan, start, seats)
        begin = rnd.choice((None, subject.latest_at + timedelta(days=1, hours=rnd.randrange(30))))
        if subject.subscription(at=begin or subject.latest_at) is None:
            subject, begin = evolve(plan, name="again"), start
    opened = begin or (subject.latest_at if isinstance(subject, Account) else start)
    planned = planned_facts(rnd, subject, opened, seats, days)
    paths = PATHS + rnd.randrange(2)
    seat = rnd.choice((None, "ana"))

    def job_of(behaviour: Outreach) -> Job:
        return make_job(
            subject,
            behaviour,
            start=begin,
            days=days,
            paths=paths,
            rng=seed,
            daily_paths=True,
            seats=seats,
            steps_per_day=per_day,
            planned=planned,
            seat=seat,
        )

    try:
        return job_of(outreach)
    except UnsupportedTermError:  # credits bought at random while billing dates change
        return job_of(evolve(outreach, purchases=Purchases()))


def run_batch(seeds: range) -> tuple[int, int, list[tuple[int, str]]]:
    """How many cases and path-days were compared, and what differed."""
    import fleet_cases  # noqa: PLC0415 - it is made of what stands here

    path_days, found = 0, []
    for seed in seeds:
        if seed % FLEETS_EVERY == 0:
            fleet = fleet_cases.fleet_case(seed)
            told, days = fleet.difference(), fleet.path_days
        else:
            job = case(seed)
            told, days = difference(job), job.paths * job.days
        path_days += days
        if told is not None:
            found.append((seed, told))
    return len(seeds), path_days, found


def batches(first: int, cases: int) -> Iterator[range]:
    """The seeds, in batches."""
    for low in range(first, first + cases, BATCH):
        yield range(low, min(low + BATCH, first + cases))


def main() -> int:
    """Run it; the number of cases that differ is told, and is the exit status."""
    cases, first, processes = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, CASES), (2, 1), (3, 1))
    )
    done = path_days = 0
    found: list[tuple[int, str]] = []
    with ProcessPoolExecutor(processes) as pool:
        for count, days, told in pool.map(run_batch, batches(first, cases)):
            done, path_days, found = done + count, path_days + days, found + told
            for seed, text in told:
                sys.stdout.write(f"seed {seed}: {text}\n")
    sys.stdout.write(
        f"{done:,} random cases from seed {first}, {path_days:,} path-days: "
        f"{len(found)} differ from the ledger\n"
    )
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
