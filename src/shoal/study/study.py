"""What `segment` gives back: the facts, with doors to tables, figures, report and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shoal.analysis.assign import label_here
from shoal.engine.backend import Backend
from shoal.engine.made import with_made
from shoal.engine.table import Table
from shoal.options import Keep, check_segment, renamed
from shoal.output.palette import recoloured
from shoal.output.summary import about, summary
from shoal.pipeline import Run
from shoal.sentences import say
from shoal.study.known import StudyFacts
from shoal.study.lookup import row_of
from shoal.study.model import Model
from shoal.text.nouns import speaking_of
from shoal.types import (
    Action,
    Comparison,
    Explanation,
    Facts,
    NameCheck,
    Refresh,
)

if TYPE_CHECKING:
    import pandas as pd

    from shoal.engine.progress import Progress
    from shoal.engine.worker import Workers
    from shoal.exports.door import Exported
    from shoal.lifecycle.moves import Moves
    from shoal.output.figures.plots import Plots
    from shoal.output.report import Parts
    from shoal.scoring_sql.typing_tool import TypingTool


class Study(StudyFacts):
    """A segmentation with all that is known about it.

    `segments`, `choice`, `trust`, `portraits`, `profile`, `findings` hold the facts; `assign`,
    `plot`, `report`, `save` and `write` are the doors. It can be pickled and copied: everybody's
    label is in it.
    """

    def __init__(
        self, run: Run, table: Table | None, aside: Table | None, backend: Backend
    ) -> None:
        """`aside` are rows of orders that were set aside before there were customers.

        `backend` tells of what kind frames of its customers are.
        """
        facts, self._places, self._run = run.facts, run.kept, run
        self.facts, self._aside = facts, aside
        self._table = None if table is None else with_made(table, facts.profile.made)
        self._backend = backend
        self.outputs: dict[str, str] = {}  # what was written where

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the facts, and everybody's label with the id it belongs to."""
        kept = self._places()
        if kept is None and self._table is not None:
            kept = label_here(self._table, self.facts.segmentation)
        state = {
            "facts": self.facts,
            "kept": kept,
            "asked": self._run.asked,
            "outputs": self.outputs,
        }
        return {**state, "backend": self._backend}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = state["kept"]
        self.facts, self._places, self._table = state["facts"], lambda: kept, None
        self._aside, self._backend = None, state["backend"]
        self._run = Run(self.facts, self._places, state["asked"])
        self.outputs = state["outputs"]

    @cached_property
    def customers(self) -> Any:
        """One row for each row read: id, segment, name, runner_up, margin, unlike_anyone.

        It is of the kind that the table was: Polars, Arrow, a DuckDB relation, a Spark DataFrame
        (labelled on the cluster, nothing is collected), else pandas. Of a frame of pandas it has
        the index, so that `frame["segment"] = study.customers.segment` gives every customer their
        own.
        """
        from shoal.output.labels import customers_frame

        kept, model = self._places(), self.facts.segmentation
        return customers_frame(self._table, kept, model, self._backend)

    # --- doors

    @property
    def model(self) -> Model:
        """What is needed to place customers, and all that is saved."""
        return Model(self.facts.segmentation, about(self.facts))

    def assign(self, new: Any, **options: Any) -> Any:
        """Place other customers by the same recipe; see `Model.assign`."""
        return self.model.assign(new, **options)

    def compare(self, new: Any, **options: Any) -> Comparison:
        """Have customers shifted since, and does it matter? See `Model.compare`."""
        return self.model.compare(new, **options)

    def to_sql(self, dialect: str, **options: Any) -> str:
        """One SQL statement that places customers as `assign` does; see `Model.to_sql`."""
        return self.model.to_sql(dialect, **options)

    def typing_tool(self, source: Any, **options: Any) -> TypingTool:
        """The fewest questions that place a new customer; see `Model.typing_tool`."""
        return self.model.typing_tool(source, **options)

    def export(self, to: str, path: str | Path) -> Exported:
        """Write the model in the format of others; see `Model.export`."""
        return self.model.export(to, path)

    def write_sql(self, out: str | Path, dialect: str, **options: Any) -> dict[str, str]:
        """Write that statement into a file; see `Model.write_sql`."""
        return self.model.write_sql(out, dialect, **options)

    def moves(self, before: Any, after: Any, **options: Any) -> Moves:
        """Who moved between two periods, both placed by this model; see `shoal.moves`.

        Another `model_before` or `model_after` may be given for one of the periods.
        """
        from shoal.lifecycle.moves import moves

        placing = {"model_before": self.model, "model_after": self.model} | options
        return moves(before, after, **placing)

    def encode(self, new: Any, **options: Any) -> Any:
        """Customers as the numbers that segments are formed on; see `Model.encode`."""
        return self.model.encode(new, **options)

    def refresh(self, new: Any, **options: Any) -> Refresh:
        """The same segments on other customers, such as next month's; see `Model.refresh`."""
        return self.model.refresh(new, **options)

    def with_k(self, k: int, *, progress: Progress | None = None) -> Study:
        """The study of the same table with another number of segments, from what is known already.

        It is what `shoal.segment` finds with the same options and this k, to the digit, without
        reading the table for its columns and looking at other numbers again. What is left is what
        tells of this k alone: its segments are searched again on a hundred resamples, and all rows
        are placed. That is a fifth to a third of the run with few customers, and a half and more
        with tens of thousands; a twentieth where this number was examined before, and the rows are
        few. Names that a person gave do not come along: they are those of other segments.
        Raises OptionError for a number that does not fit the table, InputError where its rows are
        here no more (of a study that was pickled).

        >>> study.with_k(4).answer.lines                                   # doctest: +SKIP
        """
        from shoal.engine.progress import listening
        from shoal.engine.resources import limited
        from shoal.engine.worker import Workers
        from shoal.options import options_of
        from shoal.pipeline import with_other_k

        fit = options_of(k=k).fit  # checked as it is elsewhere
        with limited(self._run.asked.options.resources), listening(progress) as heard:
            run = with_other_k(self._run, fit.k or k, heard, Workers())
        return self._of_same_rows(run)

    def renamed(self, names: Mapping[int, str]) -> Study:
        """The same study with other names for some segments, by their numbers.

        Report, labels, tables and model take them over. Raises as `Model.renamed`.

        >>> study = study.renamed({3: "Weekend families"})                 # doctest: +SKIP
        """
        told = renamed(self.facts.segmentation.names, names, self.facts.segmentation.ids)
        portraits = tuple(
            replace(p, name=name, evidence=(say("name-asked", said=name),)) if name != p.name else p
            for p, name in zip(self.facts.portraits, told, strict=True)
        )
        segmentation = replace(self.facts.segmentation, names=told)
        facts = replace(self.facts, portraits=portraits, segmentation=segmentation)
        if facts.previous is not None:  # what is said of moves has the names of before
            facts = replace(facts, previous=replace(facts.previous, moves=None))
        return self._with(facts)

    def check_name(self, segment: int, name: str) -> NameCheck:
        """Whether a name that somebody proposes for a segment is true of it, by its figures.

        Words of direction ("big", "low", "most frequent", "lapsed" …) are held against the columns
        that the name speaks of; `.holds`, `.contradicted` and `.lines` tell with the numbers, and
        `.unchecked` holds the words that no column speaks of. English words are understood, and
        those of the table's own headers and categories. Raises OptionError for a number that no
        segment has, and a name that no segment may have.

        >>> study.check_name(2, "Big spenders").lines                      # doctest: +SKIP
        """
        from shoal.interpret import check_name

        return check_name(self.facts, self._run.asked.playbook, segment, name)

    def recoloured(self, colours: Mapping[int, str]) -> Study:
        """The same study with other colours for some segments, by their numbers.

        Figures, report, workbook and model take them over. Raises as `Model.recoloured`.

        >>> study = study.recoloured({3: "#aa3377"})                       # doctest: +SKIP
        """
        segmentation = self.facts.segmentation
        shades = recoloured(segmentation.colours, colours, segmentation.ids)
        segmentation = replace(segmentation, colours=shades)
        return self._with(replace(self.facts, segmentation=segmentation))

    def plays(self, segment: int) -> tuple[Action, ...]:
        """Every play of the playbook as it would be for a segment, by its number.

        They are what `with_action` may choose from. Those whose figures ask for them come first; of
        the others (`fits` is false) the title is all that is said, since their sentences would not
        be true. Raises OptionError for a number that no segment has.

        >>> [play.title for play in study.plays(2) if play.fits]           # doctest: +SKIP
        """
        from shoal.interpret import actions

        place = check_segment(segment, self.facts.segmentation.ids)
        with speaking_of(self.facts.noun):
            return actions(self.facts, self._run.asked.playbook, place)

    def with_action(self, plays: Mapping[int, str]) -> Study:
        """The same study with other actions for some segments, by their numbers.

        `plays` are keys of the playbook, as `study.plays(2)` has them in `.play`. Raises
        OptionError for a number that no segment has, and a key that no play has.

        >>> study = study.with_action({2: "win-back"})                     # doctest: +SKIP
        """
        from shoal.interpret import with_actions

        with speaking_of(self.facts.noun):
            portraits = with_actions(self.facts, self._run.asked.playbook, plays)
        return self._with(replace(self.facts, portraits=portraits))

    def _with(self, facts: Facts) -> Study:
        """A study of the same rows and labels."""
        return self._of_same_rows(replace(self._run, facts=facts))

    def _of_same_rows(self, run: Run) -> Study:
        return Study(run, self._table, self._aside, self._backend)

    def explain(self, id: str | int) -> Explanation:
        """Why a customer is in their segment: the margin, the runner-up, what each column pulls.

        `id` is that of the table, or the row number from 1 where it has none. Raises InputError
        when there is no such customer, one was set aside, or the rows are here no more (of a study
        that was pickled only the sample is).

        >>> study.explain("C-1042").pulls[0].text                          # doctest: +SKIP
        """
        from shoal.analysis.explain import explanation

        row = row_of(self.facts, self._table, id)
        with speaking_of(self.facts.noun):
            return explanation(row, id, self.facts.segmentation)

    def members(
        self, segment: int, *, order: Literal["typical", "border"] = "typical", most: int = 20
    ) -> pd.DataFrame:
        """Customers of a segment, by its number: their runner-up, margin and columns.

        `order` says which come first: the "typical" ones, nearest to the centre, or those nearest
        to the "border" with another segment. They are taken from the sample, which is everybody in
        tables of up to 20,000 customers. Raises OptionError for what is no segment or order.

        >>> study.members(2, order="border", most=5)                       # doctest: +SKIP
        """
        from shoal.output.members import members

        check_segment(segment, self.facts.segmentation.ids)
        frame: pd.DataFrame = members(self.facts, segment, order, most).to_pandas()
        return frame

    @property
    def plot(self) -> Plots:
        """Figures by name: `study.plot.map()`, `.sizes()`, `.profile()`, `.stability()` …"""
        from shoal.output.figures.plots import Plots

        return Plots(self.facts)

    def explorable(self, *, ids: bool = False) -> dict[str, Any]:
        """What the page lets a person point at, as plain JSON types.

        `segments` (number, name, colour, what is said of each), `columns` (each with its texts and
        effects by segment) and `map`: up to 2,000 customers and all centres in a square of 1,000,
        with axes; None where one column forms the segments. `ids` tells whose dots they are.

        >>> study.explorable()["map"]["centres"]                           # doctest: +SKIP
        """
        from shoal.output import comparison
        from shoal.output.report.live import explorable

        return explorable(self.facts, comparison.lines(self.facts), show_ids=ids)

    def report(
        self, path: str | Path, *, show_ids: bool = False, moves: Moves | None = None
    ) -> Path:
        """Write the report: one HTML file that works offline.

        Reports are mailed: ids of customers stand in it only with `show_ids`. `moves`, as
        `shoal.moves` gives them, have a section of their own. Returns the path. Raises OutputError
        when it could not be written.
        """
        from shoal.output.atomic import replace_file
        from shoal.output.moves_report import moves_since, section
        from shoal.output.report import illustrated

        told = section(moves or moves_since(self.facts))
        pages = illustrated(self.facts, show_ids=show_ids, moves=told)
        return replace_file(Path(path), pages.report.encode())

    def one_page(self, path: str | Path) -> Path:
        """Write the answer, the table of segments and the map on one page of HTML, to print.

        Returns the path. Raises OutputError when it could not be written.
        """
        from shoal.output.atomic import replace_file
        from shoal.output.figures import png
        from shoal.output.report import render_summary

        page = render_summary(self.facts, {"map": png(self.plot.map())})
        return replace_file(Path(path), page.encode())

    def parts(self, *, show_ids: bool = False) -> Parts:
        """The report in pieces of HTML without pictures, for pages that show them beside their own.

        They need `shoal.report_style()`; `shoal.report_script()` makes them live on a page that
        holds all of them and `.block` as JSON in an element with the id "facts".

        >>> study.parts().cards[0]                                         # doctest: +SKIP
        """
        from shoal.output.report import parts

        return parts(self.facts, show_ids=show_ids)

    def workbook(self, path: str | Path, *, keep: Keep = "all", moves: Moves | None = None) -> Path:
        """Write an Excel workbook: summary with the map, every column, and a sheet a segment.

        Sheets of customers hold all columns of the table, or with `keep="id"` the ids alone, beside
        the labels; very large tables have none, which the summary then says (README tells the
        limits). `moves`, as `shoal.moves` gives them, have a sheet of their own. It is written
        whole or not at all. Raises OutputError when it cannot be.

        >>> study.workbook("segments.xlsx")                            # doctest: +SKIP
        """
        from shoal.output.atomic import staged
        from shoal.output.figures import png
        from shoal.output.moves_report import moves_since
        from shoal.output.workbook import write_workbook

        goal = Path(path)
        with staged(goal.parent, [goal.name]) as folder:
            drawn = png(self.plot.map())
            target = folder / goal.name
            told = moves or moves_since(self.facts)
            write_workbook(self.facts, self._places, self._table, target, keep, drawn, told)
        return goal

    def write_customers(self, path: str | Path, *, keep: Keep = "all") -> Path:
        """Write the labelled customers as .csv or .parquet, whole or not at all.

        `keep` is as in `write`. Raises OutputError when they could not be written.

        >>> study.write_customers("customers.csv")                         # doctest: +SKIP
        """
        from shoal.output.atomic import staged
        from shoal.output.identity import beside, write_beside
        from shoal.output.labels import write_labelled

        goal, facts = Path(path), self.facts
        near = beside(goal)
        names = [goal.name] if near is None else [goal.name, near.name]
        with staged(goal.parent, names) as folder:
            target, rows = folder / goal.name, facts.rows_read
            write_labelled(self._table, self._places, facts.segmentation, target, rows, keep)
            write_beside(target, facts.segmentation)
        return goal

    def save(self, path: str | Path) -> Path:
        """Write model.json; `shoal.load` reads it. Raises OutputError when it cannot be written."""
        return self.model.save(path)

    def write(
        self,
        out: str | Path,
        *,
        keep: Keep = "all",
        show_ids: bool = False,
        force: bool = False,
        helper: Workers | None = None,
    ) -> dict[str, str]:
        """Write report, workbook, labelled customers, segments, figures and model into a folder.

        It is written whole or not at all. Returns what is where. Ids of customers stand in the
        report only with `show_ids`.

        `keep` says which columns of the table stand beside the labels: "all" of them, or the "id"
        alone. Files of these names that are not shoal's are replaced only with `force`: a folder of
        shoal's own is known by its model. A `helper` is a process that draws while labels are
        written. Raises OptionError for a folder that results cannot go to, OutputError when they
        could not be written.
        """
        from shoal.engine.worker import Workers
        from shoal.output.folder import write_study

        self.outputs = write_study(
            self.facts,
            self._places,
            self._table,
            Path(out),
            keep,
            helper or Workers(),
            show_ids=show_ids,
            force=force,
            aside=self._aside,
        )
        return self.outputs

    def to_database(
        self, url: str, *, if_exists: Literal["fail", "replace", "append"] = "fail"
    ) -> int:
        """Write the labelled customers into a database table, whole or not at all.

        `?table=` names it. Behind the labels stands `model_id`, which tells the model of each row
        where others are appended later. Returns the rows.

        Raises OutputError when they could not be written; the table is then as it was before.
        """
        from shoal.data.databases import redact, write_labels
        from shoal.output.labels import label_batches, with_model_id

        model = self.facts.segmentation
        batches = with_model_id(label_batches(self._table, self._places(), model), model)
        rows = write_labels(url, batches, if_exists=if_exists)
        self.outputs["database"] = redact(url)
        return rows

    def summary(self) -> dict[str, Any]:
        """The result for machines: what `shoal segment --json` prints."""
        return summary(self.facts)

    def __repr__(self) -> str:
        names = ", ".join(f"{p.name} ({p.size:,})" for p in self.facts.portraits)
        groups = self.choice.structure.groups
        return f"<shoal.Study of {self.facts.name}: {self.k} segments ({groups}): {names}>"

    def _repr_html_(self) -> str:
        from shoal.output.notebook import study_html

        return study_html(self.facts)
