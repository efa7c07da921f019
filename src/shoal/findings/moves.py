"""Findings of moves between two periods."""

from __future__ import annotations

from shoal.findings.code import Code
from shoal.text.nouns import many
from shoal.text.numbers import count
from shoal.text.options import option


def _repeated(column: str, table: str, ids: int, rows: int) -> str:
    if not ids:
        have = "has" if rows == 1 else "have"
        return (
            f"{count(rows, 'row')} of {table} {have} an id that stands on several rows of the "
            f'other table ("{column}"), and are in no flow.'
        )
    return (
        f'{count(ids, "id")} of "{column}" in {table} stand on several rows. These ids are in no '
        f"flow: {count(rows, 'row')} of this table set aside."
    )


def _without(column: str, table: str, rows: int) -> str:
    have = "has" if rows == 1 else "have"
    return f'{count(rows, "row")} of {table} {have} no "{column}", and are in no flow.'


def _respelled(column: str, ids: int) -> str:
    return (
        f"{count(ids, 'id')} that left and as many that came differ in capitals, signs or zeros in "
        f'front alone: "{column}" may be written otherwise now. They are counted as told: gone and '
        "new. Write them alike, and ask again."
    )


def _nobody(column: None, before: str, after: str) -> str:
    return (
        f"No id of {before} is in {after}: nobody is seen twice. Is it the same column, written "
        f"the same way? {option('id', 'COLUMN')} names it."
    )


def _labels_differ(column: None, table: str, rows: int) -> str:
    return (
        f'In {table} "segment" is not what the model says for {count(rows, "row")}. Those of the '
        "model are taken."
    )


def _no_money(column: None) -> str:
    return (
        "No column of money was found in both tables: moves are told in "
        f"{many()} alone. If there is one: {option('value', 'COLUMN')}."
    )


def _unknown_money(column: str, table: str, rows: int) -> str:
    return f'"{column}" is not known in {count(rows, "row")} of {table}: taken as 0.'


def _few(column: None, least: int) -> str:
    return (
        f"Figures of fewer than {least} {many()} who went from one segment to another are not "
        f"shown; {option('min_cell', 1)} shows all. Tables for programs hold them."
    )


CODES = {
    "few-moves": Code(
        "info", "figures of few customers who moved are not shown (`--min-cell`)", _few
    ),
    "repeated-ids": Code("warning", "An id stands on several rows of a period", _repeated),
    "rows-without-id": Code("warning", "Rows have no id, and cannot be followed", _without),
    "respelled-ids": Code(
        "warning", "Ids that left and ids that came differ in their spelling alone", _respelled
    ),
    "nobody-twice": Code("warning", "No id is in both periods", _nobody),
    "labels-differ": Code(
        "warning", "The labels in a table are not those of the model that was given", _labels_differ
    ),
    "moves-without-money": Code("info", "Moves are told in customers alone", _no_money),
    "money-not-known": Code("warning", "Money is missing for some customers", _unknown_money),
    "causes-not-told": Code(
        "info",
        "Labels alone do not tell whether customers or the model changed",
        "Why {many} moved cannot be told from labels alone: give the models as well.",
    ),
}
