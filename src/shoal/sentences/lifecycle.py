"""What is said of segments that follow others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoal.text.nouns import many
from shoal.text.numbers import listed, percent


def _serves(loss: float, most_loss: float, weakest: float, k: int, changed: bool) -> str:
    said = (
        f"No need to refit: the {k} segments of before are those that a new fit finds (the least "
        f"alike has a Jaccard similarity of {weakest:.2f}), and squared distances to their "
        f"centroids are {_larger(loss)} those to new ones ({1 + most_loss:.2f} times may be)."
    )
    return f"{said} Columns were read as they are called and measured now." if changed else said


def _larger(loss: float) -> str:
    return f"{1 + loss:.2f} times" if loss >= 0.005 else "no larger than"


def _refit(
    k_before: int, k_now: int, loss: float, most_loss: float, weakest: float, least: float
) -> str:
    reasons = []
    if k_before != k_now:
        reasons.append(f"{k_now} segments are found instead of {k_before}")
    if weakest < least:
        reasons.append(
            f"one of before shares little with any that is found now (Jaccard {weakest:.2f}, "
            f"at least {least:.2f} is wanted)"
        )
    if loss > most_loss:
        reasons.append(
            f"squared distances to the centroids of before are {1 + loss:.2f} times those to new "
            f"ones ({1 + most_loss:.2f} may be)"
        )
    return f"Fitted again: {'; '.join(reasons)}."


def _kept(alike: float | None, shift: float, by_ids: bool) -> str:
    where = f"its centroid moved by at most {shift:.2f} standard deviations of a column"
    if alike is None:
        return f"Nobody of it is known again, but {where}."
    those = "members" if by_ids else "those whom the old model puts there"
    return f"Jaccard similarity of {alike:.2f} with that of before ({those}); {where}."


def _merged(shares: Sequence[float]) -> str:
    parts = listed([percent(share) for share in shares], len(shares))
    return f"{len(shares)} segments of before are together in it ({parts} of it)."


def _born(by_ids: bool, share: float, ids: float) -> str:
    if by_ids and ids >= 0.5:
        return f"{percent(ids)} of it were not there before."
    if by_ids:
        return "Its members were in several segments, or in a small part of one: it follows none."
    if share >= 0.5:
        return f"{percent(share)} of it are unlike anyone in the segments of before."
    return "No segment of before is where it is."


def _split(parts: int, share: float) -> str:
    part = f"One of {parts} parts of a segment of before"
    return f"{part}, with {percent(share)} of that one's {many()}."


def _gone(found: int, expected: int) -> str:
    if found >= expected / 2:
        return f"{found:,} of its {many()} are found, and they are in segments that follow others."
    return f"{found:,} of its {many()} are found, where {expected:,} would be."


SENTENCES: dict[str, str | Callable[..., str]] = {
    "serves": _serves,
    "refit": _refit,
    "refit-asked": "Fitted again, since that was asked for.",
    "fate-serves": "It is where it was: the centroids of before place everybody.",
    "fate-kept": _kept,
    "fate-moved": _kept,
    "fate-split": _split,
    "fate-merged": _merged,
    "fate-born": _born,
    "fate-went-into": lambda share: f"{percent(share)} of it are in another segment now.",
    "fate-gone": _gone,
    "k-kept-returns": "{k} segments, as before: all of them come back on resampled {many}.",
    "k-kept-slices": (
        "{k} segments, as before: no groups are found, and {many} can be cut into one number of "
        "slices as well as into another."
    ),
}
