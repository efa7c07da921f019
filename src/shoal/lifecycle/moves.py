"""The door to moves: two tables of customers, by their labels or by models → Moves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoal.analysis.meaning.ids import guess_id
from shoal.analysis.new_customers import ready_for
from shoal.analysis.profile import describe
from shoal.data import local_files, open_table
from shoal.engine.made import with_made
from shoal.engine.progress import Progress, begin, listening
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.errors import InputError, no_such_column
from shoal.findings import finding
from shoal.lifecycle.flows import flows_of, money_of, names_of, same_segments, seen_segments
from shoal.lifecycle.given import KnownModel, holds_numbers, known_model
from shoal.lifecycle.joined import Joined, joined
from shoal.lifecycle.sides import Side
from shoal.options import ReadingOptions, check_names, options_of
from shoal.output import moves as shown
from shoal.output.atomic import spare
from shoal.output.identity import model_id
from shoal.output.labels import LABELS
from shoal.output.moves import ToldFlow
from shoal.output.palette import colours
from shoal.sentences import say
from shoal.text.nouns import noun_of, speaking_of
from shoal.text.options import option, whoever_asks
from shoal.types import CUSTOMER, Finding, Flow, MoveFacts, RowsSeen, Segmentation, Statement

if TYPE_CHECKING:
    import pandas as pd

MOST_WORRIES = 5
MOST_SHADES = 40


@dataclass(frozen=True, repr=False)
class Moves(MoveFacts):
    """Customers of two periods: who stayed, moved, came and left, in customers and in money.

    `.flows` holds the facts, `.summary` and `.worries` the sentences.
    """

    @property
    def table(self) -> pd.DataFrame:
        """The flows, one row each: from, to, customers, money (as decimals), causes."""
        import pandas as pd

        frame = pd.DataFrame(shown.rows(self))
        return frame.astype({"from": "Int64", "to": "Int64"}) if len(frame) else frame

    @property
    def written(self) -> Callable[[Decimal], str]:
        """How its amounts are written: whole where all of them are, else with two decimals."""
        return shown.written(self)

    @property
    def told(self) -> list[ToldFlow]:
        """The flows as people are told of them: in words, without figures of too few."""
        return shown.told_flows(self)

    def plot(self) -> Any:
        """The alluvial figure: a Matplotlib Figure with real Axes."""
        from shoal.output.figures.alluvial import alluvial

        return alluvial(self)

    def report(self, path: str | Path) -> Path:
        """Write the section on moves as one HTML file that works offline.

        Returns the path. Raises OutputError when it could not be written.
        """
        from shoal.output.moves_report import write_report

        return write_report(self, Path(path))

    def workbook(self, path: str | Path) -> Path:
        """Write the Moves sheet as an Excel workbook of its own.

        Returns the path. Raises OutputError when it could not be written.
        """
        from shoal.output.workbook.moves import write_moves

        return write_moves(self, Path(path))

    def write(self, out: str | Path) -> dict[str, str]:
        """Write report, workbook, table and figure into a folder, whole or not at all.

        Returns what is where. Raises OutputError when they could not be written.
        """
        from shoal.output.moves_folder import write_folder

        return write_folder(self, Path(out))

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types: what `shoal moves --json` prints."""
        return shown.summary(self)


def moves(
    before: Any,
    after: Any,
    *,
    model_before: Any = None,
    model_after: Any = None,
    value: str | None = None,
    id: str | None = None,
    out: str | Path | None = None,
    min_cell: int = 5,
    memory: str | int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> Moves:
    """Who moved between two periods, in customers and in money, and why.

    Customers are followed by their id. With models each move is one of three: the customer changed,
    the model changed (both periods are placed by both models), or they were on the border anyway.

    Args:
        before: the earlier table: labelled customers (as `shoal assign` writes them), or any table
            with the columns that its model needs.
        after: the later one.
        model_before: the model of the earlier period, a path of a model.json or a `Model`; where
            only one model is given, it places both periods.
        model_after: the model of the later period.
        value: the column of money; that of the model, or guessed from the first rows, when left
            out.
        id: the column that tells customers apart; that of the models, or the one in front of the
            labels, when left out.
        out: a folder for report, workbook, table and figure.
        min_cell: figures of fewer customers are not shown to people (report, workbook, figure,
            sentences, terminal, notebook); 1 shows all. `.flows`, `.table`, `.to_json()`, moves.csv
            and moves.json, which are for programs, hold them all.
        memory, threads, progress, reading: as in `segment`.

    Returns:
        `.flows` (each with `.amounts` and `.causes`), `.table` (a DataFrame), `.summary`,
        `.worries` (moves that take value away, the worst first), `.findings`, `.plot()`,
        `.to_json()`. Money is exact: `decimal.Decimal`, to a hundredth of a cent.

    Raises:
        InputError: a table has neither labels nor what a model needs, or there are no ids.
        OptionError: a column that was named is not there.
        OutputError: the results could not be written.

    >>> import pandas as pd, shoal
    >>> may = pd.DataFrame({"id": ["a", "b"], "segment": [1, 1], "spent": [9.5, 1.0]})
    >>> june = pd.DataFrame({"id": ["a", "c"], "segment": [2, 1], "spent": [4.25, 2.0]})
    >>> found = shoal.moves(may, june, value="spent")
    >>> [(f.start, f.end, str(f.amounts.change)) for f in found.flows]
    [(1, 2, '-5.25'), (1, None, '-1'), (None, 1, '2')]
    """
    check_names(moves, reading, ReadingOptions)
    models = _models(model_before, model_after)
    spare([*local_files(before), *local_files(after)], [] if out is None else [Path(out)])
    key = id or (models[0].segmentation.id_column if models else None)
    given = reading | {"id": key, "min_cell": min_cell}
    options = options_of(memory=memory, threads=threads, **given)
    noun = (models and noun_of(str(models[-1].about.get("noun")))) or CUSTOMER
    with limited(options.resources), listening(progress) as heard, speaking_of(noun):
        begin(heard, "reading")
        tables = [open_table(source, options.reading) for source in (before, after)]
        tables = _told_apart(tables, (before, after))
        made = moved(tables, models, id, value, heard, least=options.min_cell)
        made = dataclasses.replace(made, noun=noun)
        if out is not None:
            begin(heard, "writing")
            made.write(out)
    return made


def moved(
    tables: list[Table],
    models: tuple[KnownModel, ...],
    id: str | None,
    value: str | None,
    progress: Progress | None,
    *,
    least: int,
) -> Moves:
    """Who moved between two tables that were opened; as `moves` has it."""
    sides = _sides(tables, models, id, value)
    return _told(*sides, joined(*sides, progress), models, least)


def _models(before: Any, after: Any) -> tuple[KnownModel, ...]:
    """None, one for both periods, or two."""
    given = [known_model(each) for each in (before, after) if each is not None]
    if len(given) == 2 and model_id(given[0].segmentation) == model_id(given[1].segmentation):
        given = given[1:]  # the later one has the names of now
    return tuple(given)


# --- both periods ---------------------------------------------------------------------------------


def _told_apart(tables: list[Table], sources: tuple[Any, Any]) -> list[Table]:
    """Two files of one name, such as `customers.csv` of two folders, with their folders' names."""
    paths = [Path(source).absolute() for source in sources if isinstance(source, (str, Path))]
    if len(paths) < 2 or tables[0].name != tables[1].name:
        return tables
    pairs = zip(tables, paths, strict=True)
    return [dataclasses.replace(t, name=f"{path.parent.name}/{t.name}") for t, path in pairs]


def _sides(
    tables: list[Table], models: tuple[KnownModel, ...], id: str | None, value: str | None
) -> tuple[Side, Side]:
    placing = [each.segmentation for each in models]
    tables = [reduce(ready_for, placing, table) for table in tables]
    if not placing:
        for table in tables:
            _check_labelled(table)
    tables, column = _with_value(tables, models, value)
    own = (placing[0], placing[-1]) if placing else (None, None)
    others = (placing[1], placing[0]) if len(placing) == 2 else (None, None)
    keys = [_key(table, id, model) for table, model in zip(tables, own, strict=True)]
    kinds = [table.schema.field(key).type for table, key in zip(tables, keys, strict=True)]
    as_text = {str(kind) for kind in kinds} != {"int64"}
    first, second = (
        Side(table, key, column, model, other, as_text)
        for table, key, model, other in zip(tables, keys, own, others, strict=True)
    )
    return first, second


def _check_labelled(table: Table) -> None:
    if "segment" not in table.schema.names:
        other = option("model_before", "results/model.json")
        what = whoever_asks(
            shell=f"labelled customers, as `shoal assign` writes them, or the model: {other}",
            python=f"labelled customers, as `shoal.assign` writes them, or the model: {other}",
            page='the labelled customers under "Take away"',
        )
        raise InputError(f'{table.name} has no column "segment". Give {what}.')


def _key(table: Table, id: str | None, model: Segmentation | None) -> str:
    """The column of ids of a table."""
    have = table.schema.names
    if id is not None and id not in have:
        raise no_such_column(option("id"), id, table.name, have)
    labelled = have.index("segment") - 1 if "segment" in have else -1
    beside = have[labelled] if labelled >= 0 and have[labelled] != "row" else None
    of_model = model.id_column if model is not None and model.id_column in have else None
    key = id or of_model or beside or guess_id(have)
    if key is None:
        raise InputError(
            f"{table.name} has no column that tells customers apart, so that nobody can be "
            f"followed. If there is one, name it: {option('id', 'COLUMN')}."
        )
    return str(key)


def _with_value(
    tables: list[Table], models: tuple[KnownModel, ...], asked: str | None
) -> tuple[list[Table], str | None]:
    """Both tables with their column of money, made of others where it is; None: there is none."""
    if asked is not None:
        for table in tables:
            have = table.schema.names
            if asked not in have:
                raise no_such_column(option("value"), asked, table.name, have)
        return tables, asked
    for each in models:
        if _everywhere(each.about.get("value"), tables):
            return tables, str(each.about["value"])
    profile, _ = describe(_first_rows(tables[0]))
    made = tuple(each for each in profile.made if each.name == profile.value)
    needed = {column for each in made for column in each.columns}
    if made and all(needed <= {*table.schema.names} for table in tables):
        tables = [with_made(table, made) for table in tables]
    return tables, profile.value if _everywhere(profile.value, tables) else None


def _everywhere(column: Any, tables: list[Table]) -> bool:
    """Whether all tables have a column of numbers of this name."""
    return all(column in table.schema.names and holds_numbers(table, column) for table in tables)


def _first_rows(table: Table) -> Table:
    """The first batch of a table: enough to guess what its own columns stand for.

    Labels are none of its own: the margin of a customer is no money.
    """
    batch = next(table.batches(), None)
    if batch is None:
        raise InputError(f"{table.name} has no rows: nobody can be followed.")
    labels = {name for name, _ in LABELS}
    is_labelled = labels <= {*table.schema.names}
    own = [f for f in table.schema if not (is_labelled and f.name in labels)]
    return dataclasses.replace(
        table,
        schema=pa.schema(own),
        stream=lambda columns: iter([batch.select(columns)]),
        scan=None,
    )


# --- what is told ---------------------------------------------------------------------------------


def _told(
    before: Side, after: Side, found: Joined, models: tuple[KnownModel, ...], least: int
) -> Moves:
    same = same_segments(before, after, found.groups)
    back = {new: old for old, new in same.items()}
    shades = _shades(before, after, back)
    flows = tuple(flows_of(before, after, found, same))
    facts = MoveFacts(
        before=_rows(before, found.repeated.rows_before),
        after=_rows(after, found.repeated.rows_after),
        segments_before=seen_segments(before, same, shades[0]),
        segments_after=seen_segments(after, back, shades[1]),
        flows=flows,
        value=before.value,
        same_model=len(models) == 1,
        models=tuple(model_id(each.segmentation) for each in models),
        findings=tuple(_findings(before, after, found, flows)),
        least=least,
    )
    if any(facts.are_few(flow.amounts) for flow in flows):
        few = finding("few-moves", least=least)
        facts = dataclasses.replace(facts, findings=(*facts.findings, few))
    parts = {field.name: getattr(facts, field.name) for field in fields(facts)}
    said = {"summary": tuple(_summary(facts)), "worries": tuple(_worries(facts))}
    return Moves(**parts | said)


def _shades(
    before: Side, after: Side, back: Mapping[int, int]
) -> tuple[dict[int, str], dict[int, str]]:
    """The colours of the segments of both periods: those that are the same have the same."""
    old, own = _own_shades(before), _own_shades(after)
    new = {number: old[back[number]] for number in own if number in back}
    for number in own:
        taken = {*old.values(), *new.values()}
        free = (shade for shade in (own[number], *colours(MOST_SHADES)) if shade not in taken)
        new.setdefault(number, next(free, own[number]))
    return old, {number: new[number] for number in own}


def _own_shades(side: Side) -> dict[int, str]:
    if side.model is not None:
        return dict(zip(side.model.ids, side.model.colours, strict=True))
    numbers = names_of(side)
    every = colours(max(numbers, default=0))
    return {number: every[number - 1] for number in numbers}


def _rows(side: Side, repeated: int) -> RowsSeen:
    counts = side.counts
    customers = counts.rows - counts.without_id - repeated
    return RowsSeen(
        side.table.name,
        counts.rows,
        customers,
        counts.without_id,
        repeated,
        money_of(counts.parts),
    )


def _findings(
    before: Side, after: Side, found: Joined, flows: tuple[Flow, ...]
) -> Iterator[Finding]:
    repeated = found.repeated
    for side, ids, rows in (
        (before, repeated.ids_before, repeated.rows_before),
        (after, repeated.ids_after, repeated.rows_after),
    ):
        yield from side.table.findings
        name, counts = side.table.name, side.counts
        if rows:
            yield finding("repeated-ids", side.key, table=name, ids=ids, rows=rows)
        if counts.without_id:
            yield finding("rows-without-id", side.key, table=name, rows=counts.without_id)
        if counts.labels_differ:
            yield finding("labels-differ", table=name, rows=counts.labels_differ)
        if counts.unknown_money:
            yield finding("money-not-known", side.value, table=name, rows=counts.unknown_money)
    if found.respelled:
        yield finding("respelled-ids", after.key, ids=found.respelled)
    if not any(flow.kind in ("stayed", "moved") for flow in flows):
        yield finding("nobody-twice", before=before.table.name, after=after.table.name)
    if before.value is None:
        yield finding("moves-without-money")
    if before.model is None:
        yield finding("causes-not-told")


def _summary(facts: MoveFacts) -> Iterator[Statement]:
    kinds = {kind: facts.of_kind(kind) for kind in ("stayed", "moved", "departed", "arrived")}
    yield say("moves-seen", **{kind: each.customers for kind, each in kinds.items()})
    why = facts.why
    if why is not None and len(why) > 1 and kinds["moved"].customers:
        causes = {cause: each.customers for cause, each in why.items()}
        yield say("moves-why", least=facts.least, **causes)
    whole = facts.everybody
    if facts.value is not None and not facts.are_few(whole):
        money = {"before": whole.money_before, "after": whole.money_after}
        changes = {kind: facts.change_of(each) for kind, each in kinds.items()}
        yield say("moves-money", value=facts.value, least=facts.least, **money, **changes)


def _worries(facts: MoveFacts) -> Iterator[Statement]:
    """Moves and departures that take value away, the worst first."""
    if facts.value is None:
        return
    told = [flow for flow in facts.flows if not facts.are_few(flow.amounts)]
    worst = [f for f in told if f.kind in ("moved", "departed") and f.amounts.change < 0]
    for flow in worst[:MOST_WORRIES]:
        amounts = flow.amounts
        who = {"start": flow.start_name, "customers": amounts.customers, "value": facts.value}
        if flow.kind == "departed":
            yield say("moves-gone", before=amounts.money_before, **who)
            continue
        causes = {cause: each.customers for cause, each in (flow.causes or {}).items()}
        if facts.same_model and not causes.get("border"):
            causes = {}  # one model for both: it goes without saying
        money: dict[str, Decimal] = {
            "before": amounts.money_before,
            "after": amounts.money_after,
        }
        least = facts.least
        yield say("moves-away", end=flow.end_name, causes=causes, least=least, **who, **money)
