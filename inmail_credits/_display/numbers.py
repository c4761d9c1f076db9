"""Numbers for readers: no more digits than their errors bear, odds as per cent."""

from math import floor, isfinite, isnan, log10

from inmail_credits._display.card import Cell

DIGITS_MAX = 4
TWO_DIGITS_BELOW = 3.55
SMALLEST = 0.001


def decimals_of(error: float) -> int:
    """How many decimals show an error with two digits if it begins with 1 to 3, else with one; at most four.

    Example:
        >>> decimals_of(0.069), decimals_of(0.21), decimals_of(3.2), decimals_of(48.0)
        (2, 2, 1, 0)
    """
    if not isfinite(error) or error <= 0:
        return 1
    size = floor(log10(error))
    two_digits = error / 10.0**size < TWO_DIGITS_BELOW
    return min(max(two_digits - size, 0), DIGITS_MAX)


def number(value: float, decimals: int = 1) -> str:
    """A number with thousands set apart; whole ones without decimals.

    Example:
        >>> number(1234.5678), number(3.0), number(float("nan")), number(float("inf"))
        ('1,234.6', '3', '-', 'no limit')
    """
    if isnan(value):
        return "-"
    if not isfinite(value):
        return "no limit"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.{decimals}f}"


def measured(mean: float, error: float) -> Cell:
    """A mean, with its standard error below; an error of 0 is left out.

    Example:
        >>> measured(117.702, 0.069), measured(90.0, 0.0)
        (Cell(text='117.70', below='+-0.07'), Cell(text='90', below=''))
    """
    if isnan(error) or error == 0:
        return Cell(number(mean))
    decimals = decimals_of(error)
    return Cell(f"{mean:,.{decimals}f}", f"+-{error:,.{decimals}f}")


def share(value: float, error: float = 0.0) -> Cell:
    """Odds or a share in per cent, with the error in points of per cent below.

    Example:
        >>> share(0.8763, 0.0033), share(0.0004), share(1.0)
        (Cell(text='87.6 %', below='+-0.3'), Cell(text='<0.1 %', below=''), Cell(text='100 %', below=''))
        >>> share(0.91, 0.002), share(0.0012, 0.0002)
        (Cell(text='91.0 %', below='+-0.2'), Cell(text='0.1 %', below='+-<0.1'))
    """
    if isnan(value):
        return Cell("-")
    if isnan(error) or error == 0:
        return Cell(per_cent(value))
    text = per_cent(value)
    return Cell(text if text[0] in "<>" else f"{100 * value:.1f} %", f"+-{points_of(error)}")


def count(number: float, unit: str) -> str:
    """A number with its unit, in the plural where it is not 1.

    Example:
        >>> count(1, "message"), count(1_200, "message")
        ('1 message', '1,200 messages')
    """
    return f"{number:,g} {unit}" if number == 1 else f"{number:,g} {unit}s"


def price(amount: float, value: float) -> str:
    """What something is worth, in three digits; what is below a thousandth of ``value`` only as that.

    Example:
        >>> price(0.48912, 1.0), price(0.0000425, 2.0), price(0.0, 2.0)
        ('0.489', '<0.002', '0')
    """
    least = SMALLEST * value
    return f"<{least:,.3g}" if 0 < amount < least else f"{amount:,.3g}"


def points_of(error: float) -> str:
    """An error of a share in points of per cent, with one decimal.

    Example:
        >>> points_of(0.0033), points_of(0.0001)
        ('0.3', '<0.1')
    """
    return "<0.1" if error < SMALLEST else f"{100 * error:.1f}"


def per_cent(value: float) -> str:
    """A share in per cent with at most one decimal; never 0 or 100 for what is not.

    Example:
        >>> per_cent(0.27), per_cent(0.71234), per_cent(0.99999)
        ('27 %', '71.2 %', '>99.9 %')
    """
    if 0 < value < SMALLEST:
        return "<0.1 %"
    if 1 - SMALLEST < value < 1:
        return ">99.9 %"
    return f"{round(100 * value, 1):g} %"
