"""What choosing k, stability and features have to say."""

from __future__ import annotations

from collections.abc import Callable

from shoal.text.nouns import many


def _resampled(resamples: int, drawn: int, customers: int, third: int, more: int) -> str:
    """How trust was found."""
    said = (
        f"Segments were searched again on {resamples} resamples ({drawn:,} draws with replacement "
        f"from {customers:,} {many()}, each counted once) and matched by Jaccard similarity; how "
        f"often one would be found again on other {many()} comes from {resamples} random parts of "
        f"{third:,} {many()}"
    )
    if more:
        return f"{said}, gone on with on {more:,} others where it was not found."
    return f"{said}, which differ from the whole as two tables differ from each other."


def _too_small(smallest: float, min_share: float) -> str:
    return (
        f"its smallest segment holds {100 * smallest:.1f} % of {many()}, less than the "
        f"{100 * min_share:.1f} % asked for"
    )


SENTENCES: dict[str, str | Callable[..., str]] = {
    # What is remarkable about a k.
    "for-reference": "for reference",
    "too-small": _too_small,
    "does-not-return": (
        "a segment of {size:,} does not come back on resampled {many} (Jaccard {jaccard:.2f})"
    ),
    "resampled": _resampled,
}
