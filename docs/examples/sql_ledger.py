"""Credits in SQL tables: subscriptions, lots, messages and entries, the rules in SQL and a little Python.

A ledger of its own design, for SQLite and PostgreSQL, that shares nothing with the package but the rules:
what an app may have already. It keeps the present state and one entry for each movement. Time passes when
somebody looks: :meth:`SqlLedger.advance` expires, ends and grants what was due; a question about the future
advances inside a transaction that is rolled back. Instants are whole microseconds since 1970, UTC.

Left out: facts that arrive late, openings, seats, switches, new terms, silence, zones and calendar grants.
``docs/conformance.md`` shows how it was held against the rules.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sql_tables import (
    DAY,
    SCHEMA,
    ConflictError,
    Connection,
    Cursor,
    ImpossibleError,
    Row,
    Subscription,
    Terms,
)

BURN_ORDER = "expires_at IS NULL, expires_at, received_at, lot"
EXPIRED = "expires_at <= ?"
SIGNED = "CASE WHEN kind IN ('granted', 'refunded') THEN credits ELSE -credits END"


class SqlLedger:
    """The credits of one account. Commands and questions belong into :meth:`transaction`.

    The connection must be in autocommit mode, since transactions begin and end here.
    """

    def __init__(self, connection: Connection, account_id: str, *, postgresql: bool) -> None:
        self._connection, self._id, self._postgresql = connection, account_id, postgresql

    def create_tables(self) -> None:
        """Create the tables where they do not exist."""
        identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        for statement in SCHEMA:
            self._run(statement.replace("{serial}", identity if self._postgresql else "INTEGER PRIMARY KEY"))

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing, nobody else in this account meanwhile; without ``keep`` nothing in any case."""
        self._run("BEGIN" if self._postgresql else "BEGIN IMMEDIATE")
        try:
            self._run("INSERT INTO credit_accounts VALUES (?) ON CONFLICT (account_id) DO NOTHING", self._id)
            if self._postgresql:
                self._run("SELECT 1 FROM credit_accounts WHERE account_id = ? FOR UPDATE", self._id)
            yield
            self._run("COMMIT" if keep else "ROLLBACK")
        except BaseException:
            self._run("ROLLBACK")
            raise

    def is_new(self, request_id: str, content: str) -> bool:
        """Whether a request comes for the first time (D14).

        Raises:
            ConflictError: for the id with other content.
        """
        where = "account_id = ? AND request_id = ?"
        known = self._one(f"SELECT content FROM credit_requests WHERE {where}", self._id, request_id)
        if known is not None and known[0] != content:
            raise ConflictError(request_id)
        if known is None:
            self._run("INSERT INTO credit_requests VALUES (?, ?, ?)", self._id, request_id, content)
        return known is None

    # -- what time does ----------------------------------------------------------------------------------

    def advance(self, to: int) -> None:
        """Expire, end and grant all that is due up to and including an instant, in this order (D6)."""
        while (due := self._next_due()) is not None and due <= to:
            self._expire(due)
            self._end(due)
            self._grant(due)

    def _next_due(self) -> int | None:
        query = "SELECT MIN(expires_at) FROM credit_lots WHERE account_id = ? AND remaining > 0"
        due = [self._number(query, self._id)]
        if (running := self._running()) is not None:
            due += [running.ends_at, running.date(running.terms.grant_every, running.grants + 1)]
        return min((at for at in due if at is not None), default=None)

    def _expire(self, at: int) -> None:
        dead = f"FROM credit_lots WHERE account_id = ? AND remaining > 0 AND {EXPIRED} ORDER BY {BURN_ORDER}"
        for lot, remaining in self._all(f"SELECT lot, remaining {dead}", self._id, at):
            self._take(_int(lot), _int(remaining), at, "expired", "age")

    def _end(self, at: int) -> None:
        running = self._running()
        if running is not None and running.ends_at == at:
            self._close(running, at)

    def _close(self, running: Subscription, at: int) -> None:
        self._take_in_order(self.left(), at, "forfeited", "cancel")
        self._set("credit_subscriptions SET is_over = 1", "number = ?", running.number)

    def _grant(self, at: int) -> None:
        running = self._running()
        if running is not None and running.date(running.terms.grant_every, running.grants + 1) == at:
            self._set("credit_subscriptions SET grants = grants + 1", "number = ?", running.number)
            self._allot(running.terms, at)

    def _allot(self, terms: Terms, at: int) -> None:
        if terms.cap_credits is not None:
            excess = self.left() + terms.grant_credits - terms.cap_credits
            self._take_in_order(max(0, excess), at, "forfeited", "cap")
        self._receive(terms, terms.grant_credits, at, "granted", "schedule")

    # -- commands ----------------------------------------------------------------------------------------

    def subscribe(self, terms: Terms, at: int) -> None:
        """Start a subscription; its first grant comes at once."""
        self.advance(at)
        if self._running() is not None:
            raise ImpossibleError("a subscription is running")
        count = "SELECT COUNT(*) FROM credit_subscriptions WHERE account_id = ?"
        values = (
            *(self._id, self._number(count, self._id), at, None, 0, 0, terms.grant_credits),
            *(*terms.grant_every, *terms.billing_every, terms.lifetime_days, terms.cap_credits),
            *(terms.window_days, " ".join(sorted(terms.refund_kinds)), int(terms.refunds_rejoin)),
            *(int(terms.ends_at_once), terms.purchase_max),
        )
        self._run(f"INSERT INTO credit_subscriptions VALUES ({', '.join('?' * len(values))})", *values)
        self._allot(terms, at)

    def cancel(self, at: int) -> None:
        """End the subscription with its billing period, or at once (D12)."""
        self.advance(at)
        running = self._needed()
        if running.ends_at is not None:
            raise ImpossibleError("it is cancelled already")
        if running.terms.ends_at_once:
            self._close(running, at)
        else:
            ends_at = running.billing_period(at)[1]
            self._set("credit_subscriptions SET ends_at = ?", "number = ?", running.number, given=(ends_at,))

    def buy(self, credits: int, at: int) -> None:
        """Receive credits that were bought, as many as the plan sells in a billing period."""
        self.advance(at)
        running = self._needed()
        query = """SELECT COALESCE(SUM(credits), 0) FROM credit_purchases
            WHERE account_id = ? AND subscription = ? AND at >= ? AND at < ?"""
        bought = self._number(query, self._id, running.number, *running.billing_period(at)) or 0
        if bought + credits > running.terms.purchase_max:
            raise ImpossibleError("the plan does not sell so many")
        self._run("INSERT INTO credit_purchases VALUES (?, ?, ?, ?)", self._id, running.number, at, credits)
        self._receive(running.terms, credits, at, "granted", "purchase")

    def send(self, message_id: str, at: int, *, free: bool) -> None:
        """Send a message; it costs the credit that burns next unless it is free (R4, D4)."""
        self.advance(at)
        insert = """INSERT INTO credit_messages (account_id, message_id, sent_at, subscription, lot, is_open)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, message_id) DO NOTHING RETURNING message_id"""
        running, lot = (None, None) if free else (self._running(), self._burns_next())
        if not free and (running is None or lot is None):
            raise ImpossibleError("no credit is left")
        number = None if running is None else running.number
        if self._one(insert, self._id, message_id, at, number, lot, int(not free)) is None:
            raise ImpossibleError("the message id is in use")
        if lot is not None:
            self._take(lot, 1, at, "spent", "send", message_id)

    def reply(self, message_id: str, at: int, kind: str) -> None:
        """Record a reply; the first that counts gives the credit back (R5, D8, D9, D10)."""
        self.advance(at)
        is_open, sent_at, lot, _ = self._message(message_id)
        self._set("credit_messages SET is_answered = 1", "message_id = ?", message_id)
        if not is_open:
            return
        terms = self._needed().terms
        in_time = terms.window_days is None or at < sent_at + terms.window_days * DAY
        if kind in terms.refund_kinds and in_time:
            self._give_back(message_id, lot, at, "reply")

    def withdraw(self, message_id: str, at: int) -> None:
        """Withdraw a message: nothing comes back for it any more (R9)."""
        self.advance(at)
        self._message(message_id)
        self._settle(message_id)

    def fail(self, message_id: str, at: int) -> None:
        """Record a failed delivery: the credit comes back unless a reply proves the message arrived (D11)."""
        self.advance(at)
        is_open, _, lot, is_answered = self._message(message_id)
        if is_open and not is_answered:
            self._give_back(message_id, lot, at, "delivery_failure")

    # -- questions: ask them in a transaction that is not kept, after advancing to the instant --------------

    def left(self, at: int | None = None) -> int:
        """The credits left now, or of what is recorded up to an instant."""
        if at is None:
            query = "SELECT COALESCE(SUM(remaining), 0) FROM credit_lots WHERE account_id = ?"
            return self._number(query, self._id) or 0
        query = f"SELECT COALESCE(SUM({SIGNED}), 0) FROM credit_entries WHERE account_id = ? AND at <= ?"
        return self._number(query, self._id, at) or 0

    def lots(self, at: int) -> list[Row]:
        """(received_at, expires_at, credits left) of each lot with some left then, in burn order."""
        query = f"""SELECT received_at, expires_at, credits FROM credit_lots
            JOIN (SELECT lot AS moved, SUM({SIGNED}) AS credits FROM credit_entries
                WHERE account_id = ? AND at <= ? GROUP BY lot) AS sums ON moved = lot
            WHERE account_id = ? AND credits > 0 ORDER BY {BURN_ORDER}"""
        return self._all(query, self._id, at, self._id)

    def entries(self, until: int) -> list[Row]:
        """(at, kind, cause, credits, lot, message_id) of each movement up to an instant, in order."""
        query = """SELECT at, kind, cause, credits, lot, message_id FROM credit_entries
            WHERE account_id = ? AND at <= ? ORDER BY entry"""
        return self._all(query, self._id, until)

    # -- inside ------------------------------------------------------------------------------------------

    def _running(self) -> Subscription | None:
        query = """SELECT number, started_at, ends_at, grants, grant_credits, grant_months, grant_days,
            billing_months, billing_days, lifetime_days, cap_credits, window_days, refund_kinds,
            refunds_rejoin, ends_at_once, purchase_max
            FROM credit_subscriptions WHERE account_id = ? AND is_over = 0"""
        row = self._one(query, self._id)
        if row is None:
            return None
        number, started_at, ends_at, grants, credits, months, days, b_months, b_days, *rest = row
        lifetime, cap, window, kinds, rejoin, at_once, purchase_max = rest
        every, billing = (_int(months), _int(days)), (_int(b_months), _int(b_days))
        limits = (_maybe(lifetime), _maybe(cap), _maybe(window), frozenset(str(kinds).split()))
        terms = Terms(_int(credits), every, billing, *limits, bool(rejoin), bool(at_once), _int(purchase_max))
        return Subscription(_int(number), _int(started_at), _maybe(ends_at), _int(grants), terms)

    def _needed(self) -> Subscription:
        running = self._running()
        if running is None:
            raise ImpossibleError("no subscription is running")
        return running

    def _message(self, message_id: str) -> tuple[bool, int, int, bool]:
        """Whether it is open in the running subscription, its instant, its lot, whether it was answered."""
        query = """SELECT is_open = 1 AND COALESCE(is_over, 1) = 0, sent_at, COALESCE(lot, 0), is_answered
            FROM credit_messages AS m LEFT JOIN credit_subscriptions AS s
            ON s.account_id = m.account_id AND s.number = m.subscription
            WHERE m.account_id = ? AND message_id = ?"""
        row = self._one(query, self._id, message_id)
        if row is None:
            raise ImpossibleError("there is no such message")
        is_open, sent_at, lot, is_answered = row
        return bool(is_open), _int(sent_at), _int(lot), bool(is_answered)

    def _settle(self, message_id: str) -> None:
        self._set("credit_messages SET is_open = 0", "message_id = ?", message_id)

    def _give_back(self, message_id: str, lot: int, at: int, cause: str) -> None:
        """One refund a message: as a new lot, or to the lot that paid while it lives (D7, D8)."""
        self._settle(message_id)
        terms = self._needed().terms
        if not terms.refunds_rejoin:
            self._receive(terms, 1, at, "refunded", cause, message_id)
            return
        alive = f"lot = ? AND (expires_at IS NULL OR NOT {EXPIRED})"
        query = f"SELECT 1 FROM credit_lots WHERE account_id = ? AND {alive}"
        if self._one(query, self._id, lot, at) is not None:
            self._set("credit_lots SET remaining = remaining + 1", "lot = ?", lot)
            self._enter(lot, 1, at, "refunded", cause, message_id)

    def _receive(
        self, terms: Terms, credits: int, at: int, kind: str, cause: str, message_id: str | None = None
    ) -> None:
        if credits:
            lot = 1 + (self._number("SELECT MAX(lot) FROM credit_lots WHERE account_id = ?", self._id) or 0)
            expires_at = None if terms.lifetime_days is None else at + terms.lifetime_days * DAY
            self._run(
                "INSERT INTO credit_lots VALUES (?, ?, ?, ?, ?)", self._id, lot, at, expires_at, credits
            )
            self._enter(lot, credits, at, kind, cause, message_id)

    def _burns_next(self) -> int | None:
        living = "account_id = ? AND remaining > 0"
        return self._number(
            f"SELECT lot FROM credit_lots WHERE {living} ORDER BY {BURN_ORDER} LIMIT 1", self._id
        )

    def _take_in_order(self, credits: int, at: int, kind: str, cause: str) -> None:
        while credits > 0 and (lot := self._burns_next()) is not None:
            query = "SELECT remaining FROM credit_lots WHERE account_id = ? AND lot = ?"
            taken = min(credits, self._number(query, self._id, lot) or 0)
            self._take(lot, taken, at, kind, cause)
            credits -= taken

    def _take(
        self, lot: int, credits: int, at: int, kind: str, cause: str, message_id: str | None = None
    ) -> None:
        self._set("credit_lots SET remaining = remaining - ?", "lot = ?", lot, given=(credits,))
        self._enter(lot, credits, at, kind, cause, message_id)

    def _enter(self, lot: int, credits: int, at: int, kind: str, cause: str, message_id: str | None) -> None:
        columns = "account_id, at, kind, cause, lot, credits, message_id"
        insert = f"INSERT INTO credit_entries ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._run(insert, self._id, at, kind, cause, lot, credits, message_id)

    def _set(self, change: str, where: str, *parameters: object, given: Sequence[object] = ()) -> None:
        self._run(f"UPDATE {change} WHERE account_id = ? AND {where}", *given, self._id, *parameters)

    def _all(self, query: str, *parameters: object) -> list[Row]:
        return self._run(query, *parameters).fetchall()

    def _one(self, query: str, *parameters: object) -> Row | None:
        return self._run(query, *parameters).fetchone()

    def _number(self, query: str, *parameters: object) -> int | None:
        row = self._one(query, *parameters)
        return None if row is None else _maybe(row[0])

    def _run(self, query: str, *parameters: object) -> Cursor:
        return self._connection.execute(query.replace("?", "%s") if self._postgresql else query, parameters)


def _int(value: object) -> int:
    return int(str(value))


def _maybe(value: object) -> int | None:
    return None if value is None else _int(value)
