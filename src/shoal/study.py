"""What `segment` gives back: the facts, with doors to tables, figures, report and files."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.analysis.assign import Kept, label_here
from shoal.engine.made import with_made
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.options import Keep, ReadingOptions, check_names, options_of, renamed
from shoal.output.answer import Answer
from shoal.output.summary import about, segments_batch, summary
from shoal.sentences import say
from shoal.text.nouns import noun_of
from shoal.text.numbers import percent
from shoal.types import (
    CUSTOMER,
    Choice,
    Facts,
    Finding,
    Noun,
    Profile,
    Recipe,
    Reliability,
    Segmentation,
    SegmentProfile,
    Trust,
)

if TYPE_CHECKING:
    import pandas as pd

    from shoal.engine.worker import Workers
    from shoal.output.figures.plots import Plots


@dataclass(frozen=True)
class Model:
    """A saved segmentation: places customers, learns nothing.

    >>> import shoal                                                       # doctest: +SKIP
    >>> shoal.load("results/model.json").assign("new.csv")                 # doctest: +SKIP
    """

    segmentation: Segmentation
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.segmentation.k

    @property
    def names(self) -> tuple[str, ...]:
        """The segments' names, in the order of their ids."""
        return self.segmentation.names

    def rename(self, names: Mapping[int, str]) -> Model:
        """The same model with other names for some segments, by their numbers.

        Raises OptionError for a number that no segment has, and for a name that is empty, longer
        than 60 letters or that of another segment.

        >>> model = shoal.load("results/model.json")                       # doctest: +SKIP
        >>> model.rename({3: "Weekend families"}).save("results/model.json")  # doctest: +SKIP
        """
        told = renamed(self.names, names)
        noted = {**self.about}
        if len(noted.get("segments", ())) == len(told):
            rows = zip(noted["segments"], told, strict=True)
            noted["segments"] = [{**row, "name": name} for row, name in rows]
        return Model(replace(self.segmentation, names=told), noted)

    @property
    def noun(self) -> Noun:
        """What a row is called."""
        return noun_of(str(self.about.get("noun"))) or CUSTOMER

    def assign(
        self,
        new: Any,
        *,
        id: str | None = None,
        memory: str | int | None = None,
        threads: int | None = None,
        **reading: Any,
    ) -> pd.DataFrame:
        """Place customers: one row each with id, segment, name, runner_up, margin, unlike_anyone.

        `new` is anything that `segment` takes; `reading` are the reader's options (sep, decimal,
        …). Findings about the new rows are in `.attrs["findings"]`. Raises InputError when a needed
        column is missing or not of its kind.
        """
        from shoal.data import open_table
        from shoal.output.labels import placed_frame

        check_names(self.assign, reading, ReadingOptions)
        key = id or self.segmentation.id_column
        options = options_of(memory=memory, threads=threads, **reading | {"id": key})
        with limited(options.resources):
            table = open_table(new, options.reading)
            frame, notes = placed_frame(table, self.segmentation, id)
        frame.attrs["findings"] = notes
        return frame

    def save(self, path: str | Path) -> Path:
        """Write model.json: recipe, centres and names as plain JSON; no customer's row."""
        from shoal.output.atomic import replace_file
        from shoal.output.model_file import to_json

        return replace_file(Path(path), to_json(self.segmentation, self.about).encode())


class Study:
    """A segmentation with all that is known about it.

    `segments`, `choice`, `trust`, `portraits`, `profile`, `findings` hold the facts; `assign`,
    `plot`, `report`, `save` and `write` are the doors. It can be pickled and copied: everybody's
    label is in it.
    """

    def __init__(
        self,
        facts: Facts,
        places: Callable[[], Kept | None],
        table: Table | None,
        aside: Table | None = None,
    ) -> None:
        """`aside` are rows of orders that were set aside before there were customers."""
        self.facts, self._places, self._aside = facts, places, aside
        self._table = None if table is None else with_made(table, facts.profile.made)
        self._index = None if table is None else table.index
        self.outputs: dict[str, str] = {}  # what was written where

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the facts, and everybody's label with the id it belongs to."""
        kept = self._places()
        if kept is None and self._table is not None:
            kept = label_here(self._table, self.facts.segmentation)
        state = {"facts": self.facts, "kept": kept, "outputs": self.outputs}
        return {**state, "index": self._index}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = state["kept"]
        self.facts, self._places, self._table = state["facts"], lambda: kept, None
        self._aside, self._index = None, state["index"]
        self.outputs = state["outputs"]

    # --- facts

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.facts.segmentation.k

    @property
    def choice(self) -> Choice:
        """Every k that was tried, with the evidence, the reason, the runner-up.

        `choice.structure` is false when there is none.
        """
        return self.facts.choice

    @property
    def trust(self) -> Trust:
        """How far to believe each segment."""
        return self.facts.trust

    @property
    def reliability(self) -> Reliability:
        """How far to believe it all, in one table: kind of groups, k, and each segment's figures.

        It is what page, terminal, workbook and JSON speak from. `trust` holds the details.
        """
        return self.facts.reliability

    @property
    def portraits(self) -> tuple[SegmentProfile, ...]:
        """Each segment's name with its evidence, traits, rule, typical customers and action."""
        return self.facts.portraits

    @property
    def profile(self) -> Profile:
        """The data analysis of the table."""
        return self.facts.profile

    @property
    def recipe(self) -> Recipe:
        """How columns became numbers."""
        return self.facts.segmentation.recipe

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should know, about the table and about the result."""
        return self.facts.findings

    @cached_property
    def answer(self) -> Answer:
        """The first lines of every output: `answer.lines` says what was found and what to do first.

        `answer.everybody` holds the totals.
        """
        return Answer(self.facts)

    @property
    def inertia(self) -> float:
        """Sum of squared distances of all customers to their centres, in encoded units."""
        return self.facts.segmentation.inertia

    @property
    def silhouette(self) -> float | None:
        """Mean silhouette of the choice (over the sample); None for one segment."""
        return self.facts.segmentation.silhouette

    @cached_property
    def labels(self) -> npt.NDArray[np.int16]:
        """(n customers,) the id of each row's segment, in row order; 0 when it was set aside."""
        from shoal.output.labels import segment_of_each

        return segment_of_each(self._table, self._places(), self.facts.segmentation)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row a segment, by its id: name, size, shares, stability, verdict, rule, action."""
        frame: pd.DataFrame = segments_batch(self.facts).to_pandas().set_index("id")
        return frame

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row for each row read: id, segment, name, runner_up, margin, unlike_anyone.

        Of a pandas frame they have its index, so that `frame["segment"] = study.customers.segment`
        gives every customer their own.
        """
        from shoal.output.labels import customers_frame

        kept, model = self._places(), self.facts.segmentation
        return customers_frame(self._table, kept, model, self._index)

    # --- doors

    @property
    def model(self) -> Model:
        """What is needed to place customers, and all that is saved."""
        return Model(self.facts.segmentation, about(self.facts))

    def assign(self, new: Any, **options: Any) -> pd.DataFrame:
        """Place other customers by the same recipe; see `Model.assign`."""
        return self.model.assign(new, **options)

    def rename(self, names: Mapping[int, str]) -> Study:
        """The same study with other names for some segments, by their numbers.

        Report, labels, tables and model take them over. Raises as `Model.rename`.

        >>> study = study.rename({3: "Weekend families"})                  # doctest: +SKIP
        """
        told = renamed(self.facts.segmentation.names, names)
        portraits = tuple(
            replace(p, name=name, evidence=(say("name-asked", said=name),))
            if p.segment in names
            else p
            for p, name in zip(self.facts.portraits, told, strict=True)
        )
        segmentation = replace(self.facts.segmentation, names=told)
        facts = replace(self.facts, portraits=portraits, segmentation=segmentation)
        study = Study(facts, self._places, self._table, self._aside)
        study._index = self._index
        return study

    @property
    def plot(self) -> Plots:
        """Figures by name: `study.plot.map()`, `.sizes()`, `.profile()`, `.stability()` …"""
        from shoal.output.figures.plots import Plots

        return Plots(self.facts)

    def report(self, path: str | Path, *, show_ids: bool = False) -> Path:
        """Write the report: one HTML file that works offline.

        Reports are mailed: ids of customers stand in it only with `show_ids`.
        """
        from shoal.output.atomic import replace_file
        from shoal.output.report import illustrated

        return replace_file(Path(path), illustrated(self.facts, show_ids=show_ids).report.encode())

    def workbook(self, path: str | Path, *, keep: Keep = "all") -> Path:
        """Write an Excel workbook: summary with the map, every column, and a sheet a segment.

        Sheets of customers hold all columns of the table, or with `keep="id"` the ids alone, beside
        the labels; very large tables have none, which the summary then says (README tells the
        limits). It is written whole or not at all. Raises OutputError when it cannot be.

        >>> study.workbook("segments.xlsx")                            # doctest: +SKIP
        """
        from shoal.output.atomic import staged
        from shoal.output.figures import png
        from shoal.output.workbook import write_workbook

        goal = Path(path)
        with staged(goal.parent, [goal.name]) as folder:
            drawn = png(self.plot.map())
            write_workbook(self.facts, self._places, self._table, folder / goal.name, keep, drawn)
        return goal

    def save(self, path: str | Path) -> Path:
        """Write model.json; `shoal.load` reads it."""
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
        written.
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

        `?table=` names it. Returns the rows.

        Raises OutputError when they could not be written; the table is then as it was before.
        """
        from shoal.data.databases import redact, write_labels
        from shoal.output.labels import label_batches

        batches = label_batches(self._table, self._places(), self.facts.segmentation)
        rows = write_labels(url, batches, if_exists=if_exists)
        self.outputs["database"] = redact(url)
        return rows

    def summary(self) -> dict[str, Any]:
        """The result for machines: what `shoal segment --json` prints."""
        return summary(self.facts)

    def __repr__(self) -> str:
        names = ", ".join(f"{p.name} ({p.size:,})" for p in self.facts.portraits)
        kind = self.choice.structure.value
        groups = "no groups found" if kind == "none" else f"{kind} groups"
        return f"<shoal.Study of {self.facts.name}: {self.k} segments ({groups}): {names}>"

    def _repr_html_(self) -> str:
        shown = self.segments[["name", "size", "share", "verdict", "action"]]
        head = f"{self.facts.name}: {self.answer.found} {self.choice.reason}"
        return f"<p>{html.escape(head)}</p>" + shown.to_html(index=False, float_format=percent)
