"""``inmail-credits plans``: what each plan grants, its terms, and the source of each."""

import json
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from typing import Final

from inmail_credits import economies
from inmail_credits.cli._files import read_text
from inmail_credits.cli._tables import table, zone_of
from inmail_credits.plans import Economy, Plan, RefundOn, Source
from inmail_credits.plans.plain_data import plan_to_dict
from inmail_credits.plans.toml import economy_from_toml

EXAMPLE: Final = "example: inmail-credits plans --economy linkedin-2026"
HEADERS = (
    "plan",
    "credits",
    "every",
    "granted on",
    "lifetime",
    "cap",
    "refund on",
    "window",
    "back to",
    "on cancel",
)


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("--economy", metavar="NAME", help="only this economy, such as linkedin-2026")
    command.add_argument("--file", metavar="TOML", help="an economy of your own instead")


def run(options: Namespace) -> int:
    """Print the plans asked for."""
    chosen = chosen_economies(options)
    if options.json:
        print(json.dumps([_as_dict(economy) for economy in chosen], indent=2, sort_keys=True))
        return 0
    print("\n\n".join(_text(economy) for economy in chosen))
    return 0


def chosen_economies(options: Namespace) -> list[Economy]:
    """The economies named by ``--file`` or ``--economy``; all that ship if neither is given."""
    if options.file is not None:
        return [economy_from_toml(read_text(options.file, what="--file"))]
    return [economies.get(options.economy)] if options.economy is not None else list(economies.ALL)


def _as_dict(economy: Economy) -> dict[str, object]:
    return {
        "name": economy.name,
        "title": economy.title,
        "effective_on": economy.effective_on.isoformat(),
        "note": economy.note,
        "plans": [
            plan_to_dict(plan)
            | {
                "sources": [
                    {"term": s.term, "page": s.page, "sure": s.sure, "note": s.note} for s in plan.sources
                ]
            }
            for plan in economy
        ],
    }


def _text(economy: Economy) -> str:
    lines = [f"{economy.name}: {economy.title}", f"  {economy.note}", ""]
    lines.append(table(HEADERS, map(_row, economy), indent="  "))
    lines += ["", "  sources"]
    lines += [f"    {line}" for line in _sources(economy)]
    return "\n".join(lines)


def _row(plan: Plan) -> tuple[object, ...]:
    return (
        plan.name,
        plan.grant_credits,
        plan.grant_every,
        f"{plan.grant_on}{zone_of(plan)}",
        _days(plan.lifetime_days),
        "none" if plan.cap_credits is None else plan.cap_credits,
        "a reply" if plan.refund_on is RefundOn.REPLY else "silence",
        _days(plan.reply_window_days),
        f"{plan.refund_to} lot",
        plan.cancel_at.replace("_", " "),
    )


def _days(days: int | None) -> str:
    return "no end" if days is None else f"{days} days"


def _sources(economy: Economy) -> list[str]:
    """Each source once, with the plans it speaks of where these are not all."""
    plans: dict[Source, list[str]] = defaultdict(list)
    for plan in economy:
        for source in plan.sources:
            plans[source].append(plan.name)
    lines = []
    for source, names in sorted(plans.items(), key=lambda item: item[0].term):
        of = "" if len(names) == len(economy) else f" of {', '.join(names)}"
        note = f": {source.note}" if source.note else ""
        lines.append(f"{source.term}{of} [{source.sure}] {source.page}{note}")
    return lines
