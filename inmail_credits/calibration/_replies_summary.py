"""The table that a fit of replies prints, in the form statistics packages use."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from inmail_credits.calibration.replies import RepliesFit

WIDTH: Final = 78
LABEL: Final = 24


def pairs(left: list[tuple[str, str]], right: list[tuple[str, str]]) -> list[str]:
    """Two columns of names and values."""
    half = WIDTH // 2 - 1  # a column
    lines = []
    for at in range(max(len(left), len(right))):
        parts = [side[at] if at < len(side) else ("", "") for side in (left, right)]
        lines.append("  ".join(f"{name} {value:>{half - len(name) - 1}}" for name, value in parts).rstrip())
    return lines


def replies_summary(fit: "RepliesFit") -> str:
    """The fit: what it rests on, its parameters with errors, the laws tried, and Kaplan-Meier beside it."""
    rule, thin = "=" * WIDTH, "-" * WIDTH
    silent = fit.waits.days[~fit.waits.replied]
    name, a, b = fit.prior
    fitted = fit.law != "assumed"
    title = "Replies: mixture cure model, " + (f"{fit.law} delay" if fitted else "assumed delay")
    lines = [title.center(WIDTH).rstrip(), rule]
    lines += pairs(
        [
            ("Messages", f"{fit.messages:,}"),
            ("Answered so far", f"{fit.replied:,}"),
            ("Naive rate", f"{100 * fit.naive_rate:.1f} %"),
            ("Median age of the silent", f"{np.median(silent):.1f} days" if len(silent) else "-"),
        ],
        [
            ("As of", f"{fit.as_of:%Y-%m-%d %H:%M} UTC"),
            ("Log likelihood", f"{fit.log_likelihood:.3f}" if fitted else "-"),
            ("AIC", f"{fit.aic:.3f}" if fitted else "-"),
            ("Prior", f"{name}, Beta({a:g}, {b:g})"),
        ],
    )
    lines += [thin, f"{'':<14}{'estimate':>12}{'std err':>12}{'mean':>14}{'[5 %':>13}{'95 %]':>13}", thin]
    for parameter, row in fit.parameters.iterrows():
        cells = [_number(float(row[column])) for column in ("estimate", "error", "mean", "low", "high")]
        lines.append(
            f"{parameter!s:<14}{cells[0]:>12}{cells[1]:>12}{cells[2]:>14}{cells[3]:>13}{cells[4]:>13}"
        )
    lines += [thin, *_beside(fit), *(f"Note: {note}." for note in fit.notes), rule]
    return "\n".join(lines)


def _beside(fit: "RepliesFit") -> list[str]:
    lines = []
    if len(fit.laws) > 1:
        best = float(fit.laws["aic"].min())
        laws = ", ".join(f"{row.law} +{float(row.aic) - best:.1f}" for row in fit.laws.itertuples())  # type: ignore[arg-type] # a column of floats
        lines.append(f"AIC above the best: {laws}")
    if len(fit.kaplan_meier):
        last = fit.kaplan_meier.iloc[-1]
        answered, error = 100 * (1 - float(last["silent"])), 100 * float(last["error"])
        lines.append(
            f"Kaplan-Meier: {answered:.1f} % (+-{error:.1f}) answered within {float(last['days']):.1f} days"
        )
    if fit.segments or fit.by_kind:
        lines += _parts(fit)
    return lines


def _parts(fit: "RepliesFit") -> list[str]:
    """The rate and the median delay of each segment and kind, with 90 % intervals."""
    lines = ["-" * WIDTH, f"{'':<24}{'messages':>9}{'answers':>9}{'rate, %':>18}{'median days':>18}"]
    for name, row in fit.table().iloc[1:].iterrows():
        rate, low, high = (100 * float(row[column]) for column in ("rate", "rate_low", "rate_high"))
        days = [float(row[column]) for column in ("median_days", "median_low", "median_high")]
        median = "assumed" if np.isnan(days[0]) else f"{days[0]:.2f} [{days[1]:.2f}, {days[2]:.2f}]"
        answered = f"{rate:.1f} [{low:.1f}, {high:.1f}]"
        label = str(name) if len(str(name)) < LABEL else f"{str(name)[: LABEL - 4]}..."
        counts = f"{int(row['messages']):>9,}{int(row['replied']):>9,}"
        lines.append(f"{label:<24}{counts}{answered:>18}{median:>18}")
    return lines


def _number(value: float) -> str:
    return "-" if not np.isfinite(value) else f"{value:.4f}" if abs(value) < 1e4 else f"{value:.3e}"  # noqa: PLR2004 - a width
