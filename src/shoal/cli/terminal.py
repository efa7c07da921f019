"""What people see in the terminal: tables of segments and columns, findings, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shoal import Study, as_json

_BARS = " ▁▂▃▄▅▆▇█"


def _console() -> Console:
    """Plain and wide enough where output goes to a file or pipe."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


class ProgressLine:
    """One line on stderr with the step, rows per second and time left; silent in the first second."""

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
            speed = rows / (now - self.step_started)
            text = f"{step}: {rows:,} rows, {speed:,.0f} a second"
            text += f", {max(total - rows, 0) / speed:,.0f} s left" if total else ""
        self.status.update(text)

    def stop(self) -> None:
        """Take the line away."""
        if self.status is not None:
            self.status.stop()


def show_study(study: Study) -> None:
    """The result of `shoal segment`."""
    console = _console()
    facts, outputs = study.facts, study.outputs
    model, choice = facts.segmentation, facts.choice
    formed = ", ".join(model.basis)
    console.print(
        f"[bold]{escape(facts.name)}[/]: {facts.rows_labelled:,} customers in {model.k} segments, formed on {escape(formed)}.",
        soft_wrap=True,
    )
    console.print(f"{choice.structure.value.capitalize()}: {escape(choice.reason)}", soft_wrap=True)
    if choice.runner_up:
        console.print(
            f"Runner-up: {choice.runner_up}. {escape(choice.runner_up_reason)}", soft_wrap=True
        )
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [
        "",
        "Segment",
        "Customers",
        "Share",
        *(["Of value"] if facts.value else []),
        "How sure",
        "Action",
    ]
    for name in columns:
        table.add_column(
            name,
            justify="right" if name in ("", "Customers", "Share", "Of value") else "left",
            overflow="fold",
        )
    for portrait, trust in zip(facts.portraits, facts.trust.segments, strict=True):
        worth = (
            []
            if not facts.value
            else ["–" if portrait.value_share is None else f"{portrait.value_share:.0%}"]
        )
        cells = [
            str(portrait.segment),
            portrait.name,
            f"{portrait.size:,}",
            f"{portrait.share:.0%}",
            *worth,
            trust.verdict,
            portrait.action.title,
        ]
        table.add_row(*map(escape, cells))
    console.print(table)
    if facts.rows_set_aside:
        console.print(
            f"{facts.rows_read:,} rows read = {facts.rows_labelled:,} labelled + {facts.rows_set_aside:,} set aside."
        )
    _show_findings(console, facts.findings, quiet=("info",))
    if "database" in outputs:
        console.print(
            f"Labelled customers written to {escape(outputs['database'])}", soft_wrap=True
        )
    if "report" in outputs:
        console.print(
            "Open "
            + escape(outputs["report"])
            + " · labelled customers: "
            + escape(outputs["customers"])
            + " · model: "
            + escape(outputs["model"]),
            soft_wrap=True,
        )
    elif not outputs:
        console.print(
            "Add --out DIR for the report, the labelled customers, the figures and the model."
        )


def _show_findings(console: Console, findings: Sequence[Any], quiet: tuple[str, ...] = ()) -> None:
    """Warnings in full, the others counted; findings of one code that would fill a screen are cut short."""
    shown: dict[str, int] = {}
    loud = [f for f in findings if f.severity not in quiet]
    for finding in loud:
        shown[finding.code] = shown.get(finding.code, 0) + 1
        if shown[finding.code] <= 4:
            mark = {"error": "[red]error[/]", "warning": "[yellow]note[/]", "info": "info"}[
                finding.severity
            ]
            console.print(f"{mark} {finding.code}: {escape(finding.message)}", soft_wrap=True)
    for code, count in shown.items():
        if count > 4:
            console.print(f"… and {count - 4} more findings of {code}.")
    rest = len(findings) - len(loud)
    if rest:
        console.print(
            f"{rest} more {'finding' if rest == 1 else 'findings'} in the report and with --json."
        )


def show_profile(profile: Any, out: Path | None) -> None:
    """The result of `shoal inspect`."""
    console = _console()
    read = profile.read_as
    how = [read.format]
    how += (
        [f'separator "{read.sep}"' if read.sep != "\t" else "separated by tabs"] if read.sep else []
    )
    how += [f'decimal "{read.decimal}"'] if read.decimal else []
    how += [read.encoding] if read.encoding else []
    how += [f"names in line {read.header_row}"] if read.header_row else []
    how += [f'sheet "{read.sheet}"'] if read.sheet else []
    console.print(
        f"[bold]{escape(profile.name)}[/]: {profile.rows:,} rows, {len(profile.columns)} columns (read as {escape(', '.join(how))})",
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (
        "Column",
        "Type",
        "Role",
        "Missing",
        "Distinct",
        "Min",
        "Median",
        "Max",
        "",
        "Why this role",
    ):
        table.add_column(
            name,
            justify="right" if name in ("Missing", "Distinct", "Min", "Median", "Max") else "left",
            overflow="fold",
        )
    for c in profile.columns:
        median = c.quantiles[3] if c.quantiles else None
        about = "" if c.distinct_exact else "~"
        table.add_row(
            escape(c.name),
            c.type.partition("[")[0],
            c.role,
            f"{c.missing:,}" if c.missing else "",
            f"{about}{c.distinct:,}",
            escape(_value(c.min)),
            _value(median),
            escape(_value(c.max)),
            _sparkline(c.histogram.counts) if c.histogram else "",
            escape(c.role_reason),
        )
    console.print(table)
    if profile.sampling:
        console.print(profile.sampling, soft_wrap=True)
    _show_findings(console, profile.findings)
    if out is not None:
        console.print(f"Open {escape(str(out))}")


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
    console = _console()
    console.print(
        f"{placed['rows_read']:,} rows read = {placed['rows_labelled']:,} labelled + {placed['rows_set_aside']:,} set aside."
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "Segment", "Customers", "Share"):
        table.add_column(name, justify="left" if name == "Segment" else "right")
    for s in placed["segments"]:
        table.add_row(str(s["id"]), escape(s["name"]), f"{s['size']:,}", f"{s['share']:.0%}")
    console.print(table)
    console.print(
        f"{placed['unlike_anyone']:,} are unlike anyone the model was made from (about {placed['expected_unlike']:.0f} are expected)."
    )
    _show_findings(console, [SimpleNamespace(**f) for f in placed["findings"]])
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
    console = _console()
    for sentence in made.facts.words:
        console.print(escape(sentence), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Column")
    table.add_column("What it says", overflow="fold")
    for name, words in made.facts.columns:
        table.add_row(escape(name), escape(words))
    console.print(table)
    if classed is not None:
        _show_classes(console, classed)
    _show_findings(console, made.findings, quiet=("info",))
    console.print(
        f"Written: {escape(str(out))}"
        if out is not None
        else "Add --out FILE to keep the customers, or segment them: shoal segment … --orders"
    )


def _show_classes(console: Console, classed: Any) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("RFM class")
    table.add_column("Customers", justify="right")
    table.add_column("Share", justify="right")
    table.add_column("Of value", justify="right")
    for name, row in classed.summary.iterrows():
        worth = f"{row['value_share']:.0%}" if "value_share" in row else ""
        table.add_row(escape(str(name)), f"{row['customers']:,.0f}", f"{row['share']:.0%}", worth)
    console.print(table)
    console.print(escape(classed.ties), soft_wrap=True)
