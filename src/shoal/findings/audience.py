"""Findings of audiences."""

from __future__ import annotations

from collections.abc import Sequence

from shoal.findings.code import Code
from shoal.text.nouns import many
from shoal.text.numbers import named
from shoal.text.options import option


def _respected(column: str, columns: Sequence[str]) -> str:
    verb = "was" if len(columns) == 1 else "were"
    return f"Consent in {named(columns)} {verb} respected; what is not known counts as no."


def _no_consent_column(column: None) -> str:
    return (
        "No column says who agreed to be written to, so everybody was taken. If there is one: "
        f"{option('consent', 'COLUMN')}."
    )


def _no_contact_column(column: None) -> str:
    return (
        f"No column of e-mail addresses or telephone numbers was found: {many()} are told by their "
        f"ids alone. If there is one: {option('email', 'COLUMN')} or {option('phone', 'COLUMN')}."
    )


def _without_country(column: str, numbers: int) -> str:
    are = "number does not say its" if numbers == 1 else "numbers do not say their"
    return (
        f'{numbers:,} telephone {are} country, so "{column}" was left out there. '
        f"Say it, if it is one: {option('country', 'DE')}."
    )


def _unreadable(column: str, cells: int, what: str) -> str:
    are = "cell is" if cells == 1 else "cells are"
    return f'{cells:,} {are} no {what} that can be used, so "{column}" was left out there.'


def _too_small(column: None, segment: int, people: int, least: int, platform: str) -> str:
    return (
        f"Segment {segment} gives {people:,} people; {platform} wants {least} at least, by its own "
        "documentation, counted after it has found them among its users."
    )


def _shared(column: str, rows: int, segment: int) -> str:
    return (
        f'{rows:,} {many()} of segment {segment} share their "{column}" with another who stands '
        "before them in the file."
    )


CODES = {
    "consent-respected": Code(
        "info", "Columns that say who agreed or objected were respected", _respected
    ),
    "no-consent-column": Code(
        "warning", "No column says who agreed to be written to", _no_consent_column
    ),
    "no-contact-column": Code("warning", "No column says how to reach anybody", _no_contact_column),
    "telephone-without-country": Code(
        "warning", "Telephone numbers do not say their country", _without_country
    ),
    "unreadable-contacts": Code(
        "warning", "Some cells are no e-mail address or telephone number", _unreadable
    ),
    "small-audience": Code(
        "warning", "An audience is smaller than a platform takes, by its documentation", _too_small
    ),
    "shared-contacts": Code("info", "Several of an audience have the same address", _shared),
}
