"""What the words of a name claim: which direction in which columns.

A name is cut at commas and at words such as "but"; in each part directions ("big", "low", "most")
and things ("spenders", a word of a header) are found and paired.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from shoal.text.headers import plain
from shoal.types import Way

CUT = re.compile(r"[,;:/|()&+–—]|\b(?:but|while|yet|though|although)\b")
WORD = re.compile(r"[^\W\d_]+|\d+")
SUPERLATIVE: dict[Way, Way] = {"high": "highest", "low": "lowest"}
COMPARATIVE: dict[Way, Way] = {"high": "higher", "low": "lower"}
TURNED: dict[Way, Way] = {
    "highest": "lower",
    "high": "lower",
    "higher": "lower",
    "middle": "middle",
    "lower": "higher",
    "low": "higher",
    "lowest": "higher",
}


@dataclass(frozen=True, order=True)
class Target:
    """What a word of a name speaks of: a column, or one word of a column."""

    column: str
    word: str = ""


Targets = tuple[Target, ...]
Looked = Callable[[str], Targets]


@dataclass(frozen=True)
class Claimed:
    """What a part of a name claims."""

    said: str
    way: Way
    targets: Targets


@dataclass(frozen=True)
class _Item:
    """A word of a name, as it is understood."""

    kind: Literal["way", "said", "thing", "not", "filler", "unknown"]
    word: str
    way: Way = "higher"
    of: str = ""
    targets: Targets = ()


@cache
def _lexicon() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Every known word: its kind, and what stands in the file about it."""
    text = resources.files("shoal.interpret").joinpath("claims.toml").read_text("utf-8")
    book = tomllib.loads(text)
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    rows = [(kind, row) for kind in ("way", "said", "topic") for row in book[kind]]
    rows += [("not", {"words": book["other"]["denials"]})]
    rows += [("filler", {"words": book["other"]["fillers"]})]
    for kind, row in rows:
        for word in row["words"].split():
            found.setdefault(word, []).append((kind, row))
    return found


def claimed(name: str, of_topic: Looked, of_word: Looked) -> tuple[list[Claimed], list[str]]:
    """What a name claims, and its words that no column speaks of.

    `of_topic` gives what a topic of claims.toml speaks of, `of_word` the columns and words of the
    table that are called so.
    """
    claims: list[Claimed] = []
    unchecked: list[str] = []
    for part in CUT.split(plain(name)):
        items = [_item(word, of_topic, of_word) for word in WORD.findall(part)]
        items = _without_doubled_ways([item for item in items if item.kind != "filler"])
        made, left = _paired(items, of_topic)
        claims += made
        unchecked += left
    return claims, unchecked


def _item(word: str, of_topic: Looked, of_word: Looked) -> _Item:
    for kind, row in _lexicon().get(word, ()):
        if kind == "way":
            return _Item("way", word, row["way"], row["of"])
        if kind in ("not", "filler"):
            return _Item("not" if kind == "not" else "filler", word)
        targets = of_topic(row.get("topic") or row["name"])
        if targets and kind == "said":
            return _Item("said", word, row["way"], targets=targets)
        if targets:
            return _Item("thing", word, targets=targets)
    targets = of_word(word)
    return _Item("thing" if targets else "unknown", word, targets=targets)


def _without_doubled_ways(items: Sequence[_Item]) -> list[_Item]:
    """Two directions in a row are one: "most frequent", "very high", "less active"."""
    kept: list[_Item] = []
    for item in items:
        if kept and kept[-1].kind == "way" and item.kind in ("way", "said"):
            before = kept.pop()
            said = f"{before.word} {item.word}"
            item = replace(item, word=said, way=_strengthened(before.way, item.way))
        kept.append(item)
    return kept


def _strengthened(way: Way, said: Way) -> Way:
    """A direction that another one stands before."""
    side: Way = "low" if said.startswith("low") else "high"
    if way == "highest":
        return SUPERLATIVE[side]
    if way == "higher":
        return COMPARATIVE[side]
    if way in ("low", "lower", "lowest"):
        return TURNED[side]
    return said if way == "high" else way


def _paired(items: Sequence[_Item], of_topic: Looked) -> tuple[list[Claimed], list[str]]:
    """The claims of one part, and the words that are left."""
    claims = [_as_claim(item, items) for item in items if item.kind == "said"]
    groups = _groups(items)
    ways = [at for at, item in enumerate(items) if item.kind == "way"]
    unknown = [item.word for item in items if item.kind == "unknown"]
    if not groups:
        made, left = _alone([items[at] for at in ways], bool(claims or unknown), of_topic)
        return claims + made, unknown + left
    for number, (start, group) in enumerate(groups):
        at = _way_of(ways, number, start, len(groups))
        way = None if at is None else items[at]
        said = group.word if at is None or way is None else _said(way, group, at < start)
        claims.append(
            _denied(items, start, Claimed(said, way.way if way else "higher", group.targets))
        )
    return claims, unknown


def _as_claim(item: _Item, items: Sequence[_Item]) -> Claimed:
    start = items.index(item)
    return _denied(items, start, Claimed(item.word, item.way, item.targets))


def _groups(items: Sequence[_Item]) -> list[tuple[int, _Item]]:
    """Things that stand side by side are one: where they meet, or else all of them."""
    groups: list[tuple[int, _Item]] = []
    for at, item in enumerate(items):
        if item.kind != "thing":
            continue
        if at and items[at - 1].kind == "thing":
            start, before = groups.pop()
            both = tuple(t for t in before.targets if t in item.targets)
            targets = both or _narrower(before.targets, item.targets)
            groups.append(
                (start, replace(before, word=f"{before.word} {item.word}", targets=targets))
            )
        else:
            groups.append((at, item))
    return groups


def _narrower(one: Targets, other: Targets) -> Targets:
    """Of two things that do not meet, the one that names fewer columns: it says more."""
    return one if len(one) <= len(other) else other


def _way_of(ways: Sequence[int], number: int, start: int, groups: int) -> int | None:
    """Which direction belongs to a group: the one at its place, else the nearest before it."""
    if not ways:
        return None
    if len(ways) == groups:
        return ways[number]
    return next((at for at in reversed(ways) if at < start), ways[0])


def _said(way: _Item, group: _Item, before: bool) -> str:
    return f"{way.word} {group.word}" if before else f"{group.word} {way.word}"


def _denied(items: Sequence[_Item], start: int, claim: Claimed) -> Claimed:
    """The claim, turned round where a denial stands before it."""
    before = [item for item in items[:start] if item.kind != "way"]
    if not before or before[-1].kind != "not":
        return claim
    return replace(claim, said=f"{before[-1].word} {claim.said}", way=TURNED[claim.way])


def _alone(
    ways: Sequence[_Item], has_other: bool, of_topic: Looked
) -> tuple[list[Claimed], list[str]]:
    """Directions without a thing: they mean what is usual, where nothing else is spoken of."""
    claims: list[Claimed] = []
    left: list[str] = []
    for way in ways:
        targets = () if has_other and way.of == "value" else of_topic(way.of)
        if targets:
            claims.append(Claimed(way.word, way.way, targets))
        else:
            left.append(way.word)
    return claims, left
