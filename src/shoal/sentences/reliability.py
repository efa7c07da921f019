"""How far to believe the segments: one wording for each fact, on page, terminal and workbook alike.

A kind says what was found of all segments together; found again, near a border and the verdict are
each segment's own. A kind that claims groups is said only where all segments return.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from shoal.text.nouns import many, one
from shoal.text.numbers import count, listed, named, percent, score, spelled
from shoal.text.options import option
from shoal.types import Statement, Structure

SURELY = 0.9  # share of re-runs from which a segment is said to return, without the share
STEADY = 0.9  # and from which slices are said to be steady cuts
VERDICTS = {
    "act on it": "to act on",
    "use with care": "to use with care",
    "do not rely on it": "not to rely on",
}
# After Dolnicar, Grün & Leisch, Market Segmentation Analysis (2018).
KINDS: dict[Structure, tuple[str, str]] = {
    Structure.natural: (
        "Natural",
        "Gaps lie between the groups: far fewer {many} stand between two of them than in either.",
    ),
    Structure.reproducible: (
        "Reproducible",
        "Not each segment is surely a group with gaps around it, but the same ones return on other "
        "{many}, each as often as its own figure says.",
    ),
    Structure.constructed: (
        "Constructed",
        "Segments are slices through a continuum: handy for treating {many} differently, but "
        "nobody should say that they exist. Some slices come back at the same place on other "
        "{many}; that does not make them groups.",
    ),
    Structure.none: (
        "None found",
        "K-means finds no groups that a copy of the table without structure would not show as "
        "well. It returns segments from every table, from pure noise too. Groups that other "
        "columns drown may be there all the same.",
    ),
}


# --- all segments together ------------------------------------------------------------------------


def _natural(n: int, k: int) -> str:
    plural = "" if k == 1 else "s"
    return f"Your {count(n, one(), many())} form {spelled(k)} clearly separated segment{plural}."


def _reproducible(n: int, k: int, low: float, high: float) -> str:
    people = f"Your {count(n, one(), many())} fall into {spelled(k)} segments"
    if low >= SURELY or low != low:
        return f"{people} that return on other {many()}."
    return f"{people}; each returns in {_span(low, high)} of re-runs."


def _slices(n: int, k: int) -> str:
    people = count(n, one(), many())
    if k == 1:
        return f"No groups found: your {people} are best treated as one."
    return f"No groups found: these are {spelled(k)} convenient slices of your {people}."


def _span(low: float, high: float) -> str:
    """Two shares as one range.

    >>> _span(0.62, 0.86), _span(0.951, 0.952)
    ('62 % to 86 %', '95 %')
    """
    first, last = percent(low), percent(high)
    return first if first == last else f"{first} to {last}"


def _near(near_border: float) -> str:
    return f"{percent(near_border)} of {many()} stand near a border"


def _basis_natural(basis: Sequence[str], near_border: float) -> str:
    formed = f"They are formed by {listed(basis)}, and gaps lie between them"
    return f"{formed}; {_near(near_border)}."


def _basis_reproducible(basis: Sequence[str], near_border: float) -> str:
    formed = f"They are formed by {listed(basis)}. Not each is surely a group with gaps around it"
    return f"{formed}; {_near(near_border)}."


def _basis_constructed(basis: Sequence[str], near_border: float) -> str:
    formed = f"They are cut along {listed(basis)}; {_near(near_border)}. Use them to treat "
    return f"{formed}{many()} differently; do not say that such groups exist."


def _basis_none(basis: Sequence[str], near_border: float) -> str:
    found = f"In {listed(basis)}, k-means finds no groups that a copy of the table without "
    found += f"structure would not show as well; {_near(near_border)}. Use the slices for "
    return f"{found}convenience only."


def _cuts_return(low: float, high: float) -> str:
    """What it means that slices come back."""
    if low < STEADY:
        return (
            f"That some come back in up to {percent(high)} of re-runs shows that such a cut is "
            "steady, not that a group is there: cuts of a smooth cloud come back as well."
        )
    return (
        f"That they come back in {_span(low, high)} of re-runs shows that the cuts are steady, "
        "not that groups are there: cuts of a smooth cloud come back as well."
    )


def _counts(act: int, care: int, leave: int) -> str:
    """How many segments can be acted on.

    >>> _counts(3, 1, 0)
    '3 to act on and 1 to use with care'
    """
    told = zip((act, care, leave), VERDICTS.values(), strict=True)
    return listed([f"{number} {words}" for number, words in told if number])


# --- k --------------------------------------------------------------------------------------------


def _picked(sentence: str, *, k: int, asked: bool, **more: int) -> str:
    """Why this k; of one that was asked for nothing is said of others, which may show groups.

    >>> _picked("No groups stand apart {here}.", k=3, asked=True)
    'You asked for 3 segments. No groups stand apart with this number.'
    """
    here = "with this number" if asked else "here"
    words = sentence.format(k=k, many=many(), here=here, **more)
    return f"You asked for {k} segments. {words}" if asked else words


def _reruns(reruns: Sequence[tuple[int, int]], of: int, sampled: int = 0) -> str:
    """How sure k itself is; of large tables it was chosen on so many sampled ones.

    >>> _reruns([(4, 12), (3, 8)], 20)
    'Re-runs, each on nine tenths of the customers, chose 4 segments in 12 of 20 and 3 in 8.'
    """
    (first, times), *others = reruns
    said = [f"{first} segments in {times} of {of}", *(f"{k} in {n}" for k, n in others)]
    part = f"the {many()}"
    if sampled:
        part = f"the {sampled:,} sampled {many()} that k is chosen on"
    return f"Re-runs, each on nine tenths of {part}, chose {listed(said)}."


_COMES_BACK = "ach of {k} segments comes back on resampled {many} (Jaccard at least {jaccard:.2f})."


# --- each segment ---------------------------------------------------------------------------------


def found_again(share: float) -> str:
    """How often a segment is found again; "" where that was not tried."""
    return _again(share)


def _again(share: float) -> str:
    return "" if share != share else f"found again in {percent(share)} of re-runs"


def _sure(verdict: str, found_again: float) -> str:
    again = _again(found_again)
    return f"{verdict}: {again}" if again else verdict


def _verdict(
    sentence: str,
    *,
    jaccard: float,
    low: float,
    found_again: float,
    size: int,
    border: float,
    **bars: float,
) -> str:
    said = sentence.format(many=many(), **{name: score(bar) for name, bar in bars.items()})
    near = f"{percent(border)} of its {many()} stand near a border"
    facts = ", ".join(filter(None, [_again(found_again), near]))
    return f"{said}: {facts}; bootstrap Jaccard {score(jaccard)}, worse tenth {score(low)}."


def _slice(why: Statement) -> str:
    return (
        "No groups that all return were found in this table: take it as a slice whose borders are "
        f"a choice, however often it returns itself. {why}"
    )


def _how_sure(verdict: str, why: Statement) -> str:
    reason = str(why)
    return f"How sure: {verdict}. {reason[:1].upper()}{reason[1:].rstrip('.')}."


# --- what would show groups -----------------------------------------------------------------------


def _hidden(bundles: Sequence[Sequence[str]], columns: int, alone: Sequence[str] = ()) -> str:
    """Where none were found: what may have drowned them."""
    said = []
    if alone:
        quoted = named(alone)
        by = option("by", ",".join(alone))
        said.append(f"Along {quoted} alone {many()} do fall apart, with a gap: try {by}.")
    for names in bundles:
        quoted = named(names)
        said.append(
            f"{quoted} go together closely and count {spelled(len(names))} times: keep one of "
            f"them with {option('by', 'COLUMN')}, or give them less weight with "
            f"{option('weights')}."
        )
    if columns > 2:
        said.append(
            "Columns that tell nobody apart drown groups in others: name those that matter "
            f"with {option('by', 'COLUMN')}."
        )
    return " ".join(said)


SENTENCES: dict[str, str | Callable[..., str]] = {
    "found-natural": _natural,
    "found-reproducible": _reproducible,
    "found-constructed": _slices,
    "found-none": _slices,
    "basis-natural": _basis_natural,
    "basis-reproducible": _basis_reproducible,
    "basis-constructed": _basis_constructed,
    "basis-none": _basis_none,
    "cuts-return": _cuts_return,
    "verdict-counts": _counts,
    # Why this k, and how sure that is.
    "k-natural": partial(
        _picked,
        "{k} is the largest number of segments at which a gap lies between all neighbours.",
    ),
    "k-reproducible": partial(
        _picked,
        "With {k} segments each comes back on resampled {many}, though not each is surely a group "
        "with gaps around it.",
    ),
    "k-natural-fewer": partial(
        _picked,
        "A gap lies between all neighbours of {k} segments, and all can be relied on to return on "
        "other {many}: of {more} segments, {lost} cannot.",
    ),
    "k-reproducible-fewer": partial(
        _picked,
        "With {k} segments each comes back on resampled {many}, though not each is surely a group "
        "with gaps around it: of {more} segments, {lost} cannot be relied on to return.",
    ),
    "k-constructed": partial(
        _picked,
        "No groups stand apart {here}: {k} segments are slices through a continuum.",
    ),
    "k-unsteady": partial(
        _picked,
        "{fallen} of {k} segments cannot be relied on to return on other {many}, so nothing is "
        "claimed of the groups as a whole: take the segments as slices.",
    ),
    "k-drowned": partial(
        _picked,
        "In all columns together k-means finds no groups that return, though {many} do fall apart "
        "along single ones: {k} segments are only convenient slices.",
    ),
    "k-none": partial(
        _picked,
        "K-means finds no groups {here} that a copy without structure would not show as well: "
        "{k} segments are only convenient slices.",
    ),
    "k-reruns": _reruns,
    "runner-up-apart": "A gap lies between all neighbours there too, and e" + _COMES_BACK,
    "runner-up-returns": "E" + _COMES_BACK,
    # Verdicts on segments.
    "falls-apart": partial(_verdict, "It falls apart on other {many}"),
    "hardly-anybody": partial(_verdict, "Hardly anybody is in it"),
    "a-handful": partial(_verdict, "It is a handful of {many}"),
    "worse-tenth": partial(
        _verdict,
        "Not all of it comes back each time (in the worse tenth of resamples Jaccard is below "
        "{stable})",
    ),
    "found-less": partial(_verdict, "It usually comes back, but not always"),
    "comes-back": partial(_verdict, "It comes back on other {many}"),
    "a-slice": _slice,
    "how-sure": _how_sure,
    "sure": _sure,
    "hidden-groups": _hidden,
}
