"""From column headers to words that people read: short labels, no two alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shoal.text.headers import plain, words

FILLERS = re.compile(
    r"total|num|number|nr|count|cnt|ct|annual|yearly|anual|anuel(le)?|annuel(le)?"
    r"|jahrlich(e[rs]?)?|amount|amt|mnt|montant|importe|importo|betrag|avg|average|mean|sum"
    r"|of|the|per|ever|customers?|cust|clients?|clientes?|kunden?"
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
PERIOD = re.compile(r"^\d+(mo|m|mon|months?|d|days?|w|weeks?|y|years?)?$")


def short(header: str) -> str:
    """What people call the column: units, periods and filler words are left out where something
    remains.

    >>> short("Annual Income (k$)"), short("Spending Score (1-100)"), short("Flight_miles_12mo")
    ('income', 'spending', 'flight miles')
    >>> short("order_num_total_ever_online"), short("NumWebPurchases"), short("Total_Trans_Ct")
    ('orders online', 'web purchases', 'transactions')
    """
    found = term(header).split()
    if len(found) == 2 and found[0].startswith("spend") and found[1] == "score":
        return found[0]
    return " ".join(found)


def term(header: str) -> str:
    """The label used in rules: like `short`, but a score is called a score.

    >>> term("Spending Score (1-100)")
    'spending score'
    """
    every = words(header)
    counted = [
        i
        for i, w in enumerate(every)
        if w in COUNTS or (w == "no" and every[i + 1 : i + 2] == ("of",))
    ]
    last = len(every) - 1
    kept = [
        i
        for i, w in enumerate(every)
        if not FILLERS.fullmatch(plain(w))
        and i not in counted
        and not (i and PERIOD.match(w))
        and not (counted and i == last and w in TIMES)
    ]
    if not kept or all(every[i].isdigit() for i in kept):
        return " ".join(every)
    plural = (
        {i - 1 for i in counted if i}
        if counted and counted[0]
        else ({kept[-1]} if counted else set())
    )
    return " ".join(_plural(_expand(every[i])) if i in plural else _expand(every[i]) for i in kept)


def _expand(word: str) -> str:
    stem = word.rstrip("0123456789")
    return (
        EXPANSIONS[stem] + (" " + word[len(stem) :] if len(stem) < len(word) else "")
        if stem in EXPANSIONS
        else word
    )


def _plural(word: str) -> str:
    if word.endswith(("s", "children", "people")) or not word.isascii() or not word.isalpha():
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def labels(headers: Sequence[str], shorten: bool = True) -> dict[str, str]:
    """A label for each header, no two alike: where two would collapse, both say more.

    >>> list(labels(["Total_Trans_Amt", "Total_Trans_Ct", "Age"]).values())
    ['total transactions amount', 'total transactions count', 'age']
    """
    ways = (
        short if shorten else term,
        term,
        lambda h: " ".join(map(_expand, words(h))),
        lambda h: h,
    )
    made = {h: ways[0](h) for h in headers}
    for way in ways[1:]:
        taken = list(made.values())
        made = {h: way(h) if taken.count(label) > 1 else label for h, label in made.items()}
    return made
