"""RFM scores: bins of recency, frequency and monetary value, with a stated rule for ties.

Hughes, Strategic Database Marketing (1994): quintiles of each measure, 5 for the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from shoal.errors import OptionError
from shoal.types import Floats, Ints

Measure = Literal["recency", "frequency", "monetary"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
Ties = Literal["low", "high", "plus-one"]
TIES: tuple[Ties, ...] = get_args(Ties)


def cut_points(values: Floats, bins: int) -> tuple[float, ...]:
    """The quantiles (by linear interpolation) that part n values into bins of nearly equal size.

    >>> cut_points(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 2)
    (3.0,)
    """
    return tuple(float(q) for q in np.quantile(values, np.arange(1, bins) / bins))


def scores(
    values: Floats, cuts: Sequence[float], ties: Ties = "low", *, fewer_is_better: bool = False
) -> Ints:
    """Scores (n,) from 1 to one more than there are cut points. Equal values get equal scores.

    >>> scores(np.array([1.0, 3.0, 5.0]), (3.0,))
    array([1, 1, 2])
    >>> scores(np.array([1.0, 3.0, 5.0]), (3.0,), fewer_is_better=True)
    array([2, 2, 1])
    """
    points = np.asarray(cuts, dtype=np.float64) + (ties == "plus-one")
    side: Literal["left", "right"] = "left" if ties == "low" else "right"
    above = np.searchsorted(points, values, side=side).astype(np.int64)
    return len(points) + 1 - above if fewer_is_better else above + 1


def check_cuts(cuts: Mapping[Measure, Sequence[float]], present: Sequence[str]) -> None:
    """Raise OptionError for cut points of an unknown measure, or that do not rise."""
    for name, points in cuts.items():
        if name not in present:
            raise OptionError(
                f'Cut points were given for "{name}". They can be given for {", ".join(present)}.'
            )
        rising = list(points) == sorted(set(points)) and all(map(np.isfinite, points))
        if not points or not rising:
            raise OptionError(
                f"The cut points of {name} must be rising numbers, such as 30, 90, 180, 365; "
                f"not {list(points)}."
            )
