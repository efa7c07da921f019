"""How far to believe the segments that were found, and what kind of groups they are after that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shoal.analysis.choose_k import Looks, in_place_of, led_by_gap, surely_return
from shoal.analysis.stability import Resamples, agreed, examine, fallen
from shoal.engine.worker import Each
from shoal.types import Choice, Fit, Points, Structure, Trust


def examined(
    choice: Choice,
    fit: Fit,
    points: Points,
    customers: int,
    looks: Looks,
    resamples: Resamples,
    seed: int,
    each: Each,
) -> tuple[Choice, Trust]:
    """The choice, whose kind agrees with what was seen of each segment, and that.

    Args:
        choice: of the number of segments.
        fit: its segments, in their final order.
        points: the encoded sample.
        customers: of the whole table.
        looks: at these points, from which k was chosen.
        resamples: of these points and customers.
        seed: the same seed gives the same trust.
        each: shares the resamples out, where there is somebody to share them with.
    """
    trust_in = partial(
        examine,
        points,
        fits=choice.fits,
        seed=seed,
        structure=choice.structure,
        customers=customers,
        each=each,
        known=resamples,
    )
    trust = trust_in(fit)
    if choice.structure is Structure.natural and not choice.asked and fallen(trust):
        led = led_by_gap(fit, choice, looks.judged_on, each)
        trust = trust if led is None else trust_in(led)
    return agreed(choice, trust)


def that_return(
    found: tuple[Choice, Fit],
    fewer: Callable[[int], tuple[Choice, Fit]],
    trust_in: Callable[[Choice, Fit], Trust],
) -> tuple[Choice, Fit]:
    """What was found, or fewer segments that surely return, where groups are claimed that do not.

    Who asked for a number gets it.

    Args:
        found: the choice and its segments, in their final order.
        fewer: gives the same of so many segments at most.
        trust_in: how far to believe the segments of a choice.
    """
    choice, fit = found
    if choice.asked or not choice.structure:
        return found
    lost, k = fallen(trust_in(choice, fit)), choice.k
    while lost and k > 2:
        less, its = fewer(k - 1)
        if not less.structure:
            break
        if surely_return(less) and not fallen(trust_in(less, its)):
            return in_place_of(choice, less, lost), its
        k = less.k
    return found
