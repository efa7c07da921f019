"""The colours of segments, the same in every figure, on the page and in the workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shoal.errors import OptionError
from shoal.options import check_segment

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


FAINTEST = 1.3  # contrast to white (WCAG 2), below which a dot on paper is hardly seen


def colours(k: int) -> tuple[str, ...]:
    """The colours that k segments get, in the order of their ids."""
    return tuple(colour(segment) for segment in range(1, k + 1))


def is_colour(text: str) -> bool:
    """Whether it is a colour as it is kept: #rrggbb.

    >>> is_colour("#0072b2"), is_colour("blue")
    (True, False)
    """
    return re.fullmatch("#[0-9a-f]{6}", text) is not None


def recoloured(
    shades: Sequence[str], asked: Mapping[int, str], ids: Sequence[int]
) -> tuple[str, ...]:
    """The colours (k,) of segments with these ids, with those asked for in their places.

    Raises OptionError for a number that no segment has, for what is no colour, one that is hardly
    seen on white, and that of another segment.

    >>> recoloured(["#0072b2", "#d55e00"], {2: "#A37"}, [1, 2])
    ('#0072b2', '#aa3377')
    """
    made = dict(zip(ids, shades, strict=True))
    for number, text in asked.items():
        check_segment(number, ids, f' to be coloured "{text}"')
        made[number] = _checked(number, text)
    for shade in (made[number] for number in asked):
        twins = [id for id, each in made.items() if each == shade]
        if len(twins) > 1:
            raise OptionError(
                f"Segments {twins[0]} and {twins[1]} would both be coloured {shade}. "
                "Give one of them another colour."
            )
    return tuple(made.values())


def _checked(number: int, text: str) -> str:
    """A colour as it is kept; OptionError says why it cannot be one."""
    shade = str(text).strip().lower()
    if re.fullmatch("#[0-9a-f]{3}", shade):
        shade = "#" + "".join(2 * letter for letter in shade[1:])
    if not is_colour(shade):
        raise OptionError(
            f'Segment {number} cannot be coloured "{text}". Write a colour as "#0072b2".'
        )
    if 1.05 / (_luminance(shade) + 0.05) < FAINTEST:
        raise OptionError(
            f'Segment {number} cannot be coloured "{text}": that is hardly seen on white. Take a '
            "darker one."
        )
    return shade


def _luminance(shade: str) -> float:
    """The relative luminance of a colour, 0 to 1 (WCAG 2)."""
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


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
