"""Findings of campaigns: of plans, and of what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from shoal.findings.code import Code
from shoal.text.nouns import counted, many
from shoal.text.numbers import count, listed
from shoal.text.options import option


def _repeated(column: str, rows: int) -> str:
    verb = "repeats" if rows == 1 else "repeat"
    return (
        f'{count(rows, "row")} {verb} an id of "{column}" that was drawn already: the first row '
        "with an id counts, the others are set aside."
    )


def _without(column: str, rows: int) -> str:
    have = "has" if rows == 1 else "have"
    return f'{count(rows, "row")} {have} no "{column}", and cannot be drawn or followed.'


def _unbalanced(column: None, columns: Sequence[str]) -> str:
    differ = "differs" if len(columns) == 1 else "differ"
    return (
        f"Target and hold-out differ by chance before the campaign: the mean of {listed(columns)} "
        f"{differ} by more than usual. The groups stay as drawn: to draw again until they look "
        "alike would spoil the test."
    )


def _changed(column: None, file: str) -> str:
    return (
        f"{file} is not what was drawn: somebody has changed it since. What it says now is taken."
    )


def _in_both(column: str, ids: int) -> str:
    stand = "stands" if ids == 1 else "stand"
    return (
        f'{count(ids, "id")} of "{column}" {stand} in target and hold-out: nobody knows what '
        "they got, and they are left out."
    )


def _missing(column: None, target: int, hold_out: int, missing: str) -> str:
    have = "has" if target + hold_out == 1 else "have"
    whole = f"{counted(target + hold_out)} of the plan {have} no outcome that is known"
    told = f"{whole} ({target:,} of the target, {hold_out:,} held out)"
    if missing == "zero":
        return f"{told}: counted as no outcome."
    return f"{told}: left out. If whoever is not there had no outcome: {option('missing', 'zero')}."


def _strangers(column: str, rows: int) -> str:
    are = "is" if rows == 1 else "are"
    return f"{count(rows, 'row')} of the outcomes {are} of nobody in the plan, and not counted."


def _unknown(column: str, rows: int) -> str:
    return (
        f'"{column}" is not known in {count(rows, "row")} of the outcomes: treated as if the row '
        "were not there."
    )


def _summed(column: str, rows: int) -> str:
    are = "is" if rows == 1 else "are"
    return (
        f'{count(rows, "row")} of the outcomes {are} of somebody met before in "{column}": amounts '
        "are summed up, one yes is a yes."
    )


def _is_before(column: str | None) -> str:
    return (
        f'"{column}" is the money that the plan knows from before the campaign, of everybody. Give '
        "what came of it afterwards."
    )


def _few_payers(column: None, names: Sequence[str], least: int) -> str:
    return (
        f"{listed(names)}: fewer than {least} {many()} with money in one of the groups. Intervals "
        "of so few, whose money is not lognormal, are known to be too short at times: they hold in "
        "90 to 95 of 100."
    )


CODES = {
    "plan-repeated-ids": Code("warning", "Ids to be drawn stand on several rows", _repeated),
    "campaign-without-id": Code("warning", "Rows of a campaign have no id", _without),
    "groups-unbalanced": Code(
        "warning", "Target and hold-out differ before the campaign", _unbalanced
    ),
    "plan-changed": Code("warning", "The groups of a plan were changed by somebody", _changed),
    "ids-in-both": Code("warning", "Ids stand in target and hold-out", _in_both),
    "not-in-outcomes": Code("warning", "Customers of the plan have no outcome", _missing),
    "buyers-alone": Code(
        "info",
        "The outcomes list those alone who had one",
        "The outcomes list those alone who had one: {many} of the plan who are not there are taken "
        "to have had none.",
    ),
    "not-in-plan": Code("warning", "Outcomes are of nobody in the plan", _strangers),
    "outcome-not-known": Code("warning", "Outcomes are not known", _unknown),
    "outcome-is-before": Code(
        "warning", "The outcome is the money before the campaign", _is_before
    ),
    "few-payers": Code("warning", "Intervals of money are of very few", _few_payers),
    "outcomes-summed": Code("info", "Somebody has several rows of outcomes", _summed),
}
