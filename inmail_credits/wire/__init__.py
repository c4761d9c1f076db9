"""The wire: facts as JSON lines, so that a log outlives the program that wrote it.

A log is all that an account can be rebuilt from. It is cut off by crashes, edited by hand, concatenated, and
read years later by a release with other plans. Each line is one CloudEvents-1.0 object that holds its whole
fact, the plan with every term included (R2); what is read back is exactly what was written, to the
microsecond and in the recorded order (D13).

The rules:

- Reading is strict: what is not understood in full is refused with its line number, the field, the value
  and the fix. Nothing before that line is lost: :func:`read` yields it first, :func:`salvage` returns it.
- A last line without its line feed is read if it is whole, as a cut just before the line feed leaves
  nothing out. Any other cut inside a line is refused as one. A cut between two lines leaves a shorter log
  that is valid: keep the count of the facts elsewhere, if that must be noticed.
- ``recorded`` travels in ``data``. The CloudEvents extension for order, ``sequence``, is a text to be
  compared letter by letter, and CloudEvents' own integers end at 2**31 - 1; ``recorded`` is a number that
  goes on to 2**53 - 1 and is part of the fact, not of its transport.
- The sources of a plan stay behind: they say where a figure was found, not what it does.

Nothing here opens a file. Give :func:`read` any lines: a list, or a file opened in binary mode.
``docs/wire.md`` describes the format, ``docs/fact.schema.json`` is its schema.

Example:
    >>> from datetime import UTC, datetime
    >>> from inmail_credits import Account, economies, wire
    >>> account = Account.open(economies.LINKEDIN_2019["career"], at=datetime(2026, 1, 31, 9, tzinfo=UTC))
    >>> log = wire.dumps(account.facts)
    >>> Account.replay(wire.loads(log)) == account
    True
"""

from inmail_credits.wire._events import SOURCE, SOURCE_LENGTH_MAX
from inmail_credits.wire._lines import LINE_LENGTH_MAX, dump_line, dumps, head, loads, read
from inmail_credits.wire._salvage import Salvaged, continued, salvage

__all__ = [
    "LINE_LENGTH_MAX",
    "SOURCE",
    "SOURCE_LENGTH_MAX",
    "Salvaged",
    "continued",
    "dump_line",
    "dumps",
    "head",
    "loads",
    "read",
    "salvage",
]
