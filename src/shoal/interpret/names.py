"""A name for each segment, built only from what sets it apart, each part tied to its evidence.

Names hang on standardised differences with wide steps (high from 0.5, very high from 1.5), and on
columns that tell all segments apart rather than on whichever happens to come first in one: so small
changes of the data do not change the words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from shoal.interpret.effects import CLEAR, ColumnEffects, level
from shoal.interpret.labels import COUNTS, EXPANSIONS, FILLERS
from shoal.sentences import say
from shoal.text.headers import plain, words
from shoal.text.numbers import listed
from shoal.types import Floats, Statement

FAMILY = 3  # columns that share a word, from which they are spoken of together
COHERENT = 0.8  # share of a family that must point the same way
TELLING = 0.3  # difference that is worth a further word in a name
ANY = 1e-300  # … where nothing else tells two apart
LONGEST = 48
ROUNDS = 4  # of telling equal names apart
TONES = {  # meaning → what is said instead of "very high …", "high …", "low …" and "very low …"
    "recency": ("long not seen", "not recent", "recent", "very recent"),
    "tenure": ("very long-standing", "long-standing", "newer", "new"),
    "age": ("much older", "older", "younger", "much younger"),
}
TONE_OF = {"very high": 0, "high": 1, "higher": 1, "low": 2, "lower": 2, "very low": 3}
MANY = {
    "very high": "very many",
    "high": "many",
    "low": "few",
    "very low": "very few",
    "higher": "more",
    "lower": "fewer",
}
CORE = ("potential", "spending", "recency")  # meanings that say most to people …
KNOWN = 1.5  # … and how much more
MONEY = re.compile(r"mnt|amount|amt|spending|spend|spent|sales")


@dataclass(frozen=True)
class Name:
    """What a segment is called, and the evidence for each part of it."""

    text: str
    evidence: tuple[Statement, ...]


@dataclass(frozen=True)
class Facet:
    """One thing that can be said of a segment: a column, or several columns that point the same
    way.
    """

    label: str
    columns: tuple[ColumnEffects, ...]
    effect: Floats  # (k,) 0 where a family does not point one way
    weight: float  # how much it tells all segments apart

    @property
    def single(self) -> ColumnEffects | None:
        """The column, when it is only one."""
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def is_flag(self) -> bool:
        """Whether it is one column of yes and no."""
        return self.single is not None and self.single.view.kind == "flag"


@dataclass(frozen=True)
class Part:
    """One part of a name and its evidence."""

    facet: Facet
    text: str
    evidence: Statement
    answer: str = ""  # "yes" or "no", where most of the segment answers a flag so


def names(effects: tuple[ColumnEffects, ...]) -> tuple[Name, ...]:
    """For each segment its name; no two are alike."""
    basis = [e for e in effects if e.view.role == "basis"] or list(effects)
    single = [_single(e) for e in basis]
    families = _families(basis)
    k = len(basis[0].effect) if basis else 1
    chosen = [_chosen(single, families, s) for s in range(k)]
    describing = [_single(e) for e in effects if e.view.role == "describe"]
    _tell_apart(chosen, single, describing)
    texts = _numbered([_joined(parts) for parts in chosen])
    return tuple(
        Name(text, tuple(part.evidence for part in parts))
        for text, parts in zip(texts, chosen, strict=True)
    )


def _single(effects: ColumnEffects) -> Facet:
    return Facet(effects.view.label, (effects,), effects.effect, effects.weight)


def _numbered(texts: list[str]) -> list[str]:
    """Names that are alike all the same get a number."""
    often, seen = Counter(texts), Counter[str]()
    made = []
    for text in texts:
        seen[text] += 1
        made.append(f"{text} ({seen[text]})" if often[text] > 1 else text)
    return made


# --- families -------------------------------------------------------------------------------------


def _families(basis: list[ColumnEffects]) -> list[Facet]:
    """Columns whose headers share a word, and all columns together."""
    numbers = [e for e in basis if e.view.kind == "number"]
    holding: dict[str, list[ColumnEffects]] = {}
    for effects in numbers:
        for word in _family_words(effects.view.column):
            holding.setdefault(word, []).append(effects)
    made = [
        _family(_family_label(word), members)
        for word, members in holding.items()
        if FAMILY <= len(members) < len(numbers)
    ]
    if FAMILY < len(numbers) == len(basis):
        in_all = [word for word, members in holding.items() if len(members) == len(numbers)]
        made.insert(0, _family(_family_label(in_all[0]) if in_all else "", numbers))
    return made


def _family_words(header: str) -> list[str]:
    """The words by which a header may belong to a family, without digits behind them, each once."""
    stems = dict.fromkeys(word.rstrip("0123456789") for word in words(header))
    return [word for word in stems if len(word) > 2 and _tells(plain(word))]


def _tells(word: str) -> bool:
    return MONEY.fullmatch(word) is not None or FILLERS.fullmatch(word) is None


def _family_label(word: str) -> str:
    return "spending" if MONEY.fullmatch(plain(word)) else EXPANSIONS.get(word, word)


def _family(label: str, members: list[ColumnEffects]) -> Facet:
    effects = np.array([e.effect for e in members])  # (members, k)
    up, down = (effects >= CLEAR).mean(axis=0), (effects <= -CLEAR).mean(axis=0)
    one_way = (up >= COHERENT) | (down >= COHERENT)
    together = np.where(one_way, effects.mean(axis=0), 0.0)
    return Facet(label, tuple(members), together, float(np.mean([e.weight for e in members])))


# --- choosing what to say -------------------------------------------------------------------------


def _chosen(single: list[Facet], families: list[Facet], s: int) -> list[Part]:
    """The parts of one segment's name: families first, then the most telling columns, while the
    name stays short.
    """
    if len(single) <= 2:
        return [_part(facet, s) for facet in single]
    telling = sorted(single, key=lambda facet: -_telling(facet, s))
    clear = [facet for facet in (*families, *telling) if abs(facet.effect[s]) >= CLEAR]
    room = 3 if all(facet.is_flag for facet in single) else 2
    picked: list[Facet] = []
    for facet in clear:
        if len(picked) < room and _fits_in(facet, picked, s):
            picked.append(facet)
    order = {id(facet): i for i, facet in enumerate(single)}
    picked.sort(key=lambda facet: order.get(id(facet), -1))
    return [_part(facet, s) for facet in picked] or [_middle(single, s)]


def _fits_in(facet: Facet, picked: list[Facet], s: int) -> bool:
    if any(_overlap(facet, other) for other in picked):
        return False
    text = _joined([_part(each, s) for each in (*picked, facet)])
    return not picked or len(text) <= LONGEST


def _telling(facet: Facet, s: int) -> float:
    """How much a single column says of a segment."""
    known = facet.columns[0].view.word in CORE
    return float(abs(facet.effect[s]) * np.sqrt(facet.weight)) * (KNOWN if known else 1.0)


def _overlap(a: Facet, b: Facet) -> bool:
    return not {e.view.column for e in a.columns}.isdisjoint(e.view.column for e in b.columns)


# --- words ----------------------------------------------------------------------------------------


def _middle(single: list[Facet], s: int) -> Part:
    most = max(single, key=lambda facet: abs(facet.effect[s]))
    text = "middle on everything"
    evidence = say(
        "name-middle",
        said=text,
        clear=CLEAR,
        column=most.columns[0].view.column,
        effect=float(most.effect[s]),
    )
    return Part(Facet("", (), np.zeros_like(most.effect), 0.0), text, evidence)


def _part(facet: Facet, s: int, tone: str = "") -> Part:
    """One part of a name.

    `tone` "higher" or "lower" compares it with the segment it would be mistaken for.
    """
    text = _words(facet, s, tone)
    return Part(facet, text, _evidence(facet, text, s), _answer(facet, s, tone))


def _answer(facet: Facet, s: int, tone: str) -> str:
    """What most of the segment answers to a flag that sets it apart, if it does."""
    one = facet.single
    if one is None or one.view.kind != "flag" or tone or abs(float(one.effect[s])) < CLEAR:
        return ""
    says_yes = float(one.segment[s][1]) >= 0.5
    if says_yes != (float(one.effect[s]) > 0):
        return ""
    return "yes" if says_yes else "no"


def _evidence(facet: Facet, text: str, s: int) -> Statement:
    effect, one = float(facet.effect[s]), facet.single
    if one is not None:
        return say("name-column", said=text, difference=one.difference(s), effect=effect)
    sign = np.sign(effect)
    agree = sum(1 for e in facet.columns if e.effect[s] * sign >= CLEAR)
    return say("name-family", said=text, agree=agree, columns=len(facet.columns), effect=effect)


def _words(facet: Facet, s: int, tone: str) -> str:
    one, said = facet.single, tone or level(float(facet.effect[s]))
    if one is None:
        return _family_said(facet.label, said)
    if one.view.kind == "flag":
        return _flag_said(facet, one, s, tone)
    if one.view.kind == "category":
        return _category_said(one, s)
    if one.view.word in TONES and said != "middle":
        return TONES[one.view.word][TONE_OF[said]]
    return f"{MANY.get(said, said) if _counts_things(one) else said} {facet.label}"


def _family_said(label: str, said: str) -> str:
    if label == "spending":
        return f"{said} spending on everything"
    return f"{said} {label} throughout" if label else f"{said} on everything"


def _counts_things(one: ColumnEffects) -> bool:
    """Whether the column counts things of which there are many or few."""
    label = one.view.label.split()
    plural = any(w.endswith("s") for w in label) and {"count", "number"}.isdisjoint(label)
    counted = not COUNTS.isdisjoint(words(one.view.column))
    return plural and (one.view.word == "frequency" or counted)


def _flag_said(facet: Facet, one: ColumnEffects, s: int, tone: str) -> str:
    answer, label = _answer(facet, s, tone), one.view.label
    if answer:
        return f"{answer} to {label}"
    is_more = tone == "higher" if tone else float(one.effect[s]) > 0
    return f"{'more' if is_more else 'less'} {label}"


def _category_said(one: ColumnEffects, s: int) -> str:
    word = one.view.words[int(one.word[s])]
    is_code = len(word) <= 2 or word.replace(".", "").isdigit()
    said = f"{one.view.label} {word}" if is_code else word
    if one.effect[s] < 0:
        return f"less {said}"
    return f"mostly {said}" if one.segment[s][1] >= 0.5 else f"more {said}"


def _joined(parts: list[Part]) -> str:
    """Parts in one line; yes and no to flags are gathered at its end."""
    said = [part.text for part in parts if not part.answer]
    for answer in ("yes", "no"):
        flags = [_label(part) for part in parts if part.answer == answer]
        if flags:
            said.append(f"{answer} to {listed(flags, most=len(flags))}")
    name = " · ".join(said)
    return name[:1].upper() + name[1:]


def _label(part: Part) -> str:
    assert part.facet.single is not None
    return part.facet.single.view.label


# --- telling equal names apart --------------------------------------------------------------------


def _tell_apart(chosen: list[list[Part]], single: list[Facet], describing: list[Facet]) -> None:
    """Where names are alike, add the trait in which they differ most.

    Basis columns before describing ones.
    """
    for _ in range(ROUNDS):
        alike: dict[str, list[int]] = {}
        for s, parts in enumerate(chosen):
            alike.setdefault(_joined(parts), []).append(s)
        for segments in alike.values():
            if len(segments) > 1:
                _tell_these_apart(chosen, segments, single, describing)


def _tell_these_apart(
    chosen: list[list[Part]], alike: list[int], single: list[Facet], describing: list[Facet]
) -> None:
    """Say of these segments on which side of its widest gap each lies, in one more column or in one
    said already.
    """
    said = _columns_said(chosen, alike)
    fresh = _widest([f for f in single if f.columns[0].view.column not in said], alike)
    again = _widest([f for f in single if f.columns[0].view.column in said], alike)
    facet = _first_apart([fresh, again, _widest(describing, alike)], alike, TELLING)
    facet = facet or _first_apart([fresh, again], alike, ANY)
    if facet is None or (facet is again and _say_where(chosen, alike, facet)):
        return
    cut = _widest_gap(facet, alike)
    sides = {
        "lower": [s for s in alike if facet.effect[s] <= cut],
        "higher": [s for s in alike if facet.effect[s] > cut],
    }
    low, high = ({_words(facet, s, "") for s in side} for side in sides.values())
    levels_differ = low.isdisjoint(high) and facet is not again
    for tone, side in sides.items():
        for s in side:
            _replace(chosen[s], _part(facet, s, "" if levels_differ else tone))


def _columns_said(chosen: list[list[Part]], segments: list[int]) -> set[str]:
    parts = [part for s in segments for part in chosen[s]]
    return {p.facet.single.view.column for p in parts if p.facet.single is not None}


def _first_apart(facets: list[Facet | None], alike: list[int], least: float) -> Facet | None:
    """The first of the facets in which these segments lie at least so far apart."""
    apart = (f for f in facets if f is not None and _spread(f, alike) >= least)
    return next(apart, None)


def _replace(parts: list[Part], part: Part) -> None:
    """Say a facet in another way where it is said already, else add it.

    "middle on everything" gives way to it.
    """
    said = [p.facet.columns for p in parts]
    columns = part.facet.columns
    kept = [part if p.facet.columns == columns else p for p in parts if p.facet.columns]
    parts[:] = kept if columns in said else [*kept, part]


def _say_where(chosen: list[list[Part]], alike: list[int], facet: Facet) -> bool:
    """Segments along one column are told apart by where they lie on it.

    False when that leaves some alike.
    """
    one = facet.single
    if one is None or one.view.kind != "number":
        return False
    unit = one.view.unit
    texts = [f"{facet.label} around {unit.say(float(one.segment[s][1]))}" for s in alike]
    if len(set(texts)) < len(alike):
        return False
    for s, text in zip(alike, texts, strict=True):
        low, _, high = map(float, one.segment[s])
        evidence = say(
            "name-place", said=text, column=one.view.column, low=low, high=high, unit=unit
        )
        _replace(chosen[s], Part(facet, text, evidence))
    return True


def _spread(facet: Facet, segments: list[int]) -> float:
    return float(np.ptp(facet.effect[segments]))


def _widest(facets: list[Facet], segments: list[int]) -> Facet | None:
    return max(facets, key=lambda facet: _spread(facet, segments), default=None)


def _widest_gap(facet: Facet, segments: list[int]) -> float:
    """The middle of the widest gap between these segments' effects."""
    ordered = np.sort(facet.effect[segments])
    widest = int(np.argmax(np.diff(ordered)))
    return float((ordered[widest] + ordered[widest + 1]) / 2)
