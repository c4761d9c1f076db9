"""An economy: a named, dated, sourced collection of plans (R2)."""

from collections.abc import Iterator
from datetime import date

from attrs import field, frozen

from inmail_credits._inputs import check_text
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.plans.plan import Plan


@frozen(kw_only=True)
class Economy:
    """A named, dated, sourced collection of plans (R2).

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
    effective_on: date
    note: str = ""
    plans: tuple[Plan, ...] = field(converter=tuple[Plan, ...])

    def __attrs_post_init__(self) -> None:
        check_text("economy name", self.name)
        if type(self.effective_on) is not date:
            raise InvalidValueError("effective_on", self.effective_on, "a date")
        for plan in self.plans:
            if not isinstance(plan, Plan):
                raise InvalidValueError(f"plan of economy {self.name!r}", plan, "a Plan")
        names = [plan.name for plan in self.plans]
        for name in names:
            if names.count(name) > 1:
                raise InvalidValueError(f"plan name in economy {self.name!r}", name, "used once")

    def __getitem__(self, name: str) -> Plan:
        for plan in self.plans:
            if plan.name == name:
                return plan
        known = tuple(plan.name for plan in self.plans)
        raise UnknownNameError("plan", name, known, f"economy {self.name!r}")

    def __contains__(self, name: object) -> bool:
        return any(plan.name == name for plan in self.plans)

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)
