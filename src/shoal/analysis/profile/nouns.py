"""What the rows of a table are called, where its id or its columns say so surely."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shoal.text.headers import tokens
from shoal.text.nouns import noun_of
from shoal.types import CUSTOMER, Column, Noun

ANSWERS = 5  # columns of opinions from which a table is a survey …
OF_ALL = 0.8  # … where they are so many of the columns that form segments

# A word in the header of the id, and what one row is called then.
_CALLED = {
    "account": "account",
    "company": "company",
    "donor": "donor",
    "employee": "employee",
    "guest": "guest",
    "hh": "household",
    "household": "household",
    "member": "member",
    "mitglied": "member",
    "passenger": "passenger",
    "patient": "patient",
    "person": "person/people",
    "player": "player",
    "respondent": "respondent",
    "session": "session",
    "socio": "member",
    "student": "student",
    "subscriber": "subscriber",
    "supplier": "supplier",
    "tenant": "tenant",
    "user": "user",
    "visitor": "visitor",
    "volunteer": "volunteer",
}


def guess_noun(id_column: str | None, columns: Sequence[Column], basis: Collection[str]) -> Noun:
    """What the rows are called by the header of their id, or as a survey; customers elsewhere.

    >>> guess_noun("session_id", (), ()).many, guess_noun("cust_account_no", (), ()).many
    ('sessions', 'customers')
    """
    if id_column is not None:
        words = tokens(id_column)
        called = {noun for word, noun in _CALLED.items() if word in _parts(words)}
        customers = any(word.startswith(("cust", "client", "kund")) for word in words)
        if len(called) == 1 and not customers:
            return noun_of(called.pop()) or CUSTOMER
    answers = [c for c in columns if c.name in basis and c.meaning == "opinion"]
    if id_column is None and len(answers) >= max(ANSWERS, OF_ALL * len(basis)):
        return noun_of("respondent") or CUSTOMER
    return CUSTOMER


def _parts(words: Sequence[str]) -> set[str]:
    """The words of a header; of one that was written as one word, such as userid, its beginning."""
    bare = {word.removesuffix(end) for word in words for end in ("id", "no", "nr", "number", "num")}
    return {*words, *bare}
