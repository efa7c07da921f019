"""Plan + outcomes → CampaignRead: lift of each segment, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.errors import InputError, OptionError
from shoal.findings import finding
from shoal.lifecycle.draw import BEFORE, HOLD_OUT, TARGET, read_back
from shoal.lifecycle.lifts import FEW_PAYERS, Group, Price, lifts
from shoal.lifecycle.outcomes import Outcomes, outcomes_of
from shoal.lifecycle.planned import FORMAT, GROUPS, PLAN, CampaignPlan
from shoal.options import ReadingOptions, check_names, options_of
from shoal.text.options import option
from shoal.text.paths import printable
from shoal.types import Bools, Finding, Floats, Ints, Statement
from shoal.types.campaign import CampaignCounts, CampaignFacts, Missing, SegmentLift
from shoal.types.plain_json import as_json


@dataclass(frozen=True, repr=False)
class CampaignRead(CampaignFacts):
    """What a campaign did: `.segments` with lift, interval and verdict, `.total`, `.summary`."""

    @property
    def summary(self) -> tuple[Statement, ...]:
        """One sentence a segment, and one for all of them where there are several."""
        every = [*self.segments, *([self.total] if len(self.segments) > 1 else [])]
        return tuple(each.said for each in every)

    def __repr__(self) -> str:
        told = ", ".join(f"{each.name}: {each.verdict}" for each in self.segments)
        return f"<shoal.CampaignRead {told}>"

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types: what `shoal campaign read --json` prints."""
        return {f.name: as_json(getattr(self, f.name)) for f in fields(CampaignFacts)}


class _Segment(msgspec.Struct, frozen=True):
    id: int
    name: str


class _Kept(msgspec.Struct, frozen=True):
    """What is read of a plan.json."""

    format: str
    model_id: str
    id_column: str
    assignment: str
    segments: tuple[_Segment, ...]


@dataclass(frozen=True)
class _Plan:
    """A plan as it is read: who is in which group."""

    model_id: str
    id_column: str
    names: dict[int, str]
    groups: pa.Table
    changed: bool

    @property
    def label(self) -> Ints:
        """(n,) the segment of each."""
        return np.asarray(self.groups.column("segment"), dtype=np.int16)

    @property
    def held(self) -> Bools:
        """(n,) who is held out."""
        return np.asarray(pc.equal(self.groups.column("group"), HOLD_OUT), dtype=bool)

    @property
    def before(self) -> Floats | None:
        """(n,) money before, where it is known."""
        if BEFORE not in self.groups.column_names:
            return None
        return np.asarray(self.groups.column(BEFORE).to_numpy(), dtype=float)


def read(
    plan: Any,
    outcomes: Any,
    *,
    cost: float | None = None,
    worth: float | None = None,
    outcome: str | None = None,
    missing: str | None = None,
    id: str | None = None,
    min_cell: int = 5,
    memory: str | int | None = None,
    threads: int | None = None,
    **reading: Any,
) -> CampaignRead:
    """What a campaign did: lift of each segment with intervals, profit, and a verdict.

    Everybody counts in the group that they were drawn into, whether they were reached or not.
    Rates are compared by Newcombe's interval of score intervals; money by an interval made for
    skewed amounts: of its logarithms where it is lognormal and of few (Zou, Taleban & Huo, 2009),
    or of what is left of it beyond money before the campaign where the plan knows it and that tells
    more (CUPED: Deng, Xu, Kohavi & Walker, WSDM 2013). `low` and `high` hold in 95 of 100
    campaigns for all segments together (Bonferroni), `low_alone` and `high_alone` for each alone.

    Args:
        plan: the folder of a plan, or a `CampaignPlan`.
        outcomes: a table with an id and what came of it: yes and no, 0 and 1, or money; or the ids
            of those alone who bought.
        cost: of the campaign for one customer of the target.
        worth: profit of one yes, or of one unit of money (1 when left out).
        outcome: the column of the outcome, where there are several.
        missing: "zero" counts customers of the plan who are not in the outcomes as no outcome,
            "aside" leaves them out. When left out, it is "zero" where the outcomes list those alone
            who had one, else "aside"; it is said.
        min_cell: a rate that fewer customers make (or all but fewer) stands in no sentence, nor
            does the lift that tells it; its interval does. The figures in `.segments` and
            `.to_json()`, which are for programs, are whole.
        id, memory, threads, reading: as in `segment`.

    Returns:
        `.segments` (id, lift, low, high, verdict, n_target, n_hold_out, profit …), `.total`,
        `.counts`, `.summary`, `.findings`, `.to_json()`. Lifts of rates are shares: 0.01 is a
        point.

    Raises:
        InputError: there is no plan, or the outcomes cannot be understood.
        OptionError: an option is wrong.

    >>> shoal.campaign.read("autumn", "bought.csv", cost=0.5).segments     # doctest: +SKIP
    """
    check_names(read, reading, ReadingOptions)
    price = Price(_amount("cost", cost), _amount("worth", worth))
    if missing not in (None, *get_args(Missing)):
        raise OptionError(f"{option('missing', missing)} is unknown. Known: zero, aside.")
    kept = _plan(plan)
    key = id or kept.id_column
    given = reading | {"id": key, "min_cell": min_cell}
    options = options_of(memory=memory, threads=threads, **given)
    found = outcomes_of(outcomes, options, kept.groups, id, kept.id_column, outcome)
    return _told(kept, found, price, missing, options.min_cell)


def _amount(name: str, given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e12:
        raise OptionError(
            f"{option(name, given)} must be an amount of 0 or more, such as {option(name, 0.5)}."
        )
    return float(given)


def _plan(plan: Any) -> _Plan:
    """A plan from its folder, or in memory. Raises InputError where there is none."""
    if isinstance(plan, CampaignPlan):
        names = {each.id: each.name for each in plan.segments}
        return _Plan(plan.model_id, plan.id_column, names, plan.groups, changed=False)
    folder = Path(plan)
    folder = folder.parent if folder.name == PLAN else folder
    try:
        kept = msgspec.json.decode((folder / PLAN).read_bytes(), type=_Kept)
        groups, told = read_back(folder / GROUPS, kept.id_column)
        whole = groups.column_names[:3] == [kept.id_column, "segment", "group"]
    except (OSError, msgspec.MsgspecError, pa.ArrowInvalid):
        whole = False
    if not whole or kept.format != FORMAT or not _is_sound(groups, kept):
        raise InputError(
            f"{printable(folder)} holds no whole plan of a campaign ({PLAN} and {GROUPS}). Give "
            "the folder that `shoal campaign plan … --out PLAN` has written."
        )
    names = {each.id: each.name for each in kept.segments}
    return _Plan(kept.model_id, kept.id_column, names, groups, told != kept.assignment)


def _is_sound(groups: pa.Table, kept: _Kept) -> bool:
    """Whether everybody is in one of the groups, and in a segment of the plan."""
    words = pc.unique(groups.column("group")).to_pylist()
    numbers = pc.unique(groups.column("segment")).to_pylist()
    return {*words} <= {TARGET, HOLD_OUT} and {*numbers} <= {each.id for each in kept.segments}


def _told(
    kept: _Plan, found: Outcomes, price: Price, asked: str | None, least: int
) -> CampaignRead:
    held, place, before = kept.held, found.known.place, kept.before
    both, seen = _in_both(place, held, found.known.many), found.seen[place]
    alone = found.lists_buyers_alone
    missing: Missing = "zero" if asked == "zero" or (asked is None and alone) else "aside"
    there = seen & ~both
    counted = ~both if missing == "zero" else there
    money_before = before[counted] if before is not None and found.kind == "money" else None
    amounts = found.amounts[place][counted]
    group = Group(kept.label[counted], held[counted], amounts, money_before)
    segments, total = lifts(group, kept.names, found.kind, price, least)
    lost = ~seen & ~both
    counts = CampaignCounts(
        planned=len(held),
        with_outcome=int(there.sum()),
        missing_target=int((lost & ~held).sum()),
        missing_hold_out=int((lost & held).sum()),
        in_both=len(np.unique(place[both])),
        outcomes_read=found.read,
        not_in_plan=found.strangers,
        without_id=found.without_id,
        unknown=found.unknown,
        repeated=found.repeated,
    )
    notes = [*_findings(kept, found, counts, missing, alone and asked is None)]
    notes += _doubts(segments, group, found.outcome)
    return CampaignRead(
        model_id=kept.model_id,
        kind=found.kind,
        outcome=found.outcome,
        missing=missing,
        adjusted_by_before=any(each.method == "before" for each in segments),
        segments=segments,
        total=total,
        counts=counts,
        findings=(*found.notes, *notes),
    )


def _in_both(place: Ints, held: Bools, ids: int) -> Bools:
    """Whose id stands in both groups."""
    sides = np.zeros((2, ids), bool)
    for side, rows in zip(sides, (held, ~held), strict=True):
        side[place[rows]] = True
    return np.asarray((sides[0] & sides[1])[place])


def _findings(
    kept: _Plan,
    found: Outcomes,
    counts: CampaignCounts,
    missing: Missing,
    alone: bool,
) -> Iterator[Finding]:
    if kept.changed:
        yield finding("plan-changed", file=GROUPS)
    if counts.in_both:
        yield finding("ids-in-both", kept.id_column, ids=counts.in_both)
    target, hold_out = counts.missing_target, counts.missing_hold_out
    if alone and target + hold_out:
        yield finding("buyers-alone")
    if target + hold_out:
        yield finding("not-in-outcomes", target=target, hold_out=hold_out, missing=missing)
    if counts.not_in_plan:
        yield finding("not-in-plan", found.id_column, rows=counts.not_in_plan)
    if counts.without_id:
        yield finding("campaign-without-id", found.id_column, rows=counts.without_id)
    if counts.unknown:
        yield finding("outcome-not-known", found.outcome, rows=counts.unknown)
    if counts.repeated:
        yield finding("outcomes-summed", found.id_column, rows=counts.repeated)


def _doubts(
    segments: tuple[SegmentLift, ...], group: Group, outcome: str | None
) -> Iterator[Finding]:
    """Why intervals may not be trusted."""
    if group.is_before:
        yield finding("outcome-is-before", outcome)
    few = [each.name for each in segments if each.few_payers]
    if few:
        yield finding("few-payers", names=few, least=FEW_PAYERS)
