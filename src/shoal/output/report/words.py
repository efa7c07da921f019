"""The page's own sentences: what the answer rests on, what kind of groups these are."""

from __future__ import annotations

from shoal.output.answer import doubtful
from shoal.text.numbers import count, listed, spelled
from shoal.types import Facts, Structure, Verdict

# After Dolnicar, Grün & Leisch, Market Segmentation Analysis (2018).
KINDS: dict[Structure, tuple[str, str]] = {
    Structure.natural: (
        "Natural",
        "The groups are clearly separated in the data: few {many} lie between them, and "
        "anybody who looks will find them.",
    ),
    Structure.reproducible: (
        "Reproducible",
        "The groups are not clearly separated, but the same ones return on other {many} drawn "
        "from the same table.",
    ),
    Structure.constructed: (
        "Constructed",
        "There are no groups in the data that return. Segments are slices through a continuum: "
        "handy for treating {many} differently, but nobody should say that they exist.",
    ),
    Structure.none: (
        "None",
        "The table cannot be told from one without any structure. K-means returns groups from "
        "every table, from pure noise too.",
    ),
}


def kind(facts: Facts) -> tuple[str, str]:
    """What kind of groups these are: in a word, and in a sentence."""
    word, sentence = KINDS[facts.choice.structure]
    return word, sentence.format(many=facts.noun.many)


READING = (
    (0.85, "very stable"),
    (0.75, "stable"),
    (0.6, "a pattern, but who belongs to it is doubtful"),
    (0.5, "doubtful"),
    (float("-inf"), "dissolved"),
)

VERDICTS: dict[Verdict, str] = {
    "act on it": "to act on",
    "use with care": "to use with care",
    "do not rely on it": "not to rely on",
}


def reading(jaccard: float) -> str:
    """The published reading of a mean bootstrap Jaccard similarity (Hennig 2007).

    >>> reading(0.9), reading(0.55)
    ('very stable', 'doubtful')
    """
    if jaccard == 0.5:  # "dissolved" includes its cut
        return "dissolved"
    return next((words for cut, words in READING if jaccard >= cut), "not measured")


def subline(facts: Facts) -> str:
    """What the answer rests on, under the headline."""
    basis, structure = listed(facts.segmentation.basis), facts.choice.structure
    bad, many = doubtful(facts), facts.noun.many
    again = f"{spelled(bad)} of them may not come back on other {many}"
    if structure is Structure.natural:
        text = f"They are formed by {basis}, and they are really there: few {many} lie between "
        return f"{text}them. Yet {again}." if bad else f"{text}them."
    if structure is Structure.reproducible:
        alike = f"but other {many} of the same kind give the same groups"
        rest = f"and {again}" if bad else alike
        return f"They are formed by {basis}. Their borders are soft, {rest}."
    if structure is Structure.constructed:
        text = f"They are cut along {basis}. Use them to treat {many} differently; do not say "
        return f"{text}that such groups exist."
    text = f"In {basis}, {many} cannot be told from a table without structure. Use the slices "
    return f"{text}for convenience only."


def spoken(facts: Facts) -> str:
    """How many customers there were and what became of them."""
    read, labelled, aside = facts.rows_read, facts.rows_labelled, facts.rows_set_aside
    text = f"{count(read, 'row')} read = {labelled:,} labelled + {aside:,} set aside."
    text = text if aside else text + " Nobody was lost."
    return text if facts.lines is None else f"{facts.lines.how} {text}"


def searched(facts: Facts) -> str:
    """On which customers k was chosen and trust was found."""
    m, n = len(facts.labels), facts.sample.total
    every = f"{n:,} {facts.noun.many}"
    return f"all {every}" if m == n else f"a sample of {m:,} of {every}"


def sureness(facts: Facts) -> str:
    """How many segments can be acted on, in a sentence."""
    verdicts = [t.verdict for t in facts.trust.segments]
    counts = [(verdicts.count(verdict), words) for verdict, words in VERDICTS.items()]
    return listed([f"{number} {words}" for number, words in counts if number])
