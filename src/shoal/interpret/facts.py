"""What a play may ask and say of a segment: its levels, its numbers, columns it differs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from shoal.interpret.context import ColumnView, Context
from shoal.interpret.effects import CLEAR, ColumnEffects, level
from shoal.interpret.money import Money
from shoal.interpret.outcomes import Outcome
from shoal.interpret.playbook import Assumptions
from shoal.sentences.interpret import Difference, Known
from shoal.sentences.plays import Differences, Figure, Filling
from shoal.text.units import days_of
from shoal.types import Bools, Direction, Floats, Ints

SHOWN = 3  # columns named for each meaning
MOST_APART = 4
# The directions in which a column of a topic is understood. A high value then means more of the
# topic; of an opinion, a share and a trend that is turned round where high is bad.
READ: dict[str, tuple[Direction, ...]] = {
    "means": ("good", "none"),
    "debt": ("good", "bad", "none", "unknown"),
    "activity": ("good",),
    "quantity": ("good",),
    "recency": ("bad",),
    "tenure": ("good", "none"),
    "trouble": ("bad",),
    "since_trouble": ("good",),
    "money_out": ("bad",),
    "opinion": ("good", "bad"),
    "share": ("good", "bad"),
    "trend": ("good", "bad"),
}
GIVEN = ("credit", "risk")  # scores that somebody else gave them, and no opinion of theirs
TURNED = ("opinion", "share", "trend")
RHYTHM = "time between"  # the aspect of days between orders
HALF = 0.5
NEARLY_ALL = 0.9  # share of everybody from which on what they have in common sets nobody apart
UNREAD = ("unknown", "outcome", "id", "old_label", "leak")
# What customers do, say, choose and are: of these a segment can be spoken to.
SPOKEN_TO = (
    "activity",
    "quantity",
    "product_category",
    "opinion",
    "share",
    "trend",
    "who",
    "code",
    "means",
    "money_in",
    "other",
)


@dataclass(frozen=True)
class Topic:
    """All columns of one meaning taken together; a high effect means more of it."""

    name: str
    effect: Floats  # (k,) of the mean of their standardised values
    columns: tuple[ColumnEffects, ...]
    signs: tuple[int, ...]  # -1 where a high value means less of it

    def known(self, segment: int) -> Known:
        """How a segment stands in it, with the columns that say so.

        The level is middle unless the figures that are shown point the same way: a mean on the
        logarithm and a median need not.
        """
        effect = float(self.effect[segment])
        pairs = zip(self.columns, self.signs, strict=True)
        same = [e for e, sign in pairs if _points(e.difference(segment)) * sign * effect > 0]
        shown = sorted(same, key=lambda e: -abs(float(e.effect[segment])))[:SHOWN]
        return Known(
            meaning=self.name,
            level=level(effect) if shown else "middle",
            differences=tuple(e.difference(segment) for e in shown),
            more=len(self.columns) - len(shown),
        )


def _points(d: Difference) -> float:
    """On which side of everybody a segment lies: above 0, below, or 0 where that is not clear.

    Of numbers both the median and the mean are asked; they may not contradict each other.
    """
    if d.kind != "number":
        return d.value - d.everybody
    medians, means = d.value - d.everybody, d.mean - d.mean_of_all
    return means if medians * means >= 0 else 0.0


@dataclass(frozen=True)
class SegmentFacts:
    """What is known of one segment, by the names that a playbook uses."""

    topics: dict[str, Known] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    lists: dict[str, Differences] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, Filling]:
        """What may stand in a sentence."""
        topics = {name: Differences(known.differences) for name, known in self.topics.items()}
        told = {name: each for name, each in topics.items() if each.each}
        return {**told, **self.figures, **self.lists, **self.names}


def topics(context: Context, effects: tuple[ColumnEffects, ...]) -> dict[str, Topic]:
    """What is known of all segments, by meaning.

    A column counts only where its meaning and its direction are known.
    """
    made = {}
    for name, directions in READ.items():
        columns = [e for e in effects if _is_read(e.view, name, directions)]
        if columns:
            made[name] = _together(context, name, columns)
    return made


def _is_read(view: ColumnView, topic: str, directions: tuple[Direction, ...]) -> bool:
    understood = view.confidence != "none" and view.direction in directions
    said_by_them = topic != "opinion" or view.aspect not in GIVEN
    return view.meaning == topic and understood and said_by_them and view.kind != "category"


def _together(context: Context, name: str, columns: list[ColumnEffects]) -> Topic:
    """The effect of the mean of all columns, each standardised first.

    Of one column its own effect.
    """
    signs = tuple(_sign(name, e.view.direction) for e in columns)
    if len(columns) == 1:
        return Topic(name, columns[0].effect * signs[0], tuple(columns), signs)
    stack = np.column_stack([_standardised(e.view.scale[:, 0]) for e in columns]) * signs
    known = np.isfinite(stack)
    mean = np.where(known, stack, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    sd = float(mean.std()) or 1.0
    apart = [mean[rows].mean() - mean.mean() if len(rows) else 0.0 for rows in context.members]
    return Topic(name, np.array(apart) / sd, tuple(columns), signs)


def _sign(topic: str, direction: Direction) -> int:
    return -1 if topic in TURNED and direction == "bad" else 1


def _standardised(scale: Floats) -> Floats:
    return np.asarray((scale - np.nanmean(scale)) / (float(np.nanstd(scale)) or 1.0))


# --- one segment ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known4All:
    """What was found of all segments, from which the facts of one are taken."""

    context: Context
    effects: tuple[ColumnEffects, ...]
    topics: dict[str, Topic]
    money: Money | None
    outcomes: tuple[Outcome, ...]
    assumed: Assumptions

    def worth(self, segment: int) -> Money | None:
        """What is told of a segment's worth (counted from 0); None where nothing is."""
        return None if self.money is None or self.money.few[segment] else self.money


def segment_facts(all_: Known4All, segment: int) -> SegmentFacts:
    """The facts of one segment (counted from 0)."""
    figures = {
        **_size(all_.context, segment),
        **_worth(all_.worth(segment), segment),
        **_rhythm(all_, segment),
        **_newness(all_, segment),
    }
    names = {} if all_.money is None else {"value": all_.money.view.called}
    for direction in ("bad", "good"):
        told, name = _outcome(all_.outcomes, direction, segment)
        figures |= told
        names |= name
    levels = {name: topic.known(segment) for name, topic in all_.topics.items()}
    figures |= _times(levels)
    if _has_rhythm(all_.context, segment):
        levels.pop("recency", None)  # their own days between orders say more
    lists = _lists(all_, segment)
    figures |= _alike(all_.effects, segment)
    return SegmentFacts(levels, figures, lists, names)


def _times(levels: dict[str, Known]) -> dict[str, Figure]:
    """How many times everybody's trouble they have, in the column where that is most."""
    shown = levels["trouble"].differences if "trouble" in levels else ()
    pairs = [
        (d.value, d.everybody) if d.kind != "number" else (d.mean, d.mean_of_all) for d in shown
    ]
    times = [own / everybody for own, everybody in pairs if everybody > 0]
    return {"trouble_times": Figure(max(times), "times")} if times else {}


def _size(context: Context, segment: int) -> dict[str, Figure]:
    sizes = context.totals.sizes
    share = float(sizes[segment] / max(int(sizes.sum()), 1))
    return {
        "size": Figure(float(sizes[segment]), "count"),
        "customers": Figure(share, "percent"),
    }


def _worth(money: Money | None, segment: int) -> dict[str, Figure]:
    index = None if money is None else money.index(segment)
    if money is None or index is None:
        return {}
    unit = money.view.unit
    found = {
        "value_index": Figure(index, "index"),
        "value_mean": Figure(float(money.means[segment]), "amount", unit),
        "value_everybody": Figure(money.mean, "amount", unit),
    }
    if np.isfinite(money.medians[segment]):
        found["value_median"] = Figure(float(money.medians[segment]), "amount", unit)
        found["value_rank"] = Figure(money.rank(segment), "percent")
    if money.shares is not None:
        found["value_share"] = Figure(float(money.shares[segment]), "percent")
    return found


def _outcome(
    outcomes: tuple[Outcome, ...], direction: str, segment: int
) -> tuple[dict[str, Figure], dict[str, str]]:
    """The outcome of this direction that the segment meets more often."""
    outcome = met_more_often(outcomes, direction, segment)
    rate = None if outcome is None else outcome.rate(segment)
    if rate is None:
        return {}, {}
    stem = f"{direction}_outcome"
    figures = {
        f"{stem}_rate": Figure(rate.rate, "rate"),
        f"{stem}_everybody": Figure(rate.everybody, "rate"),
        f"{stem}_index": Figure(rate.index, "index"),
    }
    return figures, {stem: f'{rate.column} "{rate.event}"'}


def met_more_often(outcomes: tuple[Outcome, ...], direction: str, segment: int) -> Outcome | None:
    """The first outcome of this direction that a segment meets more often, beyond chance."""
    for outcome in outcomes:
        rate = outcome.rate(segment)
        if rate is None or outcome.direction != direction or outcome.aspect == "past":
            continue
        if rate.differs and rate.low > rate.everybody:
            return outcome
    return None


# --- time -----------------------------------------------------------------------------------------


def _in_days(context: Context, fits: Callable[[ColumnView], bool]) -> list[Floats]:
    """The columns (m,) of a kind whose unit of time is known, in days."""
    found = []
    for view in context.views:
        days = days_of(view.unit.behind, view.column)
        if view.kind == "number" and view.confidence != "none" and fits(view) and days is not None:
            found.append(view.values * days)
    return found


def _own_days(context: Context) -> Floats | None:
    """Each customer's own days between orders; None where no column, or several, say so."""
    found = _in_days(context, lambda v: v.aspect == RHYTHM)
    return found[0] if len(found) == 1 else None


def _has_rhythm(context: Context, segment: int) -> bool:
    """Whether the days between orders of most of them are known."""
    own, rows = _own_days(context), context.members[segment]
    return own is not None and len(rows) > 0 and float(np.isfinite(own[rows]).mean()) >= HALF


def _rhythm(all_: Known4All, segment: int) -> dict[str, Figure]:
    """The share of them who are late by their own days between orders; one order has none.

    Where several columns say how long ago something was, all of them must say late.
    """
    context, times = all_.context, all_.assumed.late_after
    since = _in_days(context, lambda v: v.meaning == "recency" and v.direction == "bad")
    own, rows = _own_days(context), context.members[segment]
    if not since or own is None or not len(rows):
        return {}
    late = np.min(since, axis=0) > times * own
    in_time = np.max(since, axis=0) <= own
    return {
        "late": _share(late, rows),
        "late_after": Figure(times, "times"),
        "in_time": _share(in_time, rows),
    }


def _newness(all_: Known4All, segment: int) -> dict[str, Figure]:
    """The share of them who came within the days that count as new, by all columns that say.

    Nothing where nearly everybody did: in a table of one month all are new.
    """
    context, limit = all_.context, all_.assumed.new_days
    directions = READ["tenure"]
    tenures = _in_days(context, lambda v: v.meaning == "tenure" and v.direction in directions)
    rows = context.members[segment]
    if not tenures or not len(rows):
        return {}
    new = np.max(tenures, axis=0) <= limit
    if float(new.mean()) >= NEARLY_ALL:
        return {}
    return {"new": _share(new, rows), "new_days": Figure(limit, "count")}


def _share(those: Bools, rows: Ints) -> Figure:
    return Figure(float(those[rows].mean()), "percent")


# --- columns it differs in ------------------------------------------------------------------------


def _read_basis(effects: tuple[ColumnEffects, ...]) -> list[ColumnEffects]:
    """The columns that formed the segments and whose meaning is known."""
    basis = [e for e in effects if e.view.role == "basis"]
    return [e for e in basis if e.view.meaning not in UNREAD and e.view.confidence != "none"]


def _alike(effects: tuple[ColumnEffects, ...], segment: int) -> dict[str, Figure]:
    """How many columns are known, where the segment is close to everybody in all of them."""
    known = _read_basis(effects)
    close = all(abs(float(e.effect[segment])) < CLEAR and not e.few[segment] for e in known)
    return {"known_columns": Figure(len(known), "count")} if known and close else {}


def _lists(all_: Known4All, segment: int) -> dict[str, Differences]:
    known = [e for e in all_.effects if e.view.confidence != "none"]
    spoken = [e for e in _read_basis(all_.effects) if _can_be_spoken_to(e.view)]
    parts = [e for e in known if e.view.part_of is not None and e.view.meaning == "money_in"]
    found = {
        "apart": _clear(spoken, segment, 0),
        "parts_high": _clear(parts, segment, 1),
        "parts_low": _clear(parts, segment, -1),
    }
    return {name: Differences(each) for name, each in found.items() if each}


def _can_be_spoken_to(view: ColumnView) -> bool:
    return view.meaning in SPOKEN_TO and view.aspect not in GIVEN


def _clear(effects: list[ColumnEffects], segment: int, side: int) -> tuple[Difference, ...]:
    """The clear differences, the largest first; only those above everybody (1) or below (-1)."""
    clear = [e for e in effects if abs(float(e.effect[segment])) >= CLEAR]
    clear = [e for e in clear if np.isfinite(e.segment[segment]).all()]
    ordered = sorted(clear, key=lambda e: -abs(float(e.effect[segment])))
    told = [(e.difference(segment), np.sign(e.effect[segment])) for e in ordered]
    true = [d for d, sign in told if _points(d) * sign > 0 and side in (0, sign)]
    return tuple(true[:MOST_APART])
