"""Groups that are too small for their figures to be shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shoal.types import Bools


def too_few(counts: npt.ArrayLike, least: int) -> Bools:
    """Where there is somebody, but fewer than the least that may be told of; nobody is no secret.

    >>> too_few([0, 1, 4, 5], 5).tolist()
    [False, True, True, False]
    """
    found = np.asarray(counts)
    return np.asarray((found > 0) & (found < least))


def untold_shares(
    counts: npt.ArrayLike, known: npt.ArrayLike, least: int, *, of_two: bool
) -> Bools:
    """Where a share is not told: too few have the word, or any.

    Of a column of two words, where too few have the other one as well.

    >>> untold_shares([30, 2, 58, 9], [60, 60, 60, 9], 5, of_two=True).tolist()
    [False, True, True, False]
    """
    few = too_few(counts, least) | too_few(known, least)
    return few | too_few(np.asarray(known) - np.asarray(counts), least) if of_two else few
