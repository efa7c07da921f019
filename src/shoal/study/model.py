"""What is saved of a segmentation, and places customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from shoal.engine.resources import limited
from shoal.options import Keep, Names, ReadingOptions, check_names, options_of, renamed
from shoal.output.palette import recoloured
from shoal.text.nouns import noun_of, speaking_of
from shoal.types import CUSTOMER, Comparison, Finding, Noun, Refresh, Segmentation

if TYPE_CHECKING:
    import datetime as dt

    from shoal.engine.progress import Progress
    from shoal.exports.door import Exported
    from shoal.scoring_sql.typing_tool import TypingTool

SHOWN = 6  # names of segments in one line


class Placed(list[dict[str, Any]]):
    """What `Model.place` gives: one answer a record, and what is odd about the records."""

    def __init__(self, rows: Sequence[dict[str, Any]], findings: tuple[Finding, ...]) -> None:
        super().__init__(rows)
        self.findings = findings


@dataclass(frozen=True)
class Model:
    """A saved segmentation: places customers, learns nothing.

    >>> import shoal                                                       # doctest: +SKIP
    >>> shoal.load("results/model.json").assign("new.csv")                 # doctest: +SKIP
    """

    segmentation: Segmentation
    about: dict[str, Any] = field(default_factory=dict)
    _refreshed_by: ClassVar[Callable[[Model, Any, Mapping[str, Any]], Refresh]]

    @classmethod
    def refreshed_by(cls, door: Callable[[Model, Any, Mapping[str, Any]], Refresh]) -> None:
        """From now on models are refreshed by this function, which knows studies."""
        cls._refreshed_by = staticmethod(door)

    def __repr__(self) -> str:
        names = ", ".join(self.names[:SHOWN]) + (", …" if self.k > SHOWN else "")
        return f"<shoal.Model of {self.k} segments: {names}>"

    def _repr_html_(self) -> str:
        from shoal.output.notebook import model_html

        return model_html(self.segmentation, self.about)

    @property
    def id(self) -> str:
        """What tells the model from others that place customers otherwise: 16 letters.

        It stands in every output, and stays when a segment gets another name.
        """
        from shoal.output.identity import model_id

        return model_id(self.segmentation)

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.segmentation.k

    @property
    def names(self) -> tuple[str, ...]:
        """The segments' names, in the order of their ids."""
        return self.segmentation.names

    @property
    def ids(self) -> tuple[int, ...]:
        """The segments' numbers, ascending: 1 to k, until a refresh leaves a gap where one went."""
        return self.segmentation.ids

    @property
    def colours(self) -> tuple[str, ...]:
        """The segments' colours as #rrggbb, in the order of their ids."""
        return self.segmentation.colours

    def renamed(self, names: Mapping[int, str]) -> Model:
        """The same model with other names for some segments, by their numbers.

        Raises OptionError for a number that no segment has, and for a name that is empty, longer
        than 60 letters or that of another segment.

        >>> model = shoal.load("results/model.json")                       # doctest: +SKIP
        >>> model.renamed({3: "Weekend families"}).save("results/model.json")  # doctest: +SKIP
        """
        told = renamed(self.names, names, self.ids)
        noted = {**self.about}
        if len(noted.get("segments", ())) == len(told):
            rows = zip(noted["segments"], told, strict=True)
            noted["segments"] = [{**row, "name": name} for row, name in rows]
        return Model(replace(self.segmentation, names=told), noted)

    def recoloured(self, colours: Mapping[int, str]) -> Model:
        """The same model with other colours for some segments, by their numbers.

        Raises OptionError for a number that no segment has, for what is no colour, one that is
        hardly seen on white, and that of another segment.

        >>> model.recoloured({3: "#aa3377"}).save("results/model.json")    # doctest: +SKIP
        """
        shades = recoloured(self.colours, colours, self.ids)
        return replace(self, segmentation=replace(self.segmentation, colours=shades))

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
    ) -> Any:
        """Place customers: one row each with id, segment, name, runner_up, margin, unlike_anyone.

        `new` is anything that `segment` takes; `reading` are the reader's options (sep, decimal,
        …). The rows come back as a frame of the kind that `new` is: Polars, Arrow, a DuckDB
        relation, a Spark DataFrame (labelled on the cluster), else pandas, with the index.
        Findings about them are in `.attrs["findings"]` of pandas; of other kinds what is more than
        a note is warned of.
        Raises InputError when a needed column is missing or not of its kind.
        """
        from shoal.data import open_table
        from shoal.data.native import with_findings
        from shoal.output.labels import placed_frame

        check_names(self.assign, reading, ReadingOptions)
        key = id or self.segmentation.id_column
        options = options_of(memory=memory, threads=threads, **reading | {"id": key})
        with limited(options.resources):
            table = open_table(new, options.reading)
            frame, notes = placed_frame(table, self.segmentation, id)
        return with_findings(frame, notes)

    def encode(
        self,
        new: Any,
        *,
        memory: str | int | None = None,
        threads: int | None = None,
        **reading: Any,
    ) -> Any:
        """Customers as numbers (n customers, d features): what centroids are nearest to.

        Each column is filled, logged, scaled and weighted as `recipe` says, none drawn in; of a
        column of words each word is a feature, such as `plan_Basic`. Who has no value in any of the
        columns has NaN in all features: they cannot be placed. `new`, the options, the kind of
        frame that comes back and what is raised are as of `assign`.

        >>> model.encode("new.csv").columns                                # doctest: +SKIP
        """
        from shoal.data import open_table
        from shoal.output.encoded import encoded

        check_names(self.encode, reading, ReadingOptions)
        options = options_of(memory=memory, threads=threads, **reading)
        with limited(options.resources):
            return encoded(open_table(new, options.reading), self.segmentation)

    def place(self, records: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]]) -> Placed:
        """Place customers that a program holds, one mapping of columns to values each.

        The answers are those of `assign` for the same values: id (`row` where there is none),
        segment, name, runner_up, margin, unlike_anyone. One customer takes about a
        millisecond. A column that one record lacks is a missing value where another has it; other
        columns than the model needs are left alone. Numbers are numbers, dates are dates or text in
        ISO 8601. Many are placed faster as one mapping of columns to lists, with one value a
        customer each.

        Raises InputError where there is no record, no record has a column that is needed, a column
        is not of its kind, or columns are no lists of one length.

        >>> model.place([{"spent": 12.5, "visits": 3}])[0]["name"]         # doctest: +SKIP
        'Low spent, low visits'
        """
        from shoal.analysis.records import table_of
        from shoal.output.labels import placed_records

        rows, notes = placed_records(table_of(records, self.segmentation), self.segmentation)
        return Placed(rows, notes)

    def compare(
        self,
        new: Any,
        *,
        old: Any = None,
        id: str | None = None,
        min_cell: int = 5,
        memory: str | int | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
        **reading: Any,
    ) -> Comparison:
        """Have customers shifted since the segments were formed, by more than chance, and enough?

        Each column that forms segments is compared by the population stability index and the
        Wasserstein distance in its own units, with what chance alone does between samples of these
        sizes; so are missing values, new words, the segments' shares, distances to the centres and
        the share unlike anyone. `.alarm` asks for both: more than chance explains (false in at most
        5 of 100 comparisons, however many columns), and enough to matter (docs/drift-and-moves.md
        says how much that is). `.verdict` says it in words.

        `new` is anything that `segment` takes. It is compared with those who formed the model, or
        with the customers of `old` where given. Figures of a column that is known of fewer than
        `min_cell` customers are None. `id` and `reading` are as in `assign`.

        Raises InputError when a needed column is missing or not of its kind, or the model keeps
        nothing to compare with (one that an older shoal wrote) and there is no `old`.

        >>> model.compare("march.csv").verdict                             # doctest: +SKIP
        'No drift: nothing that was looked at has shifted enough to matter (…).'
        """
        from shoal.data import open_table
        from shoal.engine.progress import begin, listening
        from shoal.lifecycle.compare import compared

        check_names(self.compare, reading, ReadingOptions)
        key = id or self.segmentation.id_column
        given = reading | {"id": key, "min_cell": min_cell}
        options = options_of(memory=memory, threads=threads, **given)
        model, least = replace(self.segmentation, id_column=key), options.min_cell
        with limited(options.resources), listening(progress) as heard, speaking_of(self.noun):
            begin(heard, "reading")
            before = None if old is None else open_table(old, options.reading)
            table = open_table(new, options.reading)
            return compared(table, model, before, heard, least=least)

    def to_sql(
        self,
        dialect: str,
        *,
        table: str = "customers",
        as_: str = "select",
        name: str = "segments",
        id: str | None = None,
        rules: bool = False,
    ) -> str:
        """One SQL statement that places the customers of a table where it lives, as `assign` does.

        Args:
            dialect: duckdb, postgres, mysql (and MariaDB), sqlite, spark, bigquery, snowflake,
                redshift, tsql, databricks or trino.
            table: the table, with its schema in front where there is one ("shop.customers"); of
                "dbt" the model or source.table that it refers to.
            as_: "select" for the statement alone, "view" for one that makes a view of it, "dbt"
                for the text of a model of dbt (`dbt_schema` gives its schema.yml).
            name: what the view is called.
            id: the column that tells customers apart; that of the model when left out. Where there
                is none, the columns that are read stand beside the labels.
            rules: the short version: the rules of the segments in place of the centroids. It gives
                segment and name alone, and says in its first line how far it does what `assign`
                does (`rules_agree` has the numbers).

        Returns:
            The text: id, segment, name, runner_up, margin and unlike_anyone of each row. Segment,
            runner-up and flag are those of `assign` for every row; a margin may differ by 0.0001.

        Raises OptionError for a dialect that is not known, and for a model or a column that it
        cannot hold.

        >>> print(model.to_sql("duckdb", table="customers"))               # doctest: +SKIP
        """
        from shoal.scoring_sql.rules import rules_of
        from shoal.scoring_sql.written import to_sql

        told = rules_of(self.about) if rules else None
        model = self.segmentation
        return to_sql(model, dialect, table=table, as_=as_, name=name, id=id, rules=told)

    @property
    def rules_agree(self) -> dict[str, Any]:
        """How far the rules of the segments do what `assign` does: shares of so many customers.

        `agree` is the share for whom they say the same, `none` the share for whom no rule holds,
        of `customers`, who were not used to make them where `held_out` is true. Raises InputError
        for a model that an older shoal wrote.
        """
        from shoal.scoring_sql.rules import rules_of

        told = rules_of(self.about)
        names = ("agree", "none", "customers", "held_out")
        return {name: getattr(told, name) for name in names}

    def dbt_schema(self, *, name: str = "segments", id: str | None = None) -> str:
        """The schema.yml of the model of dbt that `to_sql(as_="dbt")` gives: columns and tests.

        >>> print(model.dbt_schema())                                      # doctest: +SKIP
        """
        from shoal.scoring_sql.dbt import schema_yml

        return schema_yml(self.segmentation, name, id)

    def write_sql(self, out: str | Path, dialect: str, **options: Any) -> dict[str, str]:
        """Write the statement of `to_sql`, whose options these are, into a file.

        Of `as_="dbt"` the schema.yml stands beside it; `out` may be a folder then. Returns what is
        where. Raises OptionError as `to_sql` does, and where another schema.yml is there already.

        >>> model.write_sql("models/segments.sql", "snowflake", as_="dbt")  # doctest: +SKIP
        """
        from shoal.scoring_sql.dbt import write_sql

        return write_sql(self.to_sql(dialect, **options), self.segmentation, Path(out), options)

    def export(self, to: str, path: str | Path) -> Exported:
        """Write the model in the format of others, where it places customers without shoal.

        Args:
            to: "onnx" (a graph in double precision, for any runtime of ONNX) or "pmml" (PMML 4.4, a
                clustering model): both give segment, name, runner_up, margin and unlike_anyone as
                `assign` does. "sklearn": a pipeline of scikit-learn's own transformers, saved by
                skops, whose `predict` gives the segment's number.
            path: the file; one that is there is replaced.

        Returns:
            `.inputs` (the columns to give it, and whether as numbers or as words), `.labels` (the
            names of what it gives), `.not_carried` (what `assign` says and it does not),
            `.without_values`, `.says`, `.model_id`, which is in the file as well, `.to_json()`.

        Raises OptionError, with nothing written, for what a format cannot carry (days that are
        counted from dates; of scikit-learn sums of columns), and where "onnx" or "sklearn" want
        packages that are not installed: pip install 'shoal[export]'.

        >>> model.export("onnx", "segments.onnx").says                     # doctest: +SKIP
        'It gives segment, name, runner_up, margin, unlike_anyone as assign does.'
        """
        from shoal.exports.door import export

        return export(self.segmentation, to, path)

    def refresh(
        self,
        new: Any,
        *,
        old: Any = None,
        out: str | Path | None = None,
        refit: bool = False,
        orders: bool = False,
        id: str | None = None,
        date: str | dt.date | None = None,
        keep: Keep = "all",
        show_ids: bool = False,
        min_cell: int = 5,
        force: bool = False,
        noun: str | None = None,
        mute: Names = None,
        playbook: str | Path | None = None,
        one_row_a_customer: bool = False,
        memory: str | int | None = None,
        threads: int | None = None,
        processes: int = 1,
        progress: Progress | None = None,
        **reading: Any,
    ) -> Refresh:
        """The same segments on the customers of now: kept where they serve, else fitted again.

        Segments of before keep their ids, names (people's renames among them), colours and order;
        columns keep their meanings and roles. Where the old centroids are about as near to the new
        customers as those of a new fit, and each segment is found again, nothing is fitted:
        `.refitted` is false, and labels are those of `assign`. Else new segments are matched to old
        ones by the customers they share and by their centroids, and `.segments` tells each one's
        fate: kept, moved, split, merged, born or gone. An id that went is never given again.

        Args:
            new: the table of now, as `segment` takes it; one row a customer, or orders.
            old: the customers of before, labelled by this model or to be placed by it: then
                segments are matched by the ids that both tables share. Else the model places the
                new customers.
            out: a folder for what `segment` writes, and crosswalk.csv.
            refit: fit again even where the old segments serve.
            orders: rows are orders or order lines: they are summed up to customers first.
            date: the day from which days since and until are counted, as in `segment`.
            id, keep, show_ids, min_cell, force, noun, mute, playbook, one_row_a_customer,
            memory, threads, processes, progress, reading: as in `segment`.

        Returns:
            The refresh: `.refitted`, `.verdict` (why, with the numbers), `.segments`, `.crosswalk`,
            `.study` (of the new customers), `.model`, `.to_json()`.

        Raises:
            InputError: the table lacks a column that the model needs, and none has evidently its
                place; or `old` was labelled by another model.

        >>> model.refresh("july.csv", out="july").verdict                  # doctest: +SKIP
        'No need to refit: …'
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "new")}
        return type(self)._refreshed_by(self, new, given)

    def typing_tool(
        self,
        source: Any,
        *,
        questions: int = 10,
        sure: float = 0.9,
        id: str | None = None,
        memory: str | int | None = None,
        threads: int | None = None,
        **reading: Any,
    ) -> TypingTool:
        """The fewest questions that place a new customer, by points that are added up by hand.

        Each question is a column that forms segments or describes customers, its answers a few
        ranges or words (naive Bayes with rounded points; questions are added one by one, the one
        that places most customers next, as long as it brings a percent). Points are learned on
        three fifths of a sample of up to 20,000 customers, chosen on a fifth, and measured on the
        last fifth.

        Args:
            source: customers with the columns that formed the segments, as `segment` takes them;
                at least 100 who can be placed.
            questions: how many to try at most.
            sure: the share of those who are placed that shall be placed rightly: where the best
                segment leads by too few points for that, the tool abstains.
            id, memory, threads, reading: as in `assign`.

        Returns:
            `.questions`, `.curve` (accuracy against the number of questions), `.accuracy`,
            `.accuracy_placed` and `.placed` (with the right to abstain), `.says`; `.html()` is a
            form to print, `.to_json()`, `.to_sql(dialect)`, `.write(folder)`.

        Raises InputError where customers are too few or no column tells segments apart.

        >>> model.typing_tool("customers.csv").write("tool")               # doctest: +SKIP
        """
        from shoal.data import open_table
        from shoal.scoring_sql.typing_tool import typing_tool

        check_names(self.typing_tool, reading, ReadingOptions)
        key = id or self.segmentation.id_column
        options = options_of(memory=memory, threads=threads, **reading | {"id": key})
        with limited(options.resources), speaking_of(self.noun):
            table = open_table(source, options.reading)
            return typing_tool(table, self.segmentation, questions, sure)

    def save(self, path: str | Path) -> Path:
        """Write model.json: recipe, centres and names as plain JSON; no customer's row.

        Returns the path. Raises OutputError when it cannot be written.
        """
        from shoal.output.atomic import replace_file
        from shoal.output.model_file import to_json

        return replace_file(Path(path), to_json(self.segmentation, self.about).encode())
