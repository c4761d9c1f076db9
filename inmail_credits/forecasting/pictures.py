"""Charts of forecasts written to a file, without pyplot: for commands and servers."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.small_multiples import figure_size, plot_plans


def save_picture(forecasts: Sequence[Forecast], path: str | Path, *, dpi: int = 150) -> None:
    """Draw one forecast in full, or several in small multiples, into a file: .png, .svg or .pdf.

    Raises:
        InvalidValueError: for no forecasts, or too many for one picture.
        OSError: where the file cannot be written.
    """
    if len(forecasts) == 1:
        figure = Figure(figsize=(10, 8), layout="constrained")
        forecasts[0].plot(figure=figure)
    else:
        figure = Figure(figsize=figure_size(forecasts), layout="constrained")
        plot_plans(forecasts, figure=figure)
    figure.savefig(path, dpi=dpi)
