"""Who agreed to be written to: every column that speaks of it is respected, unknown is no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from shoal.persons.words import header_says, says
from shoal.text.persons import tells_where
from shoal.types import Column

Channel = Literal["email", "phone"]


@dataclass(frozen=True)
class Consent:
    """One column that says who agreed, or who objected."""

    column: str
    objects: bool  # a yes means that somebody does not want to be written to
    channels: tuple[Channel, ...]
    dated: bool  # it holds the moment of it, and is empty where there was none

    def given(self, cell: object) -> bool:
        """Whether a cell says that somebody may be written to."""
        if self.dated:
            return (cell is None) == self.objects
        if cell is None:
            return False
        return says(cell, "no" if self.objects else "yes")


def consents(
    columns: Sequence[Column], asked: str | None, others: Sequence[str]
) -> tuple[Consent, ...]:
    """The columns that speak of consent; the one that was asked for alone, if there is one.

    `others` are known to hold something else. Where the cells of a column cannot be understood,
    nobody has agreed.
    """
    if asked is not None:
        return tuple(_consent(c) for c in columns if c.name == asked)
    able = (c for c in columns if c.name not in others and c.made is None)
    return tuple(_consent(c) for c in able if _speaks_of_it(c))


def _speaks_of_it(column: Column) -> bool:
    said = header_says(column.name, "agreed") or header_says(column.name, "objected")
    addresses = any(tells_where(word) for word, _ in column.top)
    one = column.kind == "number" and column.distinct == 1 and column.max in (0.0, 1.0)
    return said and not addresses and (column.kind != "number" or one)


def _consent(column: Column) -> Consent:
    return Consent(
        column.name,
        header_says(column.name, "objected"),
        _channels(column.name),
        column.kind == "date",
    )


def _channels(name: str) -> tuple[Channel, ...]:
    """What it is about: e-mail, the telephone, or both where the header does not say."""
    of_email, of_phone = header_says(name, "of_email"), header_says(name, "of_phone")
    if of_email == of_phone:
        return ("email", "phone")
    return ("email",) if of_email else ("phone",)


def allowed(batch: pa.RecordBatch, found: Sequence[Consent], channel: Channel) -> list[bool]:
    """For each row, whether every column that speaks of this channel allows it.

    Where people agree in some column, they must have agreed to this very channel; where they only
    object, it must be one that they could object to.
    """
    agreeing = not all(consent.objects for consent in found)
    asked = [c for c in found if channel in c.channels and c.objects != agreeing]
    may = [bool(asked) or not found] * batch.num_rows
    for consent in found:
        if channel in consent.channels:
            cells = batch.column(consent.column).to_pylist()
            may = [a and consent.given(cell) for a, cell in zip(may, cells, strict=True)]
    return may
