"""Policy: the same facts under other rules, and what would have been different.

A log is replayed with other plans in the place of its own, nothing else changed, and the two sets of entries
are compared: caps, windows and lifetimes interact with what happened, so two plans alone do not show the
difference. Sends that find no credit under the other rules are reported as refused; they are not dropped from
the log.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import evolve, frozen

from inmail_credits._display.card import Card, Table
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_pairs, as_text
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Fact, Opened, Sent, Subscribed, TermsChanged
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.ledger.outcomes import Conflict
from inmail_credits.ledger.totals import Totals
from inmail_credits.plans import Economy, Plan
from inmail_credits.timeline import AnyInstant, instant

Movement = tuple[datetime, EntryKind, Cause, str]


@frozen
class Change:
    """One movement that differs: so many credits before, so many after (0: no such movement).

    ``message_id`` is empty for grants, expiries and forfeits.
    """

    at: datetime
    kind: EntryKind
    cause: Cause
    message_id: str
    before: int
    after: int

    def __str__(self) -> str:
        about = f" {self.message_id!r}" if self.message_id else ""
        return f"{stamp(self.at)} {self.kind} ({self.cause}){about}: {self.before} -> {self.after}"


@frozen(repr=False)
class PolicyDiff(Shown):
    """One log under two sets of rules, up to and including ``until``.

    Fields:
        before, after: the account under its own rules, and under the others.
        until: how far both were followed.
        changes: the movements that differ, in order of time.
    """

    before: Account
    after: Account
    until: datetime
    changes: tuple[Change, ...]

    @property
    def totals(self) -> tuple[Totals, Totals]:
        """The sums of all movements up to ``until``, before and after."""
        return _totals(self.before, self.until), _totals(self.after, self.until)

    @property
    def refused(self) -> tuple[Conflict, ...]:
        """The facts that only the other rules refuse: sends without a credit, and what hangs on them."""
        return _only(self.after, self.before)

    @property
    def refused_sends(self) -> tuple[Conflict, ...]:
        """The sends among them: messages that could not have been paid for."""
        return tuple(conflict for conflict in self.refused if isinstance(conflict.fact, Sent))

    @property
    def allowed(self) -> tuple[Conflict, ...]:
        """The facts that only the log's own rules refuse."""
        return _only(self.before, self.after)

    def _card(self) -> Card:
        before, after = self.totals
        sums = [(name, getattr(before, name), getattr(after, name)) for name in (*Totals._fields, "balance")]
        table = Table(
            headers=("credits", "own rules", "other rules", "difference"),
            rows=[(name, str(own), str(other), f"{other - own:+d}") for name, own, other in sums],
        )
        sends = f"{len(self.refused)} ({len(self.refused_sends)} of them sends)"
        notes = [f"refused only under the other rules: {sends}; only under their own: {len(self.allowed)}"]
        return Card(
            title=f"The same facts under two rules, up to {stamp(self.until)}", tables=[table], notes=notes
        )

    def __repr__(self) -> str:
        balances = " and ".join(str(totals.balance) for totals in self.totals)
        differ = f"{len(self.changes)} movements differ"
        return f"<PolicyDiff up to {stamp(self.until)}: balances {balances}, {differ}>"


def diff(
    facts: Iterable[Fact],
    to: Economy | Plan,
    *,
    plans: Mapping[str, str] | None = None,
    until: AnyInstant | None = None,
) -> PolicyDiff:
    """Replay a log under another economy (or one plan), and report what differs.

    Args:
        facts: the log.
        to: the other rules: an economy, or one plan for every subscription of the log. New terms (D16) and
            the plan an account begins with (D17) are replaced like the plan of a subscription.
        plans: the name of the other economy's plan for each of the log's plans; names not given must
            be the same in both.
        until: how far to follow both; the latest fact if not given.

    Raises:
        UnknownNameError: if the economy has no plan of that name: say which one in ``plans``.
        InvalidValueError: for no facts, or more seats than the other plan allows.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at=date(2026, 1, 31))
        >>> result = diff(account.facts, economies.LINKEDIN_2026, until=date(2026, 2, 28))
        >>> for change in result.changes:
        ...     print(change)
        2026-01-31T00:00:00Z granted (schedule): 3 -> 5
        2026-02-28T00:00:00Z granted (schedule): 3 -> 5
    """
    before = Account.replay(facts)
    if not isinstance(to, Economy | Plan):
        raise InvalidValueError("to", to, "an Economy, such as economies.LINKEDIN_2026, or a Plan")
    pairs = as_pairs("plans", {} if plans is None else plans, "a table: its plan by the name of the log's")
    names = {as_text("plan", old): as_text("plan", new) for old, new in pairs}
    after = Account.replay(_under(fact, to, names) for fact in before.facts)
    at = before.latest_at if until is None else instant(until, what="until")
    old, new = _movements(before, at), _movements(after, at)
    changes = tuple(
        Change(*movement, old[movement], new[movement])
        for movement in sorted(old.keys() | new.keys())
        if old[movement] != new[movement]
    )
    return PolicyDiff(before, after, at, changes)


def _under(fact: Fact, to: Economy | Plan, plans: Mapping[str, str]) -> Fact:
    if isinstance(fact, Opened):
        if fact.has_ended:
            return fact
        messages = [evolve(each, plan=each.plan and _plan(each.plan, to, plans)) for each in fact.messages]
        return evolve(fact, plan=fact.plan and _plan(fact.plan, to, plans), messages=messages)
    if not isinstance(fact, Subscribed | TermsChanged):
        return fact
    plan = _plan(fact.plan, to, plans)
    if isinstance(fact, Subscribed) and fact.seats > plan.seats_max:
        raise InvalidValueError("seats", fact.seats, f"at most the {plan.seats_max} of plan {plan.name!r}")
    return evolve(fact, plan=plan)


def _plan(plan: Plan, to: Economy | Plan, plans: Mapping[str, str]) -> Plan:
    return to if isinstance(to, Plan) else to[plans.get(plan.name, plan.name)]


def _movements(account: Account, until: datetime) -> Counter[Movement]:
    movements: Counter[Movement] = Counter()
    for entry in account.entries_until(until):
        movements[entry.at, entry.kind, entry.cause, entry.message_id] += entry.credits
    return movements


def _totals(account: Account, until: datetime) -> Totals:
    return Totals().plus(account.entries_until(until))


def _only(one: Account, other: Account) -> tuple[Conflict, ...]:
    known = {conflict.fact.id for conflict in other.conflicts}
    return tuple(conflict for conflict in one.conflicts if conflict.fact.id not in known)
