"""What may be done with a segment, in words."""

from __future__ import annotations

from shoal.types import Verdict

RETURNED = 0.75  # Jaccard similarity from which a segment counts as found again (Hennig 2007)
DISSOLVED = 0.5  # and up to which it counts as dissolved
STABLE = 0.85  # what even the worse tenth of resamples must reach to act on a segment
SURE, LIKELY = 0.95, 0.5  # share of other tables of this size in which it would be found again
DOUBTFUL = 0.6  # mean Jaccard below which a segment is not to be relied on (Hennig 2007)
ALONE = 3  # customers below which there is no segment at all
FEW = 10  # customers below which a segment is nobody to act on


def judge(
    jaccard: float, low: float, found_again: float, size: int, border: float
) -> tuple[Verdict, str]:
    """The verdict on one segment, and its reason with the numbers.

    Set by experiment: of segments that real tables of 100 to 2,300 customers call *act on it*, more than nine in
    ten were found again on as many other customers (docs/trust-in-halves.md).

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
    numbers = (
        f"bootstrap Jaccard {jaccard:.2f} (worse tenth {low:.2f}), found again on other customers in {found_again:.0%} of cases, "
        f"{border:.0%} of its {size:,} sampled customers stand near a border"
    )
    if jaccard < DOUBTFUL or found_again < LIKELY:
        return "do not rely on it", f"It falls apart on other customers: {numbers}."
    if size < ALONE:
        return "do not rely on it", f"Hardly anybody is in it: {numbers}."
    if size < FEW:
        return "use with care", f"It is a handful of customers: {numbers}."
    if low < STABLE or found_again < SURE:
        missed = (
            f"the worse tenth is below {STABLE}"
            if low < STABLE
            else f"found again in less than {SURE:.0%}"
        )
        return "use with care", f"It usually comes back, but not always ({missed}): {numbers}."
    return "act on it", f"It comes back on other customers: {numbers}."
