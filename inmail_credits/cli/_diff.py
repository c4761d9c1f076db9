"""``inmail-credits diff``: the same log under another economy."""

import json
from argparse import ArgumentParser, Namespace
from typing import Final

from inmail_credits import economies
from inmail_credits.cli._files import parse_instant, read_facts, read_text
from inmail_credits.cli._tables import table
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.plans.toml import economy_from_toml
from inmail_credits.policy import Change, PolicyDiff, diff

EXAMPLE: Final = (
    "example: inmail-credits diff facts.jsonl --to linkedin-2026 --map sales=sales-navigator-core"
)
SUMS = ("opening", "granted", "refunded", "spent", "expired", "forfeited", "balance")


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("facts", metavar="FACTS", help="a log of JSON lines; - for standard input")
    target = command.add_mutually_exclusive_group(required=True)
    target.add_argument("--to", metavar="NAME", help="the other economy, such as linkedin-2026")
    target.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    command.add_argument(
        "--map", metavar="OLD=NEW", action="append", default=[], help="which plan stands for which"
    )
    command.add_argument(
        "--until", metavar="INSTANT", help="how far to follow both; the latest fact if not given"
    )


def run(options: Namespace) -> int:
    """Print what differs."""
    to = (
        economy_from_toml(read_text(options.file, what="--file"))
        if options.file is not None
        else economies.get(options.to)
    )
    until = None if options.until is None else parse_instant(options.until, what="--until")
    result = diff(
        read_facts(options.facts, what="FACTS"), to, plans=dict(map(_pair, options.map)), until=until
    )
    print(json.dumps(_as_dict(result), indent=2, sort_keys=True) if options.json else _text(result, to.name))
    return 0


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise InvalidValueError("--map", text, "OLD=NEW, such as sales=sales-navigator-core")
    return old, new


def _as_dict(result: PolicyDiff) -> dict[str, object]:
    before, after = result.totals
    return {
        "until": stamp(result.until),
        "totals": {name: [getattr(before, name), getattr(after, name)] for name in SUMS},
        "refused": [conflict.fact.id for conflict in result.refused],
        "allowed": [conflict.fact.id for conflict in result.allowed],
        "changes": [
            {
                "at": stamp(change.at),
                "kind": change.kind,
                "cause": change.cause,
                "message_id": change.message_id,
                "before": change.before,
                "after": change.after,
            }
            for change in result.changes
        ],
    }


def _text(result: PolicyDiff, name: str) -> str:
    before, after = result.totals
    sums = [
        (
            sum_,
            getattr(before, sum_),
            getattr(after, sum_),
            f"{getattr(after, sum_) - getattr(before, sum_):+}",
        )
        for sum_ in SUMS
    ]
    lines = [f"the same facts under {name}, up to {stamp(result.until)}", ""]
    lines.append(table(("credits", "own rules", name, "difference"), sums, indent="  "))
    lines += [
        "",
        (
            f"  refused only under {name}: {len(result.refused)} ({len(result.refused_sends)} of them sends);"
            f" only under their own: {len(result.allowed)}"
        ),
    ]
    lines += [f"    {conflict}" for conflict in result.refused]
    if result.changes:
        lines += [
            "",
            table(
                ("at", "movement", "message", "own rules", name),
                map(_row, result.changes),
                left=3,
                indent="  ",
            ),
        ]
    return "\n".join(lines)


def _row(change: Change) -> tuple[object, ...]:
    return (
        stamp(change.at),
        f"{change.kind} ({change.cause})",
        change.message_id,
        change.before,
        change.after,
    )
