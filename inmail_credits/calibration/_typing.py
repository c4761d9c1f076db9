"""Short names for the arrays of this package."""

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Values = pd.Series | pd.Index | npt.NDArray[np.generic] | Iterable[object]
"""A column: a Series, an index, an array, or any iterable."""

if TYPE_CHECKING:
    Whole = array[int]
else:
    Whole = array  # it takes no parameter before Python 3.12
"""An array of whole numbers that grows."""
