"""Whom to write to now, whom later, whom never."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import Choice, as_number
from inmail_credits._zones import UTC_NAME
from inmail_credits.account import Account
from inmail_credits.forecasting import decision_cards
from inmail_credits.forecasting.credit_value import CreditValue, credit_value
from inmail_credits.forecasting.plain_data import plain_columns, plain_value
from inmail_credits.forecasting.prospects import PER_DAY_MAX, Prospects, checked_frame
from inmail_credits.plans import Plan

HORIZON_DAYS: Final = 365
NAMES_MAX: Final = 10
"""How many names a sentence has."""


class Advice(Choice):
    """What to do about a prospect."""

    NOW = "now"
    """Write today: worth more than the credit it may cost."""
    LATER = "later"
    """Not today, but worth it at the lowest price ahead, around the next grants."""
    NEVER = "never"
    """Not worth a credit at any price ahead."""


@frozen(kw_only=True, eq=False, repr=False)
class Targeting(Shown):
    """What :func:`target` advises.

    Fields:
        table: the prospects in the order of their index, with ``advice``, ``index`` and the ``price`` to
            beat.
        worth: the value of a credit behind it.
    """

    table: pd.DataFrame
    worth: CreditValue

    @property
    def now(self) -> pd.DataFrame:
        """Whom to write to today, best first."""
        return self.table[self.table["advice"] == Advice.NOW.value]

    def __repr__(self) -> str:
        counts = self.table["advice"].value_counts()
        told = ", ".join(f"{counts.get(advice.value, 0)} {advice.value}" for advice in Advice)
        return f"<Targeting of {len(self.table)} prospects with {self.worth.balance} credits: {told}>"

    def answer(self) -> str:
        """Whom to write to today, in a sentence."""
        found = {advice: self.table[self.table["advice"] == advice.value] for advice in Advice}
        now = found[Advice.NOW]
        names = ", ".join(map(str, now.index[:NAMES_MAX])) + (" ..." if len(now) > NAMES_MAX else "")
        whom = f"{len(now)} of {len(self.table)} now: {names}" if len(now) else "nobody now"
        rest = f"Later: {len(found[Advice.LATER])}; never: {len(found[Advice.NEVER])}."
        return f"Write to {whom}. {rest}"

    def to_frame(self) -> pd.DataFrame:
        """The table, as a copy."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON: the credits held, the price of the last, and the table by column."""
        table = self.table.rename_axis("prospect").reset_index()
        return {
            "balance": self.worth.balance,
            "price": plain_value(self.worth.price()),
            "prospects": plain_columns(table),
        }

    def _card(self) -> Card:
        return decision_cards.targeting_card(self)


def target(
    prospects: pd.DataFrame,
    subject: Account | Plan,
    *,
    per_day: float,
    start: date | None = None,
    zone: str = UTC_NAME,
) -> Targeting:
    """Whom of these prospects to write to now, if ``per_day`` more like them come each day.

    Best first, by the index ``v p / (1 - p)``, each is held against the price of the credit it would take:
    the first against that of the last credit there is, the next against that of the one before, as far as the
    credits of those already chosen are expected not to come back.

    Args:
        prospects: one row a person, with a column ``odds`` (0..1) and, if answers are worth more of some than
            of others, ``value``; other columns are kept.
        subject: the account, or a plan subscribed to at ``start``.
        per_day: how many new prospects of the same kind come a day, 0 to 100.
        start: when to write: an instant or a date; an account defaults to its latest fact's instant.
        zone: the time zone whose days are counted (D19): an IANA name.

    Raises:
        InvalidValueError: with the row, the value and the limit.

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at=date(2026, 1, 1))
        >>> people = pd.DataFrame({"odds": [0.05, 0.7, 0.3, 0.6, 0.5]}, index=["Al", "Bo", "Cy", "Di", "Ed"])
        >>> advised = target(people, account, per_day=0.5)
        >>> advised
        <Targeting of 5 prospects with 3 credits: 1 now, 2 later, 2 never>
        >>> advised.now.index.to_list()
        ['Bo']
    """
    table = checked_frame(prospects)
    per_day = as_number("per_day", per_day, 0, PER_DAY_MAX)
    worth = credit_value(
        subject, Prospects.from_frame(prospects, per_day=per_day), start=start, days=HORIZON_DAYS, zone=zone
    )
    index = (table["value"] * table["odds"] / (1 - table["odds"])).fillna(0.0)
    order = np.argsort(-index.to_numpy(), kind="stable")
    ranked = prospects.iloc[order].copy()
    advice, prices = _advice(
        worth, index.to_numpy()[order].tolist(), table["odds"].to_numpy()[order].tolist()
    )
    ranked["index"], ranked["price"], ranked["advice"] = index.to_numpy()[order], prices, advice
    return Targeting(table=ranked, worth=worth)


def _advice(worth: CreditValue, indexes: list[float], odds: list[float]) -> tuple[list[str], list[float]]:
    """What to do about each, best first, and the price it was held against."""
    lowest = _lowest_price(worth)
    left = float(worth.balance)
    advice, prices = [], []
    for index, chance in zip(indexes, odds, strict=True):
        price = worth.price(balance=int(left))
        if left >= 1 and index >= price:
            advice.append(Advice.NOW.value)
            left -= 1 - chance
        else:
            advice.append((Advice.LATER if index >= lowest else Advice.NEVER).value)
        prices.append(price)
    return advice, prices


def _lowest_price(worth: CreditValue) -> float:
    """The lowest price ahead of the last credit, with as many as there are today, within a quarter."""
    days = min(worth.days, 90)
    dates = (worth.first_date + timedelta(days=day) for day in range(days))
    return min(worth.price(on=on, balance=max(worth.balance, 1)) for on in dates)
