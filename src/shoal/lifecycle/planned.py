"""Model + customers → CampaignPlan: target and hold-out, and the smallest lift they can show."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.analysis.new_customers import place_all, with_key, with_made_columns
from shoal.data import local_files, open_table
from shoal.engine.local import LocalEngine
from shoal.engine.progress import Progress
from shoal.engine.resources import limited
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table
from shoal.errors import OptionError, no_such_column
from shoal.findings import finding
from shoal.lifecycle.draw import BEFORE, Draw, Drawn, digest, write_groups
from shoal.lifecycle.given import holds_numbers, known_model
from shoal.lifecycle.lifts import LEAST_PAYERS
from shoal.options import ReadingOptions, check_names, options_of
from shoal.options.audience import segments_asked
from shoal.output.atomic import as_path, spare, staged
from shoal.output.identity import model_id
from shoal.output.labels import customer_batches, names_beside
from shoal.sentences import say
from shoal.stats.lift import (
    Moments,
    size_for_rate_lift,
    smallest_mean_lift,
    smallest_rate_lift,
)
from shoal.stats.lognormal import (
    Hurdle,
    are_lognormal,
    smallest_lognormal_lift,
    too_few_for_means,
)
from shoal.text.nouns import noun_of, speaking_of
from shoal.text.options import option
from shoal.text.paths import printable
from shoal.types import CUSTOMER, Finding, Floats, Segmentation
from shoal.types.campaign import PlanFacts, PlannedSegment
from shoal.types.plain_json import as_json

PLAN, GROUPS = "plan.json", "groups.csv"
FORMAT = "shoal-campaign-plan"
POWER = 0.8
USUAL_RATE = 0.05
MOST_HELD_OUT = 0.9
LEAST_FOR_MONEY = 30  # payers before, from which it is told how money spreads
STORED = 0.1  # of the memory, for values whose balance is checked
# What a plan is: the same customers, and what was asked.
_SAME = ("model_id", "id_column", "hold_out", "seed", "rate", "lift", "value", "assignment")
_OWN = ("segment", "group", BEFORE)


@dataclass(frozen=True, repr=False)
class CampaignPlan(PlanFacts):
    """Target and hold-out of a campaign: `.groups` is the table, `.summary` says what it can show.

    `.segments` holds the sizes and the smallest lifts, `.balance` both groups before the campaign.
    """

    groups: pa.Table = field(compare=False)  # id, segment, group, and money before where known

    def __repr__(self) -> str:
        target = sum(each.n_target for each in self.segments)
        held = sum(each.n_hold_out for each in self.segments)
        return f"<shoal.CampaignPlan: {target:,} target, {held:,} held out>"

    def write(self, out: str | Path) -> Path:
        """Write plan.json and groups.csv into a folder, whole or not at all.

        A plan that is there already stays; another one is refused, since it is never drawn anew.
        Returns the folder. Raises OptionError there, OutputError when it could not be written.
        """
        folder = as_path(out)
        if (folder / PLAN).exists():
            _check_same(folder, self)
            return folder
        with staged(folder, [PLAN, GROUPS]) as files:
            write_groups(self.groups, files / GROUPS)
            text = json.dumps({"format": FORMAT} | self.to_json(), ensure_ascii=False, indent=1)
            (files / PLAN).write_text(text + "\n", encoding="utf-8")
        return folder

    def to_json(self) -> dict[str, Any]:
        """All of it but who is in which group: what `shoal campaign plan --json` prints."""
        return {f.name: as_json(getattr(self, f.name)) for f in fields(PlanFacts)}


def _check_same(folder: Path, made: CampaignPlan) -> None:
    try:
        kept = json.loads((folder / PLAN).read_text("utf-8"))
    except (OSError, ValueError):
        kept = {}
    told = made.to_json()
    if any(kept.get(name) != told[name] for name in _SAME):
        raise OptionError(
            f"{printable(folder)} holds another plan already, and a plan is never drawn anew: who "
            "was written to must stay known. Choose another folder with "
            f"{option('out', 'next-campaign')}. Nothing was written."
        )


@dataclass(frozen=True)
class _Asked:
    """What was asked of a plan, checked."""

    hold_out: float
    rate: float | None
    lift: float | None
    seed: int

    @property
    def base(self) -> float:
        return USUAL_RATE if self.rate is None else self.rate

    @property
    def aim(self) -> float:
        """The lift that shall be shown: a fifth of the rate where nobody says another."""
        return min(self.base / 5, 1 - self.base) if self.lift is None else self.lift


def _asked(hold_out: Any, rate: Any, lift: Any, seed: Any) -> _Asked:
    _check_share("hold_out", hold_out, MOST_HELD_OUT, 0.2)
    if rate is not None:
        _check_share("rate", rate, 0.99, USUAL_RATE)
    if lift is not None:
        _check_share("lift", lift, 1 - (USUAL_RATE if rate is None else rate), 0.01)
    return _Asked(float(hold_out), rate, lift, int(seed))


def _check_share(name: str, given: Any, most: float, usual: float) -> None:
    if not isinstance(given, int | float) or not 0 < given <= most:
        raise OptionError(
            f"{option(name, given)} must be a share above 0, at most {most:g}, such as "
            f"{option(name, usual)}."
        )


def plan(
    model: Any,
    customers: Any,
    *,
    segment: int | Sequence[int] | None = None,
    hold_out: float = 0.2,
    out: str | Path | None = None,
    rate: float | None = None,
    lift: float | None = None,
    value: str | None = None,
    id: str | None = None,
    seed: int = 0,
    memory: str | int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> CampaignPlan:
    """Draw target and hold-out of a campaign, and say which lift they can show.

    In each segment the customers with the smallest hashes of id and seed are held out: the same
    ones in any order of rows. A plan in a folder is never drawn anew.

    Args:
        model: the path of a model.json, a `Model` or a `Study`.
        customers: a table with the columns that formed the segments, and an id.
        segment: numbers of segments; all of them when left out.
        hold_out: the share (above 0, at most 0.9) of each segment that is left alone.
        out: a folder for plan.json and groups.csv.
        rate: the share that would have the outcome without the campaign; 0.05 is assumed.
        lift: the lift of the rate that shall be shown, such as 0.01 for one point; a fifth of the
            rate when left out.
        value: the column of money before the campaign; that of the model when left out.
        seed: another one holds others out.
        id, memory, threads, progress, reading: as in `segment`.

    Returns:
        `.segments` (sizes, smallest lift, customers needed), `.balance`, `.groups` (a pyarrow
        Table: id, segment, group, before), `.summary`, `.findings`, `.write(out)`, `.to_json()`.
        Power is 80 %, at the level that `campaign.read` uses for so many segments.

    Raises:
        InputError: there is no model, or the table lacks a column that it needs.
        OptionError: an option is wrong, there is no id, or the folder holds another plan.
        OutputError: the files could not be written.

    >>> shoal.campaign.plan("results/model.json", "customers.csv", segment=2, hold_out=0.2,
    ...                     out="autumn").summary                          # doctest: +SKIP
    """
    check_names(plan, reading, ReadingOptions)
    segmentation, about = known_model(model)
    asked = _asked(hold_out, rate, lift, seed)
    segments = segments_asked(segment, segmentation.ids)
    if out is not None:
        goals = [as_path(out) / name for name in (PLAN, GROUPS)]
        spare([*local_files(customers)], goals)
    key = id or segmentation.id_column
    options = options_of(memory=memory, threads=threads, **reading | {"id": key})
    noun = noun_of(str(about.get("noun"))) or CUSTOMER
    with limited(options.resources), speaking_of(noun):
        table = open_table(customers, options.reading)
        keyed = _keyed(table, segmentation, id)
        table = with_made_columns(table, keyed)
        money = _money(table, value, about)
        made = _planned(table, keyed, segments, asked, money, progress)
        if out is not None:
            made.write(out)
    return made


def _keyed(table: Table, model: Segmentation, id: str | None) -> Segmentation:
    keyed = with_key(model, table, id)
    if keyed.id_column is None:
        raise OptionError(
            f"A campaign needs ids, to know afterwards who was held out. {table.name} has no "
            f"column of them that is known: name it with {option('id', 'COLUMN')}."
        )
    return keyed


def _room(table: Table) -> SpillStore:
    """For the values of customers who are drawn from."""
    if not isinstance(table.engine, LocalEngine):
        raise OptionError("A campaign is drawn on this machine: leave the engine out.")
    return table.engine.spill_store(STORED)


def _money(table: Table, asked: str | None, about: Mapping[str, Any]) -> str | None:
    """The column of money before the campaign."""
    have = table.schema.names
    if asked is not None and asked not in have:
        raise no_such_column(option("value"), asked, table.name, have)
    name = asked or about.get("value")
    if name in have and holds_numbers(table, str(name)):
        return str(name)
    if asked is not None:
        raise OptionError(f'{option("value")} names "{asked}", which is no column of numbers.')
    return None


def _planned(
    table: Table,
    model: Segmentation,
    segments: tuple[int, ...],
    asked: _Asked,
    money: str | None,
    progress: Progress | None,
) -> CampaignPlan:
    key = str(model.id_column)
    columns = _balanced(table, model, money)
    draw = Draw(segments, asked.seed, columns, _room(table), money is not None)
    _, _, notes = place_all(table, model, progress)
    for batch in customer_batches(table, lambda: None, model):
        draw.add(batch)
    drawn = draw.drawn(asked.hold_out)
    groups = drawn.table(f"{key} (id)" if key in _OWN else key)
    balance, far = drawn.balance()
    planned = tuple(_segments(drawn, model, segments, asked))
    facts = PlanFacts(
        model_id=model_id(model),
        id_column=groups.column_names[0],
        hold_out=asked.hold_out,
        seed=asked.seed,
        power=POWER,
        rate=asked.base,
        rate_is_assumed=asked.rate is None,
        lift=asked.aim,
        value=money,
        segments=planned,
        rows_read=draw.read,
        rows_planned=groups.num_rows,
        rows_in_other_segments=draw.elsewhere,
        rows_set_aside=draw.unplaced + draw.without_id + drawn.repeated,
        balanced=not far,
        balance=balance,
        assignment=digest(groups),
        summary=(),
        findings=(*notes, *_findings(draw, drawn.repeated, key, far)),
    )
    return _with_groups(dataclasses.replace(facts, summary=tuple(_summary(facts))), groups)


def _with_groups(facts: PlanFacts, groups: pa.Table) -> CampaignPlan:
    return CampaignPlan(**{f.name: getattr(facts, f.name) for f in fields(facts)}, groups=groups)


def _balanced(table: Table, model: Segmentation, money: str | None) -> tuple[str, ...]:
    """Columns whose balance is checked, as they are called beside labels; money comes first."""
    beside = names_beside(table.schema, model.id_column)
    wanted = dict.fromkeys([*([money] if money else []), *model.recipe.columns])
    return tuple(beside[name] for name in wanted if name in beside and holds_numbers(table, name))


def _segments(
    drawn: Drawn,
    model: Segmentation,
    segments: tuple[int, ...],
    asked: _Asked,
) -> Iterator[PlannedSegment]:
    looks, names = len(segments), dict(zip(model.ids, model.names, strict=True))
    needed = size_for_rate_lift(asked.base, asked.aim, asked.hold_out, POWER, looks)
    for number in segments:
        own = (drawn.label == number) & drawn.first
        held = int((own & drawn.held).sum())
        target = int(own.sum()) - held
        amounts = np.zeros(0) if drawn.before is None else drawn.before[own]
        amounts = amounts[np.isfinite(amounts)]
        yield PlannedSegment(
            id=number,
            name=names[number],
            n_target=target,
            n_hold_out=held,
            smallest_lift=smallest_rate_lift(asked.base, target, held, POWER, looks),
            customers_needed=needed,
            money_before=float(amounts.mean()) if len(amounts) else None,
            payers_before=int(np.count_nonzero(amounts)) if len(amounts) else None,
            smallest_money_lift=_smallest_of_money(amounts, (target, held), looks),
        )


def _smallest_of_money(amounts: Floats, sizes: tuple[int, int], looks: int) -> float | None:
    """The smallest lift of money, read as `read` will; None: so few promise none."""
    payers = np.count_nonzero(amounts)
    if payers < LEAST_FOR_MONEY or min(sizes) * payers / len(amounts) < LEAST_PAYERS:
        return None
    if not are_lognormal([amounts]):
        return smallest_mean_lift(Moments.of(amounts), *sizes, POWER, looks)
    before = Hurdle.of(amounts)
    if too_few_for_means(before, min(sizes)):
        return smallest_lognormal_lift(before, sizes, POWER, looks, LEAST_PAYERS)
    return smallest_mean_lift(before.moments, *sizes, POWER, looks)


def _findings(draw: Draw, repeated: int, key: str, far: list[str]) -> Iterator[Finding]:
    if repeated:
        yield finding("plan-repeated-ids", key, rows=repeated)
    if draw.without_id:
        yield finding("campaign-without-id", key, rows=draw.without_id)
    if far:
        yield finding("groups-unbalanced", columns=far)


def _summary(facts: PlanFacts) -> Iterator[Any]:
    target = sum(each.n_target for each in facts.segments)
    held = sum(each.n_hold_out for each in facts.segments)
    yield say("plan-drawn", target=target, hold_out=held, segments=len(facts.segments))
    if facts.rate_is_assumed:
        yield say("plan-rate-assumed", rate=facts.rate)
    for each in facts.segments:
        shared = {"name": each.name, "rate": facts.rate, "lift": facts.lift}
        shared["needed"] = each.customers_needed
        if each.smallest_lift is None:
            yield say("plan-shows-nothing", **shared)
        else:
            yield say("plan-shows", smallest=each.smallest_lift, power=facts.power, **shared)
        if each.payers_before is None:
            continue
        told = {"name": each.name, "value": facts.value}
        if each.smallest_money_lift is None:
            yield say("plan-shows-no-money", payers=each.payers_before, **told)
        else:
            yield say(
                "plan-shows-money",
                **told,
                smallest=each.smallest_money_lift,
                mean=each.money_before,
                power=facts.power,
            )
