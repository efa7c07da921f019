"""Names of months in several languages."""

from __future__ import annotations

from shoal.text.headers import plain

MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_OTHERS = """
januar janner janvier janv enero ene gennaio gen januari janeiro
februar feber fevrier fevr fev febrero febbraio februari fevereiro
marz mrz mars marzo maart mrt marco
avril avr abril abr aprile apr
mai mayo maggio mag mei maio
juni juin junio giugno giu junho
juli juillet juil julio luglio lug julho
aout agosto ago augustus
september sept septembre septiembre settembre set setembro
oktober okt octobre octubre ottobre ott outubro out
november novembre noviembre novembro
dezember dez decembre diciembre dic dicembre dezembro
"""
_ENGLISH = frozenset(MONTHS) | {month[:3] for month in MONTHS}
_KNOWN = {month: month for month in MONTHS} | {month[:3]: month for month in MONTHS}
_KNOWN |= {
    word: month
    for month, words in zip(MONTHS, _OTHERS.strip().splitlines(), strict=True)
    for word in words.split()
}


def month_named(word: str) -> str | None:
    """The English name of a month, from its name or short name in several languages.

    >>> month_named("März"), month_named("janv."), month_named("okt"), month_named("red")
    ('march', 'january', 'october', None)
    """
    return _KNOWN.get(plain(word.rstrip(".")))


def in_english(word: str) -> bool:
    """Whether it is the name of a month as strptime knows it: whole, or its first three letters."""
    return word.lower() in _ENGLISH
