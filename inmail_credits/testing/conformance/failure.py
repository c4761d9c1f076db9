"""What a ledger did that it must not: the rule, the case, what was found, and the history in a few lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import fields, frozen

from inmail_credits.errors import InMailCreditsError, stamp
from inmail_credits.facts import Fact
from inmail_credits.plans import Plan

RULES: Final[dict[str, str]] = {
    "R1": "monthly credits of the four tiers",
    "R2": "larger plans of one's own",
    "R3": "the allotment comes every month",
    "R4": "one InMail, one credit",
    "R5": "any reaction gives the credit back",
    "R6": "silence gives nothing back",
    "R7": "unspent credits roll over",
    "R8": "a credit lives 90 days",
    "R9": "a withdrawn message gives nothing back",
    "R10": "1st degree: directly, free",
    "R14": "co-members of a group: free, through the group",
    "R15": "an Open Profile: free, for anyone",
    "D1": "instants",
    "D2": "half-open windows",
    "D3": "expiry follows from time",
    "D4": "burn order",
    "D5": "billing dates",
    "D6": "the order within an instant, and the cap",
    "D7": "where a refund lives",
    "D8": "one refund a message",
    "D9": "kinds of reply",
    "D10": "the reply window",
    "D11": "failed delivery",
    "D12": "cancelling and switching",
    "D13": "late facts",
    "D14": "repeated facts",
    "D15": "whole credits, and refusals without a trace",
    "D16": "new terms for a running subscription",
    "D17": "an account that begins from what is known",
    "D18": "dates in the plan's time zone",
    "D20": "seats of a contract",
}
"""The rules that are about the ledger, as the page of rules has them."""

_SHARED: Final = {"at", "id", "recorded"}
_SHOWN_MAX: Final = 3


@frozen
class Failure:
    """One thing that a ledger did and must not do.

    Fields:
        rules: the ids of the rules it is about: of a directed case one, else all that the difference touches.
        case: the name of the directed case, or how the history was found.
        what: what was compared, such as ``"the balance at 2026-05-01T09:00:00Z"``.
        found: what the ledger said.
        expected: what it must say.
        facts: what it had been told, in order.
    """

    rules: tuple[str, ...]
    case: str
    what: str
    found: str
    expected: str
    facts: tuple[Fact, ...]

    def __str__(self) -> str:
        stated = "; ".join(f"{rule}, {RULES[rule]}" for rule in self.rules)
        name = f"{', '.join(self.rules)}, case {self.case!r}"
        lines = [
            f"{name}: {self.what} is {self.found}, but must be {self.expected}",
            f"  the rule{'s' if len(self.rules) > 1 else ''}: {stated}",
            "  the history:",
            *(f"    {line}" for line in history(self.facts)),
        ]
        return "\n".join(lines)


@frozen(repr=False, eq=False)
class NotConformingError(InMailCreditsError, AssertionError):
    """A ledger does not keep the rules; ``failures`` says which, in the order of the cases.

    Example:
        >>> failure = Failure(("R3",), "the allotment comes every month", "the balance", "3", "6", ())
        >>> print(str(NotConformingError((failure,))).splitlines()[1])
        R3, case 'the allotment comes every month': the balance is 3, but must be 6
    """

    failures: tuple[Failure, ...]

    def __str__(self) -> str:
        shown, more = self.failures[:_SHOWN_MAX], self.failures[_SHOWN_MAX:]
        cases = "1 case" if len(self.failures) == 1 else f"{len(self.failures)} cases"
        lines = [f"the ledger breaks the rules in {cases}:", *(str(each) for each in shown)]
        if more:
            rules = ", ".join(dict.fromkeys(rule for each in more for rule in each.rules))
            lines.append(f"and in {len(more)} more, about {rules}")
        return "\n".join(lines)


def briefly(fact: Fact) -> str:
    """A fact in one line: when, what, under which id, and what it is about.

    Example:
        >>> from datetime import date
        >>> from inmail_credits.facts import Sent
        >>> briefly(Sent(at=date(2026, 2, 3), message_id="m-1", seat="ana"))
        "2026-02-03T00:00:00Z sent (sent:m-1) message_id='m-1' channel='inmail' seat='ana'"
    """
    return " ".join([stamp(fact.at), fact.type, f"({fact.id})", *_about(fact)])


def history(facts: Sequence[Fact]) -> list[str]:
    """Facts in the order they were told, those of one instant in one line.

    Example:
        >>> from datetime import date
        >>> from inmail_credits.facts import Replied, Sent
        >>> history([each(at=date(2026, 2, 3), message_id="a") for each in (Sent, Replied)])
        ["2026-02-03T00:00:00Z sent message_id='a' channel='inmail'; replied message_id='a' kind='message'"]
    """
    lines: list[tuple[datetime, list[str]]] = []
    for fact in facts:
        if not lines or lines[-1][0] != fact.at:
            lines.append((fact.at, []))
        lines[-1][1].append(" ".join([fact.type, *_about(fact)]))
    return [f"{stamp(at)} {'; '.join(told)}" for at, told in lines]


def listed(values: Iterable[object]) -> str:
    """Values in one line, sorted by their text; ``nothing`` where there are none."""
    return "; ".join(sorted(str(value) for value in values)) or "nothing"


def _about(fact: Fact) -> list[str]:
    said = {each.name: getattr(fact, each.name) for each in fields(type(fact)) if each.name not in _SHARED}
    return [f"{name}={shown(value)}" for name, value in said.items() if value not in (None, (), 0)]


def shown(value: object) -> str:
    """A value as short as it can be told apart: of a plan only the terms that are not the usual ones."""
    if not isinstance(value, Plan):
        return str(value) if isinstance(value, datetime) else repr(getattr(value, "value", value))
    usual = Plan(name=value.name, grant_credits=value.grant_credits)
    terms = {
        each.name: getattr(value, each.name) for each in fields(Plan) if each.eq and each.name != "title"
    }
    told = [f"{name}={shown(term)}" for name, term in terms.items() if term != getattr(usual, name)]
    return f"Plan({', '.join([repr(value.name), f'grant_credits={value.grant_credits}', *told])})"
