"""From parts to a name in one line."""

from __future__ import annotations

from dataclasses import replace

from shoal.interpret.facets import Part
from shoal.interpret.phrases import Phrase
from shoal.text.numbers import listed

LONGEST = 40  # letters of a name
COMPARING = frozenset({"bigger", "biggest", "smaller", "smallest", "more", "most", "less", "least"})


def said(parts: list[Part]) -> tuple[str, list[str]]:
    """The name in one line, and what each part says in it; in brief where it would be too long."""
    name, each = _joined(_gathered(parts), parts)
    return (name, each) if len(name) <= LONGEST else _joined(_gathered(_brief(parts)), parts)


def _brief(parts: list[Part]) -> list[Part]:
    """Nouns in their short form."""
    return [
        replace(p, phrase=replace(p.phrase, noun=p.phrase.brief or p.phrase.noun)) for p in parts
    ]


def _joined(told: list[tuple[Phrase, list[str]]], parts: list[Part]) -> tuple[str, list[str]]:
    noun = _noun(told)
    adjectives = [i for i, (each, _) in enumerate(told) if each.before and i != noun]
    if noun is not None and told[noun][0].stands_alone:
        adjectives = []
    in_front = [i for i in (*adjectives, noun) if i is not None]
    forms = [_form(told, i, noun) for i in range(len(told))]
    front = [forms[i] for i in in_front]
    behind = [forms[i] for i in range(len(told)) if i not in in_front]
    if noun is not None:
        front = [" ".join(front)]
    place = {each.after: i for i, (each, _) in enumerate(told)}
    return _capital(", ".join([*front, *behind])), [forms[place[p.phrase.after]] for p in parts]


def _form(told: list[tuple[Phrase, list[str]]], i: int, noun: int | None) -> str:
    """What a phrase says in its place, with all that it says it of."""
    each, things = told[i]
    form = each.after
    if i == noun:
        form = each.noun
    elif noun is not None and each.before and not told[noun][0].stands_alone:
        form = each.before
    return f"{form} {listed(things, most=len(things))}".strip()


def _noun(told: list[tuple[Phrase, list[str]]]) -> int | None:
    """The phrase that says who they are; rather one that holds by itself than a comparison."""
    nouns = [i for i, (each, _) in enumerate(told) if each.noun]
    plain_nouns = [i for i in nouns if told[i][0].noun.split()[0] not in COMPARING]
    return next(iter(plain_nouns or nouns), None)


def _gathered(parts: list[Part]) -> list[tuple[Phrase, list[str]]]:
    """Phrases that say the same of several things, once."""
    found: dict[str, tuple[Phrase, list[str]]] = {}
    for part in parts:
        key = part.phrase.after
        found.setdefault(key, (part.phrase, []))
        if part.phrase.thing:
            found[key][1].append(part.phrase.thing)
    return list(found.values())


def _capital(name: str) -> str:
    """A capital in front, but for a brand that begins small (iPhone)."""
    first = name.partition(" ")[0]
    return name if any(c.isupper() for c in first) else name[:1].upper() + name[1:]


def in_order(parts: list[Part]) -> list[Part]:
    """In the order in which they are said; yes before no."""
    return sorted(parts, key=_place)


def _place(part: Part) -> tuple[int, bool, bool, str]:
    if part.facet is None:
        return -1, False, False, ""
    rank, is_single, column = part.facet.order
    return rank, is_single, part.phrase.after in ("no to", "without"), column


def clashing(texts: list[str], i: int) -> list[int]:
    """The names that are this one, or contain it, or stand in it."""
    own = texts[i].lower()
    others = ((j, text.lower()) for j, text in enumerate(texts) if j != i)
    return [j for j, text in others if own in text or text in own]
