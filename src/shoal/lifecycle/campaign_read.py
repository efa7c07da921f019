"""Plan + outcomes → CampaignRead: lift of each segment, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pyarrow as pa

from shoal.errors import InputError, OptionError
from shoal.findings import finding
from shoal.lifecycle.draw import BEFORE, HOLD_OUT, digest, read_back
from shoal.lifecycle.lifts import FEW_PAYERS, Group, Price, lifts
from shoal.lifecycle.outcomes import Outcomes, outcomes_of
from shoal.lifecycle.planned import FORMAT, GROUPS, PLAN, CampaignPlan
from shoal.options import ReadingOptions, check_names, options_of
from shoal.text.options import option
from shoal.text.paths import printable
from shoal.text.plain_json import as_json
from shoal.types import Bools, Finding, Floats, Ints, Statement
from shoal.types.campaign import CampaignCounts, CampaignFacts, Missing, SegmentLift


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

    def table(self) -> tuple[list[str], Ints, Bools, Floats | None]:
        """Ids, segments, who is held out, money before."""
        before = None
        if BEFORE in self.groups.column_names:
            before = self.groups.column(BEFORE).to_numpy(zero_copy_only=False).astype(float)
        label = np.asarray(self.groups.column("segment"), dtype=np.int64)
        held = np.array([word == HOLD_OUT for word in self.groups.column("group").to_pylist()])
        return self.groups.column(0).to_pylist(), label, held.astype(bool), before


def read(
    plan: Any,
    outcomes: Any,
    *,
    cost: float | None = None,
    worth: float | None = None,
    outcome: str | None = None,
    missing: str | None = None,
    id: str | None = None,
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
    options = options_of(memory=memory, threads=threads, **reading | {"id": key})
    found = outcomes_of(outcomes, options, kept.groups, id, kept.id_column, outcome)
    return _told(kept, found, price, missing)


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
        content = (folder / GROUPS).read_bytes()
        groups = read_back(content, kept.id_column)
        whole = groups.column_names[:3] == [kept.id_column, "segment", "group"]
    except (OSError, msgspec.MsgspecError, pa.ArrowInvalid):
        whole = False
    if not whole or kept.format != FORMAT:
        raise InputError(
            f"{printable(folder)} holds no whole plan of a campaign ({PLAN} and {GROUPS}). Give "
            "the folder that `shoal campaign plan … --out PLAN` has written."
        )
    names = {each.id: each.name for each in kept.segments}
    return _Plan(kept.model_id, kept.id_column, names, groups, digest(content) != kept.assignment)


def _told(kept: _Plan, found: Outcomes, price: Price, asked: str | None) -> CampaignRead:
    keys, label, held, before = kept.table()
    both = _in_both(keys, held)
    alone = found.lists_buyers_alone
    missing: Missing = "zero" if asked == "zero" or (asked is None and alone) else "aside"
    there = found.seen & ~both
    counted = ~both if missing == "zero" else there
    group = Group(label[counted], held[counted], found.amounts[counted])
    money_before = before[counted] if before is not None and found.kind == "money" else None
    segments, total = lifts(group, kept.names, found.kind, price, money_before)
    lost = ~found.seen & ~both
    ids_in_both = len({key for key, is_both in zip(keys, both, strict=True) if is_both})
    counts = CampaignCounts(
        planned=len(keys),
        with_outcome=int(there.sum()),
        missing_target=int((lost & ~held).sum()),
        missing_hold_out=int((lost & held).sum()),
        in_both=ids_in_both,
        outcomes_read=found.read,
        not_in_plan=found.strangers,
        without_id=found.without_id,
        unknown=found.unknown,
        repeated=found.repeated,
    )
    notes = tuple(_findings(kept, found, counts, missing, alone and asked is None, segments))
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


def _in_both(keys: list[str], held: Bools) -> Bools:
    """Whose id stands in both groups."""
    sides = (held, ~held)
    one, two = ({k for k, x in zip(keys, side, strict=True) if x} for side in sides)
    shared = one & two
    return np.array([key in shared for key in keys], dtype=bool)


def _findings(
    kept: _Plan,
    found: Outcomes,
    counts: CampaignCounts,
    missing: Missing,
    alone: bool,
    segments: tuple[SegmentLift, ...],
) -> Iterator[Finding]:
    if kept.changed:
        yield finding("plan-changed", file=GROUPS)
    if counts.in_both:
        yield finding("ids-in-both", kept.id_column, ids=counts.in_both)
    if alone:
        yield finding("buyers-alone")
    target, hold_out = counts.missing_target, counts.missing_hold_out
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
    few = [each.name for each in segments if each.few_payers]
    if few:
        yield finding("few-payers", names=few, least=FEW_PAYERS)
