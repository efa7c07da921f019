"""The colours of segments, the same in every figure, on the page and in the workbook."""

from __future__ import annotations

# Okabe & Ito's colours, then darker and violet ones. Any two differ by at least 16 in CIE Lab,
# also as seen with protanopia, deuteranopia or tritanopia (Machado et al. 2009).
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#cc79a7",
    "#332288",
    "#56b4e9",
    "#570408",
    "#a56eff",
    "#882255",
    "#6929c4",
    "#000000",
)


def colour(segment: int) -> str:
    """The colour of a segment, by its id from 1.

    >>> colour(1), colour(13) == colour(1)
    ('#0072b2', False)
    """
    turn, place = divmod(segment - 1, len(COLOURS))
    return COLOURS[place] if turn == 0 else tint(COLOURS[place], 0.62 ** min(turn, 4))


def tint(shade: str, strength: float) -> str:
    """A colour mixed with white; strength 1 leaves it as it is.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    parts = (int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5))
    mixed = (round(255 * (1 - strength * (1 - part))) for part in parts)
    return "#" + "".join(f"{part:02x}" for part in mixed)
