"""Columns that take steps: counts, scores, whole years, and values that many customers share.

Between 0 and 1 child lies nothing, for everybody: that is no gap between customers. So each is
spread over the room of its value. How much that is, the steps beside it say: on the scale of a
logarithm those between 1, 2 and 3 orders are wide, and those between 201 and 202 are narrow.
"""

from __future__ import annotations

import numpy as np

from shoal.types import Bools, Floats, Ints

BESIDE = 3  # steps, or values, on either side
# Times those beside it that the lowest step may be wide and still be one of them: the logarithms of
# 1 and 2 are 2.4 times as far apart as the middle one of the next three steps.
LOWEST = 3.0
SHARED = 0.02  # of customers with one and the same value from which it may be a step for everybody,
SPIKE = 5.0  # where so many times as many share it as those beside it


def in_steps(column: Floats) -> bool:
    """Whether a column only takes certain values."""
    return 1 < len(np.unique(column)) <= len(column) / 2


def blurred(column: Floats, rng: np.random.Generator) -> Floats:
    """Where customers (n,) stand when each is anywhere in the room of its value."""
    values, place = np.unique(column, return_inverse=True)
    return column + _within(values, place, rng.random(len(column)) - 0.5)


def spread(ordered: Floats) -> Floats:
    """Sorted customers (n,), those of one value evenly spread over its room."""
    values, first, place, counts = np.unique(
        ordered, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.arange(len(ordered)) - first[place]
    return ordered + _within(values, place, (rank + 0.5) / counts[place] - 0.5)


def unshared(ordered: Floats) -> Bools:
    """Which values (n,) of a sorted column are not those that far more share than others.

    Nothing bought, the top mark: such a step is a step for everybody.
    """
    values, place, counts = np.unique(ordered, return_inverse=True, return_counts=True)
    if len(values) < 2:
        return np.ones(len(ordered), dtype=bool)
    many = counts > max(2, SHARED * len(ordered))
    return np.asarray(~(many & (counts > SPIKE * _beside(counts.astype(float))))[place])


def _within(values: Floats, place: Ints, side: Floats) -> Floats:
    """How far each customer is moved: `side`, from -.5 to .5, of the step on that side."""
    steps = np.diff(values)
    steps = np.minimum(steps, _usual(steps))
    below, above = np.r_[steps[0], steps][place], np.r_[steps, steps[-1]][place]
    return np.asarray(np.where(side < 0, below, above) * side)


def _usual(steps: Floats) -> Floats:
    """How wide each step (s,) would be if it were like those beside it."""
    if len(steps) < BESIDE:
        return steps
    usual = _beside(steps)
    # Steps of a logarithm go like 1 / (n + .5): the lowest follows from the next two.
    lowest = 2 / steps[1] - 1 / steps[2]
    most = LOWEST * usual[0]
    usual[0] = np.clip(1 / lowest, usual[0], most) if lowest > 0 else most
    return usual


def _beside(numbers: Floats) -> Floats:
    """Of those on the left and on the right of each number (s,) the larger median."""
    ends = np.full(BESIDE, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.r_[ends, numbers, ends], BESIDE)
    left, right = windows[: len(numbers)], windows[BESIDE + 1 :]
    return np.fmax(_median(left), _median(right))


def _median(windows: Floats) -> Floats:
    """The median of each row that has any number, NaN of others."""
    found = np.full(len(windows), np.nan)
    some = ~np.isnan(windows).all(axis=1)
    found[some] = np.nanmedian(windows[some], axis=1)
    return found
