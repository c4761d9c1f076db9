"""What a checked fact and a question about the past cost, beside two other ways to keep the books.

The same workload (a busy seat: a message a minute, every fourth answered, every fiftieth withdrawn) runs

* in this ledger: every fact checked, ordered, undoable, every movement an entry;
* in plain dictionaries: first-in-first-out lots and a dict of messages, no checks, no history;
* in an ``eventsourcing`` aggregate, in memory: the same dictionaries behind recorded events.

Times are medians of several runs in one process; only the ratios mean anything elsewhere.
"""

import gc
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from eventsourcing.domain import Aggregate, event

from inmail_credits import Account, Plan, facts, wire

PLAN = Plan(name="busy", grant_credits=60_000, lifetime_days=90)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)
STEP = timedelta(minutes=1)
RUNS = 5
HOUR = timedelta(hours=1)
LIVE = 60
"""How many messages are open at any time in :func:`conversation`."""


def workload(count: int) -> list[facts.Fact]:
    """So many facts in order of time."""
    log: list[facts.Fact] = [facts.Subscribed(plan=PLAN, at=START)]
    number = 0
    while len(log) < count:
        number += 1
        at = START + number * STEP
        log.append(facts.Sent(message_id=f"m{number}", at=at))
        if number % 4 == 0:
            log.append(facts.Replied(message_id=f"m{number - 2}", at=at + STEP / 3, kind="accepted"))
        if number % 50 == 0:
            log.append(facts.Withdrawn(message_id=f"m{number - 3}", at=at + STEP / 2))
    return log[:count]


class Books:
    """Plain dictionaries: lots in order of receipt, and which message is settled."""

    def __init__(self) -> None:
        self.lots: deque[list[object]] = deque([[START + timedelta(days=90), PLAN.grant_credits]])
        self.sent: dict[str, bool] = {}

    def send(self, message_id: str, at: datetime) -> None:
        while self.lots[0][0] <= at:  # type: ignore[operator] # plain on purpose
            self.lots.popleft()
        lot = self.lots[0]
        lot[1] -= 1  # type: ignore[operator] # plain on purpose
        if not lot[1]:
            self.lots.popleft()
        self.sent[message_id] = False

    def reply(self, message_id: str, at: datetime) -> None:
        if not self.sent[message_id]:
            self.sent[message_id] = True
            self.lots.append([at + timedelta(days=90), 1])

    def withdraw(self, message_id: str, at: datetime) -> None:  # noqa: ARG002 - one signature
        self.sent[message_id] = True


class EventSourcedBooks(Aggregate):
    """The same books behind recorded events."""

    @event("Opened")
    def __init__(self) -> None:
        self.books = Books()

    @event("Sent")
    def send(self, message_id: str, at: datetime) -> None:
        self.books.send(message_id, at)

    @event("Replied")
    def reply(self, message_id: str, at: datetime) -> None:
        self.books.reply(message_id, at)

    @event("Withdrawn")
    def withdraw(self, message_id: str, at: datetime) -> None:
        self.books.withdraw(message_id, at)


def into_books(books: Books | EventSourcedBooks, log: list[facts.Fact]) -> None:
    """Keep the books of a log."""
    for fact in log:
        match fact:
            case facts.Sent():
                books.send(fact.message_id, fact.at)
            case facts.Replied():
                books.reply(fact.message_id, fact.at)
            case facts.Withdrawn():
                books.withdraw(fact.message_id, fact.at)


def into_account(log: list[facts.Fact]) -> Account:
    """Record a log fact by fact."""
    account = Account()
    for fact in log:
        account.record(fact)
    return account


def seconds(run: Callable[[], object], runs: int = RUNS) -> float:
    """The median time of a call."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def microseconds_each(run: Callable[[], object], repeats: int) -> float:
    """The median time of a quick call."""

    def repeated() -> None:
        for _ in range(repeats):
            run()

    return seconds(repeated) / repeats * 1e6


def conversation(count: int) -> list[facts.Fact]:
    """So many facts of a seat that sends by the hour, each message settled 60 hours later.

    What is live at the end is the same however long it has been going on.
    """
    plan = Plan(name="steady", grant_credits=700, lifetime_days=90, cap_credits=2_000)
    log: list[facts.Fact] = [facts.Subscribed(plan=plan, at=START)]
    number = 0
    while len(log) < count:
        number += 1
        at = START + number * HOUR
        log.append(facts.Sent(message_id=f"m{number}", at=at))
        if number > LIVE:
            about = f"m{number - LIVE}"
            if number % 4:
                log.append(facts.Withdrawn(message_id=about, at=at + HOUR / 2))
            else:
                log.append(facts.Replied(message_id=about, at=at + HOUR / 2, kind="accepted"))
    return log[:count]


def loading() -> None:
    """What it costs to load an account from its facts, and from the opening that stands for them (D17)."""
    heads = f"{'facts':>12}{'their lines':>14}{'checkpoint':>13}{'its line':>12}"
    print("\n" + "ms to load, by history".ljust(24) + heads)
    for count in (1_000, 10_000, 100_000):
        log = conversation(count)
        account = Account.replay(log)
        opening = account.checkpoint(at=account.latest_at + HOUR)
        lines, line = wire.dumps(account.facts), wire.dumps([opening])
        later = account.latest_at + timedelta(days=30)
        if Account.replay([opening]).balance(at=later) != account.balance(at=later):
            raise SystemExit("the checkpoint gives another balance")
        ways: tuple[Callable[[], object], ...] = (
            lambda: Account.replay(log),  # noqa: B023 - called in this turn
            lambda: Account.replay(wire.loads(lines)),  # noqa: B023 - as above
            lambda: Account.replay([opening]),  # noqa: B023 - as above
            lambda: Account.replay(wire.loads(line)),  # noqa: B023 - as above
        )
        cells = [f"{seconds(run, 3) * 1e3:.2f}" for run in ways]
        print(
            f"{count:>9,} facts".ljust(24)
            + "".join(f"{cell:>{width}}" for cell, width in zip(cells, (12, 14, 13, 12), strict=True))
            + f"   ({len(opening.lots)} lots, {len(opening.messages)} messages)"
        )


def main() -> None:
    """Print the tables."""
    log = workload(100_000)
    ways: dict[str, Callable[[], object]] = {
        "plain dictionaries, no checks": lambda: into_books(Books(), log),
        "eventsourcing aggregate": lambda: into_books(EventSourcedBooks(), log),
        "this ledger, fact by fact": lambda: into_account(log),
        "this ledger, replayed at once": lambda: Account.replay(log),
    }
    times = {name: seconds(run, 3) for name, run in ways.items()}
    plain = times["plain dictionaries, no checks"]
    print(f"{len(log):,} facts (made beforehand)          facts/s   us/fact   x plain")
    for name, time in times.items():
        print(f"  {name:<34}{len(log) / time:>11,.0f}{time / len(log) * 1e6:>10.1f}{time / plain:>10.1f}")

    columns = ("late by 100", "next fact", "balance as of", "statement", "lots as of", "in 30 days")
    print("\n" + "us, by history".ljust(22) + "".join(f"{column:>15}" for column in columns))
    for count in (1_000, 10_000, 100_000):
        account, past = into_account(log[:count]), log[count // 3].at
        end = account.latest_at
        numbers = iter(range(10**9))
        span, hundred_ago = log[count // 2].at, log[count - 101].at

        def next_fact() -> None:
            account.send(f"n{next(numbers)}", at=end + timedelta(seconds=1))  # noqa: B023 - called in this turn

        def late() -> None:
            account.record(facts.Sent(message_id=f"l{next(numbers)}", at=hundred_ago))  # noqa: B023 - as above

        costs = [
            microseconds_each(late, 3),
            microseconds_each(next_fact, 300),
            microseconds_each(lambda: account.balance(at=past), 300),  # noqa: B023 - as above
            microseconds_each(lambda: account.statement(past, span), 100),  # noqa: B023 - as above
            microseconds_each(lambda: account.lots(at=past), 5),  # noqa: B023 - as above
            microseconds_each(lambda: account.balance(at=end + timedelta(days=30)), 5),  # noqa: B023 - as above
        ]
        print(f"{count:>9,} facts".ljust(22) + "".join(f"{cost:>15.1f}" for cost in costs))
    loading()


if __name__ == "__main__":
    main()
