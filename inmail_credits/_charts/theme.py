"""Colours by what they stand for, on a light or a dark background.

Each figure has one colour in all charts. Colours that touch in a chart differ in lightness by at least
15 of CIE L*, so that they can be told apart in grey print, and stay apart under protanopia, deuteranopia and
tritanopia; tests measure both. The hues are those of Okabe and Ito (2008), moved in lightness.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import frozen
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like, to_hex, to_rgb, to_rgba
from matplotlib.figure import Figure, SubFigure

from inmail_credits._inputs import as_pairs, as_text, known_name
from inmail_credits.errors import InvalidValueError

Colors: TypeAlias = Mapping[str, str]
"""Colours of one's own by role, such as ``{"refused": "crimson"}``."""

LIGHT: Final[Colors] = {
    "balance": "#bfdcf2",
    "expired": "#b3a999",
    "fan": "#0072b2",
    "fitted": "#0b4f8a",
    "forfeited": "#1a1a1a",
    "grant": "#e69f00",
    "held_back": "#bfdcf2",
    "observed": "#d55e00",
    "refused": "#d55e00",
    "sent": "#0b4f8a",
    "spent": "#0b4f8a",
}
"""The colour of each role on a light background."""
DARK: Final[Colors] = {
    "balance": "#124a73",
    "expired": "#ddd6c8",
    "fan": "#3a9bd9",
    "fitted": "#56b4e9",
    "forfeited": "#7d7468",
    "grant": "#e69f00",
    "held_back": "#124a73",
    "observed": "#c8501a",
    "refused": "#c8501a",
    "sent": "#56b4e9",
    "spent": "#56b4e9",
}
"""The colour of each role on a dark background."""
TOUCHING: Final = (
    ("sent", "held_back"),
    ("sent", "refused"),
    ("held_back", "refused"),
    ("spent", "balance"),
    ("spent", "expired"),
    ("balance", "expired"),
    ("balance", "forfeited"),
    ("expired", "forfeited"),
    ("spent", "forfeited"),
    ("refused", "expired"),
    ("fitted", "observed"),
)
"""The pairs of roles that touch in a chart."""
DARK_BELOW: Final = 0.35
"""The luminance below which a background counts as dark."""
CONTRAST_MIN: Final = 3.0
"""The least contrast of lines and points with their background: that of graphics in WCAG 2."""


@frozen
class Theme:
    """The colours of one chart: by role, of text, and of the background.

    Example:
        >>> theme = Theme("#000000", "#ffffff", LIGHT)
        >>> theme["sent"], theme.pale("sent", 0.5)
        ('#0b4f8a', '#85a7c4')
    """

    ink: str
    background: str
    colors: Colors

    def __getitem__(self, role: str) -> str:
        return self.colors[role]

    def pale(self, role: str, share: float) -> str:
        """So much of the role's colour, 0..1, and the rest of the background's."""
        return mixed(self[role], self.background, share)

    def strong(self, role: str, share: float) -> str:
        """So much of the role's colour, 0..1, and the rest of the text's."""
        return mixed(self[role], self.ink, share)

    def line(self, role: str) -> str:
        """The role's colour with as much of the text's as a thin line or a point needs to show."""
        shades = (self.strong(role, tenths / 10) for tenths in range(10, 0, -1))
        return next((one for one in shades if contrast(one, self.background) >= CONTRAST_MIN), self.ink)

    @property
    def quiet(self) -> str:
        """For frames, ticks and secondary text."""
        return mixed(self.ink, self.background, 0.65)

    @property
    def faint(self) -> str:
        """For grids."""
        return mixed(self.ink, self.background, 0.14)


@frozen(kw_only=True)
class Options:
    """What a caller of ``plot`` may choose: whether there is a legend, the title, and colours by role."""

    legend: bool = True
    title: bool | str = True
    colors: Colors | None = None


def theme_of(axes: Axes, colors: Colors | None = None) -> Theme:
    """The theme that suits the background and the text colour in force, with colours of one's own.

    Raises:
        UnknownNameError: for a role there is not.
        InvalidValueError: for what Matplotlib does not take as a colour.

    Example:
        >>> from matplotlib.figure import Figure
        >>> theme_of(Figure().subplots(), {"refused": "crimson"})["refused"]
        '#dc143c'
    """
    background = _background(axes)
    dark = luminance(background) < DARK_BELOW
    own = {} if colors is None else _checked(colors)
    return Theme(to_hex(rcParams["text.color"]), background, {**(DARK if dark else LIGHT), **own})


def mixed(color: str, other: str, share: float) -> str:
    """So much of one colour, and the rest of another.

    Example:
        >>> mixed("white", "black", 0.5)
        '#808080'
    """
    pairs = zip(to_rgb(color), to_rgb(other), strict=True)
    red, green, blue = (share * one + (1 - share) * two for one, two in pairs)
    return to_hex((red, green, blue))


def luminance(color: str) -> float:
    """The relative luminance of a colour, 0 for black to 1 for white (as WCAG 2 defines it).

    Example:
        >>> round(luminance("#ffffff"), 3), round(luminance("#0072b2"), 3)
        (1.0, 0.152)
    """
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color))  # noqa: PLR2004 - of sRGB
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color: str, other: str) -> float:
    """The contrast of two colours, 1 for equal ones to 21 for black and white (as WCAG 2 defines it).

    Example:
        >>> round(contrast("#ffffff", "#000000"), 3), round(contrast("#ffffff", "#0072b2"), 2)
        (21.0, 5.19)
    """
    low, high = sorted((luminance(color), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _background(axes: Axes) -> str:
    """The colour behind the axes; where all is transparent, what the text is readable on."""
    holder: Figure | SubFigure | None = axes.get_figure()
    faces = [axes.get_facecolor()]
    while holder is not None:
        faces.append(holder.get_facecolor())
        holder = holder.figure if isinstance(holder, SubFigure) else None
    for face in faces:
        if to_rgba(face)[3] > 0:
            return to_hex(face)
    return "#000000" if luminance(to_hex(rcParams["text.color"])) > 0.5 else "#ffffff"  # noqa: PLR2004 - light text


def _checked(colors: Colors) -> dict[str, str]:
    own: dict[str, str] = {}
    for name, color in as_pairs("colors", colors, "colours by role, such as {'refused': 'crimson'}"):
        role = known_name("role of a colour", as_text("role of a colour", name), tuple(LIGHT))
        if not is_color_like(color):
            raise InvalidValueError(f"color of {role}", color, "a colour of Matplotlib, such as '#d55e00'")
        own[role] = to_hex(str(color))
    return own
