"""Which play fits a segment, the numbers that led to it, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.interpret.context import ColumnView, Context
from shoal.interpret.effects import Contrast, against, level
from shoal.interpret.labels import Unit
from shoal.interpret.playbook import Play, fits
from shoal.text.numbers import listed, percent, rounded
from shoal.types import Action, Floats, Trust

SHOWN = 3  # columns named for each meaning


@dataclass(frozen=True)
class Money:
    """The value column's exact sums; None where there is no such column, or shares of it make no sense."""

    view: ColumnView
    sums: Floats  # (k,)
    means: Floats  # (k,) for each customer with a value
    mean: float  # of everybody with a value
    shares: Floats | None  # (k,) None when sums are negative


def money(scene: Context) -> Money | None:
    """What each segment is worth, over all customers."""
    view = scene.view(scene.value)
    if view is None or view.kind != "number" or view.column not in scene.groups.columns:
        return None
    place = scene.groups.columns.index(view.column)
    sums, counts = scene.groups.sums[:, place].astype(np.float64), scene.groups.counts[:, place]
    shares = sums / sums.sum() if sums.sum() > 0 and (sums >= 0).all() else None
    return Money(
        view,
        sums,
        sums / np.maximum(counts, 1),
        float(sums.sum() / max(float(counts.sum()), 1.0)),
        shares,
    )


@dataclass(frozen=True)
class Meaning:
    """All columns of one meaning taken together."""

    name: str
    effect: Floats  # (k,) of the mean of their standardised values
    columns: tuple[Contrast, ...]


def meanings(scene: Context, found: tuple[Contrast, ...]) -> dict[str, Meaning]:
    """What is known of each segment in the playbook's words; value and spending stand in for each other."""
    numbers = [c for c in found if c.view.kind != "category"]
    told = {m: [c for c in numbers if c.view.meaning == m] for m in scene.playbook.meanings}
    made = {m: _together(scene, m, columns) for m, columns in told.items() if columns}
    worth = [c for c in numbers if c.view.column == scene.value]
    if worth:
        made["value"] = _together(scene, "value", worth)
    for a, b in (("value", "spending"), ("spending", "value")):
        if a not in made and b in made:
            made[a] = made[b]
    return made


def _together(scene: Context, name: str, columns: list[Contrast]) -> Meaning:
    if len(columns) == 1:
        return Meaning(name, columns[0].effect, tuple(columns))
    stack = np.column_stack([_standard(c.view.scale[:, 0]) for c in columns])
    known = np.isfinite(stack)
    mean = np.where(known, stack, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    sd = float(mean.std()) or 1.0
    effect = np.array(
        [(mean[rows].mean() - mean.mean()) / sd if len(rows) else 0.0 for rows in scene.members]
    )
    return Meaning(name, effect, tuple(columns))


def _standard(scale: Floats) -> Floats:
    return np.asarray((scale - np.nanmean(scale)) / (float(np.nanstd(scale)) or 1.0))


def action(
    scene: Context, known: dict[str, Meaning], worth: Money | None, trust: Trust, segment: int
) -> Action:
    """The first play of the playbook that fits, with its reasons."""
    levels = {m: level(float(meaning.effect[segment])) for m, meaning in known.items()}
    for play in scene.playbook.plays:
        for option in play.when:
            if all(m in levels and fits(levels[m], wanted) for m, wanted in option.items()):
                return _action(
                    scene, play, _why(known, levels, tuple(option), segment), worth, trust, segment
                )
    return _action(
        scene,
        scene.playbook.otherwise,
        _why_not(scene, known, levels, segment),
        worth,
        trust,
        segment,
    )


def _action(
    scene: Context, play: Play, why: str, worth: Money | None, trust: Trust, segment: int
) -> Action:
    stake, words = _stake(play.stake, worth, int(scene.groups.sizes[segment]), segment)
    verdict = next((t.verdict for t in trust.segments if t.segment == segment + 1), None)
    text = play.text
    if verdict == "do not rely on it":
        text += " This segment may not come back on other customers: try it on a small part first."
    return Action(play.key, play.title, text, why, stake, words)


def _why(
    known: dict[str, Meaning], levels: dict[str, str], wanted: tuple[str, ...], segment: int
) -> str:
    said: dict[tuple[str, ...], str] = {}
    for m in wanted:
        columns = known[m].columns
        key = tuple(c.view.column for c in columns)
        if key not in said:
            said[key] = f"{known[m].name} is {levels[m]}: {_numbers(columns, segment)}"
    text = "; ".join(said.values())
    return text[:1].upper() + text[1:] + "."


def _numbers(columns: tuple[Contrast, ...], segment: int) -> str:
    shown = sorted(columns, key=lambda c: -abs(float(c.effect[segment])))[:SHOWN]
    more = f" and {len(columns) - len(shown)} more" if len(columns) > len(shown) else ""
    return ", ".join(f"{c.view.column} {against(c, segment)}" for c in shown) + more


def _why_not(
    scene: Context, known: dict[str, Meaning], levels: dict[str, str], segment: int
) -> str:
    unknown = [v.column for v in scene.basis if not v.meaning and v.column != scene.value]
    said = []
    if levels:
        said.append(
            "Known: "
            + ", ".join(
                f"{m} is {level_}"
                for m, level_ in levels.items()
                if m != "value" or "spending" not in levels
            )
        )
    if unknown:
        names = listed(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        said.append(
            f"What {names} {'mean' if len(unknown) > 1 else 'means'} is not known from the header, so nothing is read into it"
        )
    return ". ".join(said or ["No play asks for these levels"]) + "."


def _stake(stake: str, worth: Money | None, size: int, segment: int) -> tuple[float | None, str]:
    """Money to keep, or to gain if the segment came half-way to everybody; with the assumption in words."""
    if worth is None or stake == "none":
        return None, ""
    name, say, total = worth.view.column, worth.view.unit.say, float(worth.sums[segment])
    if stake == "keep":
        share = (
            f", {percent(float(worth.shares[segment]))} of all" if worth.shares is not None else ""
        )
        return (
            total,
            f"{_sum(worth.view.unit, total)} of {name}{share}: what these {size:,} customers bring now.",
        )
    gap = worth.mean - float(worth.means[segment])
    if gap <= 0:
        return (
            None,
            f"No gain is reckoned: their mean {name} is already {say(float(worth.means[segment]))}, above everybody's {say(worth.mean)}.",
        )
    gain = gap / 2 * size
    means = f"from a mean of {say(float(worth.means[segment]))} half-way to everybody's {say(worth.mean)}"
    return (
        gain,
        f"{_sum(worth.view.unit, gain)} of {name}, if these {size:,} customers rose {means}. That is an assumption, not a forecast.",
    )


def _sum(unit: Unit, amount: float) -> str:
    near = rounded(amount)
    step = unit.step if near == 0 else min(unit.step, 10.0 ** (len(f"{abs(near):.0f}") - 3))
    return Unit(unit.before, unit.behind, max(step, 1.0) if abs(near) >= 10 else step).say(near)
