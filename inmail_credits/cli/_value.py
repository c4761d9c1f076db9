"""``inmail-credits value``: what a credit is worth, and whom of a list to write to today.

The numerical libraries are imported only when this command runs.
"""

import io
import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, Final

from inmail_credits._display.text import card_text
from inmail_credits.cli import _subject as subject
from inmail_credits.cli._files import read_text
from inmail_credits.cli._pages import add_outputs, check_outputs, write_outputs
from inmail_credits.errors import UnreadableTableError

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE: Final = """\
A list of prospects is a CSV file with a row a person:

  name,odds,value
  ana,0.35,1
  bo,0.05,10

odds: that they answer, 0 to 1; value: what an answer is worth, in any unit, 1 if left out; others are kept.
now: worth more than the credit it may cost; later: worth it around the next grants; never: not worth one.

example: inmail-credits value prospects.csv --per-day 2 --plan business --balance 12 --renews-on 2026-12-05"""


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.formatter_class = RawDescriptionHelpFormatter
    command.add_argument("prospects", metavar="PROSPECTS", help="a CSV file; - for standard input")
    command.add_argument(
        "--per-day", metavar="N", type=float, required=True, help="how many more such people come a day"
    )
    command.add_argument(
        "--rows", metavar="N", type=int, default=20, help="people shown; default: %(default)s"
    )
    add_outputs(command)
    subject.add_arguments(command)


def run(options: Namespace) -> int:
    """Value the credits, rank the prospects, print both, and draw if asked to."""
    from inmail_credits.forecasting import target  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.forecasting.decision_cards import targeting_card, value_card  # noqa: PLC0415 - as above

    check_outputs(options)
    account, start = subject.account_of(options)
    found = target(_people(options.prospects), account, per_day=options.per_day, start=start)
    shown = "\n\n".join(
        card_text(card) for card in (value_card(found.worth), targeting_card(found, rows=options.rows))
    )
    print(json.dumps(found.to_dict(), indent=2, sort_keys=True) if options.json else shown)
    write_outputs(options, title="What a credit is worth", text=shown, draw=found.worth.plot)
    return 0


def _people(path: str) -> "pd.DataFrame":
    """The list, by name if it has names.

    Raises:
        UnreadableTableError: for a file that is not a CSV.
    """
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    text = read_text(path, what="PROSPECTS").lstrip("\ufeff")
    try:
        frame = pd.read_csv(io.StringIO(text))
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        told = " ".join(str(error).split())
        raise UnreadableTableError(path, 1, f"not a CSV file with a header ({told})") from None
    return frame.set_index("name") if "name" in frame.columns else frame
