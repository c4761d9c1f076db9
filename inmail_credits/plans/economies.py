"""The economies that ship, as data: ``linkedin-2019`` is the default; 2014, 2015 and 2026 stand beside it.

Each is a dated reading of the sources, one file an economy; a figure's source and how sure it is stand
beside it in ``plan.sources``. Nothing in them is code: to change a rule, change a term (R2).
"""

from typing import Final

from inmail_credits.errors import UnknownNameError
from inmail_credits.plans import Economy
from inmail_credits.plans.linkedin_2014 import LINKEDIN_2014
from inmail_credits.plans.linkedin_2015 import LINKEDIN_2015
from inmail_credits.plans.linkedin_2019 import LINKEDIN_2019
from inmail_credits.plans.linkedin_2026 import LINKEDIN_2026

__all__ = ["ALL", "LINKEDIN_2014", "LINKEDIN_2015", "LINKEDIN_2019", "LINKEDIN_2026", "get"]

ALL: Final = (LINKEDIN_2014, LINKEDIN_2015, LINKEDIN_2019, LINKEDIN_2026)
"""Every economy that ships, by date."""


def get(name: str) -> Economy:
    """The shipped economy of that name.

    Raises:
        UnknownNameError: naming those that ship.

    Example:
        >>> [plan.grant_credits for plan in get("linkedin-2019")]
        [3, 15, 20, 30]
    """
    for economy in ALL:
        if isinstance(name, str) and economy.name == name:
            return economy
    raise UnknownNameError("economy", name, tuple(economy.name for economy in ALL))
