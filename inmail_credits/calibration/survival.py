"""The Kaplan-Meier curve: the share of messages still silent after each age, without any law of delay."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inmail_credits.calibration._typing import Bools, Floats
from inmail_credits.errors import InvalidValueError


def kaplan_meier(days: npt.ArrayLike, replied: npt.ArrayLike) -> pd.DataFrame:
    """The share of messages still silent, under right-censoring, with Greenwood's standard error.

    At each delay ``t`` at which answers came, ``S(t)`` is multiplied by ``1 - answers / messages still
    watched``; a message whose age equals ``t`` is still watched. (Kaplan and Meier 1958; Greenwood 1926.)

    Args:
        days: the delay of each answered message, the age of each silent one; 0 or more; shape (n,).
        replied: whether it was answered; shape (n,).

    Returns:
        One row for each delay, with ``days``, ``at_risk``, ``replied``, ``silent`` (the share) and ``error``.

    Raises:
        InvalidValueError: for days below 0, or columns of different length.

    Example:
        >>> kaplan_meier([1, 2, 2, 3], [True, True, False, False])[["days", "silent"]].values.tolist()
        [[1.0, 0.75], [2.0, 0.5]]
    """
    age: Floats = np.asarray(days, np.float64)
    event: Bools = np.asarray(replied, bool)
    if age.shape != event.shape or age.ndim != 1:
        raise InvalidValueError(
            "replied", f"of shape {event.shape}", f"one for each of the days, {age.shape}"
        )
    if not (age >= 0).all():
        raise InvalidValueError("days", float(age[~(age >= 0)][0]), "0 or more")
    delays, answers = np.unique(age[event], return_counts=True)
    at_risk = len(age) - np.searchsorted(np.sort(age), delays, side="left")
    silent = np.cumprod(1 - answers / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(answers / (at_risk * (at_risk - answers)))
        error = np.where(silent > 0, silent * np.sqrt(greenwood), 0.0)
    return pd.DataFrame(
        {"days": delays, "at_risk": at_risk, "replied": answers, "silent": silent, "error": error}
    )
