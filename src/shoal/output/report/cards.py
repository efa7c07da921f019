"""What stands on a card: at most sixty words and one small picture; the rest is folded."""

from __future__ import annotations

from dataclasses import dataclass

from shoal.output.answer import called, main_outcome, value_column
from shoal.output.comparison import written
from shoal.text.numbers import listed, percent
from shoal.types import Action, Facts, SegmentProfile, Trait

WORDS = 60
BARS = 4  # columns of the picture
LETTERS = 34  # of a column's name in it
FULL = 2.0  # standard deviations at which a bar is full


@dataclass(frozen=True)
class Bar:
    """One column of the small picture: to the right of the middle is above everybody."""

    label: str
    amount: str
    left: float  # 0 .. 100
    width: float


@dataclass(frozen=True)
class Card:
    """One segment: its picture, and what there is room for."""

    bars: tuple[Bar, ...]
    advice: str
    shares: str


def card(facts: Facts, portrait: SegmentProfile) -> Card:
    """What fits: the title first, then who they are, the picture, the advice, the shares."""
    bars = _bars(facts, portrait)
    room = WORDS - _length(f"{portrait.segment} {portrait.name} {portrait.who.text}")
    room -= _length(portrait.action.title) + 1  # the word that opens the folded part
    advice = _advice(portrait.action, room - 2 * _longest(bars[:2]))
    room -= _length(advice)
    while bars and _words_of(bars) > room:
        bars = bars[:-1]
    shares = _shares(facts, portrait)
    fits = _length(shares) <= room - _words_of(bars)
    return Card(bars, advice, shares if fits else "")


def _advice(action: Action, room: int) -> str:
    """All of it, else what to do alone, without the figures; nothing where neither fits.

    A warning that the segment may not come back never goes.
    """
    said = action.advice.values
    plain = [each.template for each in said.get("sentences", ()) if not each.values]
    to_do = "" if said.get("tried_first") else " ".join(plain)
    return next((text for text in (action.text, to_do) if _length(text) <= room), "")


def typical(facts: Facts, portrait: SegmentProfile, *, show_ids: bool = False) -> str:
    """Who stands for a segment: by their numbers in the table, or by ids where those are wanted."""
    if show_ids and portrait.typical_ids:
        return ", ".join(portrait.typical_ids)
    rows = [int(facts.sample.index[row]) + 1 for row in portrait.typical]
    numbers = listed([f"{row:,}" for row in rows], len(rows))
    return f"rows {numbers} of the table" if len(rows) > 1 and min(rows) > 0 else ""


def _length(text: str) -> int:
    return len(text.split())


def _words_of(bars: tuple[Bar, ...]) -> int:
    return sum(_length(f"{bar.label} {bar.amount}") for bar in bars)


def _longest(bars: tuple[Bar, ...]) -> int:
    return max((_length(f"{bar.label} {bar.amount}") for bar in bars), default=0)


def _shares(facts: Facts, portrait: SegmentProfile) -> str:
    column, outcome = value_column(facts), main_outcome(portrait)
    parts = [f"{percent(portrait.share)} of {facts.noun.many}"]
    if column is not None and portrait.value_share is not None:
        parts.append(f"{percent(portrait.value_share)} of {called(column)}")
    if outcome is not None:
        parts.append(f"{percent(outcome.rate)} {outcome.column}")
    return ", ".join(parts)


def _bars(facts: Facts, portrait: SegmentProfile) -> tuple[Bar, ...]:
    """The columns in which a segment stands furthest from everybody."""
    labels = {c.name: called(c) for c in facts.profile.columns}
    codes = {c.name for c in facts.profile.columns if c.is_code}
    shown = [t for t in portrait.traits if not (t.kind == "number" and t.column in codes)]
    shown.sort(key=lambda trait: -abs(trait.effect))
    return tuple(_bar(labels.get(t.column, t.column), t) for t in shown[:BARS])


def _bar(label: str, trait: Trait) -> Bar:
    words = f"{label}: {trait.word}" if trait.kind == "category" and trait.word else label
    words = words if len(words) <= LETTERS else words[: LETTERS - 1].rstrip() + "…"
    half = min(abs(trait.effect) / FULL, 1) * 50
    amount = written(trait, trait.segment_value)
    left = 50.0 if trait.effect > 0 else 50 - half
    return Bar(words, amount, round(left, 1), round(half, 1))
