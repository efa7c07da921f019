"""A name for each segment that a person says aloud, each part tied to its evidence.

Names hang on columns that tell all segments apart rather than on whichever happens to come first in
one, in wide steps and in an order of their own: so small changes of the data do not change words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from shoal.interpret.apart import MIDDLE, STEP, tell_apart
from shoal.interpret.effects import CLEAR, ColumnEffects
from shoal.interpret.facets import Facet, Part, families, of_one, part_of
from shoal.interpret.phrases import NEVER, Phrase, cut, label_of
from shoal.interpret.spoken import LONGEST, clashing, in_order, said
from shoal.sentences import say
from shoal.types import Statement

CORE = ("money_in", "means", "recency", "activity")  # meanings that say most to people …
CLEARLY = ("high", "low")  # tones that hold for most of a segment
KNOWN = 1.5  # … and how much more


@dataclass(frozen=True)
class Name:
    """What a segment is called, and the evidence for each part of it."""

    text: str
    evidence: tuple[Statement, ...]


@dataclass(frozen=True)
class Given:
    """A name that comes from elsewhere, such as that of an RFM class, with its evidence."""

    text: str
    evidence: Statement


def names(
    effects: tuple[ColumnEffects, ...],
    given: Sequence[Given | None] | None = None,
    ids: Sequence[int] | None = None,
) -> tuple[Name, ...]:
    """For each segment its name; no two are alike, and none contains another.

    `given` (k,) are names that segments have already; words are added only to tell them apart.
    `ids` (k,) are the segments' numbers, 1 to k when left out.
    """
    spoken = [e for e in effects if e.view.meaning not in NEVER]
    basis = [e for e in spoken if e.view.role == "basis"] or spoken
    k = len(effects[0].effect) if effects else len(given or [None])
    single = [of_one(e) for e in basis]
    every = [*families(basis), *single]
    heads = given or [None] * k
    chosen = [_given(heads[s]) or _chosen(every, single, s) for s in range(k)]
    describing = [of_one(e) for e in spoken if e.view.role != "basis"]
    tell_apart(chosen, single, describing)
    texts = _lettered([said(parts)[0] for parts in chosen])
    return tuple(
        Name(text, _evidence(parts, s, ids or range(1, k + 1)))
        for s, (text, parts) in enumerate(zip(texts, chosen, strict=True))
    )


def _given(head: Given | None) -> list[Part] | None:
    if head is None:
        return None
    phrase = Phrase(head.text, head.text, stands_alone=True)
    return [Part(phrase, None, "middle", head.evidence)]


def _lettered(texts: list[str]) -> list[str]:
    """Names that nothing tells apart get a letter each."""
    alike = [i for i in range(len(texts)) if clashing(texts, i)]
    made = list(texts)
    for place, i in enumerate(alike):
        letter = ascii_uppercase[place] if place < len(ascii_uppercase) else str(place + 1)
        made[i] = f"{cut(texts[i], LONGEST - 1 - len(letter))} {letter}"
    return made


# --- choosing what to say -------------------------------------------------------------------------


def _chosen(every: list[Facet], single: list[Facet], s: int) -> list[Part]:
    """The parts of one segment's name: the most telling facets, while the name stays short."""
    if 0 < len(single) <= 2:
        return _of_few(single, s)
    clear = [part for facet in every if (part := part_of(facet, s)) and part.tone in CLEARLY]
    clear.sort(key=lambda part: _telling(part, s))
    room = 3 if all(part.phrase.answers for part in clear[:3]) else 2
    picked: list[Part] = []
    for repeats in (False, True):
        for part in clear:
            if len(picked) < room and _fits_in(part, picked, repeats):
                picked.append(part)
    return in_order(picked) or [_leaning(single, s) or _middle(single, s)]


def _of_few(single: list[Facet], s: int) -> list[Part]:
    """Where one or two columns form the segments, all of them are said while the name is short."""
    parts = [part for facet in single if (part := part_of(facet, s)) is not None]
    clear = [part for part in parts if part.tone in CLEARLY]
    if len(single) > 1 and all(part.tone == "middle" for part in parts):
        return [_middle(single, s)]
    parts = in_order(_one_each(parts)) or [_middle(single, s)]
    return parts if len(said(parts)[0]) <= LONGEST else in_order(clear[:1] or parts[:1])


def _one_each(parts: list[Part]) -> list[Part]:
    """The parts without those of a topic that is spoken of already."""
    topics = [part.phrase.topic for part in parts]
    return [p for i, p in enumerate(parts) if not topics[i] or topics[i] not in topics[:i]]


def _leaning(single: list[Facet], s: int) -> Part | None:
    """How a segment compares on average where no word holds for most of it."""
    most = max(single, key=lambda facet: abs(facet.effect[s]), default=None)
    if most is None or abs(most.effect[s]) < CLEAR or most.columns[0].view.kind != "number":
        return None
    return part_of(most, s)


def _telling(part: Part, s: int) -> tuple[int, tuple[int, bool, str]]:
    """How much a facet says of a segment, the most telling first, in wide steps."""
    facet = part.facet
    assert facet is not None
    known = KNOWN if facet.columns[0].view.meaning in CORE else 1.0
    wide = KNOWN if facet.family else 1.0
    much = abs(float(facet.effect[s])) * np.sqrt(facet.weight) * known * wide
    return -int(np.floor(np.log(max(much, 1e-9)) / np.log(STEP))), facet.order


def _fits_in(part: Part, picked: list[Part], repeats: bool) -> bool:
    """Whether it says something else than what is picked, and the name stays short."""
    facet = part.facet
    assert facet is not None
    for other in picked:
        assert other.facet is not None
        if not facet.names.isdisjoint(other.facet.names):
            return False
        if not repeats and not part.phrase.thing and _alike(facet, other.facet):
            return False
        if _is_money(facet) and _is_money(other.facet) and _says_all_spend(part, other):
            return False
        if part.phrase.topic and part.phrase.topic == other.phrase.topic:
            return False
    return not picked or len(said(in_order([*picked, part]))[0]) <= LONGEST


def _is_money(facet: Facet) -> bool:
    return facet.columns[0].view.meaning == "money_in"


def _says_all_spend(part: Part, other: Part) -> bool:
    """Whether one says how much they spend in all, and the other the same of a part of it."""
    topics = {part.phrase.topic, other.phrase.topic}
    return "spend" in topics and part.tone == other.tone


def _alike(a: Facet, b: Facet) -> bool:
    """Whether both speak of the same thing: their labels share a word."""
    first, second = ({w for e in f.columns for w in label_of(e.view).split()} for f in (a, b))
    return not first.isdisjoint(second)


def _middle(single: list[Facet], s: int) -> Part:
    most = max(single, key=lambda facet: abs(facet.effect[s]), default=None)
    evidence = say(
        "name-middle",
        said=MIDDLE,
        column=most.columns[0].view.column if most else "",
        effect=float(most.effect[s]) if most else 0.0,
        scale=most.columns[0].view.measured if most else "values",
    )
    return Part(Phrase(MIDDLE), None, "middle", evidence)


# --- words ----------------------------------------------------------------------------------------


def _evidence(parts: list[Part], s: int, ids: Sequence[int]) -> tuple[Statement, ...]:
    told = said(parts)[1]
    return tuple(_proof(part, text, s, ids) for part, text in zip(parts, told, strict=True))


def _proof(part: Part, text: str, s: int, ids: Sequence[int]) -> Statement:
    facet = part.facet
    if part.evidence is not None or facet is None:
        assert part.evidence is not None
        return part.evidence
    effect, one = float(facet.effect[s]), facet.single
    if one is None:
        sign = np.sign(effect)
        agree = sum(1 for e in facet.columns if e.effect[s] * sign >= CLEAR)
        return say(
            "name-family",
            said=text,
            agree=agree,
            columns=len(facet.columns),
            effect=effect,
            scales=tuple(e.view.measured for e in facet.columns),
        )
    if part.beside:
        others = tuple((ids[other], one.difference(other)) for other in part.beside)
        own = one.difference(s)
        return say("name-compared", said=text, difference=own, others=others, effect=effect)
    return say("name-column", said=text, difference=one.difference(s), effect=effect)
