"""The account: commands that record facts, and questions about any instant.

Facts arrive late, twice and out of order. The account is a function of its facts ordered by (``at``,
``recorded``) (D13): a late fact is put in its place and all after it is computed anew; what that makes
impossible is reported in :attr:`Account.conflicts`, never dropped and never changed. The same fact twice is
one fact; the same id with other content is a conflict (D14). A refused command changes nothing (D15).

Past and future are asked in the same way: the future assumes that no further facts come.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import evolve

from inmail_credits import facts as f
from inmail_credits._from_balance import opening_from_balance
from inmail_credits._inputs import as_instance, as_text, as_timedelta, as_whole
from inmail_credits.channels import Channel
from inmail_credits.errors import (
    ConcurrentUseError,
    InvalidValueError,
    UnknownMessageError,
    stamp,
)
from inmail_credits.ledger._history import History
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.ledger._rules import duplicate
from inmail_credits.ledger.entries import Entry
from inmail_credits.ledger.lots import Lot
from inmail_credits.ledger.outcomes import Conflict, Impossible, Outcome, Receipt
from inmail_credits.ledger.subscription import Course, Message, Subscription
from inmail_credits.ledger.totals import Totals
from inmail_credits.openings import Ages
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.statements.explanation import Explanation, explain
from inmail_credits.statements.statement import Grain, Statement, boundaries, grain_schedule
from inmail_credits.timeline import MONTHLY, AnyInstant, Schedule, instant


class Account:
    """An account of InMail credits.

    Open one with :meth:`open`, or rebuild one with :meth:`replay`. Instants are aware datetimes (or
    dates: their midnight UTC).

    An account has no lock of its own: where several threads use one, hold one lock around each command and
    each question. Without one, what begins while a command runs is refused (:class:`ConcurrentUseError`)
    rather than mixed up; a question that is overtaken by a command is not noticed.

    :func:`copy.copy` and :func:`copy.deepcopy` make an independent account; a pickle holds the facts.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at=datetime(2026, 1, 31, 9, tzinfo=UTC))
        >>> _ = account.send("m-1", at=datetime(2026, 2, 2, tzinfo=UTC))
        >>> account.balance(at=datetime(2026, 2, 3, tzinfo=UTC))
        2
        >>> _ = account.reply("m-1", at=datetime(2026, 2, 4, tzinfo=UTC), kind="declined")
        >>> account.balance(at=datetime(2026, 2, 4, tzinfo=UTC))
        3
    """

    __slots__ = ("_history",)

    def __init__(self) -> None:
        self._history = History()

    @property
    def _ledger(self) -> Ledger:
        return self._history.ledger

    # -- facts in ---------------------------------------------------------------------------------------

    @classmethod
    def open(cls, plan: Plan, *, at: AnyInstant, seats: int = 1) -> "Account":
        """A new account whose subscription to ``plan`` starts, and grants, at ``at`` (R3).

        Args:
            plan: the terms.
            at: the instant it starts; grant and billing dates are counted from it (D5).
            seats: the seats of a contract, 1 to the plan's ``seats_max``.

        Raises:
            InvalidValueError: with the value and the limit.
            NaiveInstantError: for an instant without a time zone.
        """
        return cls.replay([f.Subscribed(plan=plan, at=at, seats=seats)])

    @classmethod
    def from_balance(
        cls,
        plan: Plan,
        *,
        at: AnyInstant,
        renews_on: AnyInstant,
        balance: int | None = None,
        lots: Iterable[tuple[AnyInstant, int]] | None = None,
        ages: Ages | str = Ages.NEWEST,
        open_messages: Mapping[str, AnyInstant] | None = None,
        seats: int = 1,
        ends_on: AnyInstant | None = None,
    ) -> "Account":
        """An account that begins with what is known at ``at``: a plan, a balance, open messages (D17).

        Args:
            plan: the plan of the running subscription.
            at: the instant at which all this is known; facts before it are refused.
            renews_on: a date on which the billing period begins, such as the next one; grant and billing
                dates are counted from it (D5). A ``date`` is its midnight UTC.
            balance: the credits left at ``at``; left out where ``lots`` are given.
            lots: what is left and when it was received, as pairs of an instant and credits, if that is known.
            ages: which grants a bare balance is left of: ``newest``, ``oldest`` or ``spread``.
            open_messages: the instant of sending of each message whose credit may still come back, by id.
            seats: the seats of a contract.
            ends_on: when a cancelled subscription ends (D12).

        Raises:
            InvalidValueError: for a balance that the plan's grants cannot hold, or values that contradict
                each other.

        Example:
            >>> from datetime import UTC, date
            >>> from inmail_credits import economies
            >>> account = Account.from_balance(
            ...     economies.LINKEDIN_2026["business"],
            ...     balance=12,
            ...     at=date(2026, 11, 20),
            ...     renews_on=date(2026, 12, 5),
            ...     open_messages={"m-1": date(2026, 11, 18)},
            ... )
            >>> account.balance(at=date(2026, 11, 20)), account.balance(at=date(2026, 12, 5))
            (12, 27)
            >>> account.reply("m-1", at=date(2026, 11, 21)).outcomes[0].ruling.value
            'refunded'
        """
        opening = opening_from_balance(
            as_instance("plan", plan, Plan, "a Plan"),
            at=at,
            balance=balance,
            lots=lots,
            renews_on=renews_on,
            ends_on=ends_on,
            ages=ages,
            open_messages={} if open_messages is None else open_messages,
            seats=seats,
        )
        return cls.replay([opening])

    @classmethod
    def replay(cls, facts: Iterable[f.Fact]) -> "Account":
        """The account these facts make, in whatever order they come (D13).

        Facts that carry ``recorded`` keep their place; the others are numbered after them in the order
        given. Facts that are impossible in their place are found in :attr:`conflicts`.

        Raises:
            InvalidValueError: for no facts at all.
            FactConflictError: for one id with two contents (D14).
        """
        account = cls()
        account._history = History.of(facts)
        if not len(account):
            raise InvalidValueError("facts", [], "at least one, the first a subscription")
        return account

    def record(self, *facts: f.Fact, impossible: Impossible | str = Impossible.REFUSE) -> Receipt:
        """Record facts, late ones included; all of them or, on an error, none (D13, D14, D15).

        A fact recorded before changes nothing: its outcome is in the receipt, marked as a repeat. Later facts
        that the new ones make impossible (or possible again) are in the receipt as well.

        With ``impossible="hold"`` new facts that are impossible in their place are recorded as conflicts
        instead of refused, as :meth:`replay` does: so the facts of one account, conflicts included, can be
        passed on to another.

        Raises:
            RefusedError: if the rules do not allow one of the new facts in its place.
            FactConflictError: for a known id with other content.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=1), at=date(2026, 1, 31))
            >>> early = f.Replied(message_id="m-1", at=date(2026, 2, 2))
            >>> str(account.record(early, impossible="hold").conflicts[0].error)
            "cannot record a reply to 'm-1' at 2026-02-02T00:00:00Z: no such message was sent by then; ..."
            >>> [conflict.fact.id for conflict in account.send("m-1", at=date(2026, 2, 1)).cleared]
            ['replied:m-1:2026-02-02T00:00:00Z']
        """
        hold = impossible is not Impossible.REFUSE and Impossible(impossible) is Impossible.HOLD
        history = self._history
        if not history.recording.acquire(False):
            raise ConcurrentUseError("record facts")
        try:
            return history.record(facts, hold=hold)
        finally:
            history.recording.release()

    def preview(self, *facts: f.Fact, impossible: Impossible | str = Impossible.REFUSE) -> Receipt:
        """What :meth:`record` would do and raise, without doing it.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=1), at=date(2026, 1, 31))
            >>> receipt = account.preview(f.Sent(message_id="m-1", at=date(2026, 2, 1)))
            >>> receipt.outcomes[0].ruling.value, account.balance(at=date(2026, 2, 1))
            ('spent', 1)
        """
        hold = Impossible(impossible) is Impossible.HOLD
        if not self._history.recording.acquire(False):
            raise ConcurrentUseError("preview facts")
        try:
            return self._history.preview(facts, hold=hold)
        finally:
            self._history.recording.release()

    def send(
        self,
        message_id: str,
        *,
        at: AnyInstant,
        channel: Channel | str = Channel.INMAIL,
        seat: str | None = None,
        id: str = "",
    ) -> Receipt:
        """Send a message: an InMail burns the credit that expires first (R4, D4); other channels are free.

        Like every command it takes the ``id`` of the fact it records, such as the key of a request; left
        empty, the id is made of the content. The same command again is a repeat (D14): it returns the
        first receipt. "The same" includes ``at``; where a retry may carry another instant, look the key up
        with :meth:`outcome` before sending.

        Raises:
            NoCreditError: if no live credit is left, or the seat's limit is used up.
            DuplicateMessageError: if the message id was used before.
            FactConflictError: if ``id`` was used before with other content.
        """
        fact = f.Sent(
            message_id=message_id,
            at=at,
            channel=channel,
            seat=seat,
            id=id,
            recorded=self._history.next_recorded,
        )
        if message_id in self._ledger.messages:
            known = self._history.get(fact.id)
            if known is None or (not id and known != fact):
                raise duplicate(self._ledger, fact)
        return self._command(fact)

    def reply(
        self, message_id: str, *, at: AnyInstant, kind: ReplyKind | str = ReplyKind.MESSAGE, id: str = ""
    ) -> Receipt:
        """A recipient answered: the credit comes back where the plan says so (R5, D8, D9, D10).

        Raises:
            UnknownMessageError: if no such message was sent by then.
            FactConflictError: if ``id`` was used before with other content.
        """
        return self._command(
            f.Replied(message_id=message_id, at=at, kind=kind, id=id, recorded=self._history.next_recorded)
        )

    def withdraw(self, message_id: str, *, at: AnyInstant, id: str = "") -> Receipt:
        """Take a message back: its credit is gone for good (R9).

        Raises:
            UnknownMessageError: if no such message was sent by then.
        """
        return self._command(
            f.Withdrawn(message_id=message_id, at=at, id=id, recorded=self._history.next_recorded)
        )

    def fail_delivery(self, message_id: str, *, at: AnyInstant, id: str = "") -> Receipt:
        """A message never arrived: its credit comes back while nobody has answered (D11).

        Raises:
            UnknownMessageError: if no such message was sent by then.
        """
        return self._command(
            f.DeliveryFailed(message_id=message_id, at=at, id=id, recorded=self._history.next_recorded)
        )

    def purchase(self, credits: int, *, at: AnyInstant, id: str = "") -> Receipt:
        """Buy credits beside the allotment, where the plan sells them.

        Each call is a purchase of its own, unless ``id`` says that it is the same: without one, as many
        credits at the same instant again get an id that ends with their number.

        Raises:
            SubscriptionError: for more than the plan still sells in the billing period
                (:meth:`purchase_room`), or if no subscription is running.

        Example:
            >>> from datetime import date
            >>> shop = Plan(name="shop", grant_credits=3, purchase_credits_max=10)
            >>> account = Account.open(shop, at=date(2026, 1, 31))
            >>> _ = account.purchase(4, at=date(2026, 2, 1))
            >>> account.balance(at=date(2026, 2, 1)), account.purchase_room(at=date(2026, 2, 1))
            (7, 6)
        """
        fact = f.Purchased(credits=credits, at=at, id=id, recorded=self._history.next_recorded)
        if not id and self._history.get(fact.id) is not None:
            fact = evolve(fact, id=f"{fact.id}:{fact.recorded}")
        return self._command(fact)

    def cancel(self, *, at: AnyInstant, id: str = "") -> Receipt:
        """Cancel the subscription; credits last as long as the plan says (D12).

        Raises:
            SubscriptionError: if none is running, or it is cancelled already.
        """
        return self._command(f.Cancelled(at=at, id=id, recorded=self._history.next_recorded))

    def switch(self, plan: Plan, *, at: AnyInstant, seats: int = 1, id: str = "") -> Receipt:
        """Change to another plan: credits do not follow, the new plan grants at once (D12).

        Raises:
            SubscriptionError: if no subscription is running.
            InvalidValueError: for more seats than the plan allows.
        """
        return self._command(
            f.Switched(plan=plan, at=at, seats=seats, id=id, recorded=self._history.next_recorded)
        )

    def change_terms(self, plan: Plan, *, at: AnyInstant, id: str = "") -> Receipt:
        """The provider changes the terms of the running subscription to those of ``plan`` (D16).

        Subscription, anchor, credits and messages in flight go on; grants, cap and new lots follow the plan.

        Raises:
            SubscriptionError: if no subscription is running, or with more seats than the plan allows.
        """
        return self._command(f.TermsChanged(plan=plan, at=at, id=id, recorded=self._history.next_recorded))

    def change_seats(self, seats: int, *, at: AnyInstant, id: str = "") -> Receipt:
        """Give a contract another number of seats; its grants and its cap follow (D20).

        Raises:
            SubscriptionError: if no subscription is running, or for more seats than the plan allows.
        """
        return self._command(f.SeatsChanged(seats=seats, at=at, id=id, recorded=self._history.next_recorded))

    def limit_seat(self, seat: str, *, credits_max: int | None, at: AnyInstant, id: str = "") -> Receipt:
        """Bound what a seat may send from one scheduled grant to the next; ``None`` lifts the bound (D20).

        Raises:
            SubscriptionError: if no subscription is running.
        """
        return self._command(
            f.SeatLimited(
                seat=seat, credits_max=credits_max, at=at, id=id, recorded=self._history.next_recorded
            )
        )

    def checkpoint(self, *, at: AnyInstant) -> f.Opened:
        """The opening that stands for all facts before ``at`` (D17): keep it and the facts from ``at`` on.

        ``Account.replay([account.checkpoint(at=at), *facts_from_at_on])`` gives every later answer: balances,
        lots with their numbers, entries, statements, and what later facts do. It holds what is live and no
        more, so that loading it takes a time that does not depend on the history behind it. At the instant of
        the account's own opening it is that opening.

        Raises:
            InvalidValueError: if nothing is known of the time before ``at``.

        Example:
            >>> from datetime import date
            >>> from inmail_credits import economies
            >>> account = Account.open(economies.LINKEDIN_2019["career"], at=date(2026, 1, 31))
            >>> _ = account.send("m-1", at=date(2026, 2, 2))
            >>> opening = account.checkpoint(at=date(2026, 3, 1))
            >>> shorter = Account.replay([opening])
            >>> shorter.balance(at=date(2026, 3, 31)) == account.balance(at=date(2026, 3, 31)) == 8
            True
            >>> shorter.reply("m-1", at=date(2026, 3, 2)).outcomes[0].ruling.value
            'refunded'
        """
        at = instant(at)
        if not self._history.recording.acquire(False):
            raise ConcurrentUseError("take a checkpoint")
        try:
            return self._history.opening_at(at)
        finally:
            self._history.recording.release()

    def _command(self, fact: f.Fact) -> Receipt:
        """Record the fact of a command, which was numbered when it was made."""
        history = self._history
        if not history.recording.acquire(False):
            raise ConcurrentUseError(f"record a fact ({fact.type})")
        try:
            if fact.recorded != history.next_recorded:  # another thread has recorded one meanwhile
                raise ConcurrentUseError(f"record a fact ({fact.type})")
            return history.record((fact,))
        finally:
            history.recording.release()

    # -- what is recorded -------------------------------------------------------------------------------

    @property
    def facts(self) -> tuple[f.Fact, ...]:
        """All facts in order, each with the number under which it was recorded."""
        return self._history.numbered()

    def outcome(self, fact_id: str) -> Outcome | None:
        """What the recorded fact of that id did, as things stand; ``None`` for an id never recorded.

        The answer to a retry: facts held as conflicts are answered for as well, with their error.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=1), at=date(2026, 1, 31))
            >>> _ = account.send("m-1", at=date(2026, 2, 2), id="request-77")
            >>> account.outcome("request-77").ruling.value, account.outcome("request-78")
            ('spent', None)
        """
        return self._history.outcome(as_text("fact id", fact_id, length_max=f.ID_LENGTH_MAX))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries up to the latest fact, in order."""
        return tuple(self._ledger.journal.entries)

    @property
    def opening(self) -> f.Opened | None:
        """What the account begins with, if it does not begin with a subscription (D17)."""
        return self._ledger.opening

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The facts that are impossible in their place (D13); empty in a sound account."""
        return tuple(self._history.impossible.values())

    @property
    def latest_at(self) -> datetime:
        """The instant of the latest fact.

        Raises:
            InvalidValueError: if there are no facts at all.
        """
        if not self._history.places:
            raise InvalidValueError("account", "empty", "given a fact first: Account.open(plan, at=...)")
        return self._history.places[-1][0]

    def __len__(self) -> int:
        return len(self._history.facts)

    def __eq__(self, other: object) -> bool:
        """Accounts are equal if their facts are, and so is all that follows from them."""
        if not isinstance(other, Account):
            return NotImplemented
        return self._history.places == other._history.places and self._history.facts == other._history.facts

    def __copy__(self) -> "Account":
        """An independent account of the same facts; nothing is worked out again."""
        other = Account()
        other._history = self._history.copy()
        return other

    def __deepcopy__(self, memo: dict[int, object]) -> "Account":
        """As :meth:`__copy__`: facts, entries and all else that is shared never change."""
        return self.__copy__()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the facts, in order and numbered; what follows from them is worked out on loading."""
        return _of, (self.facts,)

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # an account changes

    def _repr_html_(self) -> str:
        from inmail_credits._display.html import card_html  # noqa: PLC0415 - loaded where something is shown
        from inmail_credits.statements._cards import account_card  # noqa: PLC0415 - as above

        return card_html(account_card(self))

    def __repr__(self) -> str:
        if not self._history.facts:
            return "<Account: no facts>"
        balance = self._ledger.journal.balance
        conflicts = f", {len(self._history.impossible)} conflicts" if self._history.impossible else ""
        running = self._ledger.course.subscription
        plan = running.plan.name if running else "no subscription"
        return f"<Account {plan}: {balance} credits at {stamp(self.latest_at)}, {len(self)} facts{conflicts}>"

    # -- questions about any instant --------------------------------------------------------------------

    def balance(self, *, at: AnyInstant) -> int:
        """The credits that can be spent at ``at``, past or future.

        A date asks for its midnight UTC (D1): ``date.today()`` for what there was as the day began, and
        ``datetime.now(UTC)`` for what there is now.
        """
        at = instant(at)
        journal = self._ledger_at(at).journal
        return journal.balance_after(journal.index(at, inclusive=True))

    def lots(self, *, at: AnyInstant) -> tuple[Lot, ...]:
        """The lots with credits at ``at``, in burn order (D4): what is left, and when each expires."""
        at = instant(at)
        ledger = self._ledger_at(at)
        left = ledger.journal.left_after(ledger.journal.index(at, inclusive=True))
        return ledger.holdings.in_burn_order(left)

    def lot(self, number: int, *, at: AnyInstant | None = None) -> Lot:
        """The lot of that number, with what is left of it at ``at``, past or future.

        Without ``at``: after the latest fact.

        Raises:
            InvalidValueError: for a number that no lot has by then.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=2), at=date(2026, 1, 31))
            >>> next_month = account.lots(at=date(2026, 2, 28))[-1]
            >>> account.lot(next_month.number, at=date(2026, 2, 28)) == next_month
            True
        """
        at = self._ledger.clock if at is None else instant(at)
        ledger = self._ledger_at(at)
        number = as_whole("lot", number, 1, ledger.holdings.count)
        lot = ledger.holdings.lots.get(number)
        if lot is None:
            raise InvalidValueError("lot", number, "a lot left when the account begins, or a later one")
        if lot.received_at > at:
            raise InvalidValueError("lot", number, f"received by {stamp(at)}; lot {number} comes later")
        left = ledger.journal.left_after(ledger.journal.index(at, inclusive=True))
        return lot._replace(left=left.get(number, 0))

    def expiring(self, *, at: AnyInstant, within: timedelta | int) -> tuple[Lot, ...]:
        """The lots of ``at`` that expire before ``at + within`` has passed, if nobody spends them.

        ``within`` is a timedelta, or a whole number of days of 24 hours; 0 to 36,500 days. What expires at
        the very end is among them (D2).

        Example:
            >>> from datetime import date
            >>> plan = Plan(name="own", grant_credits=3, lifetime_days=90)
            >>> account = Account.open(plan, at=date(2026, 1, 31))
            >>> [len(account.expiring(at=date(2026, 4, 1), within=days)) for days in (29, 30)]
            [0, 1]
        """
        until = instant(at) + as_timedelta("within", within)
        return tuple(
            lot for lot in self.lots(at=at) if lot.expires_at is not None and lot.expires_at <= until
        )

    def totals(self, *, before: AnyInstant) -> Totals:
        """The sums of all movements before an instant."""
        before = instant(before, what="before")
        journal = self._ledger_at(before).journal
        return journal.totals_after(journal.index(before, inclusive=False))

    def statement(self, start: AnyInstant, end: AnyInstant) -> Statement:
        """The movements of ``start <= t < end``.

        Raises:
            InvalidValueError: for an end before the start.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=3), at=date(2026, 1, 31))
            >>> february = account.statement(date(2026, 2, 1), date(2026, 3, 1))
            >>> february.opening, february.granted, february.balance
            (3, 3, 6)
        """
        start, end = _span(start, end)
        opening = self.totals(before=start)
        return Statement.between(start, end, opening, self.totals(before=end))

    def history(
        self, start: AnyInstant, end: AnyInstant, *, grain: Grain | str = Grain.MONTH
    ) -> tuple[Statement, ...]:
        """Statements that follow one another from ``start`` to ``end``.

        Days and weeks count from ``start``, months begin on the first, billing periods where the
        subscription running at ``start`` has them, or else the one that ended last before, or else the first
        one; all in its plan's zone (D18).

        Raises:
            InvalidValueError: for an end before the start, an unknown grain, or billing periods where nobody
                has subscribed.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=3), at=date(2026, 1, 31))
            >>> [line.balance for line in account.history(date(2026, 1, 31), date(2026, 4, 1))]
            [3, 6, 9]
        """
        start, end = _span(start, end)
        cuts = boundaries(start, end, self._grain(Grain(grain), start))
        future = self._ledger_at(end)
        totals = []
        for cut in cuts:
            journal = (self._ledger if cut <= self._ledger.clock else future).journal
            totals.append(journal.totals_after(journal.index(cut, inclusive=False)))
        return tuple(
            Statement.between(cuts[i], cuts[i + 1], totals[i], totals[i + 1]) for i in range(len(cuts) - 1)
        )

    def subscription(self, *, at: AnyInstant) -> Subscription | None:
        """The subscription running at ``at``, facts of that instant included; ``None`` if none is."""
        at = instant(at)
        running = self._course(at).subscription
        return None if running and running.ends_at and running.ends_at <= at else running

    def seat_sends(self, *, at: AnyInstant) -> dict[str, int]:
        """How many InMails each seat sent from the last scheduled grant up to and including ``at`` (D20)."""
        at = instant(at)
        running = self.subscription(at=at)
        if running is None:
            return {}
        course, schedule = self._course(at), running.schedule
        if course.next_grant_at <= at:  # a grant came, and nothing was sent since
            return {}
        begun = schedule[schedule.index(at)] if running.changed_at is None else running.started_at
        spent: Counter[str] = Counter()
        if not course.grants and self.opening is not None:
            spent.update({use.seat: use.spent for use in self.opening.seat_uses if use.spent})
        spent.update(
            message.seat_period[1]
            for message in self.messages(max(begun, running.started_at), at)
            if message.seat_period is not None and message.seat_period[0] == course.grants
        )
        return dict(spent)

    def purchase_room(self, *, at: AnyInstant) -> int:
        """How many credits may still be bought at ``at``.

        What the plan sells in the billing period, less what was bought in it; 0 without a subscription.
        """
        at = instant(at)
        running = self.subscription(at=at)
        if running is None:
            return 0
        return self._ledger.purchase_room(at, running)

    def entries_until(self, at: AnyInstant) -> tuple[Entry, ...]:
        """All entries up to and including ``at``, past or future."""
        at = instant(at)
        ledger = self._ledger_at(at)
        coming = () if ledger is self._ledger else tuple(ledger.journal.entries)
        journal = self._ledger.journal
        return (*journal.entries[: journal.index(at, inclusive=True)], *coming)

    def messages(self, start: AnyInstant, end: AnyInstant) -> tuple[Message, ...]:
        """The messages sent at ``start <= t <= end``, in order, as they now stand."""
        return tuple(self._ledger.sent(instant(start, what="start"), instant(end, what="end")))

    def in_flight(self, *, at: AnyInstant) -> tuple[Message, ...]:
        """The messages whose credit can still come back: paid, unsettled, inside the reply window."""
        at = instant(at)
        running = self.subscription(at=at)
        if running is None:
            return ()
        return tuple(self._ledger.unsettled(at, subscription=running))[::-1]

    def explain(self, message_id: str) -> Explanation:
        """Which lot paid for a message, why that one, what came back and when.

        Raises:
            UnknownMessageError: if no message of that id was sent.

        Example:
            >>> from datetime import date
            >>> account = Account.open(Plan(name="own", grant_credits=3), at=date(2026, 1, 31))
            >>> _ = account.send("m-1", at=date(2026, 2, 2))
            >>> print(account.explain("m-1"))
            message 'm-1'
              2026-02-02T00:00:00Z sent: one credit was spent (R4)
                paid by lot 1 (schedule 2026-01-31T00:00:00Z, ...), the only one left (D4)
              no answer so far: nothing has come back (R6)
        """
        message_id = as_text("message id", message_id)
        message = self._ledger.messages.get(message_id)
        if message is None:
            raise UnknownMessageError(f"explain {message_id!r}", self.latest_at, "no such message was sent")
        return explain(message, self._history.about(message_id), self._ledger)

    # -- inside -----------------------------------------------------------------------------------------

    def _ledger_at(self, at: datetime) -> Ledger:
        """The ledger that can answer for ``at``: this one, or for the future one that went on alone."""
        if self._history.recording.locked():
            raise ConcurrentUseError("answer a question")
        if at <= self._ledger.clock:
            return self._ledger
        future = self._ledger.fork()
        future.advance(at)
        return future

    def _course(self, at: datetime) -> Course:
        """The course at ``at``, but for what time alone brought since the last fact before it."""
        if at >= self._ledger.clock:
            return self._ledger_at(at).course
        return self._ledger.course_at(self._history.marks[bisect_right(self._history.places, at, key=_at)])

    def _grain(self, grain: Grain, start: datetime) -> Schedule:
        """Where a history is cut: in the zone of its plan, or in UTC where nobody has subscribed."""
        billing = self._billing(start)
        if billing is None and grain is Grain.BILLING_PERIOD:
            raise InvalidValueError("grain", grain.value, "another where nobody has subscribed")
        return grain_schedule(grain, start, billing or Schedule(start, MONTHLY))

    def _billing(self, at: datetime) -> Schedule | None:
        """The billing periods of the subscription running at ``at``, the last before, or the first after."""
        course = self._course(at)
        latest = course.subscription or course.ended
        if latest is not None:
            return latest.billing
        for fact in self._history.facts:
            if isinstance(fact, f.Subscribed):
                return fact.plan.billing(fact.at)
            if isinstance(fact, f.Opened) and fact.plan is not None and fact.anchor_at is not None:
                return fact.plan.billing(fact.anchor_at)
        return None


def _of(facts: tuple[f.Fact, ...]) -> Account:
    return Account.replay(facts) if facts else Account()


def _at(place: f.Place) -> datetime:
    return place[0]


def _span(start: AnyInstant, end: AnyInstant) -> tuple[datetime, datetime]:
    start, end = instant(start, what="start"), instant(end, what="end")
    if end < start:
        raise InvalidValueError("end", stamp(end), f"at or after the start, {stamp(start)}")
    return start, end
