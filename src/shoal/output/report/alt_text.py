"""What each picture of the page is for, and what it shows, for those who do not see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from shoal.text.numbers import count, listed, percent, score
from shoal.types import Facts, Profile, SegmentTrust

MOST = 12  # segments that are named


@dataclass(frozen=True)
class Picture:
    """A figure on the page, in words."""

    caption: str
    alt: str


CAPTIONS = {
    "map": "Each dot is a {one} in the colour of its segment; the nearer two dots, the more "
    "alike the {many}.",
    "pairs": "Basis columns against each other.",
    "sizes": "How big the segments are.",
    "profile": "What sets the segments apart. Read down a column to meet one segment.",
    "distributions": "How each segment's {many} are spread (colour) against everybody (grey).",
    "choice": "The evidence for every number of segments.",
    "silhouette": "How clearly {many} belong to their segment. A blade that thins out early has "
    "many {many} near a border.",
    "stability": "How well each segment comes back on resampled {many}. The further to the right "
    "the better.",
    "flow": "How segments split and merge as their number grows. Bands that stay whole are groups "
    "that do not depend on the number chosen.",
    "gorge": "Gorge plots. Two hills with a gorge between them stand for a group apart; one long "
    "slope for a slice of a continuum.",
    "correlations": "Which columns move together. Two columns that say the same count twice in the "
    "segments.",
    "histograms": "How each column is spread.",
}


def picture(facts: Facts, name: str) -> Picture:
    """Caption and alternative text of a figure."""
    if name in PROFILE_ALTS:
        return profile_picture(facts.profile, name)
    noun = facts.noun
    return Picture(CAPTIONS[name].format(one=noun.one, many=noun.many), ALTS[name](facts))


def profile_picture(profile: Profile, name: str) -> Picture:
    """The same for a figure of the data analysis."""
    return Picture(CAPTIONS[name], PROFILE_ALTS[name](profile))


def _shares(facts: Facts) -> str:
    return listed([f"{p.name} {percent(p.share)}" for p in facts.portraits], MOST)


def _of_each(facts: Facts, say: Callable[[SegmentTrust], str]) -> str:
    """What is to be said of each segment, after its name."""
    named = {portrait.segment: portrait.name for portrait in facts.portraits}
    return listed([f"{named[t.segment]} {say(t)}" for t in facts.trust.segments], MOST)


def _map(facts: Facts) -> str:
    return f"Map of {facts.noun.many} coloured by segment. Shares: {_shares(facts)}."


def _sizes(facts: Facts) -> str:
    return f"Bars of the segments' shares of {facts.noun.many}: {_shares(facts)}."


def _columns(what: str) -> Callable[[Facts], str]:
    """Of a figure that shows columns by segment: the two that each segment stands out in."""

    def alt(facts: Facts) -> str:
        sentences = []
        for portrait in facts.portraits:
            first = [t for t in portrait.traits if t.role == "basis"][:2]
            if first:
                levels = listed([f"{t.column} {t.level}" for t in first])
                sentences.append(f"{portrait.name}: {levels}.")
        return f"{what} by segment. {' '.join(sentences)}"

    return alt


def _choice(facts: Facts) -> str:
    chosen = facts.choice
    second = f", the runner-up {chosen.runner_up}" if chosen.runner_up else ""
    text = "Small panels of evidence against the number of segments."
    return f"{text} The pick is {chosen.k}{second}. {chosen.reason}"


def _stability(facts: Facts) -> str:
    marks = _of_each(facts, lambda t: score(t.jaccard))
    return f"Mean bootstrap Jaccard similarity of each segment: {marks}."


def _silhouette(facts: Facts) -> str:
    means = _of_each(facts, lambda t: score(t.silhouette))
    return f"Silhouettes sorted within each segment. Means: {means}."


def _flow(facts: Facts) -> str:
    ks = sorted({k for flow in facts.trust.flows for k in (flow.k_from, flow.k_to)})
    steps = listed([f"k = {k}" for k in ks], MOST)
    return f"Bands between the segments of {steps}, as wide as the {facts.noun.many} they share."


def _gorge(facts: Facts) -> str:
    near = _of_each(facts, lambda t: percent(t.border_share))
    many = facts.noun.many.capitalize()
    return f"Histograms of similarity to each segment's centre. {many} near a border: {near}."


def _correlations(profile: Profile) -> str:
    names = profile.correlation_columns
    pairs = [
        (abs(r), f"{name} and {other} {r:+.2f}")
        for i, name in enumerate(names)
        for other, r in zip(names[:i], profile.correlations[i], strict=False)
        if not math.isnan(r)
    ]
    strongest = [words for _, words in sorted(pairs, reverse=True)[:3]]
    return f"Heatmap of rank correlations. Strongest: {listed(strongest) or 'none'}."


def _histograms(profile: Profile) -> str:
    columns = count(len(profile.columns), "column")
    text = f"Small histograms of {columns} of {profile.name}"
    return f"{text}; the columns are listed in the table below."


ALTS: dict[str, Callable[[Facts], str]] = {
    "map": _map,
    "sizes": _sizes,
    "profile": _columns("Heatmap of medians"),
    "distributions": _columns("Histograms"),
    "pairs": _columns("Pair plot"),
    "choice": _choice,
    "stability": _stability,
    "silhouette": _silhouette,
    "flow": _flow,
    "gorge": _gorge,
}
PROFILE_ALTS: dict[str, Callable[[Profile], str]] = {
    "correlations": _correlations,
    "histograms": _histograms,
}
