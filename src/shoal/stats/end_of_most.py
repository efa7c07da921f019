"""Where most dates end: a few beyond a gap of years are errors, not the end of the time seen."""

from __future__ import annotations

import numpy as np

from shoal.types import Ints

FEW = 0.01  # share of all that may lie beyond a gap, one at least …
DOUBTED = 0.1  # … and the share up to which they may be errors, or not
ENOUGH = 10  # … where so many lie before it
AFTER, BEFORE = 365, 5 * 365  # days of the gap at least: behind the others, before them
TIMES = 10  # how much longer it is than any gap among the others


def ends_of_most(days: Ints, counts: Ints) -> tuple[int, int]:
    """The first and the last of these days, but for a few that lie years from all others.

    Args:
        days: different days (n,), rising, n > 0.
        counts: how often each occurs (n,).

    >>> ends_of_most(np.array([*range(100, 160), 7_000]), np.ones(61, dtype=int))
    (100, 159)
    """
    last = _end(days, counts, AFTER)
    first = -_end(-days[::-1], counts[::-1], BEFORE)
    return first, last


def doubted_end(days: Ints, counts: Ints) -> int:
    """The last of these days, but for some more that lie years behind all others.

    >>> doubted_end(np.array([*range(100, 160), 7_000, 8_000]), np.ones(62, dtype=int))
    159
    """
    return _end(days, counts, AFTER, DOUBTED)


def _end(days: Ints, counts: Ints, least: int, most: float = FEW) -> int:
    """The last day of most: that before the first gap that parts off a few."""
    gaps = np.diff(days)
    beyond = counts.sum() - np.cumsum(counts)[:-1]  # behind each gap
    before = counts.sum() - beyond
    few = (beyond <= max(1, most * counts.sum())) & (before >= ENOUGH)
    widest = np.maximum.accumulate(np.concatenate([[0], gaps[:-1]]))  # of the gaps before it
    apart = np.flatnonzero(few & (gaps >= least) & (gaps >= TIMES * widest))
    return int(days[apart[0]]) if len(apart) else int(days[-1])
