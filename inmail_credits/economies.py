"""The economies that ship, as data: ``linkedin-2019`` (the default).

Each is a dated reading of the sources; a figure's source and how sure it is stand beside it in
``plan.sources``. Nothing here is code: to change a rule, change a term.
"""

from datetime import date

from inmail_credits.errors import UnknownNameError
from inmail_credits.plans import Economy, Plan, Source

_S0 = "article on LinkedIn messaging (2019), section on paid messages"


def _plan_2019(name: str, title: str, credits_: int) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=credits_,
        lifetime_days=90,
        sources=(
            Source("grant_credits", _S0, rule="R1"),
            Source("grant_every", _S0, rule="R3"),
            Source("refund_on", _S0, note="any reaction, a refusal included", rule="R5"),
            Source("lifetime_days", _S0, rule="R8"),
            Source("cap_credits", _S0, note="credits roll over; no cap is named", rule="R7"),
        ),
    )


LINKEDIN_2019 = Economy(
    name="linkedin-2019",
    title="LinkedIn, as first described (2019)",
    effective_on=date(2019, 1, 1),
    note="Unspent credits roll over and live 90 days; any reply gives the credit back.",
    plans=(
        _plan_2019("career", "Premium Career", 3),
        _plan_2019("business", "Premium Business", 15),
        _plan_2019("sales", "Sales Navigator", 20),
        _plan_2019("recruiter-lite", "Recruiter Lite", 30),
    ),
)

ALL = (LINKEDIN_2019,)


def get(name: str) -> Economy:
    """The shipped economy of that name.

    Raises:
        UnknownNameError: naming those that ship.

    Example:
        >>> [plan.grant_credits for plan in get("linkedin-2019")]
        [3, 15, 20, 30]
    """
    for economy in ALL:
        if economy.name == name:
            return economy
    raise UnknownNameError("economy", name, tuple(economy.name for economy in ALL))
