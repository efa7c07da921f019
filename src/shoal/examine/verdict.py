"""What may be done with a segment, in words."""

from __future__ import annotations

from shoal.nouns import Verdict

RECOVERED = 0.75  # Jaccard from which a segment counts as found again (Hennig 2007)


def judge(jaccard: float, found_again: float, size: int, border: float) -> tuple[Verdict, str]:
    """The verdict on one segment, and its reason with the numbers.

    Args:
        jaccard: mean bootstrap Jaccard similarity.
        found_again: share of other tables of this size in which it would be found again.
        size: its customers in the sample.
        border: share of them near a border.
    """
    if size < 10:
        verdict: Verdict = "do not rely on it" if size < 5 else "use with care"
    elif jaccard >= RECOVERED and found_again >= 0.95:
        verdict = "act on it"
    elif jaccard >= 0.6 and found_again >= 0.5:
        verdict = "use with care"
    else:
        verdict = "do not rely on it"
    return verdict, _reason(jaccard, found_again, size, border)


def _reason(jaccard: float, found_again: float, size: int, border: float) -> str:
    return (
        f"Bootstrap Jaccard {jaccard:.2f}; on other customers it would be found again in {found_again:.0%} of cases; "
        f"{size:,} customers in the sample, {border:.0%} of them near a border."
    )
