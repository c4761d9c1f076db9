"""Versions of the wire, type by type, and the steps that bring an older one up to date.

A log outlives the release that wrote it. Each type of event counts its own versions; writing uses the
newest. An event of an older version is brought up by one function for each step, which fills in what was
added since by the rules of its day: a term that a plan did not have is the value that says what the ledger
did then. A step refuses data that already hold what it adds, so that a version means one form only.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from inmail_credits.facts import FACT_TYPES
from inmail_credits.wire._strict_json import LineRefusedError, shown

Data: TypeAlias = dict[str, object]
Upcast: TypeAlias = Callable[[Data], Data]

FIRST: Final = 1


def _with_plan_terms(**terms: object) -> Upcast:
    """A step that adds terms to the plan, and to the plans of the messages of an opening."""

    def added(holder: Data) -> Data:
        plan = holder.get("plan")
        if not isinstance(plan, dict):
            return holder  # none, or refused, by name, by whoever reads the plan
        for term in terms:
            if term in plan:
                raise LineRefusedError(
                    f"plan has an unknown field {shown(term)}; remove it, or name the version of the type "
                    "that has it"
                )
        return {**holder, "plan": {**plan, **terms}}

    def upcast(data: Data) -> Data:
        messages = data.get("messages")
        if isinstance(messages, list):
            data = {
                **data,
                "messages": [added(each) if isinstance(each, dict) else each for each in messages],
            }
        return added(data)

    return upcast


_PLAN_TERMS_2: Final = _with_plan_terms(first_grant="full", zone="UTC", on_switch="end")
"""Before, every allotment was whole, dates were those of UTC, and refunds in flight ended with a switch."""

UPCASTS: Final[Mapping[str, tuple[Upcast, ...]]] = {
    "subscribed": (_PLAN_TERMS_2,),
    "switched": (_PLAN_TERMS_2,),
}
"""For each type of fact with more than one version: the step from version 1 to 2, from 2 to 3, ...

Four types carry plans: ``opened`` (its messages too), ``subscribed``, ``switched``, ``terms_changed``. A new
term is a step for each of them; a type that came later than a term has had it from its version 1 on.
"""

NEWEST: Final[Mapping[str, int]] = {name: FIRST + len(UPCASTS.get(name, ())) for name in FACT_TYPES}
"""The version of each type of fact that is written."""


def upcast(name: str, version: int, data: Data) -> Data:
    """The data of an event of that type and version, in the form of the newest.

    Raises:
        LineRefusedError: if they hold what only a later version has.

    Example:
        >>> upcast("sent", 1, {"seat": None})
        {'seat': None}
    """
    for step in UPCASTS.get(name, ())[version - FIRST :]:
        data = step(data)
    return data
