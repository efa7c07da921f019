"""What can be said of a segment: of one column, or of several that point the same way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.interpret.effects import CLEAR, ColumnEffects
from shoal.interpret.labels import EXPANSIONS, FILLERS
from shoal.interpret.phrases import (
    LONGEST_THING,
    SPEND,
    Phrase,
    Tone,
    clean,
    cut,
    no_spender,
    phrase,
    spender,
    tone_of,
)
from shoal.text.headers import plain, words
from shoal.types import Floats, Statement

FAMILY = 3  # columns that share a word, from which they are spoken of together
COHERENT = 0.8  # share of a family that must point the same way
RANK = ("money_in", "activity", "who", "tenure", "means", "debt", "quantity", "trouble", "recency")


@dataclass(frozen=True)
class Facet:
    """One thing that can be said of a segment: a column, or several that point the same way."""

    columns: tuple[ColumnEffects, ...]
    effect: Floats  # (k,) 0 where a family does not point one way
    weight: float  # how much it tells all segments apart
    family: str = ""  # what columns that are spoken of together are called

    @property
    def single(self) -> ColumnEffects | None:
        """The column, when it is only one."""
        return None if self.family else self.columns[0]

    @property
    def names(self) -> frozenset[str]:
        """Its columns."""
        return frozenset(e.view.column for e in self.columns)

    @property
    def order(self) -> tuple[int, bool, str]:
        """Where it stands in a name, whatever the numbers say."""
        view = self.columns[0].view
        rank = RANK.index(view.meaning) if view.meaning in RANK else len(RANK)
        return rank, not self.family, view.column


@dataclass(frozen=True)
class Part:
    """One part of a name: what is said, and of what."""

    phrase: Phrase
    facet: Facet | None
    tone: Tone
    evidence: Statement | None = None  # where it is not a column's
    beside: tuple[int, ...] = ()  # segments that it is compared with


def of_one(effects: ColumnEffects) -> Facet:
    """What one column says."""
    return Facet((effects,), effects.effect, effects.weight)


# --- families -------------------------------------------------------------------------------------


def families(basis: list[ColumnEffects]) -> list[Facet]:
    """Columns whose headers share a word or that are parts of one total, and all columns."""
    numbers = [e for e in basis if e.view.kind == "number"]
    holding: dict[str, list[ColumnEffects]] = {}
    for effects in numbers:
        for word in _family_words(effects):
            holding.setdefault(word, []).append(effects)
    made = [
        _family(word, members)
        for word, members in holding.items()
        if len(members) >= FAMILY and (len(members) < len(numbers) or word == "spending")
    ]
    unknown = {e.view.meaning for e in basis} <= {"unknown", "other"}
    if FAMILY < len(numbers) == len(basis) and unknown:
        made.append(_family("", numbers))
    return made


def _family_words(effects: ColumnEffects) -> list[str]:
    """The words by which a column may belong to a family, without digits behind them."""
    view = effects.view
    stems = dict.fromkeys(word.rstrip("0123456789") for word in words(view.column))
    found = [w for w in stems if len(w) > 2 and FILLERS.fullmatch(plain(w)) is None]
    if view.meaning == "money_in":
        return ["spending"] if view.part_of or _is_spending(view.column) else []
    return found


def _is_spending(header: str) -> bool:
    return any(SPEND.fullmatch(plain(word)) for word in words(header))


def _family(word: str, members: list[ColumnEffects]) -> Facet:
    effects = np.array([e.effect for e in members])  # (members, k)
    up, down = (effects >= CLEAR).mean(axis=0), (effects <= -CLEAR).mean(axis=0)
    one_way = (up >= COHERENT) | (down >= COHERENT)
    together = np.where(one_way, effects.mean(axis=0), 0.0)
    weight = float(np.mean([e.weight for e in members]))
    return Facet(tuple(members), together, weight, EXPANSIONS.get(word, word) or "all")


# --- what is said of them -------------------------------------------------------------------------


def part_of(facet: Facet, s: int, tone: Tone | None = None) -> Part | None:
    """What a facet says of a segment; None where it says nothing."""
    one = facet.single
    if one is None:
        return _family_part(facet, s)
    own = tone or _own_tone(one, s)
    made = phrase(one, s, own)
    return None if made is None else Part(made, facet, own)


def _own_tone(one: ColumnEffects, s: int) -> Tone:
    if one.view.kind == "number":
        return tone_of(one, s)
    effect = float(one.effect[s])
    if abs(effect) < CLEAR:
        return "middle"
    return "high" if effect > 0 else "low"


def _family_part(facet: Facet, s: int) -> Part | None:
    effect = float(facet.effect[s])
    if abs(effect) < CLEAR:
        return None
    tone: Tone = "high" if effect > 0 else "low"
    if facet.family == "spending":
        if all(float(e.means[s]) == 0 for e in facet.columns):  # of all customers: nobody does
            return Part(no_spender(), facet, tone)
        return Part(spender(tone), facet, tone)
    if facet.family == "all":
        return Part(Phrase(f"mostly {tone}"), facet, tone)
    label = cut(clean(facet.family), LONGEST_THING)
    counts = {e.view.meaning for e in facet.columns} <= {"activity", "quantity"}
    much = {"high": "many", "low": "few"}[tone] if counts and label.endswith("s") else tone
    return Part(Phrase(f"{much} {label} throughout"), facet, tone)
