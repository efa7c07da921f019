"""What a person said of columns: it comes before any guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoal.errors import no_such_column
from shoal.options import Meanings
from shoal.options.columns import DATE_OF, ColumnSettings
from shoal.sentences import say
from shoal.text.options import option
from shoal.types import Column, Direction, Finding, Meaning

MONEY = ("money_in", "money_out", "transfer", "means", "debt")
NO_DIRECTION: Direction = "none"
USUAL: dict[Meaning, Direction] = {  # meaning → is more of it good for the seller?
    "money_in": "good",
    "means": "good",
    "activity": "good",
    "quantity": "good",
    "since_trouble": "good",
    "money_out": "bad",
    "debt": "bad",
    "recency": "bad",
    "trouble": "bad",
}


def checked(meanings: Meanings, names: Sequence[str]) -> None:
    """Raise OptionError where a person speaks of a column that the table does not have."""
    asked = [("columns", name) for name in meanings.columns]
    if meanings.outcome is not None and meanings.outcome not in names:
        asked.append(("outcome", meanings.outcome.partition("=")[0]))
    for name_of_option, name in asked:
        if name not in names:
            raise no_such_column(option(name_of_option), name, "the table", names)


def stated(
    columns: Sequence[Column], meanings: Meanings, *, roles: bool = False
) -> tuple[Column, ...]:
    """The columns with what was said of them: their meanings, then (`roles`) their roles."""
    set_one = _with_role if roles else _with_meaning
    said = meanings.columns
    found = [set_one(c, said[c.name]) if c.name in said else c for c in columns]
    if roles:
        found = _without_other_values(found, [n for n in said if said[n].role == "value"])
    return tuple(_with_currency(c, meanings.currency) for c in found)


def _without_other_values(columns: Sequence[Column], asked: Sequence[str]) -> list[Column]:
    """Where a value was named, no other column is it: not even a total that was made for it."""
    if not asked:
        return list(columns)
    reason = say("set-other-value")
    return [
        replace(c, role="describe" if c.made else "basis", reason=reason)
        if c.role == "value" and c.name not in asked
        else c
        for c in columns
    ]


def with_units(columns: Sequence[Column], findings: Sequence[Finding]) -> tuple[Column, ...]:
    """The columns, money with the currency that its cells were written in."""
    signs = {f.column: str(f.values["currency"]) for f in findings if f.code == "currency"}
    return tuple(replace(c, unit=signs[c.name]) if c.name in signs else c for c in columns)


def _with_currency(column: Column, currency: str | None) -> Column:
    """Money is written in the currency that was said, where the column has no unit of its own."""
    if currency is None or column.unit or column.meaning not in MONEY:
        return column
    return replace(column, unit=currency)


def _with_meaning(column: Column, said: ColumnSettings) -> Column:
    changed = replace(
        column,
        label=said.label or column.label,
        unit=said.unit or column.unit,
        part_of=said.part_of or column.part_of,
    )
    if said.as_ is not None:
        changed = replace(changed, aspect=DATE_OF[said.as_])
    if said.meaning is not None and said.meaning != column.meaning:
        usual = USUAL.get(said.meaning, NO_DIRECTION)
        changed = replace(changed, meaning=said.meaning, direction=usual, aspect="")
    if said.direction is not None:
        changed = replace(changed, direction=said.direction)
    if said.meaning is None and said.direction is None and said.as_ is None:
        return changed
    return replace(changed, confidence="stated", meaning_reason=say("meaning-stated"))


def _with_role(column: Column, said: ColumnSettings) -> Column:
    if said.role is None or said.role == column.role:
        return column
    return replace(column, role=said.role, reason=say("set-role"))
