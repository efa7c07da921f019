"""What people see in the terminal: tables of segments and columns, findings, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.markup import escape as without_markup
from rich.table import Table

from shoal import Study, as_json, codes, percent, showable
from shoal.cli.command import OF_ROWS, QUIET, asked_for

_BARS = " ▁▂▃▄▅▆▇█"
_MARKS = {"error": "[red]error[/]", "warning": "[yellow]note[/]", "info": "info"}
MOST_SHOWN = 5  # columns of findings of one kind


def screen_of_output() -> Console:
    """Plain and wide enough where output goes to a file or pipe; silent with -q."""
    width = None if sys.stdout.isatty() else 140
    return Console(width=width, highlight=False, quiet=asked_for(QUIET))


def escape(text: str) -> str:
    """A text of a table's as it may be shown: no markup, no characters that steer a terminal."""
    return without_markup(showable(text))


class ProgressLine:
    """One line on stderr with the step, rows per second and time left.

    Silent in the first second.
    """

    def __init__(self) -> None:
        self.started = self.step_started = time.monotonic()
        self.step = ""
        self.status: Any = None

    def show(self, step: str, rows: int, total: int | None) -> None:
        """Show how far the run is."""
        now = time.monotonic()
        if step != self.step:
            self.step, self.step_started = step, now
        if now - self.started < 1.0:
            return
        if self.status is None:
            self.status = Console(stderr=True).status("")
            self.status.start()
        text = f"{step} …"
        if rows and now > self.step_started:
            text = _rows_done(step, rows, total, rows / (now - self.step_started))
        self.status.update(text)

    def stop(self) -> None:
        """Take the line away."""
        if self.status is not None:
            self.status.stop()


def _rows_done(step: str, done: int, total: int | None, speed: float) -> str:
    if step not in OF_ROWS:
        return f"{step}: round {done:,} of {total:,}" if total else f"{step} …"
    text = f"{step}: {done:,} rows, {speed:,.0f} a second"
    return text + (f", {max(total - done, 0) / speed:,.0f} s left" if total else "")


def table_of(*columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table; the columns of numbers stand to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        justify = "right" if name in right else "left"
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


def say(console: Console, text: str) -> None:
    """A sentence of any length; the terminal folds it."""
    console.print(text, soft_wrap=True)


def show_study(study: Study) -> None:
    """The result of `shoal segment`."""
    console = screen_of_output()
    facts = study.facts
    _show_choice(console, study)
    console.print(_segments_table(study))
    if facts.lines is not None:
        say(console, escape(facts.lines.how.text))
    if facts.rows_set_aside:
        console.print(
            f"{facts.rows_read:,} rows read = {facts.rows_labelled:,} labelled "
            f"+ {facts.rows_set_aside:,} set aside."
        )
    written = "report" in study.outputs
    show_findings(facts.findings, quiet=("info",), console=console, report=written)
    _show_outputs(console, study.outputs)


def _show_choice(console: Console, study: Study) -> None:
    facts, choice = study.facts, study.choice
    formed = escape(", ".join(facts.segmentation.basis))
    say(
        console,
        f"[bold]{escape(facts.name)}[/]: {facts.rows_labelled:,} {facts.noun.many} "
        f"in {study.k} segments, formed on {formed}.",
    )
    # Where no groups were found, the note below says why.
    why = (choice.why,) if choice.structure else ()
    for statement in (study.answer.found, *why, study.answer.cuts, study.answer.reruns):
        if statement.text:
            say(console, escape(statement.text))
    if choice.runner_up:
        say(console, f"Runner-up: {choice.runner_up}. {escape(choice.runner_up_reason)}")
    for statement in (study.answer.value, *study.answer.first):
        if statement.text:
            say(console, escape(statement.text))


def _segments_table(study: Study) -> Table:
    """The first table of the report in a few columns."""
    heads, *rows = study.answer.table
    words = ("Segment", "Do this", "How sure")
    table = table_of(*heads, right=[head for head in heads if head not in words])
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _show_outputs(console: Console, outputs: Mapping[str, str]) -> None:
    """What was written where."""
    shown = {name: escape(path) for name, path in outputs.items()}
    if "database" in shown:
        say(console, f"Labelled customers written to {shown['database']}")
    if "report" in shown:
        say(
            console,
            f"Open {shown['report']} · for Excel: {shown['workbook']} "
            f"· labelled customers: {shown['customers']} · model: {shown['model']}",
        )
    if not shown:
        console.print(
            "Add --out DIR for the report, the workbook, the labelled customers, the figures "
            "and the model."
        )


def show_findings(
    findings: Sequence[Any],
    quiet: tuple[str, ...] = (),
    console: Console | None = None,
    report: bool = False,
) -> None:
    """Findings, one line for all of a kind; those of a `quiet` severity are counted.

    `report` says whether there is one, where they stand as well.
    """
    console = console or screen_of_output()
    loud = [finding for finding in findings if finding.severity not in quiet]
    kinds: dict[tuple[str, str], list[Any]] = {}
    for finding in loud:
        kinds.setdefault((finding.severity, finding.code), []).append(finding)
    for (severity, code), alike in kinds.items():
        said = alike[0].message if len(alike) == 1 else _in_one_line(code, alike)
        say(console, f"{_MARKS[severity]} {code}: {escape(said)}")
    rest = len(findings) - len(loud)
    if rest:
        noun = "finding" if rest == 1 else "findings"
        where = "in the report and with --json" if report else "with --json"
        console.print(f"{rest} more {noun} {where}.")


def _in_one_line(code: str, alike: Sequence[Any]) -> str:
    """Several findings of one kind: how many, of which columns or segments, and what they mean."""
    columns = list(dict.fromkeys(f'"{f.column}"' for f in alike if f.column is not None))
    numbers = [str(f.values["segment"]) for f in alike if "segment" in f.values]
    where = f"{len(alike)} times"
    if columns:
        noun = "column" if len(columns) == 1 else "columns"
        where = f"{len(columns)} {noun} ({_few(columns)})"
    elif numbers:
        where = f"segments {_few(numbers)}"
    return f"{where}: {codes()[code].rstrip('.')}."


def _few(words: Sequence[str]) -> str:
    """The first words of a list, and how many more there are.

    >>> _few(["a", "b"]), _few(list("abcdefg"))
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    more = len(words) - MOST_SHOWN
    return ", ".join(words[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def show_profile(profile: Any, out: Path | None) -> None:
    """The result of `shoal inspect`."""
    console = screen_of_output()
    say(
        console,
        f"[bold]{escape(profile.name)}[/]: {profile.rows:,} rows, {len(profile.columns)} columns "
        f"(read as {escape(', '.join(_read_as(profile.read_as)))})",
    )
    console.print(_columns_table(profile))
    if profile.sampling:
        say(console, profile.sampling)
    show_findings(profile.findings, console=console)
    if out is not None:
        console.print(f"Open {escape(str(out))}")


def _read_as(read: Any) -> list[str]:
    """How a source was understood, as far as there is something to say."""
    separator = "separated by tabs" if read.sep == "\t" else f'separator "{read.sep}"'
    told = {
        read.format: read.format,
        separator: read.sep,
        f'decimal "{read.decimal}"': read.decimal,
        read.encoding: read.encoding,
        f"names in line {read.header_row}": read.header_row,
        f'sheet "{read.sheet}"': read.sheet,
    }
    return [words for words, there in told.items() if there]


def _columns_table(profile: Any) -> Table:
    numbers = ("Missing", "Distinct", "Min", "Median", "Max")
    table = table_of("Column", "Role", "Stands for", *numbers, "", "Why", right=numbers)
    for column in profile.columns:
        median = column.quantiles[3] if column.quantiles else None
        about = "" if column.distinct_exact else "~"
        table.add_row(
            escape(column.name),
            column.role,
            _meaning(column),
            f"{column.missing:,}" if column.missing else "",
            f"{about}{column.distinct:,}",
            escape(_value(column.min)),
            _value(median),
            escape(_value(column.max)),
            _sparkline(column.histogram.counts) if column.histogram else "",
            escape(_why(column)),
        )
    return table


def _meaning(column: Any) -> str:
    """What a column stands for, and whether more of it is good."""
    closer = f", {column.aspect}" if column.aspect else ""
    direction = f" ({column.direction})" if column.direction in ("good", "bad") else ""
    return f"{column.meaning}{closer}{direction}"


def _why(column: Any) -> str:
    """The reason for what it stands for; of columns that are left out, for that."""
    if column.role == "ignore" or not column.why_meaning:
        return str(column.role_reason)
    return str(column.why_meaning)


def _value(value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value if len(value) <= 24 else value[:23] + "…"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.4g}"


def _sparkline(counts: tuple[int, ...], width: int = 12) -> str:
    """A histogram in a dozen characters.

    >>> _sparkline((0, 5, 10), width=3)
    ' ▄█'
    """
    size = -(-len(counts) // width)
    bins = [sum(counts[i : i + size]) for i in range(0, len(counts), size)]
    top = max(bins) or 1
    return "".join(_BARS[0 if not b else max(1, round(b / top * 8))] for b in bins)


def profile_summary(profile: Any) -> dict[str, Any]:
    """The result of `shoal inspect --json`."""
    facts = as_json(profile)
    for shown, column in zip(facts["columns"], profile.columns, strict=True):
        shown["role_reason"] = column.role_reason
        shown["why_meaning"] = column.why_meaning
    keys = (
        "rows",
        "read_as",
        "columns",
        "findings",
        "sample_size",
        "duplicate_rows",
        "correlation_columns",
        "correlations",
    )
    return {key: facts[key] for key in keys}


def show_placed(placed: dict[str, Any]) -> None:
    """The result of `shoal assign`."""
    console = screen_of_output()
    console.print(
        f"{placed['rows_read']:,} rows read = {placed['rows_labelled']:,} labelled "
        f"+ {placed['rows_set_aside']:,} set aside."
    )
    many = placed["noun"].capitalize()
    table = table_of("", "Segment", many, "Share", right=("", many, "Share"))
    for s in placed["segments"]:
        table.add_row(str(s["id"]), escape(s["name"]), f"{s['size']:,}", percent(s["share"]))
    console.print(table)
    console.print(
        f"{placed['unlike_anyone']:,} are unlike anyone the model was made from "
        f"(about {placed['expected_unlike']:.0f} are expected)."
    )
    show_findings([SimpleNamespace(**f) for f in placed["findings"]], console=console)
    console.print(f"Written: {escape(placed['out'])}")


def orders_summary(made: Any, classed: Any, out: Path | None) -> dict[str, Any]:
    """The result of `shoal orders --json`."""
    facts = made.facts
    body = {
        "rows": facts.rows,
        "customers": facts.customers,
        "orders": facts.orders,
        "purchases": facts.sales,
        "returns": facts.returns,
        "set_aside": dict(facts.set_aside),
        "one_time_buyers": facts.one_time,
        "first": facts.first,
        "last": facts.last,
        "date": facts.date,
        "taken": {t.what: t.column for t in facts.reading.taken},
        "columns": dict(facts.columns),
        "findings": made.findings,
        "out": None if out is None else str(out),
    }
    if classed is not None:
        body["classes"] = {name: int(n) for name, n in classed.summary["customers"].items()}
    return {
        key: str(v) if key in ("first", "last", "date") else as_json(v) for key, v in body.items()
    }


def show_orders(made: Any, classed: Any, out: Path | None) -> None:
    """The result of `shoal orders`."""
    console = screen_of_output()
    for sentence in made.facts.words:
        say(console, escape(sentence))
    table = table_of("Column", "What it says")
    for name, words in made.facts.columns:
        table.add_row(escape(name), escape(words))
    console.print(table)
    if classed is not None:
        _show_classes(console, classed)
    show_findings(made.findings, quiet=("info",), console=console)
    if out is None:
        say(
            console,
            "Add --out FILE to keep the customers, or segment them: shoal segment … --orders",
        )
    else:
        console.print(f"Written: {escape(str(out))}")


def _show_classes(console: Console, classed: Any) -> None:
    numbers = ("Customers", "Share", "Of value")
    table = table_of("RFM class", *numbers, right=numbers)
    for name, row in classed.summary.iterrows():
        worth = percent(row["value_share"]) if "value_share" in row else ""
        table.add_row(escape(str(name)), f"{row['customers']:,.0f}", percent(row["share"]), worth)
    console.print(table)
    say(console, escape(classed.ties))
