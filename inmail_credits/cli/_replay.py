"""``inmail-credits replay``: rebuild an account from its log, and print its state."""

import json
from argparse import ArgumentParser, Namespace
from datetime import datetime, timedelta
from typing import Final

from inmail_credits.account import Account
from inmail_credits.cli._files import parse_instant, read_facts
from inmail_credits.cli._tables import table, zone_of
from inmail_credits.errors import stamp
from inmail_credits.ledger.lots import Lot
from inmail_credits.statements.statement import Statement

EXAMPLE: Final = "example: inmail-credits replay facts.jsonl --at 2026-05-01"
SOON = timedelta(days=30)


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("facts", metavar="FACTS", help="a log of JSON lines; - for standard input")
    command.add_argument("--at", metavar="INSTANT", help="when; the latest fact if not given")


def run(options: Namespace) -> int:
    """Print the account at ``--at``; 1 if some facts of the log are impossible, else 0."""
    account = Account.replay(read_facts(options.facts, what="FACTS"))
    at = account.latest_at if options.at is None else parse_instant(options.at, what="--at")
    print(json.dumps(_as_dict(account, at), indent=2, sort_keys=True) if options.json else _text(account, at))
    return 1 if account.conflicts else 0


def _statement(account: Account, at: datetime) -> Statement:
    """Everything up to and including ``at``."""
    return account.statement(min(account.facts[0].at, at), at + timedelta.resolution)


def _as_dict(account: Account, at: datetime) -> dict[str, object]:
    statement = _statement(account, at)
    running = account.subscription(at=at)
    return {
        "at": stamp(at),
        "balance": account.balance(at=at),
        "plan": running.plan.name if running else None,
        "zone": running.plan.zone if running else None,
        "facts": len(account),
        "lots": [
            {
                "number": lot.number,
                "received_at": stamp(lot.received_at),
                "expires_at": lot.expires_at and stamp(lot.expires_at),
                "left": lot.left,
                "cause": lot.cause,
            }
            for lot in account.lots(at=at)
        ],
        "totals": {
            name: getattr(statement, name)
            for name in ("opening", "granted", "refunded", "spent", "expired", "forfeited")
        },
        "in_flight": [message.sent.message_id for message in account.in_flight(at=at)],
        "conflicts": [
            {"fact": conflict.fact.id, "error": str(conflict.error)} for conflict in account.conflicts
        ],
    }


def _text(account: Account, at: datetime) -> str:
    statement = _statement(account, at)
    running = account.subscription(at=at)
    plan = f"on {running.plan.title}{zone_of(running.plan)}" if running else "no subscription running"
    lots = account.lots(at=at)
    soon = sum(lot.left for lot in account.expiring(at=at, within=SOON))
    lines = [
        f"{account.balance(at=at)} credits at {stamp(at)} ({plan}; {len(account)} facts)",
        (
            f"  opening {statement.opening} + granted {statement.granted} + refunded {statement.refunded} "
            f"- spent {statement.spent} - expired {statement.expired} - forfeited {statement.forfeited}"
        ),
        (
            f"  {soon} of them expire within {SOON.days} days; "
            f"{len(account.in_flight(at=at))} messages unanswered that may still give theirs back"
        ),
    ]
    if lots:
        lines += ["", table(("lot", "left", "received", "expires", "from"), map(_row, lots), indent="  ")]
    if account.conflicts:
        lines += ["", f"{len(account.conflicts)} facts are impossible where they stand, and move nothing:"]
        lines += [f"  {conflict}" for conflict in account.conflicts]
    return "\n".join(lines)


def _row(lot: Lot) -> tuple[object, ...]:
    expires = "never" if lot.expires_at is None else stamp(lot.expires_at)
    return (lot.number, lot.left, stamp(lot.received_at), expires, lot.cause)
