"""Who is who in an export: profile addresses, names, and whose archive it is.

A person is known by the profile address where there is one, and else by the name. An empty address hides
behind names such as "LinkedIn Member", so such a name is never taken for one person across conversations.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final

import numpy as np

from inmail_credits.calibration._typing import Longs
from inmail_credits.errors import UnreadableTableError

UNKNOWN: Final = -1
SEVERAL: Final = -2
SHOWN_MAX: Final = 3
_HIDDEN = {"", "linkedin member", "linkedin user"}


def plain_address(address: str) -> str:
    """A profile address without scheme, host prefix, query and final slash, in lower case.

    Example:
        >>> plain_address("https://www.LinkedIn.com/in/Ada-L/?trk=x")
        'linkedin.com/in/ada-l'
    """
    text = address.strip().casefold().partition("?")[0].rstrip("/")
    return text.partition("://")[2].removeprefix("www.") if "://" in text else text.removeprefix("www.")


def plain_person(name: str) -> str:
    """A name in lower case with single spaces."""
    return " ".join(name.casefold().split())


class People:
    """Numbers for people, given in the order they are met."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.named: list[str] = []
        self._by_key: dict[str, int] = {}
        self._by_address: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        self._to_address: dict[str, int] = {}
        self._to_name: dict[str, int] = {}
        self.repaired = 0

    def number(self, address: str, name: str) -> int:
        """The number of the person of that address, or of that name where there is no address."""
        known, text = (self._by_address, address) if address else (self._by_name, name)
        number = known.get(text)
        if number is None:
            number = known[text] = self._new(address, name)
        return number

    def recipient(self, addresses: str, names: str) -> int:
        """The number of the one recipient; ``SEVERAL`` where there are several, ``UNKNOWN`` for none."""
        known, text = (self._to_address, addresses) if addresses else (self._to_name, names)
        number = known.get(text)
        if number is None:
            several = recipients(names, addresses) > 1
            number = known[text] = SEVERAL if several else self.number(addresses, names)
        return number

    def _new(self, address: str, name: str) -> int:
        name = self._repair(name)
        plain = plain_address(self._repair(address))
        key = f"a{plain}" if plain else f"n{plain_person(name)}"
        if key == "n":
            return UNKNOWN
        number = self._by_key.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
            self.named.append(name.strip())
        return number

    def _repair(self, text: str) -> str:
        """The text; as Windows-1252 where the file was not UTF-8, which left half surrogate pairs in it."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.repaired += 1
            return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        return text

    def joined(self) -> Longs:
        """For each number, the one that stands for it: a bare name joins the one address with that name."""
        addresses: dict[str, set[int]] = {}
        for number, (key, name) in enumerate(zip(self.keys, self.named, strict=True)):
            if key[0] == "a":
                addresses.setdefault(plain_person(name), set()).add(number)
        own = np.arange(len(self.keys), dtype=np.int64)
        for number, key in enumerate(self.keys):
            found = addresses.get(key[1:], set()) if key[0] == "n" else set()
            if len(found) == 1 and key[1:] not in _HIDDEN:
                own[number] = min(found)
        return own

    def hidden(self, number: int) -> bool:
        """Whether that person is one of those whom the export does not name."""
        return self.keys[number][0] == "n" and self.keys[number][1:] in _HIDDEN

    def hashed(self, number: int, salt: bytes) -> str:
        """An id that does not name the person; empty for one whom the export does not name."""
        return "" if self.hidden(number) else hashed(self.keys[number], salt)


def hashed(text: str, salt: bytes) -> str:
    """The first 64 bits of BLAKE2b of a text, as hexadecimal digits."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8, key=salt).hexdigest()


def owners(source: str, people: People, threads: Longs, me: Sequence[str]) -> list[int]:
    """The numbers under which the archive's owner goes; the first stands for them all.

    Args:
        source: the name of the file, for errors.
        people: all who send or receive.
        threads: in how many conversations each person takes part.
        me: names or profile addresses; none for the one person who takes part in the most conversations.

    Raises:
        UnreadableTableError: if nobody fits, or several people do.
    """
    if me:
        return list(dict.fromkeys(_named(source, people, threads, each) for each in me))
    named = (number for number in np.argsort(-threads, kind="stable").tolist() if not people.hidden(number))
    order = list(islice(named, 2))
    if not order:
        raise UnreadableTableError(source, 1, "everybody's name is hidden: nobody can be told to own it")
    if len(order) == 1 or threads[order[0]] > threads[order[1]]:
        return order[:1]
    raise UnreadableTableError(
        source,
        1,
        "the owner of the archive cannot be told: "
        f"{_shown(people, threads)} take part in equally many conversations; say me= (--me on the command "
        "line), a name or profile URL",
    )


def _named(source: str, people: People, threads: Longs, me: str) -> int:
    address, name = f"a{plain_address(me)}", plain_person(me)
    by_address = [
        number
        for number, key in enumerate(people.keys)
        if key == address or (key[0] == "a" and key.rpartition("/")[2] == address[1:])
    ]
    found = by_address or [
        number for number in range(len(people.keys)) if plain_person(people.named[number]) == name
    ]
    found = [number for number in found if threads[number] > 0]
    if len(found) == 1:
        return found[0]
    problem = f"is the name of {len(found)} people; give the profile URL" if found else "takes no part"
    raise UnreadableTableError(
        source, 1, f"me={me!r} {problem}; those in the most conversations: {_shown(people, threads)}"
    )


def _shown(people: People, threads: Longs) -> str:
    order = np.argsort(-threads, kind="stable")[:SHOWN_MAX].tolist()
    return ", ".join(
        f"{people.named[number] or people.keys[number][1:]!r} ({threads[number]})" for number in order
    )


def recipients(names: str, addresses: str) -> int:
    """How many people a message went to.

    Addresses are counted where there are any. Names are joined by commas, and a name may hold one ("Jane
    Doe, PhD"): a part without a space belongs to the name before it.

    Example:
        >>> recipients("Jane Doe, PhD, Ada Byron", "")
        2
    """
    text = (addresses or names).replace(";", ",")
    if addresses:
        return len({each for each in text.replace(" ", ",").split(",") if each})
    return sum(1 for place, part in enumerate(text.split(",")) if place == 0 or " " in part.strip())
