"""A name for each segment, built only from what sets it apart, each word tied to its evidence.

Names hang on standardised differences with wide steps (high from 0.5, very high from 1.5), and on columns that tell all
segments apart rather than on whichever happens to lead in one: so small changes of the data do not change the words.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from shoal.interpret.effects import CLEAR, Contrast, against, level
from shoal.interpret.labels import COUNTS, EXPANSIONS, FILLERS
from shoal.text.headers import plain, words
from shoal.types import Floats

FAMILY = 3  # columns that share a word, from which they are spoken of together
COHERENT = 0.8  # share of a family that must point the same way
TELLING = 0.3  # difference that is worth a further word in a name
LONGEST = 48
TONES = {  # meaning → what is said instead of "very high …", "high …", "low …" and "very low …"
    "recency": ("long not seen", "not recent", "recent", "very recent"),
    "tenure": ("very long-standing", "long-standing", "newer", "new"),
    "age": ("much older", "older", "younger", "much younger"),
}
MANY = {
    "very high": "very many",
    "high": "many",
    "low": "few",
    "very low": "very few",
    "higher": "more",
    "lower": "fewer",
}
LEVEL_OF = {"higher": "high", "lower": "low"}
CORE = ("potential", "spending", "recency")  # meanings that say most to people …
KNOWN = 1.5  # … and how much more
MONEY = re.compile(r"mnt|amount|amt|spending|spend|spent|sales")


@dataclass(frozen=True)
class Facet:
    """One thing that can be said of a segment: a column, or several columns that point the same way."""

    label: str
    parts: tuple[Contrast, ...]
    effect: Floats  # (k,) 0 where a family does not point one way
    weight: float  # how much it tells all segments apart

    @property
    def single(self) -> Contrast | None:
        """The column, when it is only one."""
        return self.parts[0] if len(self.parts) == 1 else None


@dataclass(frozen=True)
class Part:
    """One part of a name and its evidence."""

    facet: Facet
    text: str
    evidence: str


def names(found: tuple[Contrast, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """For each segment its name and the evidence for each part of it; no two names are alike."""
    basis = [c for c in found if c.view.role == "basis"] or list(found)
    single = [Facet(c.view.label, (c,), c.effect, c.weight) for c in basis]
    shared = _families(basis)
    k = len(basis[0].effect) if basis else 1
    chosen = [_chosen(single, shared, s) for s in range(k)]
    others = [
        Facet(c.view.label, (c,), c.effect, c.weight) for c in found if c.view.role == "describe"
    ]
    _tell_apart(chosen, single, others)
    made = [_joined(parts) for parts in chosen]
    told = Counter(made)
    rank: Counter[str] = Counter()
    for s, name in enumerate(made):
        rank[name] += 1
        made[s] = f"{name} ({rank[name]})" if told[name] > 1 else name
    return tuple(
        (name, tuple(p.evidence for p in parts)) for name, parts in zip(made, chosen, strict=True)
    )


def _families(basis: list[Contrast]) -> list[Facet]:
    """Columns whose headers share a word, and all columns together."""
    numbers = [c for c in basis if c.view.kind == "number"]
    holding: dict[str, list[Contrast]] = {}
    for c in numbers:
        for word in dict.fromkeys(w.rstrip("0123456789") for w in words(c.view.column)):
            if len(word) > 2 and (
                MONEY.fullmatch(plain(word)) or not FILLERS.fullmatch(plain(word))
            ):
                holding.setdefault(word, []).append(c)
    made = [
        _family(_shared_label(word), members)
        for word, members in holding.items()
        if FAMILY <= len(members) < len(numbers)
    ]
    if len(numbers) > FAMILY and len(numbers) == len(basis):
        common = [w for w, members in holding.items() if len(members) == len(numbers)]
        made.insert(0, _family(_shared_label(common[0]) if common else "", numbers))
    return made


def _shared_label(word: str) -> str:
    return "spending" if MONEY.fullmatch(plain(word)) else EXPANSIONS.get(word, word)


def _family(label: str, members: list[Contrast]) -> Facet:
    effects = np.array([c.effect for c in members])  # (members, k)
    up, down = (effects >= CLEAR).mean(axis=0), (effects <= -CLEAR).mean(axis=0)
    together = np.where((up >= COHERENT) | (down >= COHERENT), effects.mean(axis=0), 0.0)
    return Facet(label, tuple(members), together, float(np.mean([c.weight for c in members])))


def _chosen(single: list[Facet], shared: list[Facet], s: int) -> list[Part]:
    """The parts of one segment's name: families first, then the most telling columns, as long as the name stays short."""
    if len(single) <= 2:
        return [_part(f, s) for f in single]
    clear = [
        f
        for f in (*shared, *sorted(single, key=lambda f: -_telling(f, s)))
        if abs(f.effect[s]) >= CLEAR
    ]
    room = 3 if all(_is_flag(f) for f in single) else 2
    picked: list[Facet] = []
    for facet in clear:
        if len(picked) == room or any(_overlap(facet, p) for p in picked):
            continue
        if not picked or len(_joined([_part(f, s) for f in (*picked, facet)])) <= LONGEST:
            picked.append(facet)
    order = {id(f): i for i, f in enumerate(single)}
    picked.sort(key=lambda f: order.get(id(f), -1))
    return [_part(f, s) for f in picked] or [_middle(single, s)]


def _telling(facet: Facet, s: int) -> float:
    """How much a facet says of a segment."""
    known = facet.single is not None and facet.parts[0].view.meaning in CORE
    return float(abs(facet.effect[s]) * np.sqrt(facet.weight)) * (KNOWN if known else 1.0)


def _overlap(a: Facet, b: Facet) -> bool:
    return bool({c.view.column for c in a.parts} & {c.view.column for c in b.parts})


def _is_flag(facet: Facet) -> bool:
    return facet.single is not None and facet.single.view.kind == "flag"


def _middle(single: list[Facet], s: int) -> Part:
    most = max(single, key=lambda f: abs(f.effect[s]))
    sentence = f"no column differs by {CLEAR} standard deviations; the most different is {most.parts[0].view.column} ({most.effect[s]:+.2f})"
    return Part(
        Facet("", (), np.zeros_like(most.effect), 0.0),
        "middle on everything",
        f'"middle on everything": {sentence}',
    )


def _part(facet: Facet, s: int, tone: str = "") -> Part:
    """One part of a name; `tone` "higher" or "lower" compares it with the segment it would be mistaken for."""
    text = _words(facet, s, tone)
    return Part(facet, text, f'"{text}": {_proof(facet, s)}')


def _proof(facet: Facet, s: int) -> str:
    one = facet.single
    if one is not None:
        return f"{one.view.column} {against(one, s)}, {one.effect[s]:+.2f} standard deviations"
    sign = np.sign(facet.effect[s])
    agree = sum(1 for c in facet.parts if c.effect[s] * sign >= CLEAR)
    return f"{agree} of {len(facet.parts)} columns differ that way, on average by {facet.effect[s]:+.2f} standard deviations"


def _words(facet: Facet, s: int, tone: str) -> str:
    one = facet.single
    if one is None:
        said = tone or level(float(facet.effect[s]))
        if facet.label == "spending":
            return f"{said} spending on everything"
        return f"{said} {facet.label} throughout" if facet.label else f"{said} on everything"
    if one.view.kind == "flag":
        return _flag_words(one, s, tone)
    if one.view.kind == "category":
        return _category_words(one, s)
    said = tone or level(float(one.effect[s]))
    if one.view.meaning in TONES and said != "middle":
        return TONES[one.view.meaning][
            ("very high", "high", "low", "very low").index(LEVEL_OF.get(said, said))
        ]
    return f"{MANY.get(said, said) if _counts(one) else said} {facet.label}"


def _counts(one: Contrast) -> bool:
    """Whether the column counts things of which there are many or few."""
    told = words(one.view.column)
    label = one.view.label.split()
    plural = any(w.endswith("s") for w in label) and not {"count", "number"} & set(label)
    return plural and (one.view.meaning == "frequency" or bool(COUNTS & set(told)))


def _flag_words(one: Contrast, s: int, tone: str) -> str:
    share, effect, label = float(one.segment[s][1]), float(one.effect[s]), one.view.label
    if tone or abs(effect) < CLEAR:
        said = tone or ("higher" if effect > 0 else "lower")
        return f"{'more' if said == 'higher' else 'less'} {label}"
    if effect > 0:
        return f"yes to {label}" if share >= 0.5 else f"more {label}"
    return f"no to {label}" if share < 0.5 else f"less {label}"


def _category_words(one: Contrast, s: int) -> str:
    share, effect = float(one.segment[s][1]), float(one.effect[s])
    word = one.view.words[int(one.word[s])]
    said = f"{one.view.label} {word}" if len(word) <= 2 or word.replace(".", "").isdigit() else word
    if effect < 0:
        return f"less {said}"
    return f"mostly {said}" if share >= 0.5 else f"more {said}"


def _joined(parts: list[Part]) -> str:
    """Parts in one line; yes and no to flags are gathered."""
    said: list[str] = []
    for lead in ("yes to ", "no to "):
        told = [p.text.removeprefix(lead) for p in parts if p.text.startswith(lead)]
        if told:
            said.append(lead + (", ".join(told[:-1]) + " and " if len(told) > 1 else "") + told[-1])
    said = [p.text for p in parts if not p.text.startswith(("yes to ", "no to "))] + said
    name = " · ".join(said)
    return name[:1].upper() + name[1:]


def _tell_apart(chosen: list[list[Part]], single: list[Facet], others: list[Facet]) -> None:
    """Where two names are alike, add the trait in which they differ most; basis columns before describing ones."""
    for _ in range(4):
        alike: dict[str, list[int]] = {}
        for s, parts in enumerate(chosen):
            alike.setdefault(_joined(parts), []).append(s)
        crowds = [crowd for crowd in alike.values() if len(crowd) > 1]
        if not crowds:
            return
        for crowd in crowds:
            _split(chosen, crowd, single, others)


def _split(
    chosen: list[list[Part]], crowd: list[int], single: list[Facet], others: list[Facet]
) -> None:
    used = {
        c.view.column for s in crowd for p in chosen[s] if p.facet.single for c in p.facet.parts
    }
    fresh = _widest([f for f in single if f.parts[0].view.column not in used], crowd)
    again = _widest([f for f in single if f.parts[0].view.column in used], crowd)
    who = _widest(others, crowd)
    options = [f for f in (fresh, again, who) if f is not None and _gap(f, crowd) >= TELLING]
    if not options:
        options = [f for f in (fresh, again) if f is not None and _gap(f, crowd) > 0][:1]
    if not options:
        return
    facet = options[0]
    if facet is again and _say_where(chosen, crowd, facet):
        return
    cut = _split_at(facet, crowd)
    sides = [
        [s for s in crowd if facet.effect[s] <= cut],
        [s for s in crowd if facet.effect[s] > cut],
    ]
    said = [{_words(facet, s, "") for s in side} for side in sides]
    plainly = not (said[0] & said[1]) and facet is not again
    for side, tone in zip(sides, ("lower", "higher"), strict=True):
        for s in side:
            _replace(chosen[s], facet, _part(facet, s, "" if plainly else tone))


def _replace(parts: list[Part], facet: Facet, part: Part) -> None:
    """Say a facet in another way where it is said already, else add it; it takes the place of "middle on everything"."""
    said = [p.facet.parts for p in parts]
    kept = [part if p.facet.parts == facet.parts else p for p in parts if p.facet.parts]
    parts[:] = kept if facet.parts in said else [*kept, part]


def _say_where(chosen: list[list[Part]], crowd: list[int], facet: Facet) -> bool:
    """Segments along one column are told apart by where they lie on it; False when that leaves some alike."""
    one = facet.single
    if one is None or one.view.kind != "number":
        return False
    texts = [f"{facet.label} around {one.view.unit.say(float(one.segment[s][1]))}" for s in crowd]
    if len(set(texts)) < len(crowd):
        return False
    for s, text in zip(crowd, texts, strict=True):
        _replace(
            chosen[s],
            facet,
            dataclasses.replace(_part(facet, s), text=text, evidence=f'"{text}": {_half(one, s)}'),
        )
    return True


def _half(one: Contrast, s: int) -> str:
    low, _, high = (one.view.unit.say(float(x)) for x in one.segment[s])
    return f"{one.view.column}, half of them between {low} and {high}"


def _gap(facet: Facet, crowd: list[int]) -> float:
    return float(np.ptp(facet.effect[crowd]))


def _widest(facets: list[Facet], crowd: list[int]) -> Facet | None:
    return max(facets, key=lambda f: _gap(f, crowd), default=None)


def _split_at(facet: Facet, crowd: list[int]) -> float:
    """The middle of the widest step between the crowd's effects."""
    ordered = np.sort(facet.effect[crowd])
    widest = int(np.argmax(np.diff(ordered)))
    return float((ordered[widest] + ordered[widest + 1]) / 2)
