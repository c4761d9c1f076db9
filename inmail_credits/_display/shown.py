"""What every object that shows itself as a card has in common."""

from inmail_credits._display.card import Card
from inmail_credits._display.html import card_html
from inmail_credits._display.text import card_text


class Shown:
    """Shown as a card: as text by ``print()``, as HTML in notebooks."""

    __slots__ = ()

    def _card(self) -> Card:
        raise NotImplementedError

    def __str__(self) -> str:
        return card_text(self._card())

    def _repr_html_(self) -> str:
        return card_html(self._card())
