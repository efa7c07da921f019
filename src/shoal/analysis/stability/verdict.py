"""What may be done with a segment."""

from __future__ import annotations

from shoal.sentences import say
from shoal.types import Statement, Verdict

RETURNED = 0.75  # Jaccard similarity from which a segment counts as found again (Hennig 2007)
DISSOLVED = 0.5  # and up to which it counts as dissolved
STABLE = 0.85  # what even the worse tenth of resamples must reach to act on a segment
SURE = 0.95  # share of other tables of this size in which a segment to act on is found again
LIKELY = 0.5  # share below which a segment is not to be relied on
DOUBTFUL = 0.6  # mean Jaccard below which a segment is not to be relied on (Hennig 2007)
ALONE = 3  # customers below which there is no segment at all
FEW = 10  # customers below which a segment is nobody to act on


def judge(
    jaccard: float, low: float, found_again: float, size: int, border: float
) -> tuple[Verdict, Statement]:
    """The verdict on one segment, and its reason with the numbers.

    Set by experiment: of segments that real tables of 100 to 2,300 customers call *act on it*, more
    than nine in ten were found again on as many other customers (docs/trust-in-halves.md).

    Args:
        jaccard: mean bootstrap Jaccard similarity.
        low: its 10 % quantile.
        found_again: share of other tables of this size in which the segment would be found again.
        size: its customers in the sample.
        border: share of them near a border.

    >>> judge(0.97, 0.93, 0.99, 81, 0.05)[0]
    'act on it'
    >>> judge(0.57, 0.2, 0.19, 11, 0.0)[0]
    'do not rely on it'
    """
    verdict, code, bars = _judged(jaccard, low, found_again, size)
    numbers = {
        "jaccard": jaccard,
        "low": low,
        "found_again": found_again,
        "size": size,
        "border": border,
    }
    return verdict, say(code, **numbers, **bars)


def doubted(verdict: Verdict, why: Statement) -> tuple[Verdict, Statement]:
    """The verdict where no groups were found.

    A slice through a continuum may return faithfully; nobody should act as if it were a group.
    """
    if verdict != "act on it":
        return verdict, why
    return "use with care", say("a-slice", why=why)


def _judged(
    jaccard: float, low: float, found_again: float, size: int
) -> tuple[Verdict, str, dict[str, float]]:
    """The verdict, the code of its reason, and the bar that was missed."""
    if jaccard < DOUBTFUL or found_again < LIKELY:
        return "do not rely on it", "falls-apart", {}
    if size < ALONE:
        return "do not rely on it", "hardly-anybody", {}
    if size < FEW:
        return "use with care", "a-handful", {}
    if low < STABLE:
        return "use with care", "worse-tenth", {"stable": STABLE}
    if found_again < SURE:
        return "use with care", "found-less", {"sure": SURE}
    return "act on it", "comes-back", {}
