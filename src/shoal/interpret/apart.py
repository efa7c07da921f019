"""Where names would be alike, what sets these segments apart is added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shoal.interpret.facets import Facet, Part, part_of
from shoal.interpret.phrases import Tone, extreme
from shoal.interpret.spoken import LONGEST, clashing, in_order, said

TELLING = 0.3  # difference that is worth a further word in a name
ROUNDS = 6  # of telling equal names apart
STEP = 1.3  # columns that say nearly as much come in an order of their own
MIDDLE = "middle of the road"


def tell_apart(chosen: list[list[Part]], single: list[Facet], describing: list[Facet]) -> None:
    """Where names are alike, add what they differ in most: basis columns before describing ones."""
    tried: set[tuple[frozenset[int], frozenset[str]]] = set()
    for _ in range(ROUNDS):
        texts = [said(parts)[0] for parts in chosen]
        for group in _groups(texts):
            _tell_these_apart(chosen, group, single, describing, tried)


def _groups(texts: list[str]) -> list[list[int]]:
    """Segments whose names are alike, gathered."""
    left, found = set(range(len(texts))), []
    while left:
        group, front = set(), {min(left)}
        while front:
            group |= front
            front = {j for i in front for j in clashing(texts, i)} - group
        left -= group
        if len(group) > 1:
            found.append(sorted(group))
    return found


def _tell_these_apart(
    chosen: list[list[Part]],
    alike: list[int],
    single: list[Facet],
    describing: list[Facet],
    tried: set[tuple[frozenset[int], frozenset[str]]],
) -> None:
    """Say of these segments on which side of its widest gap each lies, in one more column or in one
    said already.
    """
    group = frozenset(alike)
    told = {name for s in alike for part in chosen[s] if part.facet for name in part.facet.names}
    fresh = [f for f in single if f.names.isdisjoint(told)]
    again = [f for f in single if not f.names.isdisjoint(told)]
    for least in (TELLING, 0.0):
        for facets in (fresh, again, describing):
            for facet in sorted(facets, key=lambda f: (-_wide(f, alike), f.order)):
                if (group, facet.names) in tried or _spread(facet, alike) <= least:
                    continue
                tried.add((group, facet.names))
                sides = _sides(facet, alike)
                if sides:
                    for s, part in sides.items():
                        chosen[s] = _with(chosen[s], part)
                    return


def _sides(facet: Facet, alike: list[int]) -> dict[int, Part]:
    """What each says of the facet, so that not all say the same; empty where that cannot be."""
    cut_at = _widest_gap(facet, alike)
    low = [s for s in alike if facet.effect[s] <= cut_at]
    high = [s for s in alike if facet.effect[s] > cut_at]
    own = {s: part_of(facet, s) for s in alike}
    if _differ(own, low, high):
        return _known(own)
    if facet.columns[0].view.kind != "number":
        return {}
    compared = {s: _compared(facet, s, "lower", tuple(high), len(low)) for s in low}
    compared |= {s: _compared(facet, s, "higher", tuple(low), len(high)) for s in high}
    return _known(compared) if _differ(compared, low, high) else {}


def _known(parts: dict[int, Part | None]) -> dict[int, Part]:
    return {s: part for s, part in parts.items() if part is not None}


def _differ(parts: dict[int, Part | None], low: list[int], high: list[int]) -> bool:
    """Whether both sides say something, and not the same."""
    said = {s: part.phrase for s, part in parts.items() if part is not None}
    lows, highs = ({said.get(s) for s in side} for side in (low, high))
    return len(said) == len(parts) and lows.isdisjoint(highs)


def _compared(facet: Facet, s: int, tone: Tone, beside: tuple[int, ...], side: int) -> Part | None:
    """A segment against others; the only one on its `side` may lie outermost of all.

    Nobody is called higher who lies below everybody, nor lower who lies above.
    """
    effect = float(facet.effect[s])
    if (effect > 0) != (tone == "higher"):
        return part_of(facet, s)
    outermost: Tone = "lowest" if tone == "lower" else "highest"
    is_outermost = side == 1 and extreme(facet.columns[0], s) == outermost
    part = part_of(facet, s, outermost if is_outermost else tone)
    return None if part is None else replace(part, beside=beside)


def _with(parts: list[Part], part: Part) -> list[Part]:
    """A further part, in place of what is said of the same column.

    "middle of the road" gives way to it, and so does what makes the name too long.
    """
    assert part.facet is not None
    kept = [p for p in parts if p.facet is None or p.facet.names.isdisjoint(part.facet.names)]
    kept = [p for p in kept if p.phrase.after != MIDDLE]
    kept = [p for p in kept if not p.phrase.topic or p.phrase.topic != part.phrase.topic]
    while kept and len(said(in_order([*kept, part]))[0]) > LONGEST:
        kept.pop()
    return in_order([*kept, part])


def _spread(facet: Facet, segments: list[int]) -> float:
    return float(np.ptp(facet.effect[segments]))


def _wide(facet: Facet, segments: list[int]) -> int:
    """The spread in wide steps."""
    return int(np.floor(np.log(max(_spread(facet, segments), 1e-9)) / np.log(STEP)))


def _widest_gap(facet: Facet, segments: list[int]) -> float:
    """The middle of the widest gap between these segments' effects."""
    ordered = np.sort(facet.effect[segments])
    widest = int(np.argmax(np.diff(ordered)))
    return float((ordered[widest] + ordered[widest + 1]) / 2)
