"""From a source and checked options to a study."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import structs

from shoal.data import open_table
from shoal.engine.local import LocalEngine
from shoal.engine.progress import Progress, begin, listening
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.engine.worker import workers
from shoal.errors import no_such_column
from shoal.lifecycle.compare import compared
from shoal.lifecycle.given import KnownModel
from shoal.lifecycle.previous import Earlier, earlier_of, moves_since
from shoal.options import Options
from shoal.output.summary import about
from shoal.pipeline import Run, segmented, warm_up
from shoal.study.study import Study
from shoal.text.nouns import speaking_of
from shoal.text.options import option
from shoal.types import Comparison, OrderLines
from shoal.types.moves import Previous


def carried_out(source: Any, options: Options, given: Mapping[str, Any]) -> Study:
    """The study of a source by options that were checked, written where that was asked for."""
    out = given["out"]
    with (
        limited(options.resources),
        workers(given["processes"], warm_up) as pool,
        listening(given["progress"]) as heard,
    ):
        begin(heard, "reading")
        made_of = customers(source, options, given["orders"], keep_aside=out is not None)
        table, earlier = made_of.table, given["previous"]
        was = None if earlier is None else earlier_of(earlier)
        drift = None
        if was is not None:
            before, least = was.model.segmentation, options.min_cell
            drift = compared(table, before, None, heard, least=least)
        run = segmented(*made_of.steps, heard, pool)
        if was is not None and drift is not None:
            run = _since(run, was, drift, table, heard)
        study = Study(run, table, made_of.aside, table.backend)
        if out is not None:
            begin(heard, "writing")
            how = {"keep": options.keep, "show_ids": given["show_ids"], "force": given["force"]}
            study.write(out, **how, helper=pool)
    return study


def _since(
    run: Run, was: Earlier, drift: Comparison, table: Table, progress: Progress | None
) -> Run:
    """The run whose facts say what became of an earlier segmentation."""
    facts = run.facts
    now = KnownModel(facts.segmentation, about(facts))
    with speaking_of(facts.noun):
        moves = moves_since(was, table, now, progress, facts.least)
    if moves is not None:
        moves = dataclasses.replace(moves, noun=facts.noun)
    return dataclasses.replace(
        run, facts=dataclasses.replace(facts, previous=Previous(drift, moves))
    )


class MadeOf(NamedTuple):
    """A table of customers, the options that follow from it, and how it was made from orders."""

    table: Table
    options: Options
    words: tuple[str, ...] = ()
    lines: OrderLines | None = None
    aside: Table | None = None  # rows of orders that were set aside

    @property
    def steps(self) -> tuple[Table, Options, tuple[str, ...], OrderLines | None]:
        """What `segmented` begins from."""
        return self[:4]


def customers(source: Any, options: Options, orders: bool, keep_aside: bool) -> MadeOf:
    """The customers of a source, summed up from orders where that was asked for."""
    made_of = MadeOf(open_table(source, options.reading), options)
    if orders:
        from shoal.rfm.customers import customers_from_orders

        made = customers_from_orders(made_of.table, options.orders, keep_aside=keep_aside)
        roles, meanings = made.roles(options.roles), made.meanings(options.meanings)
        options = structs.replace(options, roles=roles, meanings=meanings)
        facts = made.facts
        backend = dataclasses.replace(made_of.table.backend, index=None)
        table = dataclasses.replace(made.table, backend=backend)
        made_of = MadeOf(table, options, facts.words, facts.lines, made.aside)
    if made_of.table.engine.here:  # a table that was read before may know other limits
        table = dataclasses.replace(made_of.table, engine=LocalEngine())
        made_of = made_of._replace(table=table)
    known_column(made_of.table, options.roles.id)
    return made_of


def known_column(table: Table, id: str | None) -> None:
    """Raise OptionError where the table lacks the column that is to be its id."""
    if id is not None and id not in table.schema.names:
        raise no_such_column(option("id"), id, table.name, table.schema.names)
