"""Plans and economies as cards, for notebooks."""

from typing import TYPE_CHECKING

from inmail_credits._display.card import Card, Table

if TYPE_CHECKING:
    from inmail_credits.plans.economy import Economy
    from inmail_credits.plans.plan import Plan


def plan_card(plan: "Plan") -> Card:
    """Every term of a plan, and behind a click where it comes from."""
    tables = [Table(headers=("term", "is"), rows=_terms(plan), left=2)]
    sources = [
        (source.term, str(source.sure), ": ".join(filter(None, (source.page, source.note))))
        for source in plan.sources
    ]
    if sources:
        headers = ("term", "how sure", "source")
        tables.append(Table(headers=headers, rows=sources, left=3, caption="Sources", folded=True))
    title = f"{plan.title or plan.name}: {plan.grant_credits} credits every {plan.grant_every}"
    return Card(title=title, tables=tables)


def economy_card(economy: "Economy") -> Card:
    """The plans side by side."""
    plans = [
        (
            plan.name,
            str(plan.grant_credits),
            str(plan.grant_every),
            "no end" if plan.lifetime_days is None else f"{plan.lifetime_days} days",
            "none" if plan.cap_credits is None else str(plan.cap_credits),
            _said(plan.refund_on),
        )
        for plan in economy.plans
    ]
    table = Table(headers=("plan", "credits", "every", "lifetime", "cap", "back on"), rows=plans)
    lines = [economy.note] if economy.note else []
    return Card(title=f"{economy.title or economy.name} ({economy.name})", lines=lines, tables=[table])


def _terms(plan: "Plan") -> list[tuple[str, str]]:
    names = [each.name for each in plan.__attrs_attrs__ if each.name not in {"name", "title", "sources"}]
    return [(name, _said(getattr(plan, name))) for name in names]


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)
