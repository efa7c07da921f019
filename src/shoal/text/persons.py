"""How texts look that name a person, or say how to reach one: in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from shoal.errors import EMAIL, TELEPHONE

MOST_LETTERS = 3  # in a row, of a cell that may be quoted: units and the like, no name
FEWEST_DIGITS, MOST_DIGITS = 7, 15  # of a telephone number (ITU-T E.164)
SURNAMES = 0.3  # share of words that are frequent surnames, of which there are many more …
NAMES = 0.5  # share of words with a given name from which all of them are taken for names

_ADDRESS = re.compile(rf"{EMAIL}|{TELEPHONE}|\b[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{3,7}}\b")
_EMAIL = re.compile(EMAIL)
_STREET = re.compile(
    r"(?:stra(?:ss|ß)e|str\.|allee|gasse|platz|weg|ufer|damm|straat|laan|plein)\s+\d+\w?\b"
    r"|\b\d+\w?,?\s+(?:\w+\s+){0,3}(?:street|st|avenue|ave|road|rd|lane|drive|boulevard|blvd"
    r"|rue|chemin|quai|impasse)\b"
    r"|\b(?:calle|avenida|paseo|plaza|rua|travessa|via|viale|piazza|corso|rue|quai)\s+[^\d,]{1,80}"
    r",?\s+(?:n[.º°]?\s*)?\d+",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
# With its country, its area in brackets or behind a 0; "0-100 000" is a band of numbers.
_DIALLED = re.compile(r"(?:\+|0(?=\d)|\(\+?\d+\))[\d\s()./-]+|\d{3}[-. ]\d{3}[-. ]\d{4}")
_GROUPED = re.compile(r"^(?:\+|00)|[\s()./-]")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*")
_BESIDE = re.compile(  # initials and titles
    r"[^\W\d_]\.?|herrn?|frau|fam\.?|dr\.?|prof\.?|mr\.?|mrs\.?|ms\.?|mme|mlle|sra?\.?"
    r"|sig\.?(?:ra)?",
    re.IGNORECASE,
)
_LETTERS = re.compile(rf"[^\W\d_]{{{MOST_LETTERS + 1},}}")


def is_email(text: str) -> bool:
    """Whether all of a cell is an e-mail address.

    >>> is_email(" ann@shop.example "), is_email("ann at shop.example")
    (True, False)
    """
    return _EMAIL.fullmatch(text.strip()) is not None


def tells_where(text: str) -> bool:
    """Whether a cell holds an e-mail address, a telephone number, an account or a street.

    >>> [tells_where(t) for t in ("an ann@shop.example", "+49 30 555000", "Lindenallee 12", "web")]
    [True, True, True, False]
    >>> [tells_where(t) for t in ("(030) 555000", "030 555000", "0-100 000", "(0 - 100 000)")]
    [True, True, False, False]
    """
    return bool(_ADDRESS.search(text) or _STREET.search(text)) or _is_dialled(text.strip())


def _is_dialled(text: str) -> bool:
    """Whether all of a cell is a telephone number: with its country, or put into groups."""
    if not _DIALLED.fullmatch(text) or _DATE.fullmatch(text) or not _GROUPED.search(text):
        return False
    return FEWEST_DIGITS <= sum(c.isdigit() for c in text) <= MOST_DIGITS


@cache
def _listed(file: str) -> frozenset[str]:
    return frozenset((Path(__file__).parent / file).read_text("utf-8").split())


def names_someone(text: str) -> bool:
    """Whether at most four words begin with a given name, or end with one behind a comma.

    >>> [names_someone(t) for t in ("Anna", "Schmidt, Anna", "Jean-Luc Moreau", "basic")]
    [True, True, True, False]
    """
    words = _WORD.findall(text)
    if not 1 <= len(words) <= 4 or any(c.isdigit() for c in text):
        return False
    if not words[0][0].isupper() or not words[-1][0].isupper():
        return False
    given = words[-1] if "," in text else words[0]
    return not _listed("given_names.txt").isdisjoint(given.lower().split("-"))


def is_surname(text: str) -> bool:
    """Whether a cell is a frequent surname, beside titles and initials at most.

    Those that are words, places or colours as well (Braun, Hill, Lincoln) are none here.

    >>> [is_surname(t) for t in ("Müller", "Dr. Weber", "García-López", "O'Brien, K.", "Braun")]
    [True, True, True, True, False]
    """
    words = [word for word in _WORD.findall(text) if not _BESIDE.fullmatch(word)]
    if len(words) != 1 or not words[0][0].isupper() or any(c.isdigit() for c in text):
        return False
    return not _listed("surnames.txt").isdisjoint(words[0].lower().replace("’", "'").split("-"))


def tell_persons(words: Iterable[str]) -> bool:
    """Whether words of a column name persons, most of them, or one of them says where one is."""
    every = list(words)
    if any(map(tells_where, every)):
        return True
    surnames = [is_surname(word) for word in every]
    met = sum(known or names_someone(word) for known, word in zip(surnames, every, strict=True))
    return met >= max(2, NAMES * len(every)) or sum(surnames) >= max(3, SURNAMES * len(every))


def nameless(words: Iterable[str]) -> tuple[str, ...]:
    """Those words of a column that may be quoted: none where most of them name persons.

    >>> nameless(["Enterprise", "Anna Schmidt", "+49 30 555000"]), nameless(["Gold", "Free"])
    ((), ('Gold', 'Free'))
    >>> nameless(["Gold", "Free", "Silver", "Anna"])
    ('Gold', 'Free', 'Silver')
    """
    every = tuple(words)
    if tell_persons(every):
        return ()
    return tuple(word for word in every if not names_someone(word))


def headed(names: Sequence[str]) -> str:
    """The first names of a header; only their number where they may be a row of persons.

    >>> headed(["income", "score"]), headed(["Anna Schmidt", "ann@shop.example", "41"])
    ('income, score', '3 columns')
    """
    if any(tells_where(name) or names_someone(name) for name in names):
        return f"{len(names)} columns"
    return ", ".join(names[:6])


def quotable(cell: str) -> bool:
    """Whether a cell of any column may be quoted: it cannot be a name, an address or a sentence.

    >>> [quotable(cell) for cell in ("12,5O", "n/a", "1.5 Mio", "Anna", "ann@b.example")]
    [True, True, True, False, False]
    """
    return not _LETTERS.search(cell) and not tells_where(cell)
