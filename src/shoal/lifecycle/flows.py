"""Joined periods → flows: which segments are the same, who moved, and why.

Why a customer moved, told by placing both periods by both models:

- *on the border anyway*: hardly nearer to the own segment than to the other one, before and after;
- *the customer changed*: by the old model alone they are elsewhere now, or the new model alone
  would have left them where they were;
- *the model changed*: by the old model they would have stayed, and the new one places them
  elsewhere already as they were before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import numpy as np

from shoal.lifecycle.joined import Group, Joined
from shoal.lifecycle.sides import PARTS, Side, unpacked
from shoal.stats.agreement import jaccard
from shoal.types import MOVE_CAUSES, NOT_PLACED, Amounts, Flow, MoveCause, SegmentSeen

SAME = 1 / 3  # Jaccard similarity from which two segments of two models may be the same
NOBODY, GONE, NEW = "not placed", "there no more", "not there yet"

# --- which segments are the same ------------------------------------------------------------------


def same_segments(before: Side, after: Side, groups: Iterable[Group]) -> dict[int, int]:
    """The id after by the id before, of segments that are the same.

    Those of one model; of two models those with one number and one name, as a refresh keeps them,
    then those that hold most of the same customers, placed by both models (matched so that most are
    kept, by the Hungarian method). Of labelled customers those with one name, then with one number.
    """
    old, new = names_of(before), names_of(after)
    if before.model is not None and before.other is None:
        return {number: number for number in old}
    same = {number: number for number, name in old.items() if new.get(number) == name}
    if before.model is None:
        return same | dict(_by_name(old, new, same))
    return same | dict(_by_members(old, new, same, _together(groups)))


def names_of(side: Side) -> dict[int, str]:
    """The segments of a period: the numbers with the names."""
    if side.model is None:
        found = side.names.of_segments
        return {number: found[number] for number in sorted(found) if number != NOT_PLACED}
    return dict(zip(side.model.ids, side.model.names, strict=True))


def _by_name(
    old: Mapping[int, str], new: Mapping[int, str], same: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Labelled customers: the same name under another number, or no name that tells."""
    left = {number: name for number, name in new.items() if number not in same.values()}
    numbers = {name: number for number, name in left.items()}
    for number, name in old.items():
        if number in same:
            continue
        if name and name in numbers:
            yield number, numbers[name]
        elif number in left and left[number] not in old.values():
            yield number, number  # it was renamed


def _together(groups: Iterable[Group]) -> dict[tuple[int, int], int]:
    """How many customers the old model has in one segment and the new model in another."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    for group in groups:
        if group.before is not None:
            own, other, _ = unpacked(group.before)
            found[own, other] += group.customers
        if group.after is not None:
            own, other, _ = unpacked(group.after)
            found[other, own] += group.customers
    return found


def _by_members(
    old: Mapping[int, str],
    new: Mapping[int, str],
    same: Mapping[int, int],
    together: Mapping[tuple[int, int], int],
) -> Iterator[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = list(old), list(new)
    counts = np.array([[together.get((i, j), 0) for j in columns] for i in rows], dtype=float)
    alike = jaccard(counts)
    left = [i for i, number in enumerate(rows) if number not in same]
    free = [j for j, number in enumerate(columns) if number not in same.values()]
    inner = alike[np.ix_(left, free)]
    for i, j in zip(*linear_sum_assignment(-inner), strict=True):
        if inner[i, j] >= SAME:
            yield rows[left[i]], columns[free[j]]


# --- why a customer moved -------------------------------------------------------------------------


def cause_of(before: int, after: int, same: Mapping[int, int]) -> MoveCause:
    """Why customers with these places moved; they are seen in both periods."""
    start, as_new, rival_before = unpacked(before)
    end, as_old, rival_after = unpacked(after)
    old = {there: here for here, there in same.items()}
    if rival_before and same.get(rival_before) == end and rival_after == same.get(start):
        return "border"
    if as_old != start:
        return "customer"
    return "model" if old.get(as_new) != start else "customer"


# --- flows ----------------------------------------------------------------------------------------


def flows_of(before: Side, after: Side, found: Joined, same: Mapping[int, int]) -> list[Flow]:
    """All flows; those who take most money away first, then the largest."""
    sums: dict[_Way, Amounts] = defaultdict(Amounts)
    causes: dict[_Way, dict[MoveCause, Amounts]] = defaultdict(dict)
    for group in found.groups:
        way = _way(group)
        money = (money_of(group.parts_before), money_of(group.parts_after))
        amounts = Amounts(group.customers, *money)
        sums[way] = sums[way].plus(amounts)
        if group.before is not None and group.after is not None and not _stay(way, same):
            cause = cause_of(group.before, group.after, same)
            causes[way][cause] = causes[way].get(cause, Amounts()).plus(amounts)
    told = _told_causes(before, after)
    names = (names_of(before), names_of(after))
    flows = [
        Flow(
            *way,
            start_name=_called(way[0], names[0], NEW),
            end_name=_called(way[1], names[1], GONE),
            amounts=amounts,
            stayed=_stay(way, same),
            causes={cause: causes[way].get(cause, Amounts()) for cause in told} or None,
        )
        for way, amounts in sums.items()
    ]
    return sorted(flows, key=_worst_first)


_Way = tuple[int | None, int | None]  # the segments before and after


def _way(group: Group) -> _Way:
    start, end = (
        None if places is None else unpacked(places)[0] for places in (group.before, group.after)
    )
    return start, end


def _told_causes(before: Side, after: Side) -> tuple[MoveCause, ...]:
    """Labels alone do not tell who changed, customers or the model."""
    if before.model is not None:
        return MOVE_CAUSES
    have = {"margin", "runner_up"}
    both = have <= {*before.table.schema.names} and have <= {*after.table.schema.names}
    return ("border",) if both else ()


def money_of(parts: int) -> Decimal:
    """An exact amount, from parts of a unit."""
    return Decimal(parts) / PARTS


def _stay(way: _Way, same: Mapping[int, int]) -> bool:
    start, end = way
    if start is None or end is None:
        return False
    return start == end == NOT_PLACED or (start != NOT_PLACED and same.get(start) == end)


def _called(segment: int | None, names: Mapping[int, str], nowhere: str) -> str:
    if segment is None:
        return nowhere
    return NOBODY if segment == NOT_PLACED else names.get(segment, "") or f"segment {segment}"


def _worst_first(flow: Flow) -> tuple[bool, Decimal, int, str, str]:
    """Moves and departures before others, by the value that they take away."""
    leaves = flow.kind in ("moved", "departed")
    where = (flow.start_name, flow.end_name)
    return (not leaves, flow.amounts.change, -flow.amounts.customers, *where)


def seen_segments(
    side: Side, same: Mapping[int, int], colours: Mapping[int, str]
) -> tuple[SegmentSeen, ...]:
    """The segments of a period, in the order of their numbers."""
    return tuple(
        SegmentSeen(number, _called(number, {number: name}, NEW), colours[number], same.get(number))
        for number, name in names_of(side).items()
    )
