"""From column headers to words that people read: short labels, no two alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shoal.text.headers import BRACKETS, plain, words

FILLERS = re.compile(
    r"total|num|number|nr|count|cnt|ct|annual|yearly|anual|anuel(le)?|annuel(le)?"
    r"|jahrlich(e[rs]?)?|amount|amt|mnt|montant|importe|importo|betrag|avg|average|mean|sum"
    r"|of|the|per|ever|customers?|cust|clients?|clientes?|kunden?"
    # how many, and which money, in other languages
    r"|n|nb|anz|anzahl|aantal|antal|qtde?|cantidad|liczba|ilosc|sayisi|adedi"
    r"|k?(eur|euros?|usd|gbp|chf|pln|sek|tl|kr)"
)
EXPANSIONS = {
    "trans": "transactions",
    "txn": "transactions",
    "txns": "transactions",
    "qty": "quantity",
    "bal": "balance",
    "edu": "education",
    "freq": "frequency",
    "cmp": "campaign",
    "chng": "change",
    "prods": "products",
    "prod": "product",
    "pct": "percent",
    "amt": "amount",
    "mnt": "amount",
    "ct": "count",
    "cnt": "count",
    "num": "number",
    "avg": "average",
    "mon": "months",
}
COUNTS = frozenset({"num", "number", "count", "cnt", "ct"})
TIMES = frozenset({"day", "week", "month", "mon", "quarter", "year"})
_INNER_CAPITAL = re.compile(r"(?<![A-Za-z])[a-z][A-Z][a-z]+(?![A-Za-z])")  # iPhone, eBay
_ACRONYM = re.compile(r"(?<![A-Z])[A-Z]{2,5}(?![A-Z])(?![a-z])|(?<![A-Z])[A-Z]{2,5}(?=[A-Z][a-z])")
_NAME = re.compile(r"(?<=[\s_.\-])[A-Z][a-z]{2,}(?![A-Za-z])")  # in a header that begins small
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-Z]{2,4}")
_ONE = frozenset(["citizen", "open", "screen", "specimen", "token"])  # ends as plurals do
_TIME = (
    r"mo|m|mon|months?|monate?n?|mois|mes|meses|mesi|mnd|maanden|d|days?|tage?n?|dias?|jours?"
    r"|giorni|dagen|dagar|dni|gun|w|weeks?|y|years?|j|jahre?n?|anos?|ans|anni|lat"
)
PERIOD = re.compile(rf"^l?\d+({_TIME})?$")
TIME = re.compile(_TIME)
LAST = re.compile(r"last|past|letzten?|derniers?|dernieres?|ultim[aoie]s?|laatste|senaste|son")
_WINDOW = re.compile(r"(?<=[a-z]{2})l?\d+(mo|[mdwy])$")  # glued to a word: sent12m


def short(header: str) -> str:
    """What people call the column: units, periods and filler words are left out where something
    remains; brands and acronyms keep their case.

    >>> short("Annual Income (k$)"), short("Spending Score (1-100)"), short("Flight_miles_12mo")
    ('income', 'spending score', 'flight miles')
    >>> short("order_num_total_ever_online"), short("NumWebPurchases"), short("Total_Trans_Ct")
    ('orders online', 'web purchases', 'transactions')
    >>> short("SessionsPerWeek"), short("Nettoumsatz 12M"), short("NumWebVisitsPerMonth")
    ('sessions per week', 'nettoumsatz', 'web visits')
    >>> short("Historic Number Of Orders"), short("Number of Apps Installed")
    ('historic orders', 'apps installed')
    >>> short("NumVIPVisits"), short("iPhone_orders"), short("uses_Netflix"), short("INCOME")
    ('VIP visits', 'iPhone orders', 'uses Netflix', 'income')
    """
    kept = _INNER_CAPITAL.sub(lambda found: found[0].lower(), header)
    named = _proper(header)
    return " ".join(named.get(word, word) for word in _term(kept).split())


def _proper(header: str) -> dict[str, str]:
    """Lower-case word → the word in its own case, for acronyms and names in a header."""
    bare = BRACKETS.sub(" ", header)
    found = _INNER_CAPITAL.findall(bare)
    letters = [c for c in bare if c.isalpha()]
    is_loud = all(c.isupper() for c in letters)
    if not is_loud or (bare.isalpha() and _NO_VOWEL.fullmatch(bare)):
        found += [w for w in _ACRONYM.findall(bare) if w.isupper()]
    if letters and letters[0].islower():
        found += _NAME.findall(bare)
    return {word.lower(): word for word in found}


def _term(header: str) -> str:
    every = tuple(_WINDOW.sub("", word) or word for word in words(header))
    window = _window(every)
    counted = [
        i
        for i, w in enumerate(every)
        if w in COUNTS or (w == "no" and every[i + 1 : i + 2] == ("of",))
    ]
    last = len(every) - 1
    kept = [
        i
        for i, w in enumerate(every)
        if (not FILLERS.fullmatch(plain(w)) or (not counted and _is_a_rate(every, i)))
        and i not in counted
        and i not in window
        and not (counted and i == last and w in TIMES)
    ]
    if not kept or all(every[i].isdigit() for i in kept):
        return " ".join(every)
    plural = {kept[-1]} if counted else set()
    if counted and counted[0]:
        plural = {i - 1 for i in counted if i and every[i + 1 : i + 2] != ("of",)}
    return " ".join(_plural(_expand(every[i])) if i in plural else _expand(every[i]) for i in kept)


def _window(every: Sequence[str]) -> set[int]:
    """The places of a window of time and what leads to it: 12m, last 30 days."""
    found = set()
    for place, word in enumerate(every):
        if not place or not PERIOD.match(plain(word)) or every[place - 1] == "first":
            continue
        found.add(place)
        behind = every[place + 1 : place + 2]
        if word.isdigit() and behind and TIME.fullmatch(plain(behind[0])):
            found.add(place + 1)
        if place > 1 and LAST.fullmatch(plain(every[place - 1])):
            found.add(place - 1)
    return found


def _is_a_rate(every: Sequence[str], place: int) -> bool:
    """Whether "per" and a time stand here: sessions per week."""
    return every[place] == "per" and every[place + 1 : place + 2] in [(time,) for time in TIMES]


def _expand(word: str) -> str:
    stem = word.rstrip("0123456789")
    return (
        EXPANSIONS[stem] + (" " + word[len(stem) :] if len(stem) < len(word) else "")
        if stem in EXPANSIONS
        else word
    )


def _plural(word: str) -> str:
    if word in _ONE:
        return f"{word}s"
    if word.endswith(("s", "ed", "i", "en", "people")) or not word.isascii() or not word.isalpha():
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def labels(headers: Sequence[str]) -> dict[str, str]:
    """A label for each header, no two alike: where two would collapse, both say more.

    >>> list(labels(["Total_Trans_Amt", "Total_Trans_Ct", "Age"]).values())
    ['total transactions amount', 'total transactions count', 'age']
    """
    ways = (short, lambda h: " ".join(map(_expand, words(h))), lambda h: h)
    made = {h: ways[0](h) for h in headers}
    for way in ways[1:]:
        taken = list(made.values())
        made = {h: way(h) if taken.count(label) > 1 else label for h, label in made.items()}
    return made
