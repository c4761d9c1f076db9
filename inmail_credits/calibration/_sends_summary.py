"""The table that a fit of sends prints."""

from typing import TYPE_CHECKING, Final

from inmail_credits.calibration._replies_summary import WIDTH, pairs

if TYPE_CHECKING:
    from inmail_credits.calibration.sends import SendsFit

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sends_summary(fit: "SendsFit") -> str:
    """The fit: what it rests on, messages a week, each weekday, and the dispersion."""
    rule, thin = "=" * WIDTH, "-" * WIDTH
    low, high = fit.per_week_interval()
    lines = ["Sends: Poisson, by weekday".center(WIDTH).rstrip(), rule]
    lines += pairs(
        [
            ("Messages", f"{fit.messages:,}"),
            ("First date", f"{fit.start_on}"),
            ("Last date", f"{fit.end_on}"),
            ("Time zone", f"{fit.zone}"),
        ],
        [
            ("Messages a week", f"{fit.per_week:.3f}"),
            ("Standard error", f"{fit.per_week_error:.3f}"),
            ("[5 %, 95 %]", f"{low:.3f}, {high:.3f}"),
            ("Dispersion (p)", f"{fit.dispersion:.2f} ({fit.dispersion_p:.3f})"),
        ],
    )
    lines += [thin, f"{'':<14}{'days':>8}{'messages':>12}{'a day':>12}{'std err':>14}{'fitted':>18}", thin]
    for name, row in zip(WEEKDAYS, fit.weekdays.itertuples(), strict=True):
        lines.append(
            f"{name:<14}{int(row.days):>8,}{int(row.messages):>12,}"  # type: ignore[arg-type] # columns of numbers
            f"{row.observed:>12.3f}{row.error:>14.3f}{row.fitted:>18.3f}"
        )
    return "\n".join([*lines, thin, *(f"Note: {note}." for note in fit.notes), rule])
