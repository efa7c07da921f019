"""Two to five plain sentences on a segment."""

from __future__ import annotations

import numpy as np

from shoal.interpret.actions import Money
from shoal.interpret.context import Context
from shoal.interpret.effects import CLEAR, Contrast, against
from shoal.text.headers import plain
from shoal.text.numbers import listed, percent
from shoal.types import Trust

NOTABLE = 0.2  # a small effect (Cohen 1988); describing columns below it are not worth a sentence
MOST = 3
GENDER = ("gender", "sex", "genero", "geschlecht", "sexe", "sexo")


def insights(
    scene: Context, found: tuple[Contrast, ...], worth: Money | None, trust: Trust, segment: int
) -> tuple[str, ...]:
    """Size and worth, the largest differences, who they are, and how sure this is."""
    said = [
        _size(scene, worth, segment),
        _differences(found, segment),
        _who(found, segment),
        _sure(trust, segment),
    ]
    return tuple(s for s in said if s)


def _size(scene: Context, worth: Money | None, s: int) -> str:
    size, total = int(scene.groups.sizes[s]), int(scene.groups.sizes.sum())
    text = f"{size:,} of {total:,} customers ({percent(size / total)})"
    if worth is None or worth.shares is None:
        return text + "."
    share = float(worth.shares[s])
    each = f"{worth.view.unit.say(float(worth.means[s]))} each (everybody: {worth.view.unit.say(worth.mean)})"
    return f"{text} hold {percent(share)} of all {worth.view.column}: {each}."


def _differences(found: tuple[Contrast, ...], s: int) -> str:
    basis = sorted(
        (c for c in found if c.view.role == "basis"), key=lambda c: -abs(float(c.effect[s]))
    )
    clear = [c for c in basis if abs(float(c.effect[s])) >= CLEAR][:MOST]
    if clear:
        return "What sets them apart most: " + "; ".join(_told(c, s) for c in clear) + "."
    return "They are close to everybody in every column that formed the segments" + (
        f"; the largest difference is {_told(basis[0], s)}." if basis else "."
    )


def _told(c: Contrast, s: int) -> str:
    if c.view.kind != "category":
        return f"{c.view.label}{' yes' if c.view.kind == 'flag' else ''} {against(c, s)}"
    word, share, everybody = (
        c.view.words[int(c.word[s])],
        float(c.segment[s][1]),
        float(c.everybody[s]),
    )
    if plain(c.view.label) in GENDER and word.isalpha():
        return f"{percent(share)} {word} (everybody: {percent(everybody)})"
    return f"{c.view.label} {word} {percent(share)} (everybody: {percent(everybody)})"


def _who(found: tuple[Contrast, ...], s: int) -> str:
    describing = [c for c in found if c.view.role == "describe"]
    if not describing:
        return ""
    sure = [c for c in describing if _stands_out(c, s)]
    sure.sort(key=lambda c: -abs(float(c.effect[s])))
    if not sure:
        told = listed([c.view.label for c in describing[:4]], last="or") + (
            " or other columns" if len(describing) > 4 else ""
        )
        return f"Who they are: nothing in {told} tells them from everybody."
    return "Who they are: " + "; ".join(_told(c, s) for c in sure[:MOST]) + "."


def _stands_out(c: Contrast, s: int) -> bool:
    """The effect is worth mentioning, and everybody lies outside its 95 % interval."""
    low, high = float(c.low[s]), float(c.high[s])
    return (
        abs(float(c.effect[s])) >= NOTABLE
        and not low <= 0 <= high
        and bool(np.isfinite([low, high]).all())
    )


def _sure(trust: Trust, s: int) -> str:
    found = next((t for t in trust.segments if t.segment == s + 1), None)
    return (
        f"How sure: {found.verdict}. {found.reason[:1].upper()}{found.reason[1:].rstrip('.')}."
        if found
        else ""
    )
