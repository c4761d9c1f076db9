"""An economy: a named, dated, sourced collection of plans (R2)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

from attrs import field, frozen

from inmail_credits._inputs import AnyDate, as_date, as_instance, as_items, as_text
from inmail_credits._values import shown_by_field
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.plans.plan import Plan
from inmail_credits.plans.source import NOTE_LENGTH_MAX


def _effective_on(value: AnyDate) -> date:
    return as_date("effective_on", value)


def _plans(values: Iterable[Plan]) -> tuple[Plan, ...]:
    return cast("tuple[Plan, ...]", tuple(as_items("plans", values, "a list of Plan")))


@frozen(kw_only=True, repr=False)
class Economy:
    """A named, dated, sourced collection of plans (R2).

    ``economy["name"]`` is a plan; an economy can be iterated over, has a length, and knows its names by
    ``in``.

    Fields:
        name: the key, such as ``"linkedin-2019"``.
        title: the name people know.
        effective_on: since when it holds.
        note: what else is to be said.
        plans: the plans, each under a name of its own.

    Raises:
        InvalidValueError: with the field, the value and the limit.

    Example:
        >>> own = Economy(name="ours", effective_on=date(2026, 1, 1), plans=[Plan(name="a", grant_credits=7)])
        >>> own["a"].grant_credits, "b" in own
        (7, False)
        >>> own["b"]
        Traceback (most recent call last):
        ...
        inmail_credits.errors.UnknownNameError: economy 'ours' has no plan 'b'; known: a
    """

    name: str
    title: str = ""
    effective_on: date = field(converter=_effective_on)
    note: str = ""
    plans: tuple[Plan, ...] = field(converter=_plans)

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("economy name", self.name))
        for what in ("title", "note"):
            text = as_text(what, getattr(self, what), length_min=0, length_max=NOTE_LENGTH_MAX)
            object.__setattr__(self, what, text)
        for plan in self.plans:
            as_instance(f"plan of economy {self.name!r}", plan, Plan, "a Plan")
        names = [plan.name for plan in self.plans]
        for name in names:
            if names.count(name) > 1:
                raise InvalidValueError(f"plan name in economy {self.name!r}", name, "used once")

    def __getitem__(self, name: str) -> Plan:
        for plan in self.plans:
            if isinstance(name, str) and plan.name == name:
                return plan
        known = tuple(plan.name for plan in self.plans)
        raise UnknownNameError("plan", name, known, f"economy {self.name!r}")

    def _repr_html_(self) -> str:
        from inmail_credits._display.html import card_html  # noqa: PLC0415 - loaded where something is shown
        from inmail_credits.plans._cards import economy_card  # noqa: PLC0415 - as above

        return card_html(economy_card(self))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(plan.name == name for plan in self.plans)

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)
