"""What choosing k, stability and features have to say."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shoal.text.nouns import many

_RETURNS = "ach of {k} segments comes back on resampled {many} (Jaccard at least {jaccard:.2f})."
_NUMBERS = (
    "bootstrap Jaccard {jaccard:.2f} (worse tenth {low:.2f}), found again on other {many} in "
    "{found_again:.0%} "
    "of cases, {border:.0%} of its {size:,} sampled {many} stand near a border."
)


def _picked(sentence: str, *, k: int, asked: bool) -> str:
    words = sentence.format(k=k, many=many())
    return f"You asked for {k} segments. {words}" if asked else words


SENTENCES: dict[str, str | Callable[..., str]] = {
    # Why this k.
    "k-natural": partial(
        _picked,
        "{k} is the largest number of segments at which a gap lies between all neighbours.",
    ),
    "k-reproducible": partial(
        _picked,
        "{k} segments return on other {many} of the same kind, but they do not all stand clear "
        "of each other.",
    ),
    "k-constructed": partial(
        _picked,
        "No groups stand apart here: {k} segments are slices through a continuum.",
    ),
    "k-none": partial(
        _picked,
        "No groups were found here: {k} segments are only convenient slices.",
    ),
    "runner-up-apart": "A gap lies between all neighbours there too, and e" + _RETURNS,
    "runner-up-returns": "E" + _RETURNS,
    # What is remarkable about a k.
    "for-reference": "for reference",
    "too-small": (
        "its smallest segment holds {smallest:.1%} of {many}, less than the {min_share:.1%} "
        "asked for"
    ),
    "does-not-return": (
        "a segment of {size:,} does not come back on resampled {many} (Jaccard {jaccard:.2f})"
    ),
    # Verdicts on segments.
    "falls-apart": "It falls apart on other {many}: " + _NUMBERS,
    "hardly-anybody": "Hardly anybody is in it: " + _NUMBERS,
    "a-handful": "It is a handful of {many}: " + _NUMBERS,
    "worse-tenth": (
        "It usually comes back, but not always (the worse tenth is below {stable}): " + _NUMBERS
    ),
    "found-less": (
        "It usually comes back, but not always (found again in less than {sure:.0%}): " + _NUMBERS
    ),
    "comes-back": "It comes back on other {many}: " + _NUMBERS,
    "a-slice": (
        "It returns on other {many}, but no groups were found in this table: it is a slice, "
        "and its borders "
        "are a choice. {why}"
    ),
    "resampled": (
        "Segments were searched again on {resamples} resamples ({drawn:,} draws with replacement "
        "from {customers:,} "
        "{many}, each counted once) and matched by Jaccard similarity; how often one would be "
        "found again on "
        "other {many} comes from {resamples} random parts of {third:,} {many}, which differ "
        "from the whole as "
        "two tables differ from each other."
    ),
}
