"""What a reader did with the rows of a file: how many it read and used, and which it left out, and why.

Every row is either used or left out for one reason, so ``rows == used + the sum of all left out``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from attrs import field, frozen

from inmail_credits.calibration._typing import Longs

LINES_SHOWN = 5


@frozen(kw_only=True)
class ReadReport:
    """The account of one reading.

    Fields:
        source: the name of the file.
        rows: rows below the header.
        used: rows that the result rests on.
        left_out: for each reason, the lines on which the rows left out begin (rows, counted from 1, where a
            DataFrame was read).
        notes: what else to keep in mind, one sentence each.

    Example:
        >>> print(ReadReport(source="messages.csv", rows=3, used=1, left_out={"a draft": (2, 4)}))
        messages.csv: 3 rows read, 1 used, 2 left out
                 2  a draft (lines 2, 4)
    """

    source: str
    rows: int
    used: int
    left_out: Mapping[str, Sequence[int]] = field(factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<ReadReport {self._counts()}>"

    def _counts(self) -> str:
        left_out = self.rows - self.used
        return f"{self.source}: {self.rows:,} rows read, {self.used:,} used, {left_out:,} left out"

    def __str__(self) -> str:
        lines = [self._counts()]
        for reason, at in sorted(self.left_out.items(), key=lambda item: -len(item[1])):
            shown = ", ".join(str(line) for line in at[:LINES_SHOWN])
            more = ", ..." if len(at) > LINES_SHOWN else ""
            lines.append(f"{len(at):>10,}  {reason} (line{'s' if len(at) > 1 else ''} {shown}{more})")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def to_frame(self) -> pd.DataFrame:
        """The rows left out, by line; columns ``line`` and ``reason``."""
        line: Longs = np.concatenate(
            [np.asarray(at, np.int64) for at in self.left_out.values()] or [np.empty(0, np.int64)]
        )
        reason = np.repeat(np.array(list(self.left_out), object), [len(at) for at in self.left_out.values()])
        return pd.DataFrame({"line": line, "reason": reason}).sort_values("line", ignore_index=True)
