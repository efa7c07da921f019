"""Who a segment is, in some eight words: what describes them, and what sets them apart most."""

from __future__ import annotations

import numpy as np

from shoal.interpret.effects import CLEAR, ColumnEffects
from shoal.interpret.phrases import NEVER, gender_noun, household, is_birth, is_plural, label_of
from shoal.sentences import say
from shoal.sentences.interpret import Item
from shoal.text.numbers import percent
from shoal.types import NOTHING, Statement

DESCRIBES = 0.2  # difference from which a describing column is worth a word
WORTH_SAYING = 0.25  # share of a word
MOST_ITEMS = 3
MOST_WORDS = 11  # of them, "%" is one


def who(effects: tuple[ColumnEffects, ...], s: int) -> Statement:
    """Who the customers of segment s (counted from 0) are; numbers are medians, shares are of all.

    Describing columns come first, then the strongest differences.
    """
    told = [e for e in effects if _tells(e)]
    strongest = sorted(told, key=lambda e: -abs(float(e.effect[s])))
    people = [e for e in strongest if _describes(e) and abs(e.effect[s]) >= DESCRIBES]
    others = [e for e in strongest if not _describes(e) and abs(e.effect[s]) >= CLEAR]
    others.sort(key=lambda e: e.view.role != "basis")
    rest = sorted(strongest, key=lambda e: e.view.role != "basis")
    wanted = [*people[:2], *others, *people[2:], *rest]
    items = tuple(_fitting(wanted, s))
    untold = not items and any(e.few[s] for e in effects)
    return NOTHING if untold else say("who-short", items=items)


def _tells(one: ColumnEffects) -> bool:
    """Codes have no median, and a year of birth is no age."""
    view = one.view
    is_code = view.kind == "number" and (view.meaning in ("code", "date") or view.aspect == "code")
    return view.meaning not in NEVER and not is_code and not is_birth(view)


def _describes(one: ColumnEffects) -> bool:
    return one.view.meaning == "who" or (one.view.role == "describe" and one.view.kind != "number")


def _fitting(wanted: list[ColumnEffects], s: int) -> list[Item]:
    """The first that differ, while few words do."""
    found: dict[str, Item] = {}
    for one in wanted:
        item = _item(one, s)
        if item is None or one.view.column in found:
            continue
        long = " ".join(each.text for each in (*found.values(), item))
        if len(found) < MOST_ITEMS and (not found or len(long.split()) <= MOST_WORDS):
            found[one.view.column] = item
    return list(found.values())


def _item(one: ColumnEffects, s: int) -> Item | None:
    """One column's share in it; None where nothing is known, or it is everybody's."""
    value, everybody = float(one.segment[s][1]), float(one.everybody[s])
    if not np.isfinite(value):
        return None
    column, effect = one.view.column, float(one.effect[s])
    is_word = one.view.kind == "category"
    if is_word and (effect < 0 or value < WORTH_SAYING):
        return None
    if one.view.kind == "number":
        unit = one.view.unit
        as_everybody = unit.say(value) == unit.say(everybody) and not _all_alike(one, s)
        if as_everybody or (value - everybody) * effect < 0:
            return None
        return Item(column, _figure(one, unit.say(value)), value, everybody, effect, is_median=True)
    return Item(column, f"{percent(value)} {_word(one, s)}", value, everybody, effect)


def _all_alike(one: ColumnEffects, s: int) -> bool:
    """Whether most of them have the very value of half of all, and the others far from it.

    Nothing bought, where two in five of all buy.
    """
    low, _, high = one.segment[s]
    return bool(low == high) and abs(float(one.effect[s])) >= CLEAR and one.shows(s)


def _figure(one: ColumnEffects, figure: str) -> str:
    """What the figure counts stands behind it: "9 store purchases"; else the label in front."""
    label = household(one.view) or label_of(one.view)
    *_, last = label.split()
    counts = one.view.meaning in ("activity", "quantity") or bool(household(one.view))
    if not counts or not is_plural(one.view, last):
        return f"{label} {figure}"
    return f"{figure} {label.removesuffix('s') if figure == '1' else label}"


def _word(one: ColumnEffects, s: int) -> str:
    """What the share is of."""
    noun = gender_noun(one, s)
    if noun:
        return noun
    word = one.view.words[int(one.word[s])]
    if one.view.kind == "flag":
        return f"yes to {label_of(one.view)}"
    return word if one.view.meaning == "who" and word.isalpha() else f"{label_of(one.view)} {word}"
