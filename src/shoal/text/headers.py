"""The words of a column's header: one way to take a header apart."""

from __future__ import annotations

import re
import unicodedata

BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_HUMP = re.compile(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STROKES = str.maketrans("łŁıøØđĐ", "lLioOdD")  # letters that no accent can be taken from
_BETWEEN = re.compile(r"[\s_\-./#:,;()\[\]]+")


def unaccented(text: str) -> str:
    """The text without its accents.

    >>> unaccented("Dépense"), unaccented("złoty")
    ('Depense', 'zloty')
    """
    split = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(c for c in split if not unicodedata.combining(c))


def plain(text: str) -> str:
    """Lower case without accents, to compare words of several languages.

    >>> plain("Dépense")
    'depense'
    """
    return unaccented(text.lower())


def tokens(header: str) -> tuple[str, ...]:
    """What a header is compared by: runs of the letters a to z, without accents, and runs of
    digits.

    >>> tokens("Annual Income (k$)"), tokens("NumWebPurchases2"), tokens("Género")
    (('annual', 'income', 'k'), ('num', 'web', 'purchases', '2'), ('genero',))
    """
    spaced = _HUMP.sub(" ", unaccented(header)).lower()
    return tuple(re.findall(r"[a-z]+|\d+", spaced))


def words(header: str) -> tuple[str, ...]:
    """What a header is shown by: accents, and digits behind letters, stay.

    What stands in brackets goes.

    >>> words("NumWebPurchases"), words("Annual Income (k$)"), words("Dépense_12mo")
    (('num', 'web', 'purchases'), ('annual', 'income'), ('dépense', '12mo'))
    """
    shown = BRACKETS.sub(" ", header).strip() or header
    spaced = _HUMP.sub(" ", shown)
    found = tuple(word.lower() for word in _BETWEEN.split(spaced) if word)
    return found or (header.lower(),)
