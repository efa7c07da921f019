"""The page's own sentences: the answer, what kind of groups these are, what each picture shows."""

from __future__ import annotations

from dataclasses import dataclass

from shoal.text.numbers import count, listed, money, percent, score, spelled
from shoal.types import Facts, Profile, SegmentProfile, Structure

# after Dolnicar, Grün & Leisch, Market Segmentation Analysis (2018)
KINDS: dict[Structure, tuple[str, str]] = {
    Structure.natural: (
        "Natural",
        "The groups are clearly separated in the data: few customers lie between them, and anybody who looks will find them.",
    ),
    Structure.reproducible: (
        "Reproducible",
        "The groups are not clearly separated, but the same ones return on other customers drawn from the same table.",
    ),
    Structure.constructed: (
        "Constructed",
        "There are no groups in the data that return. Segments are slices through a continuum: handy for treating customers "
        "differently, but nobody should say that they exist.",
    ),
    Structure.none: (
        "None",
        "The table cannot be told from one without any structure. K-means returns groups from every table, from pure noise too.",
    ),
}

READING = (
    (0.85, "very stable"),
    (0.75, "stable"),
    (0.6, "a pattern, but who belongs to it is doubtful"),
    (0.5, "doubtful"),
    (float("-inf"), "dissolved"),
)


def reading(jaccard: float) -> str:
    """The published reading of a mean bootstrap Jaccard similarity (Hennig 2007).

    >>> reading(0.9), reading(0.55)
    ('very stable', 'doubtful')
    """
    if jaccard == 0.5:  # "dissolved" includes its cut
        return "dissolved"
    return next((words for cut, words in READING if jaccard >= cut), "not measured")


def headline(facts: Facts) -> str:
    """The answer in one sentence."""
    k, structure = facts.segmentation.k, facts.choice.structure
    n = count(facts.rows_labelled, "customer")
    many, s, bad = spelled(k), "" if k == 1 else "s", doubtful(facts)
    if structure is Structure.natural:
        return f"Your {n} form {many} clearly separated segment{s}."
    if structure is Structure.reproducible and bad:
        return f"Your {n} fall into {many} segments, {spelled(k - bad) if bad < k else 'none'} of which can be found again."
    if structure is Structure.reproducible:
        return f"Your {n} fall into {many} segment{s} that can be found again."
    if k == 1:
        return f"No natural groups: your {n} are best treated as one."
    return f"No natural groups: these are {many} convenient slices of your {n}."


def doubtful(facts: Facts) -> int:
    """How many segments should not be relied on."""
    return sum(t.verdict == "do not rely on it" for t in facts.trust.segments)


def subline(facts: Facts) -> str:
    """What the answer rests on, under the headline."""
    basis, bad = listed(facts.segmentation.basis), doubtful(facts)
    again = f"{spelled(bad)} of them may not come back on other customers" if bad else ""
    return {
        Structure.natural: f"They are formed by {basis}, and they are really there: few customers lie between them."
        + (f" Yet {again}." if again else ""),
        Structure.reproducible: f"They are formed by {basis}. Their borders are soft, "
        + (
            f"and {again}."
            if again
            else "but other customers of the same kind give the same groups."
        ),
        Structure.constructed: f"They are cut along {basis}. Use them to treat customers differently; do not say that such groups exist.",
        Structure.none: f"In {basis}, customers cannot be told from a table without structure. Use the slices for convenience only.",
    }[facts.choice.structure]


def spoken(facts: Facts) -> str:
    """How many customers there were and what became of them."""
    text = f"{count(facts.rows_read, 'row')} read = {facts.rows_labelled:,} labelled + {facts.rows_set_aside:,} set aside."
    return text if facts.rows_set_aside else text + " Nobody was lost."


def searched(facts: Facts) -> str:
    """On which customers k was chosen and trust was found."""
    m, n = len(facts.labels), facts.sample.total
    return f"all {n:,} customers" if m == n else f"a sample of {m:,} of {n:,} customers"


@dataclass(frozen=True)
class Picture:
    """A figure on the page: what it is for, and what it shows in words for those who do not see it."""

    name: str
    caption: str
    alt: str


_CAPTIONS = {
    "map": "Each dot is a customer in the colour of its segment; the nearer two dots, the more alike the customers.",
    "pairs": "Basis columns against each other.",
    "sizes": "How big the segments are.",
    "profile": "What sets the segments apart. Read down a column to meet one segment.",
    "distributions": "How each segment's customers are spread (colour) against everybody (grey).",
    "choice": "The evidence for every number of segments.",
    "silhouette": "How clearly customers belong to their segment. A blade that thins out early has many customers near a border.",
    "stability": "Would the segments be found again on other customers? The further to the right the better.",
    "flow": "How segments split and merge as their number grows. Bands that stay whole are groups that do not depend on the number chosen.",
    "gorge": "Gorge plots. Two hills with a gorge between them are a natural group; one long slope is a slice of a continuum.",
    "correlations": "Which columns move together. Two columns that say the same count twice in the segments.",
    "histograms": "How each column is spread.",
}


def picture(facts: Facts, name: str) -> Picture:
    """Caption and alternative text of a figure."""
    return Picture(name, _CAPTIONS.get(name, ""), _alt(facts, name))


def profile_picture(profile: Profile, name: str) -> Picture:
    """The same for a figure of the data analysis."""
    return Picture(name, _CAPTIONS.get(name, ""), _profile_alt(profile, name))


def _alt(facts: Facts, name: str) -> str:
    people, trust = facts.portraits, facts.trust.segments
    sizes = listed([f"{p.name} {percent(p.share)}" for p in people], 12)
    if name == "map":
        return f"Map of customers coloured by segment. Shares: {sizes}."
    if name == "sizes":
        return f"Bars of the segments' shares of customers: {sizes}."
    if name in ("profile", "distributions", "pairs"):
        what = {
            "profile": "Heatmap of medians",
            "distributions": "Histograms",
            "pairs": "Pair plot",
        }[name]
        return f"{what} by segment. {' '.join(_stands_out(p) for p in people)}"
    if name == "choice":
        second = f", the runner-up {facts.choice.runner_up}" if facts.choice.runner_up else ""
        return f"Small panels of evidence against the number of segments. The pick is {facts.choice.k}{second}. {facts.choice.reason}"
    if name == "stability":
        marks = listed(
            [
                f"{people[t.segment - 1].name} {score(t.jaccard)}, {reading(t.jaccard)}"
                for t in trust
            ],
            12,
        )
        return f"Mean bootstrap Jaccard similarity of each segment: {marks}."
    if name == "silhouette":
        return f"Silhouettes sorted within each segment. Means: {listed([f'{people[t.segment - 1].name} {score(t.silhouette)}' for t in trust], 12)}."
    if name == "flow":
        ks = sorted({f.k_from for f in facts.trust.flows} | {f.k_to for f in facts.trust.flows})
        return f"Bands between the segments of {listed([f'k = {k}' for k in ks], 12)}, as wide as the customers they share."
    if name == "gorge":
        near = listed(
            [f"{people[t.segment - 1].name} {percent(t.border_share)}" for t in trust], 12
        )
        return (
            f"Histograms of similarity to each segment's centre. Customers near a border: {near}."
        )
    return _profile_alt(facts.profile, name)


SHOWN_ELSEWHERE = {"size", "size-and-value", "how-sure"}


def insights(portrait: SegmentProfile) -> list[str]:
    """The lines of a card that its other parts do not say already: it shows size and trust in places of their own."""
    return [each.text for each in portrait.statements if each.code not in SHOWN_ELSEWHERE]


def sureness(facts: Facts) -> str:
    """How many segments can be acted on, in a sentence."""
    verdicts = [t.verdict for t in facts.trust.segments]
    parts = [
        f"{verdicts.count('act on it')} to act on" if "act on it" in verdicts else "",
        f"{verdicts.count('use with care')} to use with care"
        if "use with care" in verdicts
        else "",
        f"{verdicts.count('do not rely on it')} not to rely on"
        if "do not rely on it" in verdicts
        else "",
    ]
    return listed([part for part in parts if part])


def _stands_out(portrait: SegmentProfile) -> str:
    first = [t for t in portrait.traits if t.role == "basis"][:2]
    return f"{portrait.name}: {listed([f'{t.column} {t.level}' for t in first])}." if first else ""


def _profile_alt(profile: Profile, name: str) -> str:
    if name == "correlations":
        names = profile.correlation_columns
        pairs = [
            (abs(r), a, b, r)
            for i, a in enumerate(names)
            for b, r in zip(names[:i], profile.correlations[i], strict=False)
        ]
        strongest = sorted((p for p in pairs if p[0] == p[0]), reverse=True)[:3]
        return (
            "Heatmap of rank correlations. Strongest: "
            + (listed([f"{a} and {b} {r:+.2f}" for _, a, b, r in strongest]) or "none")
            + "."
        )
    return f"Small histograms of {count(len(profile.columns), 'column')} of {profile.name}; the columns are listed in the table below."


def worth(facts: Facts, portrait: SegmentProfile) -> str:
    """A segment's value in words, where there is a money column."""
    if facts.value is None or portrait.value_share is None:
        return ""
    mean = f", {money(portrait.value_mean)} each" if portrait.value_mean is not None else ""
    return f"{percent(portrait.value_share)} of {facts.value}{mean}"
