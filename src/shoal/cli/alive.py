"""What people see of segments that stay alive: refreshes, comparisons, moves, history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shoal import Comparison, History, Moves, Refresh, percent
from shoal.cli.terminal import escape, say, screen_of_output, show_findings, table_of


def show_comparison(found: Comparison) -> None:
    """The result of `shoal compare`."""
    screen = screen_of_output()
    for text in (found.summary.text, *(said.text for said in found.reasons)):
        say(screen, escape(text))
    screen.print(_columns(found))
    screen.print(_segments(found))
    screen.print(
        f"{found.rows_read:,} rows read = {found.customers_after:,} placed "
        f"+ {found.rows_set_aside:,} set aside."
    )
    show_findings(found.findings, quiet=("info",), console=screen)


def _columns(found: Comparison) -> Any:
    numbers = ("PSI", "by chance", "Moved by", "by chance ", "Before", "Now", "Missing")
    made = table_of("Column", *numbers, "", right=numbers)
    for column in found.columns:
        made.add_row(
            escape(column.name),
            _number(column.psi),
            _number(column.usual.psi),
            _number(column.wasserstein),
            _number(column.usual.wasserstein),
            _number(column.mean_before),
            _number(column.mean_after),
            percent(column.missing_after) if column.missing_after else "",
            column.told,
        )
    return made


def _segments(found: Comparison) -> Any:
    numbers = ("", "Before", "Now", "Share before", "Share now")
    made = table_of("", "Segment", *numbers[1:], right=numbers)
    for each in found.segments:
        sizes = (f"{each.size_before:,}", f"{each.size_after:,}")
        shares = (percent(each.share_before), percent(each.share_after))
        made.add_row(str(each.id), escape(each.name), *sizes, *shares)
    return made


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def show_moves(found: Moves, out: Path | None) -> None:
    """The result of `shoal moves`."""
    screen = screen_of_output()
    for said in (*found.summary, *found.worries):
        say(screen, escape(said.text))
    screen.print(_flows(found))
    for rows in (found.before, found.after):
        screen.print(
            f"{escape(rows.name)}: {rows.read:,} rows read = {rows.customers:,} followed + "
            f"{rows.without_id:,} without an id + {rows.of_repeated_ids:,} of repeated ids."
        )
    show_findings(found.findings, quiet=("info",), console=screen, report=out is not None)
    if out is not None:
        say(screen, f"Written: {escape(str(out / 'moves.html'))} and moves.xlsx, moves.csv beside")


def _flows(found: Moves) -> Any:
    money = () if found.value is None else ("Before", "After", "Change")
    why = found.why or {}
    named = {"customer": "Changed", "model": "Model", "border": "Border"}
    numbers = (found.noun.many.capitalize(), *money, *(named[cause] for cause in why))
    made = table_of("From", "To", *numbers, right=numbers)
    for flow in found.told:
        cells = (flow.customers, *flow.money, *flow.causes)
        made.add_row(escape(flow.start), escape(flow.end), *cells)
    return made


def show_refresh(found: Refresh) -> None:
    """The result of `shoal refresh`."""
    screen = screen_of_output()
    say(screen, escape(found.verdict))
    facts = found.study.facts
    sizes = {portrait.segment: portrait for portrait in facts.portraits}
    made = table_of(
        "", "Segment", "Now", "From", "Customers", "Share", right=("Customers", "Share")
    )
    for each in found.segments:
        now = sizes.get(each.id)
        size, share = ("", "") if now is None else (f"{now.size:,}", percent(now.share))
        came = "" if each.came_from == (each.id,) else ", ".join(map(str, each.came_from))
        made.add_row(str(each.id), escape(each.name), each.fate, came, size, share)
    screen.print(made)
    outlived = found.outlived
    for each in found.segments:
        if each.fate != "kept":
            say(screen, escape(f"Segment {each.id}, {each.fate}: {each.why.text}"))
        if each.id in outlived:
            say(screen, escape(f"{outlived[each.id].text}."))
    screen.print(
        f"{facts.rows_read:,} rows read = {facts.rows_labelled:,} labelled "
        f"+ {facts.rows_set_aside:,} set aside."
    )
    show_findings(found.study.findings, quiet=("info",), console=screen, report=True)
    screen.print(f"Written: {escape(found.study.outputs.get('report', ''))} and what is beside it.")


def show_history(found: History, out: Path | None) -> None:
    """The result of `shoal history`."""
    screen = screen_of_output()
    runs = found.runs
    screen.print(f"{len(runs)} runs in {escape(found.facts.name)}: shares of customers.")
    heads = [run.name for run in runs]
    made = table_of("", "Segment", *map(escape, heads), right=("", *map(escape, heads)))
    for id in found.facts.ids:
        then = found.facts.of(id)
        shares = ("–" if each is None else percent(each.share) for each in then)
        made.add_row(str(id), escape(found.facts.latest(id).name), *shares)
    screen.print(made)
    for run in runs:
        fates = (f"{s.id} {s.fate}" for s in run.segments if s.fate not in (None, "kept"))
        told = ", ".join(fates)
        if run.refitted:
            screen.print(f"{escape(run.name)}: fitted again{': ' + told if told else ''}.")
    show_findings(found.findings, console=screen)
    if out is not None:
        say(screen, f"Written: {escape(str(out))}")
